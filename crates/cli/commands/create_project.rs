//! `venvwrap create-project`.

use std::process::ExitCode;

use crate::actions::{install, project};
use crate::args::CreateProjectArgs;
use crate::error::Result;
use crate::process::Process;

/// Makes a project directory, an environment for it, and runs the templates.
pub(crate) fn run(process: &Process, args: &CreateProjectArgs) -> Result<ExitCode> {
    let wanted = project::make(process, args)?;
    install::install(process, &process.store.home().join(wanted.name.as_os_str()), &wanted.packages)?;
    project::fill(process, args, &wanted)
}
