//! What the shell functions say where virtualenvwrapper has its own words: people and scripts look for them.
//!
//! The verbs of the program keep their own wording; here its hint follows the familiar line.

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Error, Result};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::templates::ProjectHomeError;
use venvwrap_core::shell::safety::SafetyError;
use venvwrap_core::store::create::ForeignError;
use venvwrap_core::store::remove::RemoveError;
use venvwrap_core::store::{AssociateError, FindError, OperationError};

use crate::actions::find::NoneActive;
use crate::actions::make::CreateRequest;
use crate::process::{self, Process};
use crate::ui::printer;
use crate::ui::report;

/// Turns the outcome of a shell function into its exit status, with virtualenvwrapper's words where it has any.
pub(crate) fn conclude(function: &str, outcome: Result<ExitCode>) -> ExitCode {
    let error = match outcome {
        Ok(status) => return status,
        Err(error) => error,
    };
    match familiar(function, &error) {
        Some(text) => {
            printer::message(&text);
            if !says_what_to_do(&text, &error) {
                report::report_hint(&error);
            }
            ExitCode::FAILURE
        }
        None => report::report(&error),
    }
}

/// What `rmvirtualenv` says when it is given nothing.
pub(crate) fn no_name() -> ExitCode {
    printer::message("Please specify an environment.");
    ExitCode::FAILURE
}

/// What `cpvirtualenv` says when it is given nothing to copy.
pub(crate) const NO_SOURCE: &str = "Please provide a valid virtualenv to copy.";

/// What it says before it copies.
pub(crate) fn copying(source: &OsStr, target: &EnvName) -> String {
    format!("Copying {} as {target}...", printable(source))
}

/// What it says when the name is taken.
pub(crate) fn already_exists(target: &EnvName) -> String {
    format!("{target} virtualenv already exists.")
}

/// Tells whether a hint would only repeat the line.
fn says_what_to_do(text: &str, error: &Error) -> bool {
    let has_nearest = |cause: &FindError| matches!(cause, FindError::NotFound { nearest: Some(_), .. });
    let has_nearest = error.chain().filter_map(|cause| cause.downcast_ref()).any(has_nearest);
    text.contains("Either switch to") || (text.contains("Create it") && !has_nearest)
}

/// The line of virtualenvwrapper for an error, as its function of this name words it.
fn familiar(function: &str, error: &Error) -> Option<String> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref()
            .and_then(|error| find_text(function, error))
            .or_else(|| cause.downcast_ref().and_then(remove_text))
            .or_else(|| cause.downcast_ref().and_then(safety_text))
            .or_else(|| cause.downcast_ref().and_then(|error| project_text(function, error)))
            .or_else(|| match cause.downcast_ref()? {
                OperationError::Project(error) => project_text(function, error),
                _ => None,
            })
            .or_else(|| match cause.downcast_ref()? {
                AssociateError::Operation(OperationError::Project(error)) => project_text(function, error),
                _ => None,
            })
            .or_else(|| cause.downcast_ref().and_then(project_home_text))
            .or_else(|| cause.downcast_ref().and_then(program_text))
            .or_else(|| {
                cause
                    .downcast_ref()
                    .map(|NoneActive| "ERROR: no virtualenv active, or active virtualenv is missing".to_string())
            })
    })
}

fn find_text(function: &str, error: &FindError) -> Option<String> {
    match error {
        FindError::NotFound { name, .. } => Some(not_found(function, &name.to_string())),
        FindError::NotAnEnvironment { path } if function == "workon" => Some(no_script(path)),
        _ => None,
    }
}

fn not_found(function: &str, name: &str) -> String {
    match function {
        "setvirtualenvproject" => format!("No virtualenv {name}"),
        _ => format!("ERROR: Environment '{name}' does not exist. Create it with 'mkvirtualenv {name}'."),
    }
}

fn no_script(env: &Path) -> String {
    format!("ERROR: Environment '{}' does not contain an activate script.", printer::shown(env, None))
}

fn remove_text(error: &RemoveError) -> Option<String> {
    match error {
        RemoveError::Active { name } => Some(format!(
            "ERROR: You cannot remove the active environment ('{name}').\n\
             Either switch to another environment, or run 'deactivate'."
        )),
        _ => None,
    }
}

fn safety_text(error: &SafetyError) -> Option<String> {
    match error {
        SafetyError::NoScript { env, .. } => Some(no_script(env)),
        _ => None,
    }
}

fn project_text(function: &str, error: &ProjectError) -> Option<String> {
    let ProjectError::NotADirectory { directory } = error else { return None };
    let directory = printer::shown(directory, None);
    Some(match function {
        "setvirtualenvproject" => format!("Cannot associate virtualenv with \"{directory}\", it is not a directory"),
        _ => format!("Cannot associate project with {directory}, it is not a directory"),
    })
}

fn program_text(error: &ForeignError) -> Option<String> {
    match error {
        // The system says the same of a script whose interpreter is missing.
        ForeignError::Start { program, .. } if !process::is_on_path(program) => {
            Some(format!("ERROR: virtualenvwrapper could not find {} in your path", printable(OsStr::new(program))))
        }
        _ => None,
    }
}

fn project_home_text(error: &ProjectHomeError) -> Option<String> {
    match error {
        ProjectHomeError::Unset => Some(
            "ERROR: Set the PROJECT_HOME shell variable to the name of the directory where projects should be created."
                .to_string(),
        ),
        ProjectHomeError::Missing(directory) => Some(format!(
            "ERROR: Project directory '{}' does not exist.  Create it or set PROJECT_HOME to an existing directory.",
            printer::shown(directory, None)
        )),
        ProjectHomeError::Exists(directory) => {
            let name = directory.file_name().map(venvwrap_core::fs::text::printable).unwrap_or_default();
            Some(format!("Project {name} already exists."))
        }
        ProjectHomeError::NoTemplate { .. } => None,
    }
}

/// Says what is special about the environment.
pub(crate) fn announce(request: &CreateRequest<'_>) -> Result<()> {
    if request.owner.is_some() {
        printer::data(b"This is a temporary environment. It will be deleted when you run 'deactivate'.\n")?;
    }
    match &request.project {
        Some(directory) => project_is_set(&request.name, directory),
        None => Ok(()),
    }
}

/// Says that a project directory has been associated.
pub(crate) fn project_is_set(name: &EnvName, directory: &Path) -> Result<()> {
    printer::data(format!("Setting project for {name} to {}\n", printer::shown(directory, None)).as_bytes())
}

/// Creates the directory of the environments if it is missing, and says so.
pub(crate) fn verify_home(process: &Process) -> Result<()> {
    let home = process.store.home();
    if !home.is_dir() && process.store.create_home()? {
        let home = printer::shown(home, None);
        printer::message(&format!("NOTE: Virtual environments directory {home} does not exist. Creating..."));
    }
    Ok(())
}
