//! What is only to be deleted: out of the way at once, deleted later.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::temporary::unique_name;
use crate::fs::{self, PathResult, mount_table};
use crate::store::flock::{Attempt, lock_directory};

/// What the names of its directories begin with.
pub(super) const PREFIX: &str = ".venvwrap-trash-";

/// Returns whether a name is one of its directories.
pub(in crate::store) fn is_aside(name: &OsStr) -> bool {
    name.as_bytes().starts_with(PREFIX.as_bytes())
}

/// A removed environment that is out of the way but still takes space.
#[derive(Debug)]
pub struct Trash {
    directory: PathBuf,
    _handle: OwnedFd,
}

impl Trash {
    /// Moves a directory out of the way in one step, into a fresh hidden directory next to the environments. One that
    /// something is mounted in stays.
    pub fn take_in(home: &Path, path: &Path) -> PathResult<Self> {
        mount_table::check(path)?;
        loop {
            let directory = home.join(unique_name(PREFIX));
            fs::create_dir(&directory, 0o700)?;
            // A sweep may have taken the empty directory for a left-over before it was locked.
            let Attempt::Locked(handle) = lock_directory(&directory)? else { continue };
            // One level deeper, editors that look for environments do not see it.
            let moved = fs::rename_no_replace(path, &directory.join("removed"));
            if moved.is_err() {
                let _ = rustix::fs::rmdir(&directory);
            }
            return moved.map(|()| Self { directory, _handle: handle });
        }
    }

    /// Deletes what is in the trash now, and waits for it.
    pub fn delete(self) -> PathResult<()> {
        fs::remove_tree(&self.directory)
    }
}
