//! Why pip would refuse its configuration, and do nothing.

use std::fmt;
use std::path::PathBuf;

use crate::fs::ini::IniError;

/// pip refuses what it has been told: so nobody may go on as if it had been told nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PipRefusal {
    /// A file cannot be read as settings.
    #[error("pip refuses `{}`: line {} {}", file.display(), error.line, error.problem)]
    File {
        /// The file.
        file: PathBuf,
        /// The line, and what is wrong with it.
        error: IniError,
    },
    /// A value is not one of those that its setting can have.
    #[error("pip refuses {origin}: `{key}` must be {expected}")]
    Value {
        /// Where it is.
        origin: Origin,
        /// The key of the setting.
        key: String,
        /// What would be a value.
        expected: &'static str,
    },
}

/// Where pip was told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// The file.
        file: PathBuf,
        /// The number of the line, from 1.
        line: usize,
    },
    /// By a variable of this name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line } => write!(f, "line {line} of `{}`", file.display()),
            Self::Variable(name) => write!(f, "`{name}`"),
        }
    }
}
