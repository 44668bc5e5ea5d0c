//! Copying an environment, so that nothing in the copy is about the source any more.
//!
//! An environment names its own path in hundreds of files. Each file is read once, looked through for every spelling of
//! that path, rewritten by the rule for its kind, and looked through again: what still names the source is reported. No
//! Python is run. The copy is built in a hidden directory and put into its place in one rename.

mod run;
#[cfg(test)]
mod tests;
mod transfer;
mod tree;

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::{OperationError, from_causes};
use super::find::FindError;
use super::home::HomeError;
use super::lock::LockError;
use crate::env::Environment;
use crate::env::elsewhere::Elsewhere;
use crate::env::health::Health;
use crate::env::name::EnvName;
use crate::fs::PathError;
use crate::relocate::Stale;
use crate::shell::activate::ActivateError;

/// What to copy.
#[derive(Clone, Debug)]
pub enum Source {
    /// An environment of the store.
    Name(OsString),
    /// An environment anywhere; an absolute path.
    Path(PathBuf),
}

/// Called from several threads with the size in bytes of each copied file.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// A finished copy. All paths in the lists are relative to it.
#[derive(Debug)]
pub struct Copied {
    /// The copy.
    pub environment: Environment,
    /// The number of files in it.
    pub files: usize,
    /// The number of files that were rewritten.
    pub rewritten: usize,
    /// Activation scripts that are new because the old ones could not be edited.
    pub regenerated: Vec<PathBuf>,
    /// What is neither a file nor a directory nor a link, and was left out.
    pub skipped: Vec<PathBuf>,
    /// What still names the source, by path.
    pub stale: Vec<(PathBuf, Stale)>,
    /// Whether the copy works; what was broken stays broken.
    pub health: Health,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is nothing to copy.
    #[error(transparent)]
    Source(#[from] FindError),
    /// The path to copy is not there.
    #[error("there is no environment at `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The name is taken.
    #[error("`{name}` already exists")]
    Exists {
        /// The name.
        name: EnvName,
    },
    /// Its compiled files name its path, and only conda can write another one into them.
    #[error("`{}` is an environment of conda, whose compiled files name its path", path.display())]
    Conda {
        /// The source.
        path: PathBuf,
    },
    /// A directory of the source is not in it.
    #[error(transparent)]
    Elsewhere(#[from] Elsewhere),
    /// The store is inside the environment that is to be copied into it.
    #[error("`{}` cannot be copied into itself", path.display())]
    IntoItself {
        /// The source.
        path: PathBuf,
    },
    /// The source was moved or removed in the meantime.
    #[error("`{}` was moved or removed during the copy", path.display())]
    Vanished {
        /// The source.
        path: PathBuf,
    },
    /// No activation script can name the new path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(CopyError: LockError, HomeError, PathError);
