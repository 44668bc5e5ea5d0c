//! Why an environment is not repaired.

use std::path::PathBuf;

use crate::env::name::EnvName;
use crate::env::pyvenv_cfg::SetError;
use crate::fs::PathError;
use crate::shell::activate::ActivateError;
use crate::store::error::{OperationError, from_causes};
use crate::store::find::FindError;
use crate::store::home::HomeError;
use crate::store::lock::LockError;

/// Why an environment was not repaired.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// There is no such environment.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It is a link to an environment that another tool keeps.
    #[error("`{name}` is a link to `{}`", target.display())]
    Link {
        /// The name.
        name: EnvName,
        /// Where it leads.
        target: PathBuf,
    },
    /// It is no environment that could be repaired.
    #[error("`{name}` has no `pyvenv.cfg`")]
    NoConfiguration {
        /// The name.
        name: EnvName,
    },
    /// Its programs are gone.
    #[error("`{name}` has no `bin`")]
    NoPrograms {
        /// The name of the environment.
        name: EnvName,
        /// The version that its packages are for.
        version: Option<String>,
        /// Whether there are packages.
        has_packages: bool,
    },
    /// Its programs are not in it.
    #[error("`bin` of `{name}` is a link that leads out of it, to `{}`", target.display())]
    ProgramsElsewhere {
        /// Its name.
        name: EnvName,
        /// Where the link leads.
        target: PathBuf,
    },
    /// A script is not in it, and names the path that it had.
    #[error("`{}` of `{name}` is a link that leads out of it, to `{}`", link.display(), target.display())]
    ScriptElsewhere {
        /// Its name.
        name: EnvName,
        /// The link, relative to the environment.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Its packages are gone, all at once.
    #[error("the packages of `{name}` are gone: there is no `lib/python{version}/site-packages`")]
    NoPackages {
        /// The name of the environment.
        name: EnvName,
        /// The version that it is for.
        version: String,
    },
    /// No Python of its version is left.
    #[error("Python {version} is gone from this machine")]
    NoPython {
        /// The name of the environment.
        name: EnvName,
        /// The version that its packages are for.
        version: String,
        /// The nearest version that is there.
        nearest: Option<String>,
    },
    /// No activation script can name its path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// A value cannot be written into `pyvenv.cfg`.
    #[error(transparent)]
    Configuration(#[from] SetError),
    /// The system or a lock is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(RepairError: LockError, HomeError, PathError);
