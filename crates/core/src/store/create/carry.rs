//! What a rebuilt environment takes over from the old one: everything that no installer and no program like this one
//! has put there.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::generated;
use super::interpreters::Interpreters;
use crate::env::unrecorded::{self, is_compiled};
use crate::env::{BIN, packages};
use crate::fs::copy::copy_tree;
use crate::fs::{self, PathContext, PathResult};
use crate::wheel::record::path_field;

/// The largest list of installed files that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// What keeps Git from tracking an environment.
const IGNORED: &str = ".gitignore";

/// What became of the user's files; the paths are relative to the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// What was taken over.
    pub taken: Vec<PathBuf>,
    /// What belongs to no package and was not: it was compiled for the old Python.
    pub left: Vec<PathBuf>,
    /// Activation scripts that the user has changed and that could not be taken over: they are beside the new ones.
    pub beside: Vec<PathBuf>,
}

/// Copies the user's files from an old environment into a new one, where nothing is replaced.
pub(super) fn carry(old: &Path, new: &Path) -> PathResult<Carried> {
    if old.join(IGNORED).is_file() {
        // That is the same in most, and the user's where it is not.
        fs::remove_tree(&new.join(IGNORED))?;
    }
    Carrier { old, new, owned: owned(old)?, found: Carried::default(), is_rehearsal: false }.all()
}

/// Returns what would be taken over, or left behind, in this order. What is in the directory of a package next to others
/// is the package's here: caches are there, and a walk takes as long as a removal.
pub(super) fn rehearse(env: &Path) -> PathResult<Vec<PathBuf>> {
    let owned = owned(env)?;
    let found = Carrier { old: env, new: env, owned, found: Carried::default(), is_rehearsal: true }.all()?;
    Ok([found.taken, found.left].concat())
}

struct Carrier<'a> {
    old: &'a Path,
    new: &'a Path,
    /// The files of installed packages, and the directories that hold some.
    owned: HashSet<PathBuf>,
    found: Carried,
    /// Whether nothing is written.
    is_rehearsal: bool,
}

impl Carrier<'_> {
    fn all(mut self) -> PathResult<Carried> {
        let old = self.old;
        for name in names(old)? {
            if !generated::is_at_top(&name) && !fs::is_own_hidden(&name) {
                self.unowned_below(Path::new(&name))?;
            }
        }
        let interpreters = Interpreters::new(old, self.new);
        for name in names(&old.join(BIN))? {
            if !generated::is_program(&name) && !fs::is_own_hidden(&name) {
                self.program(&Path::new(BIN).join(name), &interpreters)?;
            }
        }
        self.libraries()?;
        self.headers(Path::new("include"))?;
        self.packages()?;
        Ok(self.found)
    }

    fn take(&mut self, path: &Path) -> PathResult<()> {
        self.take_as(path, path)
    }

    fn take_as(&mut self, path: &Path, new: &Path) -> PathResult<()> {
        let target = self.new.join(new);
        if self.owned.contains(path) {
            return Ok(());
        }
        if self.is_rehearsal {
            self.found.taken.push(path.to_path_buf());
            return Ok(());
        }
        if std::fs::symlink_metadata(&target).is_ok() {
            return Ok(());
        }
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).at("create", parent)?;
        }
        copy_tree(&self.old.join(path), &target)?;
        self.found.taken.push(new.to_path_buf());
        Ok(())
    }

    /// Takes what no package owns below a directory that packages may have files in.
    fn unowned_below(&mut self, directory: &Path) -> PathResult<()> {
        if !self.owned.contains(directory) || !self.old.join(directory).is_dir() {
            return self.take(directory);
        }
        for name in names(&self.old.join(directory))? {
            let path = directory.join(name);
            if path.ends_with("__pycache__") {
                continue;
            }
            let is_directory = std::fs::symlink_metadata(self.old.join(&path)).is_ok_and(|found| found.is_dir());
            if is_directory { self.unowned_below(&path)? } else { self.take(&path)? }
        }
        Ok(())
    }

    /// Takes a program: one that names an interpreter of the old Python gets another name for it.
    fn program(&mut self, path: &Path, interpreters: &Interpreters) -> PathResult<()> {
        let (source, target) = (self.old.join(path), self.new.join(path));
        if self.owned.contains(path) || self.is_rehearsal {
            return self.unowned_below(path);
        }
        if std::fs::symlink_metadata(&target).is_ok() {
            return Ok(());
        }
        if let Some(other) = interpreters.link(&source) {
            std::os::unix::fs::symlink(other, &target).at("link", &target)?;
        } else if let Some((script, mode)) = interpreters.script(&source) {
            fs::replace_file(&target, &script, mode)?;
        } else {
            copy_tree(&source, &target)?;
        }
        self.found.taken.push(path.to_path_buf());
        Ok(())
    }

    /// Takes what is next to the libraries of Python, and in them next to the packages' directory.
    fn libraries(&mut self) -> PathResult<()> {
        let version = names(&self.new.join("lib"))?.into_iter().rfind(|name| is_library(name));
        for top in ["lib", "lib64"].map(Path::new) {
            // The other name of the same directory.
            if self.old.join(top).is_symlink() {
                continue;
            }
            for name in names(&self.old.join(top))? {
                let path = top.join(&name);
                if !is_library(&name) {
                    let is_generated = generated::is_in_library(&name) || generated::leads_to_base(self.old, &path);
                    if !is_generated && holds(&self.old.join(&path), &|_| true)? {
                        self.unowned_below(&path)?;
                    }
                } else if !self.old.join(&path).is_symlink() {
                    self.library(&path, &top.join(version.as_ref().unwrap_or(&name)))?;
                }
            }
        }
        Ok(())
    }

    /// What is in the directory of a Python: virtualenv before 20 has put parts of its standard library there.
    fn library(&mut self, path: &Path, target: &Path) -> PathResult<()> {
        let standard = generated::Standard::of(self.old, self.new, path);
        for name in names(&self.old.join(path))? {
            if name != "site-packages" && !standard.has(&name) {
                self.unowned_at(&path.join(&name), &target.join(&name), path == target)?;
            }
        }
        Ok(())
    }

    /// Takes what no package owns of the headers; those of Python itself are links.
    fn headers(&mut self, directory: &Path) -> PathResult<()> {
        for name in names(&self.old.join(directory))? {
            let path = directory.join(&name);
            let is_of_python = is_library(&name) && self.old.join(&path).is_symlink();
            if !is_of_python && holds(&self.old.join(&path), &|_| true)? {
                self.unowned_below(&path)?;
            }
        }
        Ok(())
    }

    /// Takes the user's files next to the packages. What was compiled for another Python is only named.
    fn packages(&mut self) -> PathResult<()> {
        let Some(target) = sites(self.new)?.into_iter().next() else { return Ok(()) };
        let target = target.strip_prefix(self.new).unwrap_or(&target).to_path_buf();
        for site in sites(self.old)? {
            let relative = site.strip_prefix(self.old).unwrap_or(&site).to_path_buf();
            let tops = tops_without_record(&site)?;
            for name in names(&site)? {
                let is_package = self.is_rehearsal && self.owned.contains(&relative.join(&name));
                if !is_package && !unrecorded::is_top(&name, &tops) {
                    self.unowned_at(&relative.join(&name), &target.join(&name), relative == target)?;
                }
            }
        }
        Ok(())
    }

    /// Takes a file or directory if no package owns it; of one that a package owns what is in it.
    fn unowned_at(&mut self, path: &Path, target: &Path, is_same_python: bool) -> PathResult<()> {
        let source = self.old.join(path);
        if is_of_installers(&source) || is_compiled_of_source(&source) {
            return Ok(());
        }
        if !self.owned.contains(path) {
            if holds(&source, &|_| true)? {
                if is_same_python || !holds(&source, &is_compiled)? {
                    self.take_as(path, target)?;
                } else {
                    self.found.left.push(path.to_path_buf());
                }
            }
            return Ok(());
        }
        if std::fs::symlink_metadata(&source).is_ok_and(|found| found.is_dir()) {
            for name in names(&source)? {
                self.unowned_at(&path.join(&name), &target.join(&name), is_same_python)?;
            }
        }
        Ok(())
    }
}

/// Returns whether something next to the packages is what installers make, or Python itself: by its name, and by what
/// makes it that.
fn is_of_installers(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let bytes = name.as_bytes();
    let has = |file: &str| !path.is_dir() || path.join(file).exists();
    name == "__pycache__"
        // What pip has renamed before it removes it.
        || (bytes.starts_with(b"~") && path.is_dir())
        || bytes.starts_with(b"_virtualenv.")
        || (bytes.ends_with(b".egg-info") && has("PKG-INFO"))
        || (bytes.ends_with(b".egg") && has("EGG-INFO"))
        || [&b".dist-info"[..], b".egg-link", b"easy-install.pth"].iter().any(|end| bytes.ends_with(end))
}

/// Returns whether a file is what Python has made of the one next to it; Python 2 does so.
fn is_compiled_of_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pyc" || extension == "pyo")
        && path.with_extension("py").exists()
}

fn is_library(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| packages::version_of(name).is_some())
}

/// Returns the names at the top of packages whose files are not recorded, as older installers left them.
fn tops_without_record(site: &Path) -> PathResult<HashSet<Vec<u8>>> {
    let mut found = HashSet::new();
    for info in names(site)? {
        let bytes = info.as_bytes();
        let is_metadata = bytes.ends_with(b".dist-info") || bytes.ends_with(b".egg-info");
        if is_metadata && is_of_installers(&site.join(&info)) && !unrecorded::is_recorded(&site.join(&info)) {
            found.extend(unrecorded::tops(&site.join(&info)));
        }
    }
    Ok(found)
}

/// Returns whether a file there has a name that counts; what Python has compiled itself does not.
pub(super) fn holds(path: &Path, counts: &dyn Fn(&OsStr) -> bool) -> PathResult<bool> {
    let is_directory = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if !is_directory {
        return Ok(path.file_name().is_some_and(counts));
    }
    for name in names(path)? {
        if name != "__pycache__" && holds(&path.join(name), counts)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the files that installed packages have recorded, and the directories above them.
fn owned(env: &Path) -> PathResult<HashSet<PathBuf>> {
    let mut found = HashSet::new();
    for site in sites(env)? {
        let relative = Path::new("/").join(site.strip_prefix(env).unwrap_or(&site));
        for info in names(&site)?.into_iter().filter(|name| name.as_bytes().ends_with(b".dist-info")) {
            let record = site.join(&info).join("RECORD");
            let content = match fs::read_limited(&record, MAX_BYTES) {
                Err(error) if is_missing(&error.source) => continue,
                other => other?,
            };
            for row in content.split_inclusive(|&byte| byte == b'\n') {
                let Some((_, path)) = path_field(row) else { continue };
                let path = fs::absolute(&relative, Path::new(OsStr::from_bytes(&path)));
                let path = path.strip_prefix(env).or_else(|_| path.strip_prefix("/")).unwrap_or(&path);
                for above in path.ancestors().filter(|above| !above.as_os_str().is_empty()) {
                    if !found.insert(above.to_path_buf()) {
                        break;
                    }
                }
            }
        }
    }
    Ok(found)
}

/// The directories of packages. Unlike where packages are only counted, one that cannot be read is an error: what is not
/// seen is not taken over, and would be lost.
fn sites(env: &Path) -> PathResult<Vec<PathBuf>> {
    let libraries = names(&env.join("lib"))?;
    let libraries = libraries.into_iter().filter_map(|name| name.into_string().ok());
    let libraries: Vec<_> = libraries.filter(|name| packages::version_of(name).is_some()).collect();
    let mut found = packages::site_packages_of(env, &libraries);
    let other = env.join("lib64");
    if !other.is_symlink() {
        let libraries = names(&other)?.into_iter().filter(|name| is_library(name));
        found.extend(libraries.map(|name| other.join(name).join("site-packages")).filter(|path| path.is_dir()));
    }
    Ok(found)
}

/// The names in a directory; none where there is no directory.
fn names(directory: &Path) -> PathResult<Vec<OsString>> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        other => other.at("list", directory)?,
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names: Vec<_> = names.collect::<io::Result<_>>().at("list", directory)?;
    names.sort();
    Ok(names)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_standard_library_are_not_the_users() {
        let place = tempfile::tempdir().unwrap();
        let (old, new, base) = (place.path().join("old"), place.path().join("new"), place.path().join("base"));
        let write = |path: &Path, text: &str| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for path in ["lib/python3.8/os.py", "lib/python3.8/encodings/a.py", "lib/libtcl.so", "include/python3.8/p.h"] {
            write(&base.join(path), "");
        }
        std::fs::create_dir_all(old.join("include")).unwrap();
        std::os::unix::fs::symlink(base.join("include/python3.8"), old.join("include/python3.8")).unwrap();
        for path in ["os.py", "orig-prefix.txt", "encodings/a.py", "distutils/cfg", "mine/m.py", "site-packages/m.py"] {
            write(&old.join("lib/python3.8").join(path), base.to_str().unwrap());
        }
        write(&old.join("pyvenv.cfg"), &format!("home = {}/bin\n", base.display()));
        std::os::unix::fs::symlink(base.join("lib/libtcl.so"), old.join("lib/libtcl.so")).unwrap();
        std::os::unix::fs::symlink(base.join("lib/libtcl.so"), old.join("lib/mine.so")).unwrap();
        write(&old.join(".gitignore"), "*\n!mine\n");
        std::fs::create_dir_all(new.join("lib/python3.12/site-packages")).unwrap();
        write(&new.join(".gitignore"), "*\n");
        let found = carry(&old, &new).unwrap();
        let taken: Vec<_> = found.taken.iter().map(|path| path.to_str().unwrap()).collect();
        let site = "lib/python3.12/site-packages/m.py";
        assert_eq!(taken, [".gitignore", "lib/mine.so", "lib/python3.12/mine", site]);
        assert_eq!(std::fs::read_to_string(new.join(".gitignore")).unwrap(), "*\n!mine\n");
    }

    const FILES: &[&str] = &[
        "pyvenv.cfg",
        "bin/activate",
        "bin/python3.11",
        "bin/tool",
        "bin/postactivate",
        "bin/mine",
        ".project",
        ".env",
        "pip.conf",
        "src/p/setup.py",
        "share/doc/p",
        "share/jupyter/kernels/k/kernel.json",
        "bin/pipeline",
        "bin/activate-all",
        "bin/pip3.11",
        "data/p.txt",
        "data/mine.txt",
        "lib/libown.so",
        "lib/libpython3.11.so.1.0",
        "lib/node_modules/npm/a.js",
        "lib/pkgconfig/own.pc",
        "lib/pkgconfig/p.pc",
        "lib/python3.11/other/m.py",
        "lib/python3.11/fast.so",
        "lib64/python3.11/site-packages/more.py",
        "include/mine/a.h",
        "include/site/python3.11/p/p.h",
        "include/site/python3.11/p/mine.h",
        ".venvwrap-users/1",
        "venvwrap.toml",
        "venvwrap-variables.toml",
    ];

    const IN_SITE: &[&str] = &[
        "p/__init__.py",
        "mine.pth",
        "sitecustomize.py",
        "stray/x.so",
        "own/deep/m.py",
        "own/data.txt",
        "ns/mine/m.py",
        "ns/part/__init__.py",
        "ns/part/cache.txt",
        "old/m.py",
        "Legacy-1.egg-info/PKG-INFO",
        "legacy/m.py",
        "egg-1.egg/EGG-INFO/PKG-INFO",
        "egg-1.egg/m.py",
        "native.cpython-311.so",
        "_virtualenv.py",
        "__pycache__/m.pyc",
        "p/mine.py",
        "p/plug/m.py",
        "p/plug/fast.so",
        "p/__init__.pyc",
        "sourceless.pyc",
    ];

    #[test]
    fn the_files_of_the_user_are_taken_over_and_those_of_packages_are_not() {
        let place = tempfile::tempdir().unwrap();
        let (old, new) = (place.path().join("old"), place.path().join("new"));
        let write = |path: &str| {
            let path = old.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        let site = "lib/python3.11/site-packages";
        for path in FILES {
            write(path);
        }
        for path in IN_SITE {
            write(&format!("{site}/{path}"));
        }
        write(&format!("{site}/p-1.dist-info/RECORD"));
        std::fs::write(old.join(site).join("Legacy-1.egg-info/top_level.txt"), "old\n").unwrap();
        let record = "p/__init__.py,sha256=x,0\nns/part/__init__.py,,\n../../../bin/tool,,\n../../../share/doc/p,,\n\
            ../../../data/p.txt,,\n../../../lib/pkgconfig/p.pc,,\n../../../include/site/python3.11/p/p.h,,\n\
            p-1.dist-info/RECORD,,\n";
        std::fs::write(old.join(site).join("p-1.dist-info/RECORD"), record).unwrap();
        // uv makes directories that a wheel lists without a file.
        std::fs::create_dir_all(old.join(site).join("empty.libs/deep")).unwrap();
        write(&format!("{site}/compiled/__pycache__/m.pyc"));
        std::fs::create_dir_all(new.join("lib/python3.12/site-packages")).unwrap();
        std::fs::create_dir(new.join("bin")).unwrap();
        let found = carry(&old, &new).unwrap();
        let mut taken: Vec<_> = found.taken.iter().map(|path| path.to_str().unwrap()).collect();
        taken.sort_unstable();
        let expected = [
            ".env",
            ".project",
            "bin/activate-all",
            "bin/mine",
            "bin/pipeline",
            "bin/postactivate",
            "data/mine.txt",
            "include/mine",
            "include/site/python3.11/p/mine.h",
            "lib/libown.so",
            "lib/node_modules",
            "lib/pkgconfig/own.pc",
            "lib/python3.12/other",
            "lib/python3.12/site-packages/mine.pth",
            "lib/python3.12/site-packages/more.py",
            "lib/python3.12/site-packages/ns/mine",
            "lib/python3.12/site-packages/ns/part/cache.txt",
            "lib/python3.12/site-packages/own",
            "lib/python3.12/site-packages/p/mine.py",
            "lib/python3.12/site-packages/sitecustomize.py",
            "pip.conf",
            "share/jupyter",
            "src",
            "venvwrap-variables.toml",
        ];
        assert_eq!(taken, expected);
        let left =
            ["native.cpython-311.so", "p/plug", "sourceless.pyc", "stray"].map(|name| Path::new(site).join(name));
        assert_eq!((&*found.left[0], &found.left[1..]), (Path::new("lib/python3.11/fast.so"), &left[..]));
        assert!(new.join("src/p/setup.py").is_file() && new.join("share/jupyter/kernels/k/kernel.json").is_file());
        assert!(!new.join("share/doc").exists() && !new.join("bin/tool").exists());
        // For the same Python all of it is right.
        let same = place.path().join("same");
        std::fs::create_dir_all(same.join(site)).unwrap();
        std::fs::create_dir(same.join("bin")).unwrap();
        let found = carry(&old, &same).unwrap();
        let taken = found.taken.iter().filter_map(|path| path.strip_prefix(site).ok()?.to_str());
        let expected = [
            "mine.pth",
            "native.cpython-311.so",
            "ns/mine",
            "ns/part/cache.txt",
            "own",
            "p/mine.py",
            "p/plug",
            "sitecustomize.py",
            "sourceless.pyc",
            "stray",
            "more.py",
        ];
        assert_eq!((taken.collect::<Vec<_>>(), found.left), (expected.to_vec(), vec![]));
    }
}
