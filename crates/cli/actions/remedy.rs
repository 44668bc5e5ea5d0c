//! What helps an environment that does not work, in words.

use std::ffi::OsStr;
use std::path::Path;

use venvwrap_core::doctor::altered::owner_of;
use venvwrap_core::env::Environment;
use venvwrap_core::env::health::{self, Health};
use venvwrap_core::env::packages::has_pip;
use venvwrap_core::python::{self, Remedy};
use venvwrap_core::store::repair::RepairError;

use super::place;
use crate::error::shell::LINKED;
use crate::error::{Explain as _, examines, quoted, quoted_path, quoted_word};
use crate::process::Process;

/// Names the command that gives an environment a Python that works.
pub(crate) fn hint(process: &Process, environment: &Environment) -> String {
    if environment.link_target().is_some() {
        return LINKED.into();
    }
    // One that is not in the store, such as the `.venv` of a project, is named by its path.
    let is_kept = process.store.keeps(environment);
    let name = if is_kept { quoted(environment.name()) } else { quoted_path(environment.path()) };
    match python::remedy(environment.path(), &process.search()) {
        Remedy::Repair => format!("`venvwrap repair {name}` repairs the environment"),
        Remedy::Upgrade(Some(version)) => {
            format!("`venvwrap upgrade {name} -p {version}` rebuilds the environment with Python {version}")
        }
        Remedy::Upgrade(None) => {
            format!("`venvwrap upgrade {name} -p PYTHON` rebuilds the environment with another Python")
        }
    }
}

/// Names the command that makes a Python executable again.
pub(crate) fn permission(python: &Path) -> String {
    format!("run `chmod +x {}`", quoted_word(python.as_os_str()))
}

/// Names what brings a program back that an environment should have.
pub(crate) fn hint_for(process: &Process, environment: &Environment, program: &OsStr) -> String {
    if health::obstacle(environment).is_some() {
        return hint(process, environment);
    } else if let Some(python) = health::without_permission(environment) {
        return permission(&python);
    } else if environment.link_target().is_some() {
        return LINKED.into();
    }
    let name = quoted(environment.name());
    let place = place::of_environment(process, environment).ok();
    let store =
        place.as_ref().and_then(|place| place.process.as_ref()).map_or(&process.store, |process| &process.store);
    // Outside of the store it was found as that of the directory.
    let run = if environment.name().path().is_some() { "venvwrap run ." } else { &format!("venvwrap run {name}") };
    match store.repair(environment.name(), &process.search(), true) {
        Ok(repaired) if repaired.problem == Health::Ok && repaired.changed.is_empty() => {
            // `pip3.12` is one, `pip-compile` is not.
            let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.');
            let is_of =
                |prefix: &str| program.to_str().and_then(|name| name.strip_prefix(prefix)).is_some_and(is_version);
            if is_of("pip") && has_pip(environment.path()) {
                // ensurepip would find it installed, and leave the script as it is.
                format!("`{run} python -m pip install --force-reinstall --no-deps pip` writes it again")
            } else if is_of("pip") {
                format!("`{run} python -m ensurepip` installs pip")
            } else if is_of("python") {
                examines(environment.name())
            } else if let Some(owner) = owner_of(environment, &environment.bin().join(program))
                && has_pip(environment.path())
            {
                let package = quoted_word(format!("{}=={}", owner.name, owner.version).as_ref());
                format!("`{run} python -m pip install --force-reinstall --no-deps {package}` writes it again")
            } else {
                "install the package that contains it again".into()
            }
        }
        Err(
            error @ (RepairError::NoPrograms { .. } | RepairError::NoPython { .. } | RepairError::NoPackages { .. }),
        ) => error.hint().unwrap_or_default(),
        _ => format!("`venvwrap repair {name}` repairs the environment"),
    }
}
