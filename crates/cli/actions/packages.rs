//! Reading what is installed in an environment.

use venvwrap_core::env::Environment;
use venvwrap_core::env::distributions::{Installed, Oddity, installed};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::snapshot::python::Python;

use crate::error::{Error, Explain, Result, quoted};
use crate::process::Process;
use crate::ui::report;

/// The status of a command whose status 1 means that it found something.
pub(crate) const COULD_NOT_LOOK: u8 = 2;

/// The packages of an environment and the Python that they are for.
pub(crate) struct Packages {
    /// The packages.
    pub(crate) installed: Installed,
    /// The Python.
    pub(crate) python: Python,
}

/// Reads what is installed.
pub(crate) fn read(process: &Process, environment: &Environment) -> Result<Packages> {
    let Some(python) = Python::of(environment) else {
        return Err(NoPython { name: environment.name().clone() }.into());
    };
    Ok(Packages { installed: installed(environment, process.config.home.as_deref()), python })
}

/// Warns of what was passed over.
pub(crate) fn warn(oddities: &[Oddity]) {
    for oddity in oddities {
        report::warn(oddity);
    }
}

/// Gives an error the status that means a failure, not a finding.
pub(crate) fn could_not_look(error: Error) -> Error {
    error.with_status(COULD_NOT_LOOK)
}

/// The directory has no `pyvenv.cfg`, or no library of a known Python.
#[derive(Debug, thiserror::Error)]
#[error("could not read the packages of `{name}`: it has no `pyvenv.cfg`, or no Python library")]
pub(crate) struct NoPython {
    name: EnvName,
}

impl Explain for NoPython {
    fn hint(&self) -> Option<String> {
        Some(format!("`venvwrap show {}` shows its health", quoted(&self.name)))
    }
}
