//! The version managers whose directories are searched.

use std::path::PathBuf;

use super::context::Search;
use crate::config::variables::{ASDF_DATA_DIR, MISE_DATA_DIR, PYENV_ROOT};

/// A version manager that puts shims on PATH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    Pyenv,
    Asdf,
    Mise,
}

impl Manager {
    pub(super) const ALL: [Self; 3] = [Self::Pyenv, Self::Asdf, Self::Mise];

    /// Returns the directory that holds one installation for each version.
    pub(super) fn versions(self, search: &Search<'_>) -> Option<PathBuf> {
        let below_root = if self == Self::Pyenv { "versions" } else { "installs/python" };
        Some(self.root(search)?.join(below_root))
    }

    /// Returns the manager's own directory.
    pub(super) fn root(self, search: &Search<'_>) -> Option<PathBuf> {
        match self {
            Self::Pyenv => search.directory_or(PYENV_ROOT, ".pyenv"),
            Self::Asdf => search.directory_or(ASDF_DATA_DIR, ".asdf"),
            Self::Mise => search.directory(MISE_DATA_DIR).or_else(|| Some(search.data_home()?.join("mise"))),
        }
    }
}
