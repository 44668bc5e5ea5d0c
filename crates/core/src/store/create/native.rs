//! Creating an environment with this program's own means: built complete in a hidden directory, then put into its place
//! in one rename.

use std::path::Path;

use super::{CreateError, CreateRequest, Created, OnExisting, fill, layout, refresh};
use crate::env::metadata::Metadata;
use crate::env::name::EnvName;
use crate::env::project_file;
use crate::env::{Environment, health, is_of_conda};
use crate::fs::{self, PathError};
use crate::store::home::Store;
use crate::store::lock::Lock;
use crate::store::trash::{Keep, Reason};
use crate::wheel::{self, Event, Seeded};

impl Store {
    /// Creates an environment. Until this returns nothing of it is visible; when it fails nothing is left of it.
    pub fn create(
        &self,
        name: &EnvName,
        request: &CreateRequest<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Created, CreateError> {
        self.create_home()?;
        let options = &request.options;
        if options.copies && !request.interpreter.framework.is_empty() {
            return Err(CreateError::NotCopyable { executable: request.interpreter.executable.clone() });
        }
        let lock = match options.existing {
            OnExisting::Replace => self.lock_own(name)?,
            OnExisting::Fail | OnExisting::Keep => self.lock(name)?,
        };
        let environment = Environment::new(name.clone(), lock.target());
        let is_possible = fill::is_possible(self, &environment, request)?;
        let occupied = if is_possible { Occupant::OtherFiles } else { occupant(self, &environment)? };
        let old = self.project_of(&environment).ok().flatten();
        let created = match (occupied, options.existing) {
            (Occupant::Environment, OnExisting::Fail) => return Err(CreateError::Exists { name: name.clone() }),
            (Occupant::Environment, OnExisting::Keep) => {
                refresh::refresh(self, environment.clone(), &lock, request, events)?
            }
            (occupant, _) => {
                let is_filled = match occupant {
                    Occupant::OtherFiles => true,
                    Occupant::EmptyDirectory => self.is_anywhere(),
                    Occupant::Nothing | Occupant::Environment => false,
                };
                if occupant != Occupant::Nothing && !is_filled {
                    self.check_cleared(&environment)?;
                }
                let seeded = build(self, &environment, &lock.staging(), request, events)?;
                if occupant == Occupant::OtherFiles {
                    fill::mark(&lock.staging(), request, self.now())?;
                }
                events(Event::Built);
                let replaced = if occupant == Occupant::Nothing {
                    lock.publish().map_err(|error| taken_meanwhile(error, name))?;
                    None
                } else if is_filled {
                    lock.publish_into().map_err(|error| taken_meanwhile(error, name))?;
                    None
                } else {
                    let is_kept =
                        occupant == Occupant::Environment && Metadata::read(environment.path()).temporary.is_none();
                    let keep = if is_kept { self.keeping(Reason::Clear, Vec::new()) } else { Keep::nothing() };
                    Some(lock.publish_over(&keep)?)
                };
                Created { environment, seeded, replaced, was_kept: false, had_packages: false, beside: Vec::new() }
            }
        };
        self.retitle_kernels(&created.environment);
        self.mirror_creation(&created.environment, old.as_deref(), options.project.as_deref());
        Ok(created)
    }

    /// Fails where something that is no environment has the path of a new one. A directory of other files may become one
    /// outside of the store; whether it does depends on the Python.
    pub fn check_place(&self, name: &EnvName) -> Result<(), CreateError> {
        let environment = self.environment(name.clone());
        if self.is_anywhere() && fill::is_of_others(self, &environment) {
            return Ok(());
        }
        occupant(self, &environment).map(drop)
    }
}

/// Builds the whole environment at `root`, with every path in it naming its final place.
pub(super) fn build(
    store: &Store,
    environment: &Environment,
    root: &Path,
    request: &CreateRequest<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<Seeded, CreateError> {
    layout::write(environment, root, request, store.now())?;
    if let Some(project) = &request.options.project {
        let staged = Environment::new(environment.name().clone(), root.to_path_buf());
        fs::write_new(&store.project_file(&staged), &project_file::content(project)?, 0o666)?;
    }
    let target = wheel::Target { interpreter: request.interpreter, root, final_root: environment.path() };
    let options = &request.options;
    let mut seeded = wheel::seed(&options.seeds, request.sources, &target, store.wheel_cache(), events)?;
    let more = wheel::install_local(&options.wheels, &target, store.wheel_cache())?;
    seeded.distributions.extend(more.distributions);
    seeded.bytecode_missing.extend(more.bytecode_missing);
    Ok(seeded)
}

/// What has the path of the environment that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occupant {
    Nothing,
    EmptyDirectory,
    /// They stay, and the environment comes among them.
    OtherFiles,
    Environment,
}

pub(super) fn occupant(store: &Store, environment: &Environment) -> Result<Occupant, CreateError> {
    let path = || environment.path().to_path_buf();
    match std::fs::symlink_metadata(environment.path()) {
        Err(_) => Ok(Occupant::Nothing),
        Ok(found) if found.is_symlink() => Err(CreateError::Link { path: path() }),
        Ok(_) if environment.looks_like_one() && is_of_conda(environment.path()) => {
            Err(CreateError::Conda { path: path() })
        }
        // In the store it is kept, whatever it is.
        Ok(found)
            if found.is_dir()
                && environment.looks_like_one()
                && (!store.is_anywhere() || health::is_evident(environment)) =>
        {
            Ok(Occupant::Environment)
        }
        Ok(found) if found.is_dir() && Lock::has_empty_target(store.home(), environment.name()) => {
            Ok(Occupant::EmptyDirectory)
        }
        Ok(_) => Err(CreateError::Occupied { path: path() }),
    }
}

fn taken_meanwhile(error: PathError, name: &EnvName) -> CreateError {
    if error.source.kind() == std::io::ErrorKind::AlreadyExists {
        CreateError::Exists { name: name.clone() }
    } else {
        error.into()
    }
}
