//! The states of an environment.

use std::path::PathBuf;

use crate::env::packages::version_of;

/// The state of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its interpreter exists and has the version that its packages are for.
    Ok,
    /// Its interpreter link points to nothing, as after an upgrade of Python.
    DanglingInterpreter {
        /// What the link points to.
        target: PathBuf,
    },
    /// A name that the interpreter should have is missing: another Python on PATH would run under it.
    LostName {
        /// The path that is missing.
        path: PathBuf,
    },
    /// The interpreter is of another version than the packages.
    WrongVersion {
        /// The version that the packages are for.
        packages: String,
        /// The version of the interpreter.
        interpreter: String,
    },
    /// The directory that `pyvenv.cfg` names as home of the base interpreter is gone.
    HomeMissing {
        /// The directory.
        home: PathBuf,
    },
    /// It was moved, renamed or copied: its scripts name another path.
    Moved {
        /// The path.
        from: PathBuf,
    },
    /// There is no script to activate it with.
    NoActivateScript,
    /// Its `pyvenv.cfg` is empty or damaged: it names no Python.
    NoHome,
    /// There is neither `pyvenv.cfg` nor what virtualenv before 20 wrote: made by conda, or no environment at all.
    NotAnEnvironment,
}

/// Returns the state of an environment by the version of its interpreter, if none of its libraries is for that one.
pub(super) fn wrong_version(interpreter: (u32, u32), libraries: &[impl AsRef<str>]) -> Option<Health> {
    let versions = || libraries.iter().map(|name| version_of(name.as_ref()));
    if libraries.is_empty() || versions().any(|version| version == Some(interpreter)) {
        return None;
    }
    let packages = versions().flatten().map(text).collect::<Vec<_>>().join(", ");
    Some(Health::WrongVersion { packages, interpreter: text(interpreter) })
}

/// Returns a version of Python as people write it.
pub(super) fn text((major, minor): (u32, u32)) -> String {
    format!("{major}.{minor}")
}
