//! Why there is no valid configuration.

use super::problem::FileProblem;
use crate::fs::PathError;

/// Why there is no valid configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A path is relative to the home directory, and there is none.
    #[error("could not resolve {variable}: the home directory is unknown")]
    NoHome {
        /// The variable or key whose value needs it.
        variable: &'static str,
    },
    /// `~user` is for the shell to resolve.
    #[error("{variable} is `{value}`: the home directory of another user must be written in full")]
    OtherUser {
        /// The variable or key.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// A value that is not one of those allowed.
    #[error("{variable} is `{value}`: {problem}")]
    Value {
        /// The variable or key.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The configuration file that a variable names cannot be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// A value that is needed is wrong in the configuration file.
    #[error(transparent)]
    File(#[from] FileProblem),
}
