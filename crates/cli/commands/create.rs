//! `venvwrap create`.

use std::process::ExitCode;

use crate::actions::{creation_request, install, make};
use crate::args::CreateArgs;
use crate::error::Result;
use crate::process::Process;

/// Creates an environment and installs what was asked for.
pub(crate) fn run(process: &Process, args: &CreateArgs) -> Result<ExitCode> {
    let mut request = creation_request::request(process, args)?;
    request.packages = request.packages.quietly(args.hidden.quiet);
    make::make(process, &request)?.report(process);
    let directory = install::directory(process, request.project.as_deref());
    install::install(process, &process.store.path_of(&request.name), &request.packages, &directory)?;
    Ok(ExitCode::SUCCESS)
}
