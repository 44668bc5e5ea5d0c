//! Whether files are as they were installed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::rows::Source;

/// What may be in files: two packages may bring the same one, and the last one has written it.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<PathBuf, HashSet<Content>>);

/// What a list says of a file: its hash, or where it has none its size. A size next to a hash says nothing more.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Content {
    Digest([u8; 32]),
    Size(u64),
}

impl Known {
    /// Adds the files of a package.
    pub(super) fn add(&mut self, source: &Source) {
        for row in &source.rows {
            if let Some(content) = row.digest.map(Content::Digest).or_else(|| row.size.map(Content::Size)) {
                self.0.entry(source.root.join(&row.path)).or_default().insert(content);
            }
        }
    }

    /// Returns whether the file at a path has another content than every package says that brings it. One of which nothing
    /// is said may have any.
    pub(super) fn is_altered(&self, path: &Path, digest: &[u8; 32], size: u64) -> bool {
        let is_known =
            |known: &HashSet<_>| known.contains(&Content::Digest(*digest)) || known.contains(&Content::Size(size));
        self.0.get(path).is_some_and(|known| !is_known(known))
    }
}
