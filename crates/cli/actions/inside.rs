//! A command as it runs inside an environment that is not activated.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::env::Environment;

use super::{associations, dotenv};
use crate::process::{Process, is_executable, variable};
use venvwrap_core::config::variables;

/// The command as it runs in an environment; none when no program is named. A `--` before it is only there to end our
/// own options.
pub(crate) fn command_in(process: &Process, environment: &Environment, words: &[OsString]) -> Option<Command> {
    let (program, arguments) = match words {
        [separator, program, arguments @ ..] if separator == "--" => (program, arguments),
        [program, arguments @ ..] => (program, arguments),
        [] => return None,
    };
    let path = path_with(environment);
    let resolved = resolve(program, &path);
    let mut command = Command::new(&resolved);
    command
        .args(arguments)
        .env("VIRTUAL_ENV", environment.path())
        .env("VIRTUAL_ENV_PROMPT", prompt(environment))
        .env("PATH", &path)
        .env_remove("PYTHONHOME");
    if let (Some(switcher), Some(project)) = (process.switcher(), associations::project_of(process, environment.path()))
    {
        command.envs(dotenv::settings(process, &switcher, &project));
    }
    if resolved != Path::new(program) {
        command.arg0(program);
    }
    Some(command)
}

/// PATH with the environment's programs before all others, and none of those of the environment that is active now.
pub(crate) fn path_with(environment: &Environment) -> OsString {
    let active = variable(variables::VIRTUAL_ENV).map(|active| PathBuf::from(active).join("bin"));
    let bin = environment.bin();
    let old = variable(variables::PATH).unwrap_or_default();
    let rest = std::env::split_paths(&old).filter(|entry| Some(entry) != active.as_ref() && *entry != bin);
    std::env::join_paths([bin.clone()].into_iter().chain(rest)).unwrap_or(old)
}

/// Looks the program up on the new PATH, also where it is only there as a file that cannot be executed.
fn resolve(program: &OsString, path: &OsString) -> PathBuf {
    let is_path = program.as_encoded_bytes().contains(&b'/');
    let on_path = || std::env::split_paths(path).map(|entry| entry.join(program)).find(|path| is_executable(path));
    if is_path { program.into() } else { on_path().unwrap_or_else(|| program.into()) }
}

fn prompt(environment: &Environment) -> OsString {
    let prompt = environment.cfg().and_then(|cfg| cfg.prompt().map(OsString::from));
    prompt.unwrap_or_else(|| environment.name().as_os_str().to_os_string())
}
