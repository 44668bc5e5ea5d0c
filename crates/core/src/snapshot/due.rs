//! Which environments an upgrade of all takes, and what one gets that is asked for no Python: never an older one.

use std::os::unix::fs::MetadataExt;
use std::str::FromStr as _;

use super::python::Python;
use crate::env::Environment;
use crate::env::health::Health;
use crate::fs::private::User;
use crate::python::{self, Interpreter, Remedy, Request, Search};

/// How an environment stands to the Python that all are to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be rebuilt.
    Due {
        /// Whether its own Python is gone.
        is_gone: bool,
    },
    /// It has that version, or a newer one.
    Current,
    /// Its Python is gone, but not older, and another one of its version is there: a repair loses nothing.
    Repairable,
    /// It works, and is for another kind of Python, such as PyPy.
    Unlike,
}

/// Why an upgrade of all leaves an environment out, whatever its Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It is a link to an environment elsewhere.
    Link,
    /// It belongs to another user.
    OfAnother,
}

/// Returns why an upgrade of all leaves an environment out, if it does.
pub fn left_out(environment: &Environment, user: User) -> Option<LeftOut> {
    let found = std::fs::symlink_metadata(environment.path()).ok()?;
    if found.is_symlink() {
        return Some(LeftOut::Link);
    }
    (found.uid() != user.uid).then_some(LeftOut::OfAnother)
}

/// Returns whether the Python of an environment is gone, or is not the one that its packages are for.
pub fn is_gone(health: &Health) -> bool {
    match health {
        Health::DanglingInterpreter { .. } | Health::HomeMissing { .. } | Health::WrongVersion { .. } => true,
        Health::Ok
        | Health::LostName { .. }
        | Health::Moved { .. }
        | Health::NoActivateScript
        | Health::NoHome
        | Health::NotAnEnvironment => false,
    }
}

/// Tells how an environment with this Python stands to another one, which a repair comes before where `repairs` says so.
pub fn standing(
    environment: &Environment,
    python: &Python,
    health: &Health,
    (wanted, repairs): (&Interpreter, bool),
    search: &Search<'_>,
) -> Standing {
    let is_gone = is_gone(health);
    let is_alike = is_alike(python, wanted);
    let is_newer = is_alike && python.version < (wanted.version.major, wanted.version.minor);
    let may_be_repaired = is_gone && (repairs || !is_newer);
    match (is_gone, is_alike) {
        _ if may_be_repaired && python::remedy(environment.path(), search) == Remedy::Repair => Standing::Repairable,
        (true, _) => Standing::Due { is_gone },
        (false, true) if is_newer => Standing::Due { is_gone },
        (false, true) => Standing::Current,
        (false, false) => Standing::Unlike,
    }
}

/// Returns the interpreter of an environment, or where that is gone another one of its version and kind.
pub fn own(environment: &Environment, python: &Python, search: &Search<'_>) -> Option<Interpreter> {
    let is_own = |found: &Interpreter| is_same(python, found);
    let found = python::choose_for_existing(environment.path(), search).ok().map(|choice| choice.interpreter);
    found.filter(is_own).or_else(|| {
        // Only `pyvenv.cfg` tells the version of one without packages.
        let request = Request::parse_version(&python.request()).ok()??;
        python::find(Some(&request), search).ok().filter(is_own)
    })
}

/// Returns whether two Pythons differ in nothing but their versions.
pub fn is_alike(python: &Python, wanted: &Interpreter) -> bool {
    python.markers.platform_python_implementation == wanted.implementation.name()
        && python.is_free_threaded == wanted.is_free_threaded()
}

/// Returns whether an interpreter is of the version and the kind of an environment's Python.
pub fn is_same(python: &Python, wanted: &Interpreter) -> bool {
    is_alike(python, wanted) && python.version == (wanted.version.major, wanted.version.minor)
}

/// Returns whether an interpreter is older than an environment's Python, be it a patch release.
pub fn is_older(interpreter: &Interpreter, python: &Python) -> bool {
    let version = |text: &str| pep440_rs::Version::from_str(text).ok();
    match (version(&interpreter.version.to_string()), version(python.full_version())) {
        (Some(new), Some(old)) => new < old,
        _ => (interpreter.version.major, interpreter.version.minor) < python.version,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use super::*;
    use crate::config::variables::PATH;
    use crate::env::name::EnvName;

    fn interpreter(minor: u32, implementation: &str, abiflags: &str) -> Interpreter {
        serde_json::from_value(serde_json::json!({
            "executable": format!("/new/bin/python3.{minor}"),
            "version": {"major": 3, "minor": minor, "micro": 1, "level": "final", "serial": 0},
            "implementation": implementation, "implementation_version": "1", "magic": 1, "abiflags": abiflags,
            "base_prefix": "/new", "stdlib": format!("/new/lib/python3.{minor}"), "platlibdir": "lib",
            "is_64bit": true, "platform": "linux", "framework": ""
        }))
        .unwrap()
    }

    #[test]
    fn only_what_is_older_or_cannot_be_repaired_is_due() {
        let root = tempfile::tempdir().unwrap();
        let (root, bin) = (root.path(), root.path().join("bin"));
        std::fs::create_dir_all(&bin).unwrap();
        // The one Python that is there.
        std::os::unix::fs::symlink("/bin/sh", bin.join("python3.12")).unwrap();
        let path = bin.clone().into_os_string();
        let lookup = move |variable: &str| (variable == PATH.name).then(|| path.clone());
        let search = Search {
            lookup: &lookup,
            home: None,
            root,
            cwd: Path::new("/"),
            cache_dir: None,
            user: User::of_this_process(),
            query_timeout: Duration::from_secs(1),
        };
        let dead = Health::DanglingInterpreter { target: PathBuf::from("/gone") };
        let due = |is_gone| Standing::Due { is_gone };
        for (library, health, wanted, expected) in [
            ("python3.11", &Health::Ok, interpreter(13, "CPython", ""), due(false)),
            ("python3.11", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.12", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.13", &Health::Ok, interpreter(13, "CPython", ""), Standing::Current),
            ("python3.14", &Health::Ok, interpreter(13, "CPython", ""), Standing::Current),
            ("python3.14", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.12", &dead, interpreter(11, "CPython", ""), Standing::Repairable),
            ("pypy3.9", &Health::Ok, interpreter(13, "CPython", ""), Standing::Unlike),
            ("python3.13", &Health::Ok, interpreter(14, "CPython", "t"), Standing::Unlike),
        ] {
            let directory = root.join("envs").join(library);
            std::fs::create_dir_all(directory.join("lib").join(library).join("site-packages")).unwrap();
            std::fs::create_dir_all(directory.join("bin")).unwrap();
            std::fs::write(directory.join("pyvenv.cfg"), "").unwrap();
            let environment = Environment::new(EnvName::for_existing(OsStr::new(library)).unwrap(), directory);
            let python = Python::of(&environment).unwrap();
            let found = standing(&environment, &python, health, (&wanted, false), &search);
            assert_eq!(found, expected, "{library} {health:?} {}", wanted.version);
            let repaired = standing(&environment, &python, health, (&wanted, true), &search);
            let is_repairable = library == "python3.12" && *health == dead;
            assert_eq!(repaired, if is_repairable { Standing::Repairable } else { expected }, "{library}");
            assert!(own(&environment, &python, &search).is_none(), "no Python here starts");
        }
    }
}
