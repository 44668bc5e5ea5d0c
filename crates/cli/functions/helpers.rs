//! What the helpers of virtualenvwrapper answer, whose names dotfiles know: `virtualenvwrapper_expandpath` and others.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::config;
use venvwrap_core::env::Environment;
use venvwrap_core::env::health::Health;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::project_file;
use venvwrap_core::shell::Shell;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::direnv;
use venvwrap_core::shell::event::{Event, Kind, Places};
use venvwrap_core::shell::plan::Plan;
use venvwrap_core::shell::safety::SafetyError;

use super::words;
use crate::actions::{hooks, stubs};
use crate::error::shell::LINKED;
use crate::error::{Explain, Result, name_at, quoted};
use crate::process::{Process, active, lookup};
use crate::ui::printer;

/// What tells hooks which environment has been left: virtualenvwrapper's code has the one name, its documentation the
/// other.
const LAST: [&str; 2] = ["VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV", "VIRTUALENVWRAPPER_LAST_VIRTUALENV"];

/// The directory of the environments as it is meant: `~`, variables and relative paths resolved.
pub(crate) fn workon_home() -> Result<ExitCode> {
    printer::line(Process::take_in(None)?.store.home().as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// The path of the `initialize` hook, for the shell that the first word names; nothing if others could change it. A shell
/// asks at its start, where no setting is a reason for a message.
pub(crate) fn initialize(words: &[OsString]) -> Result<ExitCode> {
    let dialect = shell_of(words).map_or(Dialect::Posix, Shell::dialect);
    let Ok(process) = Process::take_in(None) else { return Ok(ExitCode::FAILURE) };
    let hook = hooks::initialize(&process, dialect);
    if !hooks::is_refused(&process, &hook) {
        printer::data(&[hook.as_os_str().as_bytes(), b"\n"].concat())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a part of the shim of the shell that the first word names.
pub(crate) fn part_of_shim(words: &[OsString], part: fn(Shell) -> Vec<u8>) -> Result<ExitCode> {
    let Some(shell) = shell_of(words) else { return Ok(ExitCode::from(2)) };
    printer::data(&part(shell))?;
    Ok(ExitCode::SUCCESS)
}

fn shell_of(words: &[OsString]) -> Option<Shell> {
    words.first().and_then(|name| Shell::from_name(name.to_str()?))
}

/// `direnv-sets DIFF VARIABLE`: whether the `.envrc` that direnv has loaded is what changed a variable.
pub(crate) fn direnv_sets(words: &[OsString]) -> ExitCode {
    let [diff, variable] = words else { return ExitCode::from(2) };
    let has_changed = direnv::has_changed(&diff.to_string_lossy(), &variable.to_string_lossy());
    if has_changed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `not-activated SCRIPT ENVIRONMENT`: what is said of a script that was sourced in vain. The paths may be anybody's.
pub(crate) fn not_activated(words: &[OsString]) -> ExitCode {
    let [script, environment] = words else { return ExitCode::from(2) };
    // Where the store is says how the environment is called.
    let _ = Process::take_in(None);
    let name = name_at(Path::new(environment));
    let moved = name.clone().and_then(|name| moved(&Environment::new(name, environment.into())));
    let text = match &moved {
        Some(moved) => moved.to_string(),
        None => format!("`{}` did not activate `{}`", script.display(), environment.display()),
    };
    printer::note("error", printer::BAD, &text);
    let hint = match (moved, name) {
        _ if Path::new(environment).is_symlink() => Some(LINKED.to_string()),
        (Some(moved), _) => moved.hint(),
        (None, None) => None,
        (None, Some(name)) if name.path().is_none() && EnvName::for_new(name.as_os_str()).is_ok() => {
            Some(format!("`mkvirtualenv {}` renews the environment", quoted(&name)))
        }
        (None, Some(name)) => Some(format!("`venvwrap repair {}` repairs the environment", quoted(&name))),
    };
    if let Some(hint) = hint {
        printer::note("hint", printer::HELP, &hint);
    }
    ExitCode::FAILURE
}

/// The error of an environment whose script somebody has written for the place where it was.
fn moved(environment: &Environment) -> Option<SafetyError> {
    match Process::take_in(None).ok()?.store.examiner().describe(environment).health {
        Health::Moved { from } => Some(SafetyError::Elsewhere { env: environment.path().into(), path: from }),
        _ => None,
    }
}

/// Why the shell cannot change to a directory.
#[derive(Debug, thiserror::Error)]
enum DirectoryError {
    /// It is missing.
    #[error("`{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// It is something else.
    #[error("`{}` is not a directory", .0.display())]
    Other(PathBuf),
    /// The user may not enter it.
    #[error("could not change to `{}`", .0.display())]
    Refused(PathBuf, #[source] std::io::Error),
}

impl Explain for DirectoryError {
    fn hint(&self) -> Option<String> {
        None
    }
}

/// `no-directory PATH`: says why the shell could not change to it.
pub(crate) fn no_directory(words: &[OsString]) -> Result<ExitCode> {
    let [path] = words else { return Ok(ExitCode::from(2)) };
    let path = PathBuf::from(path);
    Err(match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => DirectoryError::Missing(path),
        Ok(found) if !found.is_dir() => DirectoryError::Other(path),
        Ok(_) => DirectoryError::Refused(path, std::io::ErrorKind::PermissionDenied.into()),
        Err(error) => DirectoryError::Refused(path, error),
    }
    .into())
}

/// Makes the directory of the environments; silently with `-q`.
pub(crate) fn verify_home(arguments: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    if arguments.first().is_some_and(|first| first == "-q") {
        process.store.create_home()?;
    } else {
        words::verify_home(&process)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A path with `~` and variables resolved; relative ones stay so.
pub(crate) fn expand_path(arguments: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    let given = arguments.first().map(OsString::as_os_str).unwrap_or_default();
    let expanded = config::expand(&lookup, process.config.home.as_deref(), given);
    printer::line(expanded.as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// A path made absolute.
pub(crate) fn absolute_path(arguments: &[OsString]) -> Result<ExitCode> {
    let given = arguments.first().map(PathBuf::from).unwrap_or_default();
    printer::line(Process::take_in(None)?.absolute(&given).as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// The version, alone in a line.
pub(crate) fn version() -> Result<ExitCode> {
    printer::data(concat!(env!("CARGO_PKG_VERSION"), "\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of `virtualenvwrapper_run_hook EVENT ARG...`: what belongs to the event is run or sourced. An unknown event
/// has no hooks.
pub(crate) fn run_hook(process: &Process, dialect: Dialect, words: &[OsString]) -> Plan {
    let [call, arguments @ ..] = words else { return Plan::default() };
    let call = call.to_str().unwrap_or_default();
    let Some(event) = Event::by_call(call.strip_prefix("project.").unwrap_or(call)) else { return Plan::default() };
    if let (Event::PreMkvirtualenv, Some(name)) = (event, arguments.first())
        && let Ok(environment) = process.store.find(name)
    {
        stubs::make_local_stubs(environment.path());
    }
    match event.kind() {
        Kind::Run => run(process, event, arguments),
        Kind::Sourced => source(process, event, dialect, arguments),
    }
}

fn run(process: &Process, event: Event, arguments: &[OsString]) -> Plan {
    let named = named(process, arguments);
    let places = Places { hook_dir: &process.config.hook_dir, environment: named.as_deref(), project: None };
    let mut plan = Plan::default();
    for hook in hooks::found(process, event, &places) {
        plan.run(process.store.home(), &hook, arguments.iter().cloned());
    }
    plan
}

fn source(process: &Process, event: Event, dialect: Dialect, arguments: &[OsString]) -> Plan {
    let left = if event == Event::PostDeactivate { named(process, arguments) } else { None };
    let active = active();
    let project = active.as_ref().map(|env| env.join(&process.config.project_filename));
    let project = project.and_then(|file| project_file::read(&file).ok().flatten());
    let environment = if event == Event::PostDeactivate { left.as_deref() } else { active.as_deref() };
    let places = Places { hook_dir: &process.config.hook_dir, environment, project: project.as_deref() };
    let mut plan = Plan::default();
    for name in LAST.into_iter().filter(|_| left.is_some()) {
        plan.set(name, left.clone().map(PathBuf::into_os_string));
    }
    plan.source_all_with(event, &places, dialect, arguments);
    for name in LAST.into_iter().filter(|_| left.is_some()) {
        plan.set(name, None);
    }
    plan
}

/// The environment that the first argument names. A name that leads out of the store has no hooks.
fn named(process: &Process, arguments: &[OsString]) -> Option<PathBuf> {
    let name = arguments.first().and_then(|name| EnvName::typed(name).ok())?;
    Some(process.store.path_of(&name))
}
