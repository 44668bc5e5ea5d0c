//! `venvwrap run`: a command inside an environment, without activating it and without a shell.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::env::metadata;
use venvwrap_core::env::program::ProgramError;

use crate::actions::find;
use crate::actions::inside::command_in;
use crate::args::RunArgs;
use crate::error::{Explain, FAILED, Result};
use crate::process::Process;
use crate::ui::printer;

/// Why no command was run.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// None was given.
    #[error("no command was given")]
    NoCommand,
    /// Another program than the environment's would run, or none.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// It cannot be started.
    #[error("could not run `{}`", command.display())]
    Start {
        command: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Explain for RunError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCommand => Some("give it after the name of the environment: `venvwrap run web python`".into()),
            Self::Program(error) => error.hint(),
            Self::Start { .. } => None,
        }
    }

    /// As in shells: 127 for a command that does not exist, 126 for one that cannot be executed.
    fn status(&self) -> u8 {
        match self {
            Self::NoCommand => FAILED,
            Self::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Self::Start { .. } | Self::Program(_) => 126,
        }
    }
}

/// Becomes the command: its exit status and the signals it gets are its own.
pub(crate) fn run(process: &Process, args: &RunArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    let mut command =
        command_in(process, &environment, &args.command).map_err(RunError::from)?.ok_or(RunError::NoCommand)?;
    metadata::note_use(environment.path());
    printer::warn_of_the_rest("");
    // `exec` returns only when it fails.
    let source = command.exec();
    Err(RunError::Start { command: command.get_program().into(), source }.into())
}
