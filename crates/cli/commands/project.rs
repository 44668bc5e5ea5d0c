//! `venvwrap project`, `setvirtualenvproject`: which project directory an environment belongs to.

use std::process::ExitCode;

use anyhow::{Result, bail};
use venvwrap_core::project;

use super::find;
use crate::args::{ProjectCommand, ProjectSetArgs};
use crate::printer;
use crate::process::Process;

/// Runs one of the verbs.
pub(crate) fn run(process: &Process, command: &ProjectCommand) -> Result<ExitCode> {
    match command {
        ProjectCommand::Set(args) => set(process, args),
        ProjectCommand::Show(args) => {
            let environment = find::find_or_active(process, args.name.as_deref())?;
            match project::read(&environment.project_file(&process.config.project_filename))? {
                Some(directory) => printer::line(directory.as_os_str())?,
                None => bail!("`{}` has no project directory", environment.name()),
            }
            Ok(ExitCode::SUCCESS)
        }
        ProjectCommand::Unset(args) => {
            let environment = find::find_or_active(process, args.name.as_deref())?;
            project::remove(&environment.project_file(&process.config.project_filename))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Associates an environment with a directory: the active one and the current directory where nothing is named.
pub(crate) fn set(process: &Process, args: &ProjectSetArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = match &args.directory {
        Some(directory) => process.absolute(directory),
        None => process.cwd.clone(),
    };
    project::write(&environment.project_file(&process.config.project_filename), &directory)?;
    printer::data(
        format!("Setting project for {} to {}\n", environment.name(), printer::shown(&directory, None)).as_bytes(),
    )?;
    Ok(ExitCode::SUCCESS)
}
