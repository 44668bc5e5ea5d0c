//! What a search depends on.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::variables::{PATH, Variable, XDG_DATA_HOME};
use crate::fs::private::User;

/// What a search depends on: the process and its machine, as values.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Returns the value of an environment variable. Asked for PATH and for those of version managers.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The working directory: version managers choose by the files in it and above it.
    pub cwd: &'a Path,
    /// The user's home directory.
    pub home: Option<&'a Path>,
    /// Where answers of interpreters are remembered; they are not without it.
    pub cache_dir: Option<&'a Path>,
    /// The user whose remembered answers are trusted.
    pub user: User,
    /// How long an interpreter may take to answer.
    pub query_timeout: Duration,
    /// The root of the system's own directories: `/`, except in tests.
    pub root: &'a Path,
}

impl Search<'_> {
    /// Returns the value of a variable, unless it is empty.
    pub(crate) fn variable(&self, variable: Variable) -> Option<OsString> {
        (self.lookup)(variable.name).filter(|value| !value.is_empty())
    }

    /// Returns the absolute entries of PATH, as they are.
    pub(super) fn path_entries(&self) -> Vec<PathBuf> {
        let path = self.variable(PATH).unwrap_or_default();
        std::env::split_paths(&path).filter(|entry| entry.is_absolute()).collect()
    }

    /// Returns the directory that a variable names; a relative one would mean another in every working directory.
    pub(crate) fn directory(&self, variable: Variable) -> Option<PathBuf> {
        self.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// Returns the first directory that the variables name, else the one below the home directory.
    pub(crate) fn directory_or(&self, variable: Variable, below_home: &str) -> Option<PathBuf> {
        self.directory(variable).or_else(|| Some(self.home?.join(below_home)))
    }

    /// Returns the directory of user data.
    pub(crate) fn data_home(&self) -> Option<PathBuf> {
        self.directory_or(XDG_DATA_HOME, ".local/share")
    }
}
