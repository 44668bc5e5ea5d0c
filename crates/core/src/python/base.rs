//! Which executable to link an environment to: never one inside another environment, and the name that lives longest.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::interpreter::Interpreter;
use super::names::{COMMON_NAMES, Guess};
use super::version::Implementation;
use crate::fs::identity::is_same_file;
use crate::fs::{PathError, absolute, read_limited};

/// Environments made from environments name one another as their base, but hardly as deep as this.
const DEEPEST_CHAIN: usize = 16;

/// As many as the kernel follows before it speaks of a loop.
const MOST_LINKS: usize = 40;

/// No `pyvenv.cfg` that any tool writes comes near this size.
const CONFIG_LIMIT: u64 = 64 * 1024;

/// Why the base of an environment could not be told.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// The interpreter that the environment was made from is gone.
    #[error("the environment `{}` was made from a Python in `{}`, which no longer exists", environment.display(), home.display())]
    Gone {
        /// The environment.
        environment: PathBuf,
        /// The directory that held its base.
        home: PathBuf,
    },
    /// The environment does not say what it was made from.
    #[error("the environment `{}` does not say which Python it was made from", environment.display())]
    Unknown {
        /// The environment.
        environment: PathBuf,
    },
    /// Environments name one another as their base without end.
    #[error("the environment of `{}` is its own base, directly or through others", path.display())]
    Endless {
        /// The executable that was asked for.
        path: PathBuf,
    },
}

/// Returns the executable outside every environment that this one comes from: itself when it is in none.
///
/// An interpreter's own answer cannot be used for this: up to CPython 3.10, and in PyPy, an environment made from an
/// environment takes the latter for its base.
pub(super) fn leave_environments(path: &Path) -> Result<PathBuf, BaseError> {
    let mut seen = HashSet::new();
    let mut current = path.to_path_buf();
    while let Some(config) = Config::around(&current) {
        if seen.len() == DEEPEST_CHAIN || !seen.insert(current.clone()) {
            return Err(BaseError::Endless { path: path.to_path_buf() });
        }
        current = config.base_of(&current)?;
    }
    Ok(current)
}

/// Returns the name to link to for a queried interpreter: resolved only as far as is needed to reach its standard
/// library from its directory, and with the version in the file name where there is such a name.
///
/// Resolving everything would turn a package manager's stable path into that of one patch release, which dies at the
/// next upgrade; and a link to `python3` starts another version without a word once the system's `python3` moves on.
pub(super) fn stable_name(path: &Path, interpreter: &Interpreter) -> PathBuf {
    let reached = first_that_reaches(path, interpreter);
    let found = reached.or_else(|| path.canonicalize().ok()).unwrap_or_else(|| path.to_path_buf());
    versioned_sibling(&found, interpreter).unwrap_or(found)
}

/// What `pyvenv.cfg` tells about an environment's base.
pub(super) struct Config {
    environment: PathBuf,
    pub(super) home: Option<PathBuf>,
    version: Option<String>,
}

impl Config {
    /// Reads the file next to the executable or one directory up, where the interpreter itself looks for it.
    fn around(executable: &Path) -> Option<Self> {
        let directory = executable.parent()?;
        let places = [Some(directory), directory.parent()];
        places.into_iter().flatten().find_map(|environment| {
            match read_limited(&environment.join("pyvenv.cfg"), CONFIG_LIMIT) {
                Ok(content) => Some(Self::parse(environment, &content)),
                Err(error) if is_absence(&error) => None,
                // Still an environment, though one that says nothing: its Python must not pass for a base.
                Err(_) => Some(Self::parse(environment, b"")),
            }
        })
    }

    pub(super) fn parse(environment: &Path, content: &[u8]) -> Self {
        let value = |wanted: &str| {
            content.split(|&byte| byte == b'\n').find_map(|line| {
                let split = line.iter().position(|&byte| byte == b'=')?;
                let key = line[..split].trim_ascii();
                key.eq_ignore_ascii_case(wanted.as_bytes()).then(|| line[split + 1..].trim_ascii())
            })
        };
        let home = value("home").map(|bytes| PathBuf::from(OsString::from_vec(bytes.to_vec())));
        let version = value("version").or_else(|| value("version_info"));
        let version = version.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let minor = version.and_then(|text| {
            let mut parts = text.split('.');
            Some(format!("{}.{}", parts.next()?, parts.next()?))
        });
        Self { environment: environment.to_path_buf(), home: home.filter(|home| home.is_absolute()), version: minor }
    }

    fn base_of(&self, executable: &Path) -> Result<PathBuf, BaseError> {
        let target = link_out(executable);
        let Some(home) = &self.home else {
            return target.ok_or_else(|| BaseError::Unknown { environment: self.environment.clone() });
        };
        // The link names the very file; the file says only the directory.
        if let Some(target) = target
            && target.parent().is_some_and(|parent| parent == home || is_same_file(parent, home))
            && target.is_file()
        {
            return Ok(target);
        }
        let mut candidates = self.names(executable).into_iter().map(|name| home.join(name));
        let gone = || BaseError::Gone { environment: self.environment.clone(), home: home.clone() };
        candidates.find(|candidate| candidate.is_file()).ok_or_else(gone)
    }

    /// The file names to look for in `home`, those that name a version first.
    fn names(&self, executable: &Path) -> Vec<OsString> {
        let own = executable.file_name().unwrap_or_default();
        let is_versioned = own.to_str().and_then(Guess::of_executable).is_some_and(|guess| guess.minor.is_some());
        let mut names: Vec<OsString> = Vec::new();
        names.extend(is_versioned.then(|| own.to_owned()));
        names.extend(self.version.iter().map(|version| OsString::from(format!("python{version}"))));
        names.push(own.to_owned());
        names.extend(COMMON_NAMES.map(OsString::from));
        names
    }
}

fn is_absence(error: &PathError) -> bool {
    matches!(error.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Follows links inside the environment's directory of executables and returns the first target outside.
fn link_out(executable: &Path) -> Option<PathBuf> {
    let mut current = executable.to_path_buf();
    for _ in 0..MOST_LINKS {
        current = follow_once(&current)?;
        if current.parent() != executable.parent() {
            return Some(current);
        }
    }
    None
}

/// The first of a path and the targets of its links from whose directory the standard library is found by walking up,
/// which is how the interpreter finds it from `home` in `pyvenv.cfg`.
fn first_that_reaches(path: &Path, interpreter: &Interpreter) -> Option<PathBuf> {
    let below_prefix = interpreter.stdlib.strip_prefix(&interpreter.base_prefix).ok()?;
    let mut current = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        // The root is left out: `/lib/python3.11` is found from everywhere where `/lib` is a link to `/usr/lib`.
        let ancestors = current.parent()?.ancestors().filter(|ancestor| ancestor.parent().is_some());
        if ancestors.into_iter().any(|ancestor| is_same_file(&ancestor.join(below_prefix), &interpreter.stdlib)) {
            return Some(current);
        }
        current = follow_once(&current)?;
    }
    None
}

/// Follows one link; `None` when the path is not a link.
fn follow_once(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    let target = std::fs::read_link(path).ok()?;
    let by_text = absolute(parent, &target);
    // `..` after a link to a directory is not what the text says.
    if is_same_file(&by_text, path) || !path.exists() {
        return Some(by_text);
    }
    Some(absolute(&parent.canonicalize().ok()?, &target))
}

/// The same file under a name with the version in it, in the same directory.
fn versioned_sibling(path: &Path, interpreter: &Interpreter) -> Option<PathBuf> {
    let version = interpreter.version.minor_text();
    let file_name = path.file_name().map(OsStr::as_bytes)?;
    if memchr::memmem::find(file_name, version.as_bytes()).is_some() {
        return None;
    }
    let names = match interpreter.implementation {
        Implementation::CPython if interpreter.is_free_threaded() => vec![format!("python{version}t")],
        Implementation::CPython => vec![],
        Implementation::PyPy => vec![format!("pypy{version}")],
        Implementation::GraalPy => vec![format!("graalpy{version}")],
    };
    let names = names.into_iter().chain([format!("python{version}")]);
    names.map(|name| path.with_file_name(name)).find(|sibling| is_same_file(sibling, path))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::python::PythonVersion;

    fn file(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, path.as_os_str().as_bytes()).unwrap();
    }

    fn environment(path: &Path, config: &str, python: &Path) {
        fs::create_dir_all(path.join("bin")).unwrap();
        fs::write(path.join("pyvenv.cfg"), config).unwrap();
        symlink(python, path.join("bin/python")).unwrap();
        symlink("python", path.join("bin/python3")).unwrap();
    }

    fn interpreter(prefix: &Path) -> Interpreter {
        Interpreter {
            executable: prefix.join("bin/python3"),
            version: PythonVersion { major: 3, minor: 12, micro: 1, level: "final".into(), serial: 0 },
            implementation: Implementation::CPython,
            implementation_version: "3.12.1".into(),
            magic: 1,
            abiflags: String::new(),
            base_prefix: prefix.to_path_buf(),
            stdlib: prefix.join("lib/python3.12"),
            platlibdir: "lib".into(),
            is_64bit: true,
            platform: "linux".into(),
            framework: String::new(),
        }
    }

    #[test]
    fn a_chain_of_environments_ends_at_the_real_base() {
        let dir = tempfile::tempdir().unwrap();
        let [base, one, two] = ["base", "one", "tw o"].map(|name| dir.path().join(name));
        file(&base.join("bin/python3.12"));
        environment(&one, &format!("home = {}\n", base.join("bin").display()), &base.join("bin/python3.12"));
        environment(
            &two,
            &format!("HOME={}\r\nversion = 3.12.1\n", one.join("bin").display()),
            &one.join("bin/python"),
        );
        assert_eq!(leave_environments(&two.join("bin/python3")).unwrap(), base.join("bin/python3.12"));
        assert_eq!(leave_environments(&base.join("bin/python3.12")).unwrap(), base.join("bin/python3.12"));
    }

    #[test]
    fn a_copied_executable_is_found_by_the_recorded_version() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("base/bin");
        for name in ["python", "python3.11", "python3.12"] {
            file(&home.join(name));
        }
        let copied = dir.path().join("env/bin/python");
        file(&copied);
        let config = format!("home = {}\nversion_info = 3.11.4.final.0\n", home.display());
        fs::write(dir.path().join("env/pyvenv.cfg"), config).unwrap();
        assert_eq!(leave_environments(&copied).unwrap(), home.join("python3.11"));
    }

    #[test]
    fn a_base_that_is_gone_or_endless_or_unknown_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let [gone, circle, unknown] = ["gone", "circle", "unknown"].map(|name| dir.path().join(name));
        environment(&gone, "home = /nowhere/at/all\n", Path::new("/nowhere/at/all/python3"));
        assert!(matches!(leave_environments(&gone.join("bin/python")), Err(BaseError::Gone { .. })));
        environment(&circle, &format!("home = {}\n", circle.join("bin").display()), Path::new("python3.9"));
        file(&circle.join("bin/python3.9"));
        assert!(matches!(leave_environments(&circle.join("bin/python")), Err(BaseError::Endless { .. })));
        file(&unknown.join("bin/python"));
        fs::write(unknown.join("pyvenv.cfg"), "home = relative/bin\n").unwrap();
        assert!(matches!(leave_environments(&unknown.join("bin/python")), Err(BaseError::Unknown { .. })));
    }

    #[test]
    fn an_environment_with_an_unreadable_file_is_no_base() {
        let dir = tempfile::tempdir().unwrap();
        let [large, odd] = ["large", "odd"].map(|name| dir.path().join(name));
        file(&large.join("bin/python"));
        let size = usize::try_from(CONFIG_LIMIT).unwrap() + 1;
        fs::write(large.join("pyvenv.cfg"), vec![b'x'; size]).unwrap();
        file(&odd.join("bin/python"));
        fs::create_dir(odd.join("pyvenv.cfg")).unwrap();
        for environment in [large, odd] {
            let found = leave_environments(&environment.join("bin/python"));
            assert!(matches!(found, Err(BaseError::Unknown { .. })), "{found:?}");
        }
    }

    #[test]
    fn without_a_home_the_link_tells_the_base() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("base/bin/python3");
        file(&base);
        environment(&dir.path().join("env"), "include-system-site-packages = false\n", &base);
        assert_eq!(leave_environments(&dir.path().join("env/bin/python3")).unwrap(), base);
    }

    #[test]
    fn links_are_resolved_until_the_library_is_reached_and_no_further() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let cellar = root.join("Cellar/3.12.1");
        file(&cellar.join("bin/python3.12"));
        file(&cellar.join("lib/python3.12/os.py"));
        symlink("python3.12", cellar.join("bin/python3")).unwrap();
        fs::create_dir_all(root.join("opt")).unwrap();
        symlink("../Cellar/3.12.1", root.join("opt/python")).unwrap();
        fs::create_dir_all(root.join("bin")).unwrap();
        symlink("../opt/python/bin/python3", root.join("bin/py")).unwrap();
        let found = stable_name(&root.join("bin/py"), &interpreter(&cellar));
        assert_eq!(found, root.join("opt/python/bin/python3.12"));
    }

    #[test]
    fn a_versioned_name_of_another_file_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().canonicalize().unwrap();
        for name in ["bin/python3", "bin/python3.12", "lib/python3.12/os.py"] {
            file(&prefix.join(name));
        }
        assert_eq!(stable_name(&prefix.join("bin/python3"), &interpreter(&prefix)), prefix.join("bin/python3"));
    }

    #[test]
    fn dots_behind_a_linked_directory_are_resolved_as_the_kernel_does() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        file(&root.join("usr/lib/py/bin/python3"));
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        symlink("usr/bin", root.join("bin")).unwrap();
        symlink("../lib/py/bin/python3", root.join("usr/bin/python3")).unwrap();
        assert_eq!(follow_once(&root.join("bin/python3")).unwrap(), root.join("usr/lib/py/bin/python3"));
    }
}
