//! What archives hold, in whatever format.

use std::io::{self, Read};
use std::path::PathBuf;

/// One name in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it is, relative to the top of the archive.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its permission bits.
    pub(crate) mode: u32,
    /// When it was last changed, in seconds since 1970.
    pub(crate) mtime: u64,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A directory.
    Directory,
    /// A regular file of this size.
    File(u64),
    /// A symlink with this target.
    Link(PathBuf),
}

/// What entries are written to.
pub(crate) trait Sink {
    /// Writes an entry. A file's content has exactly the size that the entry says.
    fn add(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()>;

    /// Writes what comes after the last entry.
    fn finish(&mut self) -> io::Result<()>;
}
