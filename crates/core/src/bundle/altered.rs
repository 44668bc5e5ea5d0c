//! Whether files are as they were installed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::rows::Source;

/// The hashes that files may have: two packages may bring the same file, and the last one has written it.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<PathBuf, HashSet<[u8; 32]>>);

impl Known {
    /// Adds the files of a package.
    pub(super) fn add(&mut self, source: &Source) {
        for row in &source.rows {
            if let Some(digest) = row.digest {
                self.0.entry(source.root.join(&row.path)).or_default().insert(digest);
            }
        }
    }

    /// Returns whether the file at a path has another content than every package says that brings it. One without a hash may have
    /// any.
    pub(super) fn is_altered(&self, path: &Path, digest: &[u8; 32]) -> bool {
        self.0.get(path).is_some_and(|known| !known.contains(digest))
    }
}
