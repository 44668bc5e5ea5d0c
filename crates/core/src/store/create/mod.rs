//! Making an environment: built complete in a hidden directory, then put into its place in one rename.

mod copies;
mod foreign;
mod layout;
mod refresh;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use self::foreign::{Foreign, ForeignError};

use crate::env::Environment;
use crate::env::metadata::Owner;
use crate::env::name::EnvName;
use crate::env::project_file::ProjectError;
use crate::env::pyvenv_cfg::SetError;
use crate::fs::PathError;
use crate::python::Interpreter;
use crate::shell::activate::{ActivateError, Script};
use crate::store::lock::{Lock, LockError};
use crate::store::trash::Trash;
use crate::store::{HomeError, Store};
use crate::wheel::{self, Event, SeedError, SeedRequest, Seeded, Sources};

/// What kind of environment to make.
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
    /// The name of the file for the association.
    pub project_filename: OsString,
    /// When this is, in seconds since 1970.
    pub now: u64,
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

/// What one creation needs beside the options.
pub struct Context<'a> {
    /// The base interpreter.
    pub interpreter: &'a Interpreter,
    /// Where wheels come from.
    pub sources: &'a Sources,
    /// Where unpacked wheels are kept, if anywhere.
    pub cache_dir: Option<&'a Path>,
    /// The user's home directory, which cannot be the store.
    pub user_home: Option<&'a Path>,
}

/// A finished environment.
#[derive(Debug)]
pub struct Created {
    /// The environment.
    pub environment: Environment,
    /// What was installed into it.
    pub seeded: Seeded,
    /// The environment that was replaced; its files are still to be deleted.
    pub replaced: Option<Trash>,
    /// Whether it was there before and has been renewed.
    pub was_kept: bool,
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
    /// The project directory cannot be associated.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Pip or another seed cannot be installed.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// Another process is making it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Store {
    /// Makes an environment. Until this returns nothing of it is visible; when it fails nothing is left of it.
    pub fn create(
        &self,
        name: &EnvName,
        context: &Context<'_>,
        options: &CreateOptions,
        events: &mut dyn FnMut(Event),
    ) -> Result<Created, CreateError> {
        self.create_home(context.user_home)?;
        if options.copies && !context.interpreter.framework.is_empty() {
            return Err(CreateError::NotCopyable { executable: context.interpreter.executable.clone() });
        }
        let lock = self.lock(name)?;
        let environment = Environment::new(name.clone(), lock.target());
        let occupied = occupant(&environment)?;
        match (occupied, options.existing) {
            (Occupant::Environment, OnExisting::Fail) => Err(CreateError::Exists { name: name.clone() }),
            (Occupant::Environment, OnExisting::Keep) => refresh::refresh(environment, &lock, context, options, events),
            (occupant, _) => {
                let seeded = build(&environment, &lock.staging(), context, options, events)?;
                let replaced = if occupant == Occupant::Nothing {
                    lock.publish().map_err(|error| taken_meanwhile(error, name))?;
                    None
                } else {
                    Some(lock.publish_over()?)
                };
                Ok(Created { environment, seeded, replaced, was_kept: false })
            }
        }
    }
}

/// Builds the whole environment at `root`, with every path in it naming its final place.
fn build(
    environment: &Environment,
    root: &Path,
    context: &Context<'_>,
    options: &CreateOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Seeded, CreateError> {
    layout::write(environment, root, context.interpreter, options)?;
    if let Some(project) = &options.project {
        crate::fs::write_new(
            &root.join(&options.project_filename),
            &crate::env::project_file::content(project)?,
            0o666,
        )?;
    }
    let target = wheel::Target { interpreter: context.interpreter, root, final_root: environment.path() };
    Ok(wheel::seed(&options.seeds, context.sources, &target, context.cache_dir, events)?)
}

/// What has the path of the environment that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Occupant {
    Nothing,
    EmptyDirectory,
    Environment,
}

fn occupant(environment: &Environment) -> Result<Occupant, CreateError> {
    let path = || environment.path().to_path_buf();
    match std::fs::symlink_metadata(environment.path()) {
        Err(_) => Ok(Occupant::Nothing),
        Ok(found) if found.is_symlink() => Err(CreateError::Link { path: path() }),
        Ok(found) if found.is_dir() && environment.looks_like_one() => Ok(Occupant::Environment),
        Ok(found) if found.is_dir() && is_empty(environment.path()) => Ok(Occupant::EmptyDirectory),
        Ok(_) => Err(CreateError::Occupied { path: path() }),
    }
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

fn taken_meanwhile(error: PathError, name: &EnvName) -> CreateError {
    if error.source.kind() == std::io::ErrorKind::AlreadyExists {
        CreateError::Exists { name: name.clone() }
    } else {
        error.into()
    }
}

/// Makes the lock available to the parts of this module.
type Held<'a> = &'a Lock;
