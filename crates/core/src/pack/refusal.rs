//! Why an archive is not unpacked.

use std::path::PathBuf;

use super::untar::ArchiveProblem;
use crate::env::name::NameError;
use crate::env::pyvenv_cfg::SetError;
use crate::fs::PathError;
use crate::shell::activate::ActivateError;
use crate::store::error::from_causes;
use crate::store::lock::LockError;
use crate::store::{HomeError, OperationError};

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It is no archive.
    #[error("`{}` is not an archive", path.display())]
    NotAnArchive {
        /// The file.
        path: PathBuf,
    },
    /// It is compressed in a way that is not read.
    #[error("`{}` is compressed by {program}, which venvwrap does not read", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// The program that compresses so.
        program: &'static str,
    },
    /// Something in it is wrong.
    #[error("`{}` was not unpacked: {problem}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What.
        problem: ArchiveProblem,
    },
    /// It holds something else.
    #[error("`{}` holds no environment: it has neither `pyvenv.cfg` nor `bin/activate`", path.display())]
    NotAnEnvironment {
        /// The file.
        path: PathBuf,
    },
    /// It was made by conda.
    #[error("`{}` holds a conda environment", path.display())]
    Conda {
        /// The file.
        path: PathBuf,
    },
    /// Its manifest is of another version of this program.
    #[error("`{}` was written by another version of venvwrap", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
    },
    /// It is for another Python.
    #[error("the packages are for {wanted}, not {found}")]
    OtherPython {
        /// The Python that they are for.
        wanted: String,
        /// The one that was chosen.
        found: String,
    },
    /// It is for another machine.
    #[error("the packages are for {wanted}, and this machine is {here}")]
    OtherMachine {
        /// The machine that they are for.
        wanted: String,
        /// This one.
        here: String,
    },
    /// It needs a newer system.
    #[error("the packages need glibc {needed}, and this machine has {here}")]
    OldGlibc {
        /// The version that they need.
        needed: String,
        /// The version that is here.
        here: String,
    },
    /// The name is taken.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// It is too large for the disk.
    #[error("there is not enough space: {needed} MB are needed, {free} MB are free")]
    NoSpace {
        /// How much it needs.
        needed: u64,
        /// How much there is.
        free: u64,
    },
    /// The directory has no name that an environment can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No activation script can name the path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// A value cannot be written into `pyvenv.cfg`.
    #[error(transparent)]
    Configuration(#[from] SetError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(UnpackError: LockError, HomeError, PathError);
