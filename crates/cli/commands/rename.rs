//! `venvwrap rename`.

use std::process::ExitCode;

use crate::actions::rename;
use crate::args::RenameArgs;
use crate::error::Result;
use crate::process::{Process, active};

/// Renames an environment that is not active in this shell.
pub(crate) fn run(process: &Process, args: &RenameArgs) -> Result<ExitCode> {
    rename::run(process, args, active().as_deref())
}
