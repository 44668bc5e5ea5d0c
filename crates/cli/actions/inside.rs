//! A command as it runs inside an environment that is not activated.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::env::Environment;
use venvwrap_core::env::inside::{self, Variable};
use venvwrap_core::env::program::{self, ProgramError};
use venvwrap_core::shell::safety::SafetyError;

use super::{dotenv, enter, variables};
use crate::error::Explain;
use crate::process::{Process, is_executable, lookup};

/// Why a command is not run in an environment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InsideError {
    /// Another program than the environment's would run, or none.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Others could have put it there.
    #[error(transparent)]
    Unsafe(#[from] SafetyError),
}

impl Explain for InsideError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Program(error) => error.hint(),
            Self::Unsafe(error) => error.hint(),
        }
    }
}

/// The command as it runs in an environment, with what the project's `.env` file may set; none when no program is named. A
/// `--` before it is only there to end our own options.
pub(crate) fn command_in(
    process: &Process,
    environment: &Environment,
    project: Option<&Path>,
    words: &[OsString],
) -> Result<Option<Command>, InsideError> {
    let (name, arguments) = match words {
        [separator, program, arguments @ ..] if separator == "--" => (program, arguments),
        [program, arguments @ ..] => (program, arguments),
        [] => return Ok(None),
    };
    let resolved = resolve(name, &inside::path(environment, &lookup));
    program::check(environment, name, &resolved)?;
    enter::judge_programs(process, environment.path(), Some(&resolved))?;
    let mut command = Command::new(&resolved);
    command.args(arguments);
    let activation = inside::variables(environment, &lookup).into_iter();
    let activation = activation.map(|Variable { name, value }| (name.to_string(), value));
    // No shell is started that keeps these for itself.
    command.envs(project.into_iter().flat_map(|project| dotenv::for_programs(process, project)));
    for (name, value) in activation.chain(variables::changes(process, environment, project)) {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if resolved != Path::new(name) {
        command.arg0(name);
    }
    Ok(Some(command))
}

/// Looks the program up on the new PATH, also where it is only there as a file that cannot be executed.
fn resolve(program: &OsString, path: &OsString) -> PathBuf {
    let is_path = program.as_encoded_bytes().contains(&b'/');
    let on_path = || std::env::split_paths(path).map(|entry| entry.join(program)).find(|path| is_executable(path));
    if is_path { program.into() } else { on_path().unwrap_or_else(|| program.into()) }
}
