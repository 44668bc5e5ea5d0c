//! Settings whose values are words: what creates environments, what installs packages, how files get into them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::error::ConfigError;
use super::file::File;
use super::variables::{
    VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_VIRTUALENV, VIRTUALENVWRAPPER_VIRTUALENV_ARGS, Variable,
};
use crate::env::name::EnvName;

/// What makes environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creator {
    /// Ourselves.
    Native,
    /// Another program with its first arguments: `virtualenv`, or `uv venv`.
    Program(Vec<String>),
}

/// What installs packages into environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Installer {
    /// uv when it is found on PATH, else the environment's pip.
    #[default]
    Auto,
    /// The environment's pip.
    Pip,
    /// uv.
    Uv,
}

/// Whether uv or pyenv is called for a Python that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstallPython {
    /// Unasked.
    Always,
    /// If the user agrees on a terminal.
    #[default]
    Ask,
    /// Only for the option that asks for it.
    Never,
}

/// How a file gets from the cache into an environment, in uv's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkMode {
    /// Code by a hard link, which every environment then shares; never for root, who gets [`LinkMode::Clone`].
    #[default]
    Hardlink,
    /// By a copy on write where the file system has it, else by a copy.
    Clone,
    /// By a copy.
    Copy,
}

/// The program that takes virtualenv's arguments and is this one: what scripts find in `VIRTUALENVWRAPPER_VIRTUALENV`.
pub const OWN_CREATOR: &str = "venvwrap-venv";

/// The name of the file in an environment that holds its project directory.
pub(super) fn project_filename(variable: Option<OsString>, file: &mut File) -> Result<OsString, ConfigError> {
    let problem = |name: &OsStr| EnvName::for_existing(name).err().map(|error| error.problem.to_string());
    if let Some(value) = variable {
        return match problem(&value) {
            None => Ok(value),
            Some(problem) => {
                let variable = VIRTUALENVWRAPPER_PROJECT_FILENAME.name;
                Err(ConfigError::Value { variable, value: value.to_string_lossy().into_owned(), problem })
            }
        };
    }
    let key = "project_filename";
    match file.text(key).map(|name| (OsString::from(name), problem(name.as_ref()))) {
        Some((name, None)) => return Ok(name),
        Some((_, Some(problem))) => file.reject(key, problem),
        None => {}
    }
    Ok(".project".into())
}

/// What makes environments, and the options that the value of its key holds for this program.
pub(super) fn creator(
    program: Option<OsString>,
    arguments: Option<OsString>,
    file: &mut File,
) -> Result<(Creator, Vec<String>), ConfigError> {
    // Scripts export what they have read; the path may hold blanks.
    if program.as_deref().is_some_and(|program| is_named(program, OWN_CREATOR)) {
        return Ok((Creator::Native, Vec::new()));
    }
    let program = words(VIRTUALENVWRAPPER_VIRTUALENV, program, "creator", file)?;
    if let Some(own) = own_arguments(&program) {
        return Ok((Creator::Native, own.to_vec()));
    }
    let arguments = words(VIRTUALENVWRAPPER_VIRTUALENV_ARGS, arguments, "creator_args", file)?;
    Ok((Creator::Program([program, arguments].concat()), Vec::new()))
}

/// The arguments in the command line of a creator that is this program.
fn own_arguments(words: &[String]) -> Option<&[String]> {
    match words {
        [] => Some(&[]),
        [program] if program == "native" => Some(&[]),
        [program, rest @ ..] if is_named(program.as_ref(), OWN_CREATOR) => Some(rest),
        [program, verb, rest @ ..] if is_named(program.as_ref(), "venvwrap") && verb == "venv" => Some(rest),
        _ => None,
    }
}

fn is_named(program: &OsStr, name: &str) -> bool {
    Path::new(program).file_name() == Some(name.as_ref())
}

/// Options as written, after these words.
pub(super) fn before(words: &[String], options: Option<OsString>) -> Option<OsString> {
    if words.is_empty() {
        return options;
    }
    let mut all = OsString::from(shell_words::join(words));
    if let Some(options) = options {
        all.push(" ");
        all.push(options);
    }
    Some(all)
}

/// The words of a variable, else of a key; none where neither is set.
fn words(
    variable: Variable,
    value: Option<OsString>,
    key: &'static str,
    file: &mut File,
) -> Result<Vec<String>, ConfigError> {
    let problem = "its quotes do not match".to_string();
    if let Some(value) = value {
        let value = value.to_string_lossy().into_owned();
        let variable = variable.name;
        return shell_words::split(&value).map_err(|_| ConfigError::Value { variable, value, problem });
    }
    let Ok(words) = shell_words::split(file.text(key).unwrap_or_default()) else {
        file.reject(key, problem);
        return Ok(Vec::new());
    };
    Ok(words)
}

/// How files get from the cache into environments.
pub(super) fn link_mode(value: Option<&str>) -> LinkMode {
    match value {
        Some("copy") => LinkMode::Copy,
        Some("clone") => LinkMode::Clone,
        _ => LinkMode::Hardlink,
    }
}

/// Whether a Python that is missing is installed.
pub(super) fn install_python(value: Option<&str>) -> InstallPython {
    match value {
        Some("always") => InstallPython::Always,
        Some("never") => InstallPython::Never,
        _ => InstallPython::Ask,
    }
}

/// What installs packages.
pub(super) fn installer(value: Option<&str>) -> Installer {
    match value {
        Some("pip") => Installer::Pip,
        Some("uv") => Installer::Uv,
        _ => Installer::Auto,
    }
}

/// The words of the value of a variable or key, as a shell splits them.
pub(super) fn split(variable: &'static str, value: &OsStr) -> Result<Vec<String>, ConfigError> {
    let value = value.to_string_lossy();
    shell_words::split(&value).map_err(|_| ConfigError::Value {
        variable,
        value: value.to_string(),
        problem: "its quotes do not match".to_string(),
    })
}
