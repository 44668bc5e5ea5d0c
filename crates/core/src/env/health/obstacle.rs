//! What keeps an environment from starting, told at a look or two.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::base::{last_link, version_at};
use super::interpreter::{
    LINK_NAMES, Link, has_own_library, interpreter_link, is_of_old_virtualenv, is_program, original_prefix,
};
use super::state::{Health, text, wrong_version};
use crate::env::packages::{library_directories, minor_of, version_of};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::view::View;
use crate::env::{BIN, Environment, check_readable, is_of_conda};

/// The first minor version of Python 3 whose `venv` makes a link named after it; other tools always have.
const FIRST_NAMED_BY_VENV: u32 = 9;

/// Returns what keeps the Python of an environment from starting, at the cost of a look or two; none when it may start.
///
/// For those who activate: [`Examiner`](crate::env::describe::Examiner) knows more and takes longer.
pub fn obstacle(environment: &Environment) -> Option<Health> {
    let python = environment.python();
    if !is_program(&python) {
        return lost_python(environment);
    } else if has_lost_cfg(environment) {
        return Some(lost_cfg(environment));
    }
    let Some(last) = last_link(&python) else { return lost_python(environment) };
    if last == python {
        // A copy starts only with the library of its base.
        let home = environment.cfg().and_then(|cfg| cfg.home().map(PathBuf::from));
        let home = home.filter(|home| !home.is_dir());
        return home.map_or_else(|| lost_name(environment), |home| Some(Health::HomeMissing { home }));
    }
    let Some(version) = version_at(&last) else { return lost_name(environment) };
    let libraries = libraries_for(environment, version);
    wrong_version(version, &libraries).or_else(|| lost_name_of(environment, &libraries))
}

/// Returns the Python of an environment where nobody may execute it, as after an archive that kept no permissions: shells
/// pass it over and take the next one on PATH.
pub fn without_permission(environment: &Environment) -> Option<PathBuf> {
    let python = environment.python();
    let found = std::fs::metadata(&python).ok()?;
    (found.is_file() && found.mode() & 0o111 == 0).then_some(python)
}

/// What is wrong where `bin/python` is no program.
fn lost_python(environment: &Environment) -> Option<Health> {
    let has_cfg = has_cfg(environment);
    match interpreter_link(&View::open(environment.path()), environment, has_cfg) {
        Link::Outside(target) if !target.exists() => Some(Health::DanglingInterpreter { target }),
        // What has no directory of programs has no activate script either, which is told in its own words.
        Link::Missing(target) if has_cfg && environment.bin().is_dir() => Some(Health::DanglingInterpreter { target }),
        Link::Missing(target) if LINK_NAMES.iter().any(|name| is_no_program(&environment.path().join(name))) => {
            Some(Health::DanglingInterpreter { target })
        }
        _ if has_lost_cfg(environment) => Some(lost_cfg(environment)),
        // Without any Python it is not what it was made to be, such as a directory of programs.
        _ => None,
    }
}

/// How an environment has lost its `pyvenv.cfg`.
fn lost_cfg(environment: &Environment) -> Health {
    if environment.cfg().is_some() { Health::NoHome } else { Health::NotAnEnvironment }
}

/// The same for a name that is missing where `bin/python` works.
fn lost_name(environment: &Environment) -> Option<Health> {
    lost_name_of(environment, &library_directories(environment.path()))
}

fn lost_name_of(environment: &Environment, libraries: &[String]) -> Option<Health> {
    let name = lost_names_of(environment, libraries).next()?;
    Some(Health::DanglingInterpreter { target: environment.bin().join(name) })
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
    if has_cfg(environment) || env.join("conda-meta").exists() {
        return false;
    }
    // Without any Python, the script still says that there was one.
    if LINK_NAMES.iter().all(is_missing) && !environment.activate_script().is_file() {
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

/// Returns whether a directory is an environment of Python beyond doubt: its `pyvenv.cfg` names a Python, or was lost, or
/// virtualenv before 20 made it. A script to activate something may be anything's, such as conda's or nodeenv's.
pub fn is_evident(environment: &Environment) -> bool {
    environment.looks_like_one()
        && !is_of_conda(environment.path())
        && (has_cfg(environment) || is_of_old_virtualenv(environment) || has_lost_cfg(environment))
}

/// Returns whether a directory was an environment and has lost both files that mark it as one: its interpreter and its
/// packages are there.
pub fn has_lost_marks(environment: &Environment) -> bool {
    let env = environment.path();
    !environment.looks_like_one() && check_readable(env).is_ok() && has_lost_cfg(environment)
}

/// Returns the names besides `python` that the interpreter of an environment should have, and that are missing or lead
/// nowhere: another one on PATH would run.
pub(crate) fn lost_names(environment: &Environment) -> Vec<String> {
    let last = last_link(&environment.python()).filter(|last| *last != environment.python());
    let libraries = match last.as_deref().and_then(version_at) {
        Some(version) => libraries_for(environment, version),
        None => library_directories(environment.path()),
    };
    lost_names_of(environment, &libraries).collect()
}

/// Returns the library directory of a version; all that there are if there is none for it.
fn libraries_for(environment: &Environment, version: (u32, u32)) -> Vec<String> {
    // Nearly always there, and found sooner than by reading the directory.
    let library = format!("python{}", text(version));
    if environment.path().join("lib").join(&library).is_dir() {
        return vec![library];
    }
    library_directories(environment.path())
}

/// Returns the path of the first of them, in an environment that is held open.
pub(super) fn lost_name_in(view: &View, environment: &Environment, libraries: &[String]) -> Option<PathBuf> {
    let path = |name: &str| Path::new(BIN).join(name);
    let is_program = |name: &str| {
        let found = view.stat(path(name));
        found.is_some_and(|found| FileType::from_raw_mode(found.st_mode).is_file() && found.st_size > 0)
    };
    let is_made = |name: &str| name == "python3" || view.link(path("graalpy")).is_err_and(|error| is_missing(&error));
    let name = names_for(libraries).find(|name| !is_program(name) && is_made(name))?;
    Some(environment.bin().join(name))
}

fn is_missing(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

fn lost_names_of(environment: &Environment, libraries: &[String]) -> impl Iterator<Item = String> {
    let bin = environment.bin();
    // GraalPy's own `venv` may leave out the versioned name; its library directory is called like CPython's.
    let is_made = |bin: &Path, name: &str| name == "python3" || bin.join("graalpy").symlink_metadata().is_err();
    names_for(libraries).filter(move |name| !is_program(&bin.join(name)) && is_made(&bin, name))
}

/// Returns the names besides `python` that every tool gives the interpreter for these libraries.
fn names_for(libraries: &[String]) -> impl Iterator<Item = String> {
    let is_python3 = libraries.iter().any(|library| version_of(library).is_some_and(|(major, _)| major == 3));
    let (versioned, own) = match libraries {
        [library] => (versioned_name(library), own_names(library)),
        _ => (None, &[][..]),
    };
    is_python3.then(|| "python3".to_string()).into_iter().chain(versioned).chain(own.iter().map(|name| (*name).into()))
}

/// The name with the version. Not every tool gives `python3.13t` to an interpreter without a global lock as well.
fn versioned_name(library: &str) -> Option<String> {
    let is_known = ["python", "pypy"].iter().any(|start| library.starts_with(start));
    version_of(library)
        .filter(|(major, minor)| is_known && *major == 3 && *minor >= FIRST_NAMED_BY_VENV)
        .map(|version| format!("python{}", text(version)))
}

/// The names of an implementation of its own.
fn own_names(library: &str) -> &'static [&'static str] {
    match version_of(library) {
        Some((3, _)) if library.starts_with("pypy") => &["pypy3", "pypy"],
        _ => &[],
    }
}

/// Without the directory of its base, Python finds no packages, or those of the system.
fn has_cfg(environment: &Environment) -> bool {
    environment.cfg().is_some_and(|cfg| cfg.home().is_some())
}

fn has_packages(environment: &Environment) -> bool {
    environment.bin().is_dir() && matches!(library_directories(environment.path())[..], [_])
}
