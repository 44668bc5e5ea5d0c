//! Creating an environment: what is asked for, what comes of it, and why it failed.

mod beforehand;
mod by_product;
mod carry;
mod carry_package;
mod copies;
mod extent;
mod fill;
mod foreign;
mod generated;
mod interpreters;
mod layout;
mod native;
mod rebuild;
mod refresh;
mod relocatable;
mod scripts;

use std::path::PathBuf;

pub use self::carry::Carried;
pub use self::extent::{is_replaceable, others_in_own, own};
pub use self::foreign::{ForeignError, ForeignRequest};
pub use self::rebuild::{RebuildError, Rebuilt, Staged};

pub(crate) use self::copies::{copied_names, renew};
pub(crate) use self::layout::link_names;

use super::error::{OperationError, from_causes};
use super::home::HomeError;
use super::lock::LockError;
use super::trash::Put;
use crate::env::Environment;
use crate::env::metadata::Owner;
use crate::env::name::EnvName;
use crate::env::project_file::ProjectError;
use crate::env::pyvenv_cfg::SetError;
use crate::fs::PathError;
use crate::fs::mount_table::{MountError, Mounted};
use crate::fs::text::enumerated;
use crate::python::Interpreter;
use crate::shell::activate::{ActivateError, Script};
use crate::wheel::{LocalError, LocalWheel, Project, SeedError, SeedRequest, Seeded, Sources};

/// What to create an environment from.
#[derive(Clone, Debug)]
pub struct CreateRequest<'a> {
    /// The base interpreter.
    pub interpreter: &'a Interpreter,
    /// Where wheels come from.
    pub sources: &'a Sources,
    /// What kind of environment to create.
    pub options: CreateOptions,
}

/// What kind of environment to create.
#[derive(Clone, Debug)]
pub struct CreateOptions {
    /// What the shell's prompt shows; the name when not given.
    pub prompt: Option<String>,
    /// Whether the packages of the base interpreter are visible.
    pub system_site_packages: bool,
    /// Whether the interpreter is copied instead of linked.
    pub copies: bool,
    /// What to do when the name is taken.
    pub existing: OnExisting,
    /// What to install from wheels.
    pub seeds: Vec<SeedRequest>,
    /// Wheels to install after that, whatever they are.
    pub wheels: Vec<LocalWheel>,
    /// The activation scripts to write.
    pub activators: Vec<Script>,
    /// Whether version control is told to ignore the environment.
    pub vcs_ignore: bool,
    /// The Python that was asked for, as it was written.
    pub requested_python: Option<String>,
    /// The shell for which a temporary environment is made.
    pub owner: Option<Owner>,
    /// The project directory to associate; absolute.
    pub project: Option<PathBuf>,
}

impl Default for CreateOptions {
    /// An environment without any packages, for a name that is free.
    fn default() -> Self {
        Self {
            prompt: None,
            system_site_packages: false,
            copies: false,
            existing: OnExisting::Fail,
            seeds: Vec::new(),
            wheels: Vec::new(),
            activators: Script::ALL.to_vec(),
            vcs_ignore: true,
            requested_python: None,
            owner: None,
            project: None,
        }
    }
}

/// What to do when the name is taken by an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExisting {
    /// Fail.
    Fail,
    /// Keep it with its packages; renew its links, configuration and scripts.
    Keep,
    /// Replace it by a new one.
    Replace,
}

/// A finished environment.
#[derive(Debug)]
pub struct Created {
    /// The environment.
    pub environment: Environment,
    /// What was installed into it.
    pub seeded: Seeded,
    /// What has become of the environment that was replaced.
    pub replaced: Option<Put>,
    /// Whether it was there before and has been renewed.
    pub was_kept: bool,
    /// Whether it had packages before.
    pub had_packages: bool,
    /// Activation scripts that the user may have changed and that were renewed: the old ones are kept, beside those.
    pub beside: Vec<PathBuf>,
}

/// Why there is no new environment.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is taken by an environment.
    #[error("`{name}` already exists")]
    Exists {
        /// The name.
        name: EnvName,
    },
    /// The name is taken by something that is no environment.
    #[error("`{}` exists and is not an environment", path.display())]
    Occupied {
        /// Its path.
        path: PathBuf,
    },
    /// The name is a link; what it points to is not ours to change.
    #[error("`{}` is a link", path.display())]
    Link {
        /// Its path.
        path: PathBuf,
    },
    /// A directory inside the existing environment is a link to elsewhere.
    #[error("`{}` is not a directory inside the environment", path.display())]
    Foreign {
        /// Its path.
        path: PathBuf,
    },
    /// The existing environment is for another version of Python.
    #[error("`{name}` exists and is for Python {existing}, not {requested}")]
    OtherPython {
        /// The name.
        name: EnvName,
        /// The version of the existing environment.
        existing: String,
        /// The version that was asked for.
        requested: String,
    },
    /// The existing environment has another version of pip or setuptools.
    #[error("it has {project} {existing}, not {requested}")]
    OtherSeed {
        /// The environment.
        environment: PathBuf,
        /// What it is.
        project: Project,
        /// Its version.
        existing: String,
        /// The version that was asked for.
        requested: String,
    },
    /// The home directory of the user, or the store, would be replaced with it.
    #[error("cannot replace `{}`: it holds `{}`", path.display(), held.display())]
    Holds {
        /// What was to be replaced.
        path: PathBuf,
        /// What is in it.
        held: PathBuf,
    },
    /// Conda made what is there.
    #[error("`{}` is an environment of conda", path.display())]
    Conda {
        /// The directory.
        path: PathBuf,
    },
    /// The directory held other files before it became an environment, or holds some: they would be replaced with it.
    #[error("`{}` {}", path.display(), of_others(others))]
    Filled {
        /// The directory.
        path: PathBuf,
        /// The files, where they are known; relative to the directory.
        others: Vec<PathBuf>,
    },
    /// This interpreter cannot be copied.
    #[error("the interpreter `{}` cannot be copied: it only works where it is", executable.display())]
    NotCopyable {
        /// The interpreter.
        executable: PathBuf,
    },
    /// No activation script can be written for this path or prompt.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// A value cannot be written into `pyvenv.cfg`.
    #[error(transparent)]
    Configuration(#[from] SetError),
    /// Pip or another seed cannot be installed.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// A wheel cannot be installed.
    #[error(transparent)]
    Wheel(#[from] LocalError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// Something is mounted in the environment that is to be replaced.
    #[error(transparent)]
    Mounted(#[from] Mounted),
}

/// What is said of other files: up to three are named.
fn of_others(others: &[PathBuf]) -> String {
    let Some(rest) = others.len().checked_sub(1) else {
        return "held other files before it became an environment, and they would go with it".into();
    };
    let mut shown: Vec<_> = others.iter().take(3).map(|name| format!("`{}`", name.display())).collect();
    if rest > 2 {
        shown.push(format!("{} more", rest - 2));
    }
    let are = if others.len() == 1 { "is" } else { "are" };
    format!("holds {}, which {are} not the environment's and would go with it", enumerated(&shown, "and"))
}

from_causes!(CreateError: LockError, HomeError, ProjectError, PathError);

impl From<MountError> for CreateError {
    fn from(error: MountError) -> Self {
        match error {
            MountError::Mounted(error) => error.into(),
            MountError::Path(error) => error.into(),
        }
    }
}
