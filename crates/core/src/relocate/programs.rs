//! The programs that packages have put into `bin`. Other files there may be the user's, as in a project directory that
//! became an environment.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::record;
use super::self_locating;
use crate::env::{BIN, Environment, packages};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathResult};
use crate::wheel::record::path_field;
use crate::wheel::reserved::is_allowed_script;
use crate::wheel::scripts::{generated_names, generated_script};

/// More than the entry points of any package.
const MAX_ENTRY_POINTS: u64 = 1 << 20;

/// What installers have recorded.
#[derive(Default)]
pub(crate) struct Programs {
    /// The names of files in `bin`.
    files: HashSet<Vec<u8>>,
    /// The names of scripts that installers generate.
    generated: HashSet<String>,
}

impl Programs {
    /// Reads the lists of all packages of an environment.
    pub(crate) fn of(environment: &Environment) -> Self {
        let bin = environment.bin();
        let mut found = Self::default();
        for site in packages::site_packages(environment.path()) {
            for info in names(&site).into_iter().flat_map(|name| metadata(&site, &name)) {
                found.files.extend(recorded(&info, &bin));
                // Every version has the names that are written; those for a version of Python do not matter here.
                found.generated.extend(generated_names("", &entry_points(&info), (3, 0)));
                // Those of an egg.
                found.files.extend(names(&info.join("scripts")));
            }
        }
        found
    }

    /// Returns whether a package has brought a program, or an installer generates it.
    pub(crate) fn has(&self, name: &OsStr) -> bool {
        self.files.contains(name.as_bytes()) || self.is_generated(name)
    }

    /// Returns whether a package has brought a file.
    pub(crate) fn is_recorded(&self, name: &OsStr) -> bool {
        self.files.contains(name.as_bytes())
    }

    /// Returns whether installers generate a program of this name.
    pub(crate) fn is_generated(&self, name: &OsStr) -> bool {
        name.to_str().is_some_and(|name| self.generated.contains(name))
    }
}

/// A script that an installer has generated and that does not exist, or is a link that leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Its name in `bin`.
    pub(crate) name: String,
    /// Whether a directory has its place, which nothing replaces.
    pub(crate) is_directory: bool,
    /// The metadata of its package.
    info: PathBuf,
}

/// Returns the generated scripts that the packages of an environment record and that can be written again, in order.
pub(crate) fn lost(environment: &Environment) -> Vec<Lost> {
    all_lost(environment).into_iter().filter(|lost| !lost.is_directory).collect()
}

/// The same, with those in whose place a directory is.
pub(crate) fn all_lost(environment: &Environment) -> Vec<Lost> {
    let Some(site) = environment.site_packages() else { return Vec::new() };
    let infos = names(&site).into_iter().filter(|name| name.ends_with(b".dist-info"));
    let infos: Vec<_> = infos.map(|name| site.join(OsStr::from_bytes(&name))).collect();
    lost_of(environment, infos.iter().map(PathBuf::as_path))
}

/// The same for packages with this metadata. Of one that lacks none, only the entry points are read.
pub(crate) fn lost_of<'a>(environment: &Environment, infos: impl Iterator<Item = &'a Path>) -> Vec<Lost> {
    let bin = environment.bin();
    let mut found = Vec::new();
    if !bin.is_dir() {
        return found;
    }
    for info in infos {
        let text = entry_points(info);
        if text.is_empty() {
            continue;
        }
        let (key, version) = of(info);
        let names = generated_names(&key, &text, version).into_iter();
        let mut names: Vec<_> = names.filter_map(|name| Some((place_of(&bin.join(&name))?, name))).collect();
        if names.is_empty() {
            continue;
        }
        let recorded: HashSet<_> = recorded(info, &bin).collect();
        names.retain(|(_, name)| recorded.contains(name.as_bytes()) && is_allowed_script(name));
        // Packages that a link leads to are not the environment's.
        let real = |path: &Path| path.canonicalize().ok();
        if real(environment.path()).is_some_and(|root| real(info).is_some_and(|info| info.starts_with(root))) {
            let lost = |(is_directory, name)| Lost { name, is_directory, info: info.to_path_buf() };
            found.extend(names.into_iter().map(lost));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// Returns, where no program can be at a path, whether a directory is.
fn place_of(path: &Path) -> Option<bool> {
    match path.metadata() {
        Ok(found) => found.is_dir().then_some(true),
        Err(error) => {
            let is_link = || path.is_symlink() && error.kind() != std::io::ErrorKind::PermissionDenied;
            (error.kind() == std::io::ErrorKind::NotFound || is_link()).then_some(false)
        }
    }
}

/// Writes such scripts as an installer does, and brings the lists of their packages up to date. Returns what is new.
pub(crate) fn write(environment: &Environment, lost: &[Lost], dry_run: bool) -> PathResult<Vec<PathBuf>> {
    let (root, python) = (environment.path(), environment.python());
    let is_relocatable = environment.cfg().is_some_and(|cfg| cfg.is_relocatable());
    let mut written = Vec::new();
    for Lost { name, info, .. } in lost {
        let (key, version) = of(info);
        let script = generated_script(name, &key, &entry_points(info), version, &python);
        let Some((head, body)) = script else { continue };
        let head = if is_relocatable { self_locating::first_lines(OsStr::new("python"), b"") } else { head };
        let path = Path::new(BIN).join(name);
        if !dry_run {
            let (entry, content) = (Entry::below(root, &path)?, [head, body].concat());
            if root.join(&path).is_symlink() {
                entry.replace(&content, Permissions::New(0o777))?;
            } else {
                entry.create(&content, 0o777)?;
            }
            if let Ok(list) = info.join("RECORD").strip_prefix(root) {
                record::update(root, root, list, &HashSet::from([path.clone()]))?;
            }
        }
        written.push(path);
    }
    Ok(written)
}

/// The name of a package in the form in which names are compared, and the version of Python that it is for.
fn of(info: &Path) -> (String, (u32, u32)) {
    let text = |path: Option<&Path>| {
        path.and_then(Path::file_name).map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let library = text(info.parent().and_then(Path::parent));
    let name = text(Some(info));
    let name = packages::normalized(name.split('-').next().unwrap_or_default());
    (name, packages::version_of(&library).unwrap_or((3, 0)))
}

/// The metadata that an entry next to the packages is, has, or leads to.
fn metadata(site: &Path, name: &[u8]) -> Vec<PathBuf> {
    let path = site.join(OsStr::from_bytes(name));
    if name.ends_with(b".dist-info") || name.ends_with(b".egg-info") {
        return vec![path];
    }
    if name.ends_with(b".egg") {
        return vec![path.join("EGG-INFO")];
    }
    if !name.ends_with(b".egg-link") {
        return Vec::new();
    }
    let link = fs::read_limited(&path, MAX_ENTRY_POINTS).unwrap_or_default();
    let first = link.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
    let project = fs::absolute(site, Path::new(OsStr::from_bytes(first)));
    let found = names(&project).into_iter().filter(|name| name.ends_with(b".egg-info"));
    found.map(|name| project.join(OsStr::from_bytes(&name))).collect()
}

fn names(directory: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().as_bytes().to_vec()).collect()
}

/// The names of the files in `bin` that the list in metadata has; that of pip before wheels has no hashes.
fn recorded(info: &Path, bin: &Path) -> impl Iterator<Item = Vec<u8>> {
    let lists = [("RECORD", info.parent()), ("installed-files.txt", Some(info))];
    let mut found = Vec::new();
    for (list, base) in lists {
        let content = fs::read_limited(&info.join(list), record::MAX_BYTES).unwrap_or_default();
        for row in content.split(|&byte| byte == b'\n') {
            let path = path_field(row).map_or_else(|| row.trim_ascii().to_vec(), |(_, path)| path);
            let path = fs::absolute(base.unwrap_or(info), Path::new(OsStr::from_bytes(&path)));
            if path.parent() == Some(bin) {
                found.extend(path.file_name().map(|name| name.as_bytes().to_vec()));
            }
        }
    }
    found.into_iter()
}

fn entry_points(info: &Path) -> String {
    let content = fs::read_limited(&info.join("entry_points.txt"), MAX_ENTRY_POINTS).unwrap_or_default();
    String::from_utf8(content).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    const SITE: &str = "lib/python3.12/site-packages";

    fn environment(root: &Path) -> Environment {
        let path = root.join("it's");
        std::fs::create_dir_all(path.join(BIN)).unwrap();
        Environment::new(EnvName::for_new("env".as_ref()).unwrap(), path)
    }

    fn write_file(environment: &Environment, path: &str, content: &str) {
        let path = environment.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[test]
    fn every_installer_says_in_its_own_way_what_it_has_put_into_bin() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let project = root.path().join("project");
        write_file(&environment, &format!("{SITE}/a-1.dist-info/RECORD"), "a.py,,\n\"../../../bin/a,b\",sha256=x,1\n");
        let entry = |name: &str| format!("[console_scripts]\n{name} = m:main\n");
        write_file(&environment, &format!("{SITE}/b-1.dist-info/entry_points.txt"), &entry("b"));
        write_file(&environment, &format!("{SITE}/c.egg-info/installed-files.txt"), "../c.py\n../../../../bin/c\n");
        write_file(&environment, &format!("{SITE}/d-1-py3.egg/EGG-INFO/scripts/d.sh"), "");
        write_file(&environment, &format!("{SITE}/e.egg-link"), &format!("{}\n.", project.display()));
        std::fs::create_dir_all(project.join("e.egg-info")).unwrap();
        std::fs::write(project.join("e.egg-info/entry_points.txt"), entry("e")).unwrap();
        let programs = Programs::of(&environment);
        for name in ["a,b", "b", "c", "d.sh", "e"] {
            assert!(programs.has(OsStr::new(name)), "{name}");
        }
        for name in ["a.py", "a", "d", "main", "tool"] {
            assert!(!programs.has(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn generated_scripts_that_are_recorded_are_written_again_and_no_others() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let info = format!("{SITE}/My_Tool-1.dist-info");
        let names = ["kept", "one", "two", "loop", "tree", "branch", "unlisted", "python3", "postactivate"];
        let lines = names.map(|name| format!("{name} = m.n:C.main [x]\n")).concat();
        write_file(&environment, &format!("{info}/entry_points.txt"), &format!("[console_scripts]\n{lines}"));
        let rows = |names: &[&str]| {
            names.iter().map(|name| format!("../../../bin/{name},sha256=x,1\n")).collect::<Vec<_>>().concat()
        };
        let listed = rows(&["kept", "one", "two", "loop", "tree", "branch", "data.sh", "python3", "postactivate"]);
        write_file(&environment, &format!("{info}/RECORD"), &listed);
        write_file(
            &environment,
            &format!("{SITE}/pip-24.dist-info/entry_points.txt"),
            "[console_scripts]\npip3.9 = p:m\n",
        );
        write_file(
            &environment,
            &format!("{SITE}/pip-24.dist-info/RECORD"),
            &rows(&["pip", "pip3", "pip3.12", "pip3.9x"]),
        );
        write_file(&environment, "bin/kept", "mine");
        write_file(&environment, "bin/pip3", "mine");
        std::os::unix::fs::symlink("/nowhere", environment.bin().join("two")).unwrap();
        std::os::unix::fs::symlink("loop", environment.bin().join("loop")).unwrap();
        std::fs::create_dir(environment.bin().join("tree")).unwrap();
        std::os::unix::fs::symlink(environment.bin(), environment.bin().join("branch")).unwrap();
        let found = lost(&environment);
        assert_eq!(found.iter().map(|lost| &*lost.name).collect::<Vec<_>>(), ["loop", "one", "pip", "pip3.12", "two"]);
        let taken = all_lost(&environment).into_iter().filter(|lost| lost.is_directory).map(|lost| lost.name);
        assert_eq!(taken.collect::<Vec<_>>(), ["branch", "tree"]);
        let expected = ["bin/loop", "bin/one", "bin/pip", "bin/pip3.12", "bin/two"].map(PathBuf::from);
        assert_eq!(write(&environment, &found, true).unwrap(), expected);
        assert!(!environment.bin().join("one").exists(), "a dry run");
        assert_eq!(write(&environment, &found, false).unwrap(), expected);
        assert_eq!(lost(&environment).len(), 0);
        assert!(["loop", "two"].iter().all(|name| !environment.bin().join(name).is_symlink()));
        let script = std::fs::read_to_string(environment.bin().join("one")).unwrap();
        assert!(script.contains("from m.n import C\n") && script.ends_with("sys.exit(C.main())\n"), "{script}");
        assert!(script.starts_with(&format!("#!{}/bin/python\n", environment.path().display())), "{script}");
        let record = std::fs::read(environment.path().join(&info).join("RECORD")).unwrap();
        let row = crate::wheel::record::digest_and_size(script.as_bytes());
        let new = ["one", "two", "loop"]
            .iter()
            .fold(listed, |rows, name| rows.replace(&format!("bin/{name},sha256=x,1"), &format!("bin/{name},{row}")));
        assert_eq!(String::from_utf8(record).unwrap(), new);
        std::fs::remove_file(environment.bin().join("one")).unwrap();
        write_file(&environment, "pyvenv.cfg", "home = /bin\nuv = 1\nrelocatable = true\n");
        write(&environment, &lost(&environment), false).unwrap();
        let script = std::fs::read_to_string(environment.bin().join("one")).unwrap();
        assert!(script.starts_with("#!/bin/sh\n'''exec' \"$(dirname"), "{script}");
        // What a link leads to is not the environment's.
        std::fs::remove_file(environment.bin().join("one")).unwrap();
        std::fs::rename(environment.path().join("lib"), root.path().join("lib")).unwrap();
        std::os::unix::fs::symlink(root.path().join("lib"), environment.path().join("lib")).unwrap();
        assert_eq!(lost(&environment), []);
    }
}
