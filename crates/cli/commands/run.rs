//! `venvwrap run`: a command inside an environment, without activating it and without a shell.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use venvwrap_core::doctor::altered::owner_of;
use venvwrap_core::env::Environment;
use venvwrap_core::env::metadata::{self, Owner};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::remove::RemoveOptions;
use venvwrap_core::store::temporary::name_of;

use crate::actions::creation_request::CreateRequest;
use crate::actions::find::{self, Meant, ProjectOf};
use crate::actions::inside::{InsideError, command_in};
use crate::actions::install::{self, Output, Packages};
use crate::actions::interrupt;
use crate::actions::make;
use crate::actions::remedy;
use crate::actions::remove::Removal;
use crate::args::{EnvironmentOptions, HiddenOptions, NO_NAME, PackageOptions, RunArgs};
use crate::error::{Error, Explain, FAILED, MISUSED, Result};
use crate::process::Process;
use crate::ui::printer;

/// Why no command was run.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// None was given.
    #[error("no command was given")]
    NoCommand,
    /// Both an environment and a temporary one were asked for.
    #[error("`--tmp` takes the place of the name, and there is one: `{}`", printable(.0))]
    NameAndTemporary(OsString),
    /// Another program than the environment's would run, or none, or one that others could have put there.
    #[error(transparent)]
    Inside(#[from] InsideError),
    /// There is none of this name.
    #[error("could not run `{}`: it is neither in `{environment}` nor on PATH", command.display())]
    Missing { command: PathBuf, environment: EnvName },
    /// It is there, and what should run it is not.
    #[error("could not run `{}`: the interpreter that its first line names does not exist", .0.display())]
    NoInterpreter(PathBuf),
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
            Self::NameAndTemporary(_) => Some(
                "`venvwrap run --tmp COMMAND` runs it in a new environment, `venvwrap run NAME COMMAND` in that one"
                    .into(),
            ),
            Self::Inside(error) => error.hint(),
            Self::Missing { .. } | Self::NoInterpreter(_) | Self::Start { .. } => None,
        }
    }

    /// As in shells: 127 for a command that does not exist, 126 for one that cannot be executed.
    fn status(&self) -> u8 {
        match self {
            Self::NoCommand => FAILED,
            Self::NameAndTemporary(_) => MISUSED,
            Self::Missing { .. } => 127,
            Self::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Self::NoInterpreter(_) | Self::Start { .. } | Self::Inside(_) => 126,
        }
    }
}

impl RunError {
    /// Why a command could not be started in an environment.
    fn of(command: &Command, environment: &Environment, source: io::Error) -> Self {
        let program = PathBuf::from(command.get_program());
        let is_name = program.components().count() == 1 && !program.as_os_str().as_encoded_bytes().contains(&b'/');
        match source.kind() {
            io::ErrorKind::NotFound if is_name => {
                Self::Missing { command: program, environment: environment.name().clone() }
            }
            io::ErrorKind::NotFound if program.is_file() => Self::NoInterpreter(program),
            _ => Self::Start { command: program, source },
        }
    }
}

/// Becomes the command: its exit status and the signals it gets are its own.
pub(crate) fn run(process: &Process, args: &RunArgs) -> Result<ExitCode> {
    if args.tmp {
        // Only what follows a command is the command's: after a name the option is still ours.
        if args.name != NO_NAME {
            return Err(RunError::NameAndTemporary(args.name.clone()).into());
        }
        return in_temporary(process, args);
    }
    let Meant { environment, project } = find::find_meant_at(process, &args.name)?;
    let project = match project {
        ProjectOf::Recorded => process.store.project_of(&environment).ok().flatten(),
        ProjectOf::Directory(directory) => Some(directory),
        ProjectOf::None => None,
    };
    let mut command = command(process, &environment, project.as_deref(), args)?;
    metadata::note_use(environment.path());
    printer::warn_of_the_rest("");
    // `exec` returns only when it fails.
    let source = command.exec();
    let error = RunError::of(&command, &environment, source);
    let is_lost = |program: &Path| owner_of(&environment, &environment.bin().join(program)).is_some();
    let lost = match &error {
        RunError::Missing { command, .. } => Some(command.clone()).filter(|program| is_lost(program)),
        _ => None,
    };
    let hint = lost.map(|program| remedy::hint_for(process, &environment, program.as_os_str()));
    let error = Error::from(error);
    Err(match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    })
}

/// The command, unless another one would run in its place; what helps then depends on what is left.
fn command(process: &Process, environment: &Environment, project: Option<&Path>, args: &RunArgs) -> Result<Command> {
    let command = command_in(process, environment, project, &args.command).map_err(|error| {
        let is_of_program = matches!(error, InsideError::Program(_));
        let error = Error::from(RunError::Inside(error));
        if !is_of_program {
            return error;
        }
        let program = args.command.iter().find(|word| *word != "--").map(OsString::as_os_str).unwrap_or_default();
        error.with_hint(remedy::hint_for(process, environment, program))
    })?;
    Ok(command.ok_or(RunError::NoCommand)?)
}

/// Runs the command in a new environment that is removed afterwards. If this process is killed, the next sweep removes it.
fn in_temporary(process: &Process, args: &RunArgs) -> Result<ExitCode> {
    let pid = std::process::id();
    let moment = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |passed| passed.subsec_nanos());
    let options = EnvironmentOptions {
        python: args.python.iter().cloned().collect(),
        install_python: args.install_python,
        ..EnvironmentOptions::default()
    };
    let hidden = HiddenOptions { quiet: 1, ..HiddenOptions::default() };
    let packages = PackageOptions {
        packages: args.packages.clone(),
        requirements: args.requirements.clone(),
        ..PackageOptions::default()
    };
    let request = CreateRequest {
        name: name_of(&format!("{pid}{moment}")),
        options: &options,
        hidden: &hidden,
        project: None,
        project_files: None,
        packages: Packages::new(&packages),
        owner: Some(Owner::of(i32::try_from(pid).unwrap_or_default())),
        bundle: None,
    };
    // What comes at any time ends the command, and the environment goes.
    let _watch = interrupt::outlast();
    make::make(process, &request)?;
    let environment = process.store.environment(request.name.clone());
    let outcome = prepare_and_wait(process, args, &environment, &request.packages);
    let removal =
        Removal { options: RemoveOptions::default(), may_be_missing: true, announce: &|_| Ok(()), is_told: false };
    removal.all(process, std::iter::once(environment.name()))?;
    outcome
}

fn prepare_and_wait(
    process: &Process,
    args: &RunArgs,
    environment: &Environment,
    packages: &Packages,
) -> Result<ExitCode> {
    if !packages.is_empty() {
        let words = packages.words(process);
        install::install_words(process, environment.path(), &words, &process.cwd, Output::Quiet)?;
    }
    let command = command_in(process, environment, None, &args.command).map_err(RunError::from)?;
    let mut command = command.ok_or(RunError::NoCommand)?;
    if interrupt::was_interrupted() {
        return Ok(ExitCode::from(interrupt::status()));
    }
    let status = interrupt::status_of(&mut command).map_err(|source| RunError::of(&command, environment, source))?;
    let status = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(ExitCode::from(status.and_then(|status| u8::try_from(status).ok()).unwrap_or(FAILED)))
}
