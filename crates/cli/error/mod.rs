//! What a failed command reports: the error and its causes, a hint, and the status to exit with.
//!
//! Each error enum says in [`Explain`] what the user can do about each of its variants, without a wildcard, so that a new
//! variant does not compile before its hint is decided. Those of the library are explained in the files here, one for
//! each of its folders; those of the program next to their definition.

mod bundle;
pub(crate) mod called;
mod config;
mod env;
mod pack;
mod project;
mod python;
pub(crate) mod shell;
mod snapshot;
mod store;
mod system;
#[cfg(test)]
mod tests;
mod wheel;

use std::path::PathBuf;

pub(crate) use self::bundle::CREDENTIALS;
pub(crate) use self::env::{by_name, examines, is_active, name_at, quoted, quoted_word};
pub(crate) use self::store::{hint_among_files, kept_by_others};
pub(crate) use self::system::quoted as quoted_path;

use venvwrap_core::env::name::EnvName;

/// The result of a command, or of a step of one.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// The status of a command that failed.
pub(crate) const FAILED: u8 = 1;
/// The status of a command that was misused.
pub(crate) const MISUSED: u8 = 2;

/// An error with everything that is reported about it.
#[derive(Debug)]
pub(crate) struct Error {
    cause: anyhow::Error,
    hint: Option<String>,
    status: u8,
    familiar: Option<Familiar>,
    is_interruption: bool,
}

impl Error {
    /// Returns the error and its causes, the outermost first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
        self.cause.chain()
    }

    /// Returns what the user can do about it.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the status to exit with.
    pub(crate) fn status(&self) -> u8 {
        self.status
    }

    /// Returns the error with another hint, for what only the command knows.
    pub(crate) fn with_hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Returns the error with another status, for a command whose status 1 says what it found.
    pub(crate) fn with_status(self, status: u8) -> Self {
        Self { status, ..self }
    }

    /// Returns whether nothing went wrong: the user has ended the command.
    pub(crate) fn is_interruption(&self) -> bool {
        self.is_interruption
    }

    /// Returns the failure for which virtualenvwrapper has its own line, if it is one.
    pub(crate) fn familiar(&self) -> Option<&Familiar> {
        self.familiar.as_ref()
    }
}

/// What is known about an error beyond its text.
pub(crate) trait Explain: std::error::Error + Send + Sync + 'static {
    /// Returns what the user can do about it, for the object that failed.
    fn hint(&self) -> Option<String>;

    /// Returns the status that a command exits with because of it.
    fn status(&self) -> u8 {
        FAILED
    }

    /// Returns the failure for which virtualenvwrapper has its own line, if it is one.
    fn familiar(&self) -> Option<Familiar> {
        None
    }

    /// Returns whether it is the line that tells what an interruption leaves.
    fn is_interruption(&self) -> bool {
        false
    }
}

impl<E: Explain> From<E> for Error {
    fn from(error: E) -> Self {
        let (hint, status, familiar) = (error.hint(), error.status(), error.familiar());
        let is_interruption = error.is_interruption();
        Self { cause: error.into(), hint, status, familiar, is_interruption }
    }
}

/// Says what failed because of an error; the hint and the status stay those of the error. An interruption is no failure:
/// whenever it comes, its line is the same.
pub(crate) trait Context<T> {
    /// Puts a text such as "could not remove `web`" in front of the error.
    fn with_context(self, text: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn with_context(self, text: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| {
            let error = error.into();
            if error.is_interruption {
                return error;
            }
            Error { cause: error.cause.context(text()), ..error }
        })
    }
}

/// A failure that virtualenvwrapper reports in its own words, which `functions/words.rs` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Familiar {
    /// No environment has this name.
    NotFound {
        /// The name.
        name: EnvName,
        /// Whether the hint suggests a similar one.
        has_nearest: bool,
    },
    /// A directory of the store is no environment.
    NotAnEnvironment(PathBuf),
    /// An environment has no activation script.
    NoScript(PathBuf),
    /// The environment to remove is the active one.
    Active(EnvName),
    /// There is no active environment.
    NoneActive,
    /// The project to associate is not a directory.
    NotADirectory(PathBuf),
    /// The program that creates environments could not be started.
    NoProgram(String),
    /// `PROJECT_HOME` is not set.
    ProjectHomeUnset,
    /// `PROJECT_HOME` does not exist.
    ProjectHomeMissing(PathBuf),
    /// The project directory exists.
    ProjectExists(PathBuf),
}

impl Explain for serde_json::Error {
    fn hint(&self) -> Option<String> {
        None
    }
}
