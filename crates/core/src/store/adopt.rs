//! Adopting an environment that another tool keeps elsewhere: the store gets a link to it.

use std::io;
use std::path::{Path, PathBuf};

use crate::env::name::EnvName;
use crate::fs::{PathContext, PathError};
use crate::store::Store;
use crate::store::lock::LockError;

/// Why an environment was not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// Something has that path already.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// What is to be adopted is no environment.
    #[error("`{}` is not an environment: it has no `pyvenv.cfg`", path.display())]
    NotAnEnvironment {
        /// Its path.
        path: PathBuf,
    },
    /// It is in the store already.
    #[error("`{}` is already in WORKON_HOME", path.display())]
    Own {
        /// Its path.
        path: PathBuf,
    },
    /// Another process is working on it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Store {
    /// Puts a link to an environment into the store; whatever has the name stays.
    pub fn adopt(&self, env: &Path, name: &EnvName) -> Result<PathBuf, AdoptError> {
        if !env.join("pyvenv.cfg").is_file() {
            return Err(AdoptError::NotAnEnvironment { path: env.to_path_buf() });
        }
        let real = env.canonicalize().at("resolve", env)?;
        if self.holds(&real) {
            return Err(AdoptError::Own { path: env.to_path_buf() });
        }
        let _lock = self.lock(name)?;
        let path = self.home().join(name.as_os_str());
        // Making a link fails where something is, also a link that leads nowhere.
        match std::os::unix::fs::symlink(&real, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(AdoptError::Exists { path }),
            other => {
                other.at("link", &path)?;
                Ok(path)
            }
        }
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
        let store = Store::new(root.path().join("envs"));
        (root, store, env)
    }

    fn name(text: &str) -> EnvName {
        EnvName::for_new(text.as_ref()).unwrap()
    }

    #[test]
    fn adopting_never_replaces() {
        let (root, store, env) = place();
        let path = store.adopt(&env, &name("p")).unwrap();
        assert_eq!(path.canonicalize().unwrap(), env.canonicalize().unwrap());
        assert!(matches!(store.adopt(&env, &name("p")), Err(AdoptError::Exists { .. })));
        std::os::unix::fs::symlink("/nowhere", store.home().join("dangling")).unwrap();
        assert!(matches!(store.adopt(&env, &name("dangling")), Err(AdoptError::Exists { .. })));
        assert!(matches!(store.adopt(root.path(), &name("q")), Err(AdoptError::NotAnEnvironment { .. })));
        let own = store.home().join("own");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("pyvenv.cfg"), "").unwrap();
        assert!(matches!(store.adopt(&own, &name("q")), Err(AdoptError::Own { .. })));
    }
}
