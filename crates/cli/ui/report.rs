//! An error told once: what is wrong, its causes, a hint, and the exit status.
#![expect(clippy::unnecessary_wraps, reason = "all hints have one shape, whether or not each error has one")]

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Error, Result};
use venvwrap_core::config::ConfigError;
use venvwrap_core::config::edit::{self, ConfigFileError};
use venvwrap_core::env::name::NameError;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::project::templates::ProjectHomeError;
use venvwrap_core::project::trust::TrustError;
use venvwrap_core::python::{self, QueryError, RequestError};
use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::shell::safety::SafetyError;
use venvwrap_core::store::adopt::AdoptError;
use venvwrap_core::store::copy::CopyError;
use venvwrap_core::store::create::{CreateError, ForeignError};
use venvwrap_core::store::lock::LockError;
use venvwrap_core::store::remove::RemoveError;
use venvwrap_core::store::{AssociateError, FindError, HomeError, OperationError};
use venvwrap_core::wheel::{IndexError, SeedError};

use crate::actions::find::NoneActive;
use crate::actions::install::{InstallFailed, NoInstaller};
use crate::commands::run::RunError;
use crate::process::NoState;
use crate::ui::printer::{self, BAD, HELP};

/// The status of a command that was misused.
const MISUSED: u8 = 2;

/// Reports an error and returns the status to exit with.
pub(crate) fn report(error: &Error) -> ExitCode {
    printer::note("error", BAD, &chain(error));
    report_hint(error);
    ExitCode::from(status(error))
}

/// Prints only the hint that goes with an error.
pub(crate) fn report_hint(error: &Error) {
    if let Some(hint) = hint(error) {
        printer::note("hint", HELP, &hint);
    }
}

/// Prints what the parser of the command line has to say: help and version to stdout, errors to stderr.
pub(crate) fn usage(error: &clap::Error) -> Result<ExitCode> {
    let text = error.render();
    if error.use_stderr() {
        let text = if printer::colour_on_stderr() { text.ansi().to_string() } else { text.to_string() };
        printer::message(text.trim_end());
        return Ok(ExitCode::from(MISUSED));
    }
    let text = if printer::colour_on_stdout() { text.ansi().to_string() } else { text.to_string() };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The error and its causes in one line. Errors that only pass on another do not repeat it.
fn chain(error: &Error) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for cause in error.chain() {
        let words = single_line(&cause.to_string());
        if words == last || last.ends_with(&words) {
            continue;
        }
        let separator = if text.is_empty() { "" } else { ": " };
        let _ = write!(text, "{separator}{words}");
        last = words;
    }
    text
}

fn single_line(text: &str) -> String {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

fn status(error: &Error) -> u8 {
    if let Some(failed) = error.downcast_ref::<InstallFailed>() {
        return failed.status;
    }
    if let Some(error) = error.downcast_ref::<RunError>() {
        return error.status();
    }
    1
}

/// What the user can do about it, from the first cause that has advice.
fn hint(error: &Error) -> Option<String> {
    // What the system says about the user's own command is not about the store.
    if error.is::<RunError>() {
        return None;
    }
    error.chain().find_map(|cause| {
        cause
            .downcast_ref()
            .and_then(name_hint)
            .or_else(|| cause.downcast_ref().and_then(find_hint))
            .or_else(|| cause.downcast_ref().and_then(home_hint))
            .or_else(|| cause.downcast_ref().and_then(create_hint))
            .or_else(|| cause.downcast_ref().and_then(copy_hint))
            .or_else(|| cause.downcast_ref().and_then(foreign_hint))
            .or_else(|| cause.downcast_ref().and_then(remove_hint))
            .or_else(|| cause.downcast_ref().and_then(associate_hint))
            .or_else(|| cause.downcast_ref().and_then(operation_hint))
            .or_else(|| cause.downcast_ref().and_then(lock_hint))
            .or_else(|| cause.downcast_ref().and_then(seed_hint))
            .or_else(|| cause.downcast_ref().and_then(index_hint))
            .or_else(|| cause.downcast_ref().and_then(request_hint))
            .or_else(|| cause.downcast_ref().and_then(interpreter_hint))
            .or_else(|| cause.downcast_ref().and_then(query_hint))
            .or_else(|| cause.downcast_ref().and_then(activate_hint))
            .or_else(|| cause.downcast_ref().and_then(safety_hint))
            .or_else(|| cause.downcast_ref().and_then(project_hint))
            .or_else(|| cause.downcast_ref().and_then(project_home_hint))
            .or_else(|| cause.downcast_ref().and_then(config_hint))
            .or_else(|| {
                cause.downcast_ref().map(|NoneActive| "name one, or activate it first with `workon NAME`".into())
            })
            .or_else(|| cause.downcast_ref().map(installer_hint))
            .or_else(|| cause.downcast_ref().map(|NoState| "set HOME, or VENVWRAP_STATE_DIR to a directory".into()))
            .or_else(|| cause.downcast_ref().and_then(trust_hint))
            .or_else(|| cause.downcast_ref().and_then(adopt_hint))
            .or_else(|| cause.downcast_ref().and_then(config_file_hint))
            .or_else(|| cause.downcast_ref().and_then(system_hint))
    })
}

fn name_hint(_: &NameError) -> Option<String> {
    Some("a name is one word of a path, such as `web` or `api-3.12`".into())
}

fn find_hint(error: &FindError) -> Option<String> {
    match error {
        FindError::NotFound { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
        FindError::NotFound { name, store_is_empty: true, .. } => {
            Some(format!("there are no environments yet; `mkvirtualenv {name}` makes this one"))
        }
        FindError::NotFound { name, .. } => {
            Some(format!("`lsvirtualenv` lists what there is; `mkvirtualenv {name}` makes this one"))
        }
        FindError::NotAnEnvironment { .. } => Some("`lsvirtualenv` lists the environments".into()),
        FindError::Name(error) => name_hint(error),
        FindError::Home(error) => home_hint(error),
    }
}

fn home_hint(error: &HomeError) -> Option<String> {
    match error {
        HomeError::Missing { .. } => Some("`mkvirtualenv NAME` makes it together with a first environment".into()),
        HomeError::NotADirectory { .. } | HomeError::Unsuitable { .. } => {
            Some("set WORKON_HOME to a directory of its own, such as `~/.virtualenvs`".into())
        }
        HomeError::Path(_) => None,
    }
}

fn create_hint(error: &CreateError) -> Option<String> {
    match error {
        CreateError::Exists { .. } => Some("`--clear` replaces it".into()),
        CreateError::Occupied { .. } => Some("choose another name, or move it away".into()),
        CreateError::Link { .. } => Some("`rmvirtualenv` removes the link, and nothing else".into()),
        CreateError::Foreign { .. } => Some("`--clear` makes the environment anew".into()),
        CreateError::OtherPython { .. } => Some("`--clear` replaces it; its packages must be installed again".into()),
        CreateError::NotCopyable { .. } => Some("leave out `--copies`".into()),
        CreateError::Activate(error) => activate_hint(error),
        CreateError::Seed(error) => seed_hint(error),
        CreateError::Operation(error) => operation_hint(error),
        CreateError::Configuration(_) => None,
    }
}

fn copy_hint(error: &CopyError) -> Option<String> {
    match error {
        CopyError::Missing { .. } => Some("give the name of an environment, or the directory of one".into()),
        CopyError::Exists { .. } => Some("choose another name, or remove it first with `rmvirtualenv`".into()),
        CopyError::IntoItself { .. } => Some("set WORKON_HOME to a directory outside of it".into()),
        CopyError::Source(error) => find_hint(error),
        CopyError::Activate(error) => activate_hint(error),
        CopyError::Operation(error) => operation_hint(error),
        CopyError::Vanished { .. } => None,
    }
}

fn foreign_hint(error: &ForeignError) -> Option<String> {
    match error {
        ForeignError::Start { .. } => Some(
            "it is what VIRTUALENVWRAPPER_VIRTUALENV or `creator` in config.toml names; unset it to use our own".into(),
        ),
        ForeignError::Operation(error) => operation_hint(error),
        ForeignError::Failed { .. } | ForeignError::Nothing { .. } => None,
    }
}

fn remove_hint(error: &RemoveError) -> Option<String> {
    match error {
        RemoveError::Active { .. } => Some("`deactivate` it, or switch to another environment, first".into()),
        RemoveError::NotAnEnvironment { .. } => Some("`--force` removes the directory all the same".into()),
        RemoveError::NotADirectory { .. } => Some("only environments can be removed".into()),
        RemoveError::Find(error) => find_hint(error),
        RemoveError::Operation(error) => operation_hint(error),
    }
}

fn associate_hint(error: &AssociateError) -> Option<String> {
    match error {
        AssociateError::NoState => Some("set HOME, or VENVWRAP_STATE_DIR to a directory".into()),
        AssociateError::Operation(error) => operation_hint(error),
    }
}

fn operation_hint(error: &OperationError) -> Option<String> {
    match error {
        OperationError::Lock(error) => lock_hint(error),
        OperationError::Home(error) => home_hint(error),
        OperationError::Project(error) => project_hint(error),
        OperationError::Path(_) => None,
    }
}

fn lock_hint(error: &LockError) -> Option<String> {
    matches!(error, LockError::Busy { .. }).then(|| "wait for it, then look with `lsvirtualenv`".into())
}

fn seed_hint(error: &SeedError) -> Option<String> {
    match error {
        SeedError::NotFound { .. } => Some(
            "`--no-pip` makes the environment without it; `--extra-search-dir DIR` looks for wheels there; `--download` asks the index".into(),
        ),
        SeedError::Version(_) => Some("a version looks like `24.0`".into()),
        SeedError::Index(error) => index_hint(error),
        SeedError::Path(_) => None,
    }
}

fn index_hint(_: &IndexError) -> Option<String> {
    Some("`--no-pip` makes the environment without pip; `--extra-search-dir DIR` takes wheels from there".into())
}

fn request_hint(error: &RequestError) -> Option<String> {
    match error {
        RequestError::NoHome { .. } => Some("write the path in full".into()),
        _ => Some("ask for a version (`3.12`), a range (`>=3.11`), a command (`python3.12`) or a path".into()),
    }
}

fn interpreter_hint(error: &python::FindError) -> Option<String> {
    match error {
        python::FindError::NotFound { seen, .. } if !seen.is_empty() => {
            Some(format!("found here: {}", seen.join(", ")))
        }
        python::FindError::NotFound { .. } | python::FindError::NoPython | python::FindError::NoneIn { .. } => {
            Some("install Python 3.8 or later, or name one with `--python PATH`".into())
        }
        python::FindError::Shim { .. } => {
            Some("choose a version in the version manager, or name the interpreter itself".into())
        }
        python::FindError::Query(error) => query_hint(error),
        python::FindError::Base(_) => None,
    }
}

fn query_hint(error: &QueryError) -> Option<String> {
    match error {
        QueryError::Python2 { .. } | QueryError::TooOld { .. } => Some("Python 3.8 and later are supported".into()),
        _ => Some("`--python` takes another interpreter".into()),
    }
}

fn activate_hint(error: &ActivateError) -> Option<String> {
    match error {
        ActivateError::UnknownActivator { .. } => {
            Some("known are bash, fish, cshell, powershell, nushell and python".into())
        }
        ActivateError::ControlInPrompt { .. } => Some("choose another `--prompt`".into()),
        _ => Some("no shell could activate an environment there; set WORKON_HOME to another directory".into()),
    }
}

fn safety_hint(error: &SafetyError) -> Option<String> {
    match error {
        SafetyError::NoScript { .. } => {
            Some("`mkvirtualenv` with the same name writes it anew and keeps the packages".into())
        }
        SafetyError::Injection { .. } => {
            Some("`venvwrap run` uses it without that script; rename it to be able to activate it".into())
        }
        SafetyError::Elsewhere { .. } => Some(
            "was it moved or renamed? `mkvirtualenv` with the same name writes the script again and keeps the packages"
                .into(),
        ),
        SafetyError::Exposed { path, .. } => Some(format!(
            "take the right to write from others (`chmod go-w`), or accept it: `venvwrap allow --shared {}`",
            printer::shown(path, None)
        )),
        SafetyError::Path(_) => None,
    }
}

fn project_hint(error: &ProjectError) -> Option<String> {
    match error {
        ProjectError::Malformed { .. } => Some("`setvirtualenvproject NAME DIR` writes it anew".into()),
        ProjectError::NotADirectory { .. } => Some("make the directory first, or use `mkproject`".into()),
        _ => None,
    }
}

fn project_home_hint(error: &ProjectHomeError) -> Option<String> {
    match error {
        ProjectHomeError::Unset => Some(
            "set PROJECT_HOME, or `project_home` in config.toml, to the directory where projects are to be made".into(),
        ),
        ProjectHomeError::Missing(_) => Some("make it, or set PROJECT_HOME to a directory that exists".into()),
        ProjectHomeError::Exists(_) => Some("`--force` makes an environment for it all the same".into()),
        ProjectHomeError::NoTemplate { name, directories } => {
            let places: Vec<_> = directories.iter().map(|directory| format!("`{}`", directory.display())).collect();
            Some(format!("a template is an executable file `template_{name}` in {}", places.join(" or ")))
        }
    }
}

fn config_hint(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::NoHome { .. } | ConfigError::OtherUser { .. } => {
            Some("set HOME, or WORKON_HOME to an absolute path".into())
        }
        ConfigError::Syntax { .. } => Some("docs/configuration.md lists all keys".into()),
        _ => None,
    }
}

fn trust_hint(error: &TrustError) -> Option<String> {
    match error {
        TrustError::WritableByOthers { .. } => Some("`chmod o-w` takes that right away".into()),
        TrustError::ForeignOwner { .. } => Some("only what is yours alone can be allowed".into()),
        TrustError::Variable { .. } | TrustError::Path(_) => None,
    }
}

fn adopt_hint(error: &AdoptError) -> Option<String> {
    match error {
        AdoptError::Exists { .. } => Some("nothing is replaced; choose another name, or move it away".into()),
        AdoptError::Operation(error) => operation_hint(error),
        AdoptError::NotAnEnvironment { .. } | AdoptError::Own { .. } => None,
    }
}

fn config_file_hint(error: &ConfigFileError) -> Option<String> {
    match error {
        ConfigFileError::Key { .. } => {
            let keys: Vec<_> = edit::KEYS.iter().map(|(key, _)| *key).collect();
            Some(format!("the keys are {}", keys.join(", ")))
        }
        ConfigFileError::Odd { .. } => Some("change it with an editor".into()),
        _ => None,
    }
}

fn installer_hint(_: &NoInstaller) -> String {
    "make the environment without `--no-pip`, or install uv".into()
}

/// The two states of a disk that people can do something about.
fn system_hint(error: &std::io::Error) -> Option<String> {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Some("the disk is full; nothing was left half made".into())
        }
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
            Some("WORKON_HOME must be a directory that you may write to".into())
        }
        _ => None,
    }
}
