//! Making the project directory of an environment.

use std::io;
use std::path::Path;

use super::error::OperationError;
use super::home::Store;
use crate::env::Environment;
use crate::fs::{self, PathError};

impl Store {
    /// Creates the project directory of an environment, with those above it that are missing, and associates the two.
    /// When that fails, a directory that was created now is removed again; one that was there stays as it is.
    ///
    /// Returns why the mirror could not follow, as [`Store::associate`] does.
    pub fn create_project(
        &self,
        environment: &Environment,
        directory: &Path,
    ) -> Result<Option<PathError>, OperationError> {
        let is_new = create_directory(directory)?;
        let associated = self.associate(environment, directory);
        if associated.is_err() && is_new {
            // Only while it is empty.
            let _ = std::fs::remove_dir(directory);
        }
        associated
    }
}

/// Creates a directory; returns whether it was missing.
fn create_directory(directory: &Path) -> Result<bool, PathError> {
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent, 0o777)?;
    }
    match fs::create_dir(directory, 0o777) {
        Ok(()) => Ok(true),
        Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    #[test]
    fn a_directory_that_cannot_be_associated_is_removed_again() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().join("envs"));
        let environment = store.environment(EnvName::for_new("web".as_ref()).unwrap());
        let directory = root.path().join("src/web");
        // The environment does not exist.
        assert!(store.create_project(&environment, &directory).is_err());
        assert!(!directory.exists());
        std::fs::create_dir_all(environment.path()).unwrap();
        store.create_project(&environment, &directory).unwrap();
        assert_eq!(store.project_of(&environment).unwrap(), Some(directory.clone()));
        fs::remove_tree(environment.path()).unwrap();
        assert!(store.create_project(&environment, &directory).is_err());
        assert!(directory.is_dir(), "it was there before");
    }
}
