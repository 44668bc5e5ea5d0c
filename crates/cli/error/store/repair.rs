//! Hints for environments that cannot be repaired.

use venvwrap_core::doctor::FixError;
use venvwrap_core::store::repair::RepairError;

use super::{ELSEWHERE, brings_back};
use crate::error::{Explain, quoted};

impl Explain for FixError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Repair(error) => error.hint(),
            Self::Lock(error) => error.hint(),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for RepairError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Link { .. } => Some("repair it with the tool that keeps it".into()),
            Self::NoConfiguration { .. } => {
                Some("nothing says which Python it is for; `--clear` of `venvwrap create` makes it anew".into())
            }
            Self::NoPrograms { name, version } => {
                let (name, version) = (quoted(name), version.as_deref().unwrap_or("PYTHON"));
                Some(format!("`venvwrap upgrade {name} -p {version}` rebuilds it with the same packages"))
            }
            Self::NoPackages { name, version } => Some(brings_back(name, version)),
            Self::ProgramsElsewhere { .. } => Some(ELSEWHERE.into()),
            Self::NoPython { name, version, nearest } => {
                let (name, other) = (quoted(name), nearest.as_deref().unwrap_or("PYTHON"));
                Some(format!(
                    "install Python {version}, or rebuild it with another: `venvwrap upgrade {name} -p {other}`"
                ))
            }
            Self::Activate(error) => error.hint(),
            Self::Configuration(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}
