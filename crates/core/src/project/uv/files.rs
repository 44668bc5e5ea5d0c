//! The files in which uv is told what Python to use.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::fs;

/// The file of a project.
pub(super) const PYPROJECT: &str = "pyproject.toml";

/// More than any such file.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// What asks for a Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file of the project, of the user or of the system.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl Source {
    /// Its name alone: that of a file without its directory.
    pub fn short(&self) -> Cow<'_, str> {
        match self {
            Self::File(file) => file.file_name().unwrap_or(file.as_os_str()).to_string_lossy(),
            Self::Variable(name) => name.into(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(formatter),
            Self::Variable(name) => name.fmt(formatter),
        }
    }
}

/// A file of settings; none where it is missing, or no TOML, on which uv fails as well.
pub(super) fn table(file: &Path) -> Option<toml::Table> {
    let content = fs::read_limited(file, MAX_BYTES).ok()?;
    toml::from_str(std::str::from_utf8(&content).ok()?).ok()
}
