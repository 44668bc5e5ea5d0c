//! `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::collections::BTreeSet;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;

use crate::actions::remove::{self, Removal};
use crate::args::RemoveArgs;
use crate::error::Result;
use crate::process::{Process, active};

/// Removes the environments.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| EnvName::typed(name)).collect::<Result<BTreeSet<_>, _>>()?;
    let active = active();
    let options = remove::options(process, args, active.as_deref());
    Removal { options, may_be_missing: false, announce: &|_| Ok(()), is_told: false }.all(process, names.iter())?;
    Ok(ExitCode::SUCCESS)
}
