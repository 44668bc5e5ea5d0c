//! `venvwrap path`: where environments are, for scripts.

use std::process::ExitCode;

use crate::actions::find;
use crate::args::PathArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

/// Prints the directory of each environment; nothing if one of them does not exist.
pub(crate) fn run(process: &Process, args: &PathArgs) -> Result<ExitCode> {
    let environments = match args.names.as_slice() {
        [] => vec![find::find_or_active(process, None)?],
        names => names.iter().map(|name| find::find_at(process, Some(name))).collect::<Result<Vec<_>>>()?,
    };
    for environment in &environments {
        printer::line(environment.path().as_os_str())?;
    }
    Ok(ExitCode::SUCCESS)
}
