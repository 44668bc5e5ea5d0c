//! Rebuilding an environment: a new one is built and filled next to the old one, then takes its place in one step.

use std::path::{Path, PathBuf};

use super::carry::{Carried, carry};
use super::carry_package;
use super::native::{Occupant, build, occupant};
use super::{CreateError, CreateRequest, fill, relocatable, scripts};
use crate::env::Environment;
use crate::env::distributions::Distribution;
use crate::env::health;
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::fs;
use crate::relocate::installed;
use crate::store::find::FindError;
use crate::store::home::Store;
use crate::store::kernels::Retitled;
use crate::store::trash::{Keep, Put, Reason};
use crate::wheel::Event;

/// Where the versions of all others are while newer ones are looked for.
const LIMITS: &str = ".venvwrap-limits.txt";

/// A new environment that is not in its place yet.
#[derive(Debug)]
pub struct Staged {
    /// The environment where it is built. Its Python runs, and packages can be installed into it.
    pub environment: Environment,
    /// The environment that it will replace.
    pub old: Environment,
    /// What was taken over from that.
    pub carried: Carried,
}

/// A rebuilt environment.
#[derive(Debug)]
pub struct Rebuilt {
    /// The environment.
    pub environment: Environment,
    /// What has become of the old one.
    pub replaced: Put,
    /// What was taken over from it.
    pub carried: Carried,
    /// Its Jupyter kernels that named its old Python.
    pub kernels: Retitled,
}

/// Why an environment is still the old one.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is none.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It has its Python inside, which none of the machine can replace.
    #[error("`{name}` has its Python inside, and no base Python")]
    OwnPython {
        /// Its name.
        name: EnvName,
    },
    /// No new one can be built, or it cannot take the place of the old one.
    #[error(transparent)]
    Create(#[from] CreateError),
}

impl Staged {
    /// Takes a package over from the old environment as it is installed there.
    pub fn carry_package(&self, package: &Distribution) -> fs::PathResult<()> {
        carry_package::carry(self.old.path(), self.environment.path(), &package.info)
    }

    /// Lets `install` read a file with these lines, which is removed afterwards.
    pub fn with_limits<T>(&self, lines: &str, install: impl FnOnce(&Path) -> T) -> fs::PathResult<T> {
        let file = self.environment.path().join(LIMITS);
        fs::write_new(&file, lines.as_bytes(), 0o600)?;
        let installed = install(&file);
        fs::remove_tree(&file)?;
        Ok(installed)
    }

    /// Where a path inside the old environment is in the new one, as long as that is not in its place.
    pub fn path_of(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(self.old.path()).ok().map(|inside| self.environment.path().join(inside))
    }
}

impl Store {
    /// Fails if an environment cannot be built again with another Python, or is not this user's to build.
    pub fn check_rebuild(&self, environment: &Environment) -> Result<(), RebuildError> {
        self.check_owner(environment.path()).map_err(CreateError::from)?;
        if health::brings_python(environment) && !health::is_of_old_virtualenv(environment) {
            return Err(RebuildError::OwnPython { name: environment.name().clone() });
        }
        Ok(self.check_replaced(environment)?)
    }

    /// Builds an environment again from its options, with the user's files in the old one. `fill` installs the packages
    /// and returns whether all is well; if not, nothing has changed, and the result is none. The old one is kept, with the
    /// reason, unless it was temporary.
    pub fn rebuild(
        &self,
        name: &EnvName,
        request: &CreateRequest<'_>,
        reason: Reason,
        events: &mut dyn FnMut(Event),
        fill: &mut dyn FnMut(&Staged) -> bool,
    ) -> Result<Option<Rebuilt>, RebuildError> {
        self.check().map_err(CreateError::from)?;
        let lock = self.lock_own(name).map_err(CreateError::from)?;
        let environment = Environment::new(name.clone(), lock.target());
        match occupant(self, &environment)? {
            Occupant::Environment => {}
            Occupant::Nothing | Occupant::EmptyDirectory | Occupant::OtherFiles => {
                return Err(self.not_found(name.clone()).map_err(CreateError::from)?.into());
            }
        }
        self.check_rebuild(&environment)?;
        let root = lock.staging();
        build(self, &environment, &root, request, events)?;
        let is_relocatable = relocatable::is_one(&environment);
        if is_relocatable {
            relocatable::prepare(&environment, &root, &request.options)?;
        }
        let mut carried = carry(environment.path(), &root).map_err(CreateError::from)?;
        carried.beside = scripts::carry(&environment, &root).map_err(CreateError::from)?;
        note(&environment, &root, request).map_err(CreateError::from)?;
        fill::show(self, &environment, &root).map_err(CreateError::from)?;
        let staged =
            Staged { environment: Environment::new(name.clone(), root.clone()), old: environment.clone(), carried };
        if !fill(&staged) {
            return Ok(None);
        }
        installed::relocate(&root, environment.path()).map_err(CreateError::from)?;
        if is_relocatable {
            installed::loosen(&root, environment.path()).map_err(CreateError::from)?;
        }
        let is_kept = Metadata::read(environment.path()).temporary.is_none();
        let keep = if is_kept { self.keeping(reason, Vec::new()) } else { Keep::nothing() };
        let replaced = lock.publish_over(&keep).map_err(CreateError::from)?;
        let kernels = self.retitle_kernels(&environment);
        Ok(Some(Rebuilt { environment, replaced, carried: staged.carried, kernels }))
    }
}

/// It was created when the old one was, and is as temporary.
fn note(old: &Environment, root: &Path, request: &CreateRequest<'_>) -> fs::PathResult<()> {
    let known = Metadata::read(old.path());
    let requested_python = request.options.requested_python.clone().or(known.requested_python);
    let noted = Metadata {
        created: known.created,
        version: Some(env!("CARGO_PKG_VERSION").to_string()),
        requested_python,
        temporary: known.temporary,
        path: known.path,
        left: known.left,
        filled: known.filled,
        bare: known.bare,
    };
    fs::replace_file(&metadata::path(root), noted.to_toml().as_bytes(), 0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_python_that_has_no_base_stands_in_the_way() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("api");
        std::fs::create_dir_all(root.join("lib/python3.8/site-packages")).unwrap();
        std::fs::create_dir(root.join("bin")).unwrap();
        std::fs::copy("/bin/sh", root.join("bin/python")).unwrap();
        for path in ["lib/python3.8/os.py", "bin/activate"] {
            std::fs::write(root.join(path), "").unwrap();
        }
        let store = Store::at(place.path().to_path_buf());
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), root.clone());
        assert!(matches!(store.check_rebuild(&environment), Err(RebuildError::OwnPython { .. })));
        assert!(!health::shows_system_by_old_virtualenv(&environment));
        // As virtualenv before 20 makes it.
        std::fs::write(root.join("lib/python3.8/orig-prefix.txt"), "/usr").unwrap();
        assert!(store.check_rebuild(&environment).is_ok());
        assert!(health::shows_system_by_old_virtualenv(&environment));
        std::fs::write(root.join("lib/python3.8/no-global-site-packages.txt"), "").unwrap();
        assert!(!health::shows_system_by_old_virtualenv(&environment));
    }
}
