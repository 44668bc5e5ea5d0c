//! Hints for environments that cannot be repaired.

use venvwrap_core::doctor::FixError;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::store::repair::RepairError;

use super::{ELSEWHERE, brings_back};
use crate::error::{Explain, name_at, quoted, quoted_path};

impl Explain for FixError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Repair(error) => error.hint(),
            Self::Lock(error) => error.hint(),
            Self::Project(error) => error.hint(),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for RepairError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Link { target, .. } => {
                let there = quoted_path(target);
                Some(format!("repair it with the tool that keeps it, or `venvwrap repair {there}` repairs it there"))
            }
            Self::NoConfiguration { name } => {
                Some(format!("nothing says which Python it is for; {}", crate::error::env::recreates(name)))
            }
            Self::NoPrograms { name, version, has_packages } => {
                let version = version.as_deref().unwrap_or("PYTHON");
                if !has_packages {
                    return Some(brings_back(name, version));
                }
                let name = quoted(name);
                Some(format!("`venvwrap upgrade {name} -p {version}` rebuilds it with the same packages"))
            }
            Self::NoPackages { name, version } => Some(brings_back(name, version)),
            Self::ProgramsElsewhere { .. } => Some(ELSEWHERE.into()),
            Self::ScriptElsewhere { .. } => Some("put a copy of what it leads to in the place of the link".into()),
            Self::NoPython { name, version, nearest } => {
                let (name, other) = (quoted(name), nearest.as_deref().unwrap_or("PYTHON"));
                Some(format!(
                    "install Python {version}, or rebuild it with another: `venvwrap upgrade {name} -p {other}`"
                ))
            }
            Self::Activate(error) => hard_name(error).or_else(|| error.hint()),
            Self::Configuration(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}

/// What helps where only the name of an environment is one that no activate script can hold.
fn hard_name(error: &ActivateError) -> Option<String> {
    let (ActivateError::PathNotUtf8 { path }
    | ActivateError::ControlInPath { path }
    | ActivateError::ColonInPath { path }) = error
    else {
        return None;
    };
    let name = name_at(path).filter(|name| EnvName::for_new(name.as_os_str()).is_err())?;
    if name.path().is_some() {
        return Some("rename the directory".into());
    }
    Some(format!("`venvwrap rename {} NEW` gives it a name that shells can use", quoted(&name)))
}
