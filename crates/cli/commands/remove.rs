//! `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::collections::BTreeSet;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::remove::RemoveOptions;

use crate::actions::remove::Removal;
use crate::args::RemoveArgs;
use crate::error::Result;
use crate::process::{Process, active};

/// Removes the environments.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| EnvName::typed(name)).collect::<Result<BTreeSet<_>, _>>()?;
    let active = active();
    let options = RemoveOptions {
        active: active.as_deref(),
        force: args.force,
        cwd: Some(&process.cwd),
        now: args.now,
        kernels: args.kernels,
    };
    Removal { options, may_be_missing: false, announce: &|_| Ok(()) }.all(process, names.iter())?;
    Ok(ExitCode::SUCCESS)
}
