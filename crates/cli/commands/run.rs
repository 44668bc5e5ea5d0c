//! `venvwrap run`: a command inside an environment, without activating it and without a shell.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use venvwrap_core::env::metadata;

use crate::actions::find;
use crate::actions::inside::command_in;
use crate::args::RunArgs;
use crate::process::Process;

/// The command cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("could not run `{}`", command.display())]
pub(crate) struct RunError {
    command: PathBuf,
    #[source]
    source: io::Error,
}

impl RunError {
    /// The status that shells give for this: 127 for a command that is not there, 126 for one that cannot be executed.
    pub(crate) fn status(&self) -> u8 {
        if self.source.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
    }
}

/// Becomes the command: its exit status and the signals it gets are its own.
pub(crate) fn run(process: &Process, args: &RunArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    let Some(mut command) = command_in(process, &environment, &args.command) else { bail!("no command was given") };
    metadata::note_use(environment.path());
    // `exec` returns only when it fails.
    let source = command.exec();
    Err(RunError { command: command.get_program().into(), source }.into())
}
