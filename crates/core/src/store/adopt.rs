//! Adopting an environment that another tool keeps elsewhere: the store gets a link to it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{OperationError, from_causes};
use super::home::{HomeError, Store};
use super::lock::LockError;
use crate::env::generated::{before_hash_of_pipenv, before_hash_of_poetry, is_poetrys_for};
use crate::env::name::EnvName;
use crate::env::{self, Environment};
use crate::fs::{PathContext, PathError};

/// Names that say nothing about the project: the name of its directory is taken instead.
const GENERIC: [&str; 4] = [".venv", "venv", "env", "virtualenv"];

/// Why an environment was not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// Something has that path already.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// What is to be adopted is not there.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// Its path.
        path: PathBuf,
    },
    /// What is to be adopted is no environment.
    #[error("`{}` is not an environment: it has neither `pyvenv.cfg` nor `bin/activate`", path.display())]
    NotAnEnvironment {
        /// Its path.
        path: PathBuf,
    },
    /// conda has its own way to activate.
    #[error("`{}` is an environment of conda, which no activate script can activate", path.display())]
    Conda {
        /// Its path.
        path: PathBuf,
    },
    /// It is in the store already.
    #[error("`{}` is already in WORKON_HOME", path.display())]
    Own {
        /// Its path.
        path: PathBuf,
    },
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(AdoptError: LockError, HomeError, PathError);

/// Returns the name that an environment elsewhere gets unless the user chooses one: that of its directory, or of the
/// directory above where the first says nothing, as in `web/.venv`; without the hash that poetry and pipenv add.
pub fn derived_name(env: &Path) -> &OsStr {
    let last = env.file_name().unwrap_or_default();
    if GENERIC.iter().any(|generic| *generic == last) {
        env.parent().and_then(Path::file_name).unwrap_or_default()
    } else {
        last.to_str().and_then(without_hash).map_or(last, OsStr::new)
    }
}

/// The name of the project in a name that poetry or pipenv has made up.
fn without_hash(name: &str) -> Option<&str> {
    before_hash_of_poetry(name).or_else(|| before_hash_of_pipenv(name))
}

/// Returns the directory that poetry has made an environment for, if it is among these: it writes it down nowhere.
pub fn project_of_poetry<'a>(env: &Path, mut directories: impl Iterator<Item = &'a Path>) -> Option<&'a Path> {
    let name = env.file_name()?.to_str()?;
    directories.find(|directory| is_poetrys_for(name, directory) && directory.join("pyproject.toml").is_file())
}

/// Fails where nothing is that could be adopted.
pub fn check_there(env: &Path) -> Result<(), AdoptError> {
    match env.metadata() {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(AdoptError::Missing { path: env.to_path_buf() })
        }
        Err(error) => Ok(Err(error).at("read", env)?),
    }
}

impl Store {
    /// Puts a link to an environment into the store, which is created if it is missing. Whatever has the name stays.
    pub fn adopt(&self, env: &Path, name: &EnvName) -> Result<Environment, AdoptError> {
        if !env::is_environment(env) {
            env::check_readable(env)?;
        }
        check_there(env)?;
        if env::is_of_conda(env) {
            return Err(AdoptError::Conda { path: env.to_path_buf() });
        }
        if !env::is_environment(env) {
            return Err(AdoptError::NotAnEnvironment { path: env.to_path_buf() });
        }
        let real = env.canonicalize().at("resolve", env)?;
        if self.holds(&real) {
            return Err(AdoptError::Own { path: env.to_path_buf() });
        }
        self.create_home()?;
        let _lock = self.lock(name)?;
        let environment = self.environment(name.clone());
        let path = environment.path();
        // Making a link fails where something is, also a link that leads nowhere.
        match std::os::unix::fs::symlink(&real, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(AdoptError::Exists { path: path.to_path_buf() });
            }
            other => other.at("link", path)?,
        }
        self.mirror_arrival(&environment);
        Ok(environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Store, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("p/.venv");
        std::fs::create_dir_all(&env).unwrap();
        std::fs::create_dir(root.path().join("envs")).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), "").unwrap();
        let store = Store::at(root.path().join("envs"));
        (root, store, env)
    }

    fn name(text: &str) -> EnvName {
        EnvName::for_new(text.as_ref()).unwrap()
    }

    #[test]
    fn a_name_that_says_nothing_is_not_derived() {
        for (path, expected) in [
            ("/p/web/.venv", "web"),
            ("/p/web/env", "web"),
            ("/p/api-3", "api-3"),
            ("/venv", ""),
            ("/c/web-aBcD3f_1-py3.12", "web"),
            ("/c/web-aBcD3f_1", "web"),
        ] {
            assert_eq!(derived_name(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn adopting_never_replaces() {
        let (root, store, env) = place();
        let adopted = store.adopt(&env, &name("p")).unwrap();
        assert_eq!(adopted.path().canonicalize().unwrap(), env.canonicalize().unwrap());
        assert!(matches!(store.adopt(&env, &name("p")), Err(AdoptError::Exists { .. })));
        std::os::unix::fs::symlink("/nowhere", store.home().join("dangling")).unwrap();
        assert!(matches!(store.adopt(&env, &name("dangling")), Err(AdoptError::Exists { .. })));
        assert!(matches!(store.adopt(&root.path().join("no"), &name("q")), Err(AdoptError::Missing { .. })));
        assert!(matches!(store.adopt(root.path(), &name("q")), Err(AdoptError::NotAnEnvironment { .. })));
        std::fs::create_dir_all(root.path().join("conda/conda-meta")).unwrap();
        assert!(matches!(store.adopt(&root.path().join("conda"), &name("q")), Err(AdoptError::Conda { .. })));
        let own = store.home().join("own");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("pyvenv.cfg"), "").unwrap();
        assert!(matches!(store.adopt(&own, &name("q")), Err(AdoptError::Own { .. })));
    }
}
