//! A directory next to a bundle for what is built for it. It is removed at the end, or by the next one.

use std::path::PathBuf;

use super::error::BundleError;
use super::offer::Offer;
use super::place::Output;
use crate::fs::hashed;
use crate::fs::lock::DirectoryLock;
use crate::fs::{PathContext, PathError, PathResult, create_dir, remove_tree, temporary, write_new};

/// The directory.
#[derive(Debug)]
pub struct Workshop {
    path: PathBuf,
    _lock: DirectoryLock,
}

impl Workshop {
    /// Makes it next to the place of a bundle; fails where none can be.
    pub fn new(output: Output<'_>) -> Result<Self, BundleError> {
        output.check()?;
        let place = output.path();
        temporary::sweep_siblings(place.parent().unwrap_or(place));
        let path = temporary::sibling(place);
        create_dir(&path, 0o700).map_err(|error| PathError { path: place.to_path_buf(), ..error })?;
        let lock = DirectoryLock::take(&path)?;
        let workshop = Self { path, _lock: lock };
        create_dir(&workshop.wheels(), 0o700)?;
        Ok(workshop)
    }

    /// Where built wheels are put.
    pub fn wheels(&self) -> PathBuf {
        self.path.join("wheels")
    }

    /// Writes a text, and returns its path.
    pub fn write(&self, name: &str, content: &str) -> PathResult<PathBuf> {
        let path = self.path.join(name);
        let _ = std::fs::remove_file(&path);
        write_new(&path, content.as_bytes(), 0o600)?;
        Ok(path)
    }

    /// Returns a text that was written there; an empty one if it cannot be read.
    pub fn read(&self, name: &str) -> String {
        std::fs::read(self.path.join(name)).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    /// Returns the names of the wheels that were built.
    pub fn built(&self) -> PathResult<Vec<String>> {
        let directory = self.wheels();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&directory).at("read", &directory)? {
            names.extend(entry.at("read", &directory)?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// Returns a wheel that was built as the package that it is.
    pub fn offer(&self, file: &str) -> PathResult<Option<Offer>> {
        let path = self.wheels().join(file);
        let (sha256, _) = hashed::of_file(&path)?;
        Ok(Offer::of_file(path, sha256))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = remove_tree(&self.path);
    }
}
