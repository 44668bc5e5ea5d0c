//! What is refused whatever comes of the Python that is still to be installed.

use super::native::{Occupant, occupant};
use super::{CreateError, CreateOptions, OnExisting, extent, fill, layout, refresh};
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::fs::mount_table;
use crate::python::Missing;
use crate::store::home::Store;
use crate::store::remove::RemoveOptions;

impl Store {
    /// Fails where an environment of this name would be refused with every Python that is meant by one that is missing.
    pub fn check_before_python(
        &self,
        name: &EnvName,
        options: &CreateOptions,
        missing: &Missing,
    ) -> Result<(), CreateError> {
        self.check_for_new()?;
        let environment = self.environment(name.clone());
        layout::scripts(&environment, options)?;
        if self.is_anywhere() && fill::is_of_others(self, &environment) {
            return Ok(());
        }
        if occupant(self, &environment)? != Occupant::Environment {
            return Ok(());
        }
        match options.existing {
            OnExisting::Fail => Err(CreateError::Exists { name: name.clone() }),
            OnExisting::Keep => {
                refresh::check_libraries(&environment, |library| missing.may_use(library), &missing.to_string())?;
                refresh::check_seeds(&environment, &options.seeds)
            }
            OnExisting::Replace => self.check_cleared(&environment),
        }
    }

    /// Fails where something would go with an environment that is replaced by a new one. Outside of the store nothing is
    /// kept.
    pub(super) fn check_cleared(&self, environment: &Environment) -> Result<(), CreateError> {
        self.check_replaced(environment)?;
        let others = if self.is_anywhere() { extent::others(environment)? } else { Vec::new() };
        let path = environment.path().to_path_buf();
        if others.is_empty() { Ok(()) } else { Err(CreateError::Filled { path, others }) }
    }

    /// Fails where something in an environment that is to be replaced would go with it.
    pub(super) fn check_replaced(&self, environment: &Environment) -> Result<(), CreateError> {
        if let Some(held) = self.held_in(environment.path(), &RemoveOptions::default()) {
            return Err(CreateError::Holds { path: environment.path().to_path_buf(), held });
        }
        fill::check(environment)?;
        Ok(mount_table::check(environment.path())?)
    }
}
