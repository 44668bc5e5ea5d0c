//! What keeps an environment from starting, told at a look or two.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::base::base_facts;
use super::interpreter::{LINK_NAMES, Link, has_own_library, interpreter_link, original_prefix};
use super::state::{Health, text, wrong_version};
use crate::env::packages::{library_directories, minor_of, version_of};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::view::View;
use crate::env::{Environment, check_readable};

/// Returns what keeps the Python of an environment from starting, at the cost of a look or two; none when it may start.
///
/// For those who activate: [`Examiner`](crate::env::describe::Examiner) knows more and takes longer.
pub fn obstacle(environment: &Environment) -> Option<Health> {
    let python = environment.python();
    match std::fs::symlink_metadata(&python) {
        Ok(found) if found.is_symlink() && python.exists() => {
            if has_lost_cfg(environment) {
                Some(Health::NotAnEnvironment)
            } else {
                other_version(environment)
            }
        }
        // A copy starts only with the library of its base.
        Ok(found) if found.is_file() && has_lost_cfg(environment) => Some(Health::NotAnEnvironment),
        Ok(found) if found.is_file() => {
            let home = PathBuf::from(environment.cfg()?.home()?);
            (!home.is_dir()).then_some(Health::HomeMissing { home })
        }
        _ => match interpreter_link(&View::open(environment.path()), environment, has_cfg(environment)) {
            Link::Outside(target) if !target.exists() => Some(Health::DanglingInterpreter { target }),
            Link::Missing(target) if LINK_NAMES.iter().any(|name| is_no_program(&environment.path().join(name))) => {
                Some(Health::DanglingInterpreter { target })
            }
            // Without any Python it is not what it was made to be, such as a directory of programs.
            _ => None,
        },
    }
}

/// Returns the Python of an environment where nobody may execute it, as after an archive that kept no permissions: shells
/// pass it over and take the next one on PATH.
pub fn without_permission(environment: &Environment) -> Option<PathBuf> {
    let python = environment.python();
    let found = std::fs::metadata(&python).ok()?;
    (found.is_file() && found.mode() & 0o111 == 0).then_some(python)
}

/// A link, or a directory.
fn is_no_program(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| !found.is_file())
}

/// Returns the version of Python that an environment is for whose packages are gone, all at once.
pub(crate) fn version_without_packages(
    environment: &Environment,
    cfg: Option<&PyvenvCfg>,
    libraries: &[String],
) -> Option<String> {
    let version = minor_of(&cfg.filter(|cfg| cfg.home().is_some())?.version()?)?;
    let lib = environment.path().join("lib");
    let has_packages = |library: &String| lib.join(library).join("site-packages").exists();
    (!libraries.iter().any(has_packages)).then(|| text(version))
}

/// Returns whether an environment had a `pyvenv.cfg` and has it no more, or only an empty or damaged one: its interpreter
/// is a link, or a copy without a standard library, and there are packages that this interpreter does not find now. Those
/// of conda and of virtualenv before 20 never had one.
pub fn has_lost_cfg(environment: &Environment) -> bool {
    let env = environment.path();
    let is_missing = |name: &&str| env.join(name).symlink_metadata().is_err();
    if has_cfg(environment) || LINK_NAMES.iter().all(is_missing) || env.join("conda-meta").exists() {
        return false;
    }
    let libraries = library_directories(env);
    has_packages(environment)
        && original_prefix(env, &libraries).is_none()
        && match interpreter_link(&View::open(env), environment, false) {
            Link::Outside(_) | Link::Missing(_) => true,
            Link::Copy => !has_own_library(env, &libraries),
        }
}

/// Returns whether a directory was an environment and has lost both files that mark it as one: its interpreter and its
/// packages are there.
pub fn has_lost_marks(environment: &Environment) -> bool {
    let env = environment.path();
    !environment.looks_like_one() && check_readable(env).is_ok() && has_lost_cfg(environment)
}

/// Returns whether `bin/python3` of an environment for Python 3 is missing or leads nowhere: another one on PATH would run.
pub(crate) fn lacks_python3(environment: &Environment) -> bool {
    let is_for_python3 = |library: &String| version_of(library).is_some_and(|(major, _)| major == 3);
    !environment.bin().join("python3").exists() && library_directories(environment.path()).iter().any(is_for_python3)
}

/// The system's Python has become another minor version, and the link of the environment leads to it still: it starts,
/// without any of the packages.
fn other_version(environment: &Environment) -> Option<Health> {
    let interpreter = base_facts(&environment.python()).version?;
    // Nearly always there, and found sooner than by reading the directory.
    if environment.path().join(format!("lib/python{}", text(interpreter))).is_dir() {
        return None;
    }
    wrong_version(interpreter, &library_directories(environment.path()))
}

/// Without the directory of its base, Python finds no packages, or those of the system.
fn has_cfg(environment: &Environment) -> bool {
    environment.cfg().is_some_and(|cfg| cfg.home().is_some())
}

fn has_packages(environment: &Environment) -> bool {
    environment.bin().is_dir() && matches!(library_directories(environment.path())[..], [_])
}
