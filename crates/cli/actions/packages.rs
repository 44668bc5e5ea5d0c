//! Reading what is installed in an environment.

use venvwrap_core::env::Environment;
use venvwrap_core::env::distributions::Oddity;
use venvwrap_core::snapshot::packages::{Packages, PackagesError};

use crate::error::Error;
use crate::process::Process;
use crate::ui::report;

/// The status of a command whose status 1 means that it found something.
pub(crate) const COULD_NOT_LOOK: u8 = 2;

/// Reads what is installed.
pub(crate) fn read(process: &Process, environment: &Environment) -> Result<Packages, PackagesError> {
    Packages::read(environment, process.config.home.as_deref())
}

/// Reads what is still installed, to bring back the rest.
pub(crate) fn read_rest(process: &Process, environment: &Environment) -> Result<Packages, PackagesError> {
    Packages::read_rest(environment, process.config.home.as_deref())
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
