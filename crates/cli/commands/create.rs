//! `venvwrap create`.

use std::process::ExitCode;

use crate::actions::{install, make};
use crate::args::CreateArgs;
use crate::error::Result;
use crate::process::Process;

/// Makes an environment and installs what was asked for.
pub(crate) fn run(process: &Process, args: &CreateArgs) -> Result<ExitCode> {
    let wanted = make::wanted(process, args)?;
    make::make(process, &wanted)?;
    install::install(process, &process.store.home().join(wanted.name.as_os_str()), &wanted.packages)?;
    Ok(ExitCode::SUCCESS)
}
