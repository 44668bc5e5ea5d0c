//! Why an archive is not unpacked.

use std::path::PathBuf;

use super::problem::ArchiveProblem;
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
    #[error("could not read `{}`: {problem}", path.display())]
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
    /// It holds an environment without packages.
    #[error("`{}` holds an environment without `lib/pythonX.Y/site-packages`", path.display())]
    NoLibrary {
        /// The file.
        path: PathBuf,
    },
    /// Next to the environment there is something else.
    #[error("`{}` holds more than an environment: {stray:?} is not in {environment:?}", path.display())]
    Stray {
        /// The file.
        path: PathBuf,
        /// The directory of the environment.
        environment: PathBuf,
        /// What is not in it.
        stray: PathBuf,
    },
    /// It was made by conda, but not packed by conda-pack, or for one place only.
    #[error("`{}` holds a conda environment, but not what conda-pack notes about its paths", path.display())]
    Conda {
        /// The file.
        path: PathBuf,
    },
    /// It was made by conda, for other programs than Python.
    #[error("`{}` holds a conda environment without Python", path.display())]
    CondaWithoutPython {
        /// The file.
        path: PathBuf,
    },
    /// Compiled files have no room for the path.
    #[error(
        "`{}` has {length} bytes, and compiled files such as `{}` have room for {room}",
        path.display(),
        file.display()
    )]
    LongDestination {
        /// The path.
        path: PathBuf,
        /// Its length.
        length: usize,
        /// How long it may be.
        room: usize,
        /// A file that has no more room.
        file: PathBuf,
    },
    /// The system would not run what is changed without being signed again.
    #[error("`{}` would have to be signed again for its new place", file.display())]
    Unsigned {
        /// A compiled file.
        file: PathBuf,
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
    /// It is for a Python that environments are not created for.
    #[error("it is for Python {python}, and venvwrap unpacks environments of Python 3.8 and later")]
    TooOld {
        /// The version.
        python: String,
    },
    /// A Python was chosen for what has one.
    #[error("`{}` has its Python inside", path.display())]
    OwnPython {
        /// The file.
        path: PathBuf,
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
