//! The messages of the shell functions for which virtualenvwrapper has its own words: users and scripts look for them.
//!
//! The verbs of the program keep their own wording; here the program's hint follows the familiar line.

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;

use crate::actions::creation_request::CreateRequest;
use crate::error::{Familiar, Result};
use crate::process::{self, Process};
use crate::ui::printer::{self, shown};
use crate::ui::report;

/// Turns the outcome of a shell function into its exit status, with virtualenvwrapper's words where it has any.
pub(crate) fn conclude(function: &str, outcome: Result<ExitCode>) -> ExitCode {
    let error = match outcome {
        Ok(status) => return status,
        Err(error) => error,
    };
    let Some((failure, text)) = error.familiar().and_then(|failure| Some((failure, line(function, failure)?))) else {
        return report::report(&error);
    };
    printer::message(&text);
    if !says_what_to_do(function, failure) {
        report::report_hint(&error);
    }
    ExitCode::FAILURE
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

/// Returns whether a hint would only repeat the line.
fn says_what_to_do(function: &str, failure: &Familiar) -> bool {
    match failure {
        Familiar::NotFound { name, has_nearest } => {
            function != "setvirtualenvproject" && !has_nearest && can_be_created(name)
        }
        Familiar::Active(_) | Familiar::ProjectHomeMissing(_) => true,
        Familiar::NotAnEnvironment(_)
        | Familiar::NoScript(_)
        | Familiar::NoneActive
        | Familiar::NotADirectory(_)
        | Familiar::NoProgram(_)
        | Familiar::ProjectHomeUnset
        | Familiar::ProjectExists(_) => false,
    }
}

/// The line of virtualenvwrapper for a failure, as its function of this name words it.
fn line(function: &str, failure: &Familiar) -> Option<String> {
    Some(match failure {
        Familiar::NotFound { name, .. } if function == "setvirtualenvproject" => format!("No virtualenv {name}"),
        Familiar::NotFound { name, .. } if !can_be_created(name) => {
            format!("ERROR: Environment '{name}' does not exist.")
        }
        Familiar::NotFound { name, .. } => {
            format!("ERROR: Environment '{name}' does not exist. Create it with 'mkvirtualenv {name}'.")
        }
        Familiar::NotAnEnvironment(env) if function == "workon" => no_script(env),
        Familiar::NotAnEnvironment(_) => return None,
        Familiar::NoScript(env) => no_script(env),
        Familiar::Active(name) => format!(
            "ERROR: You cannot remove the active environment ('{name}').\n\
             Either switch to another environment, or run 'deactivate'."
        ),
        Familiar::NoneActive => "ERROR: no virtualenv active, or active virtualenv is missing".to_string(),
        Familiar::NotADirectory(directory) => not_a_directory(function, directory),
        // A program that is there and cannot be started, as a script without its interpreter, is another matter.
        Familiar::NoProgram(program) if process::is_on_path(program) => return None,
        Familiar::NoProgram(program) => {
            format!("ERROR: virtualenvwrapper could not find {} in your path", printable(OsStr::new(program)))
        }
        Familiar::ProjectHomeUnset => {
            "ERROR: Set the PROJECT_HOME shell variable to the name of the directory where projects should be created."
                .to_string()
        }
        Familiar::ProjectHomeMissing(directory) => format!(
            "ERROR: Project directory '{}' does not exist.  Create it or set PROJECT_HOME to an existing directory.",
            shown(directory, None)
        ),
        Familiar::ProjectExists(directory) => {
            format!("Project {} already exists.", directory.file_name().map(printable).unwrap_or_default())
        }
    })
}

fn can_be_created(name: &EnvName) -> bool {
    EnvName::for_new(name.as_os_str()).is_ok()
}

fn no_script(env: &Path) -> String {
    format!("ERROR: Environment '{}' does not contain an activate script.", shown(env, None))
}

fn not_a_directory(function: &str, directory: &Path) -> String {
    let directory = shown(directory, None);
    match function {
        "setvirtualenvproject" => format!("Cannot associate virtualenv with \"{directory}\", it is not a directory"),
        _ => format!("Cannot associate project with {directory}, it is not a directory"),
    }
}

/// What `mktmpenv` says at its end.
pub(crate) const TEMPORARY: &str = "This is a temporary environment. It will be deleted when you run 'deactivate'.";

/// Prints what is special about a new environment.
pub(crate) fn announce(request: &CreateRequest<'_>) -> Result<()> {
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
