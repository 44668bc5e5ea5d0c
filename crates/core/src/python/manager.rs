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

/// A version manager and its own directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) manager: Manager,
    pub(super) root: PathBuf,
}

impl Manager {
    /// Returns the manager where its settings say that it is.
    pub(super) fn place(self, search: &Search<'_>) -> Option<Place> {
        let root = match self {
            Self::Pyenv => search.directory_or(PYENV_ROOT, ".pyenv"),
            Self::Asdf => search.directory_or(ASDF_DATA_DIR, ".asdf"),
            Self::Mise => search.directory(MISE_DATA_DIR).or_else(|| Some(search.data_home()?.join("mise"))),
        };
        Some(Place { manager: self, root: root? })
    }
}

impl Place {
    /// Returns every manager where its settings say that it is, whether it exists or not.
    pub(super) fn configured<'s>(search: &'s Search<'_>) -> impl Iterator<Item = Self> + 's {
        [Manager::Pyenv, Manager::Asdf, Manager::Mise].into_iter().filter_map(|manager| manager.place(search))
    }

    /// Returns the directory that holds one installation for each version.
    pub(super) fn versions(&self) -> PathBuf {
        self.root.join(if self.manager == Manager::Pyenv { "versions" } else { "installs/python" })
    }

    /// Returns the directory of the shims.
    pub(super) fn shims(&self) -> PathBuf {
        self.root.join(SHIMS)
    }
}

/// What every manager calls the directory of its shims.
pub(super) const SHIMS: &str = "shims";
