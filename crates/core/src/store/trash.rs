//! Removed environments: out of the way at once, deleted later.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::flock::{Attempt, lock_directory};
use crate::fs::{self, PathResult};

const TRASH_PREFIX: &[u8] = b".venvwrap-trash-";

/// A removed environment that is out of the way but still takes space.
#[derive(Debug)]
pub struct Trash {
    directory: PathBuf,
    _handle: OwnedFd,
}

impl Trash {
    /// Moves a directory out of the way in one step, into a fresh hidden directory beside the environments.
    pub fn take_in(home: &Path, path: &Path) -> PathResult<Self> {
        for count in 0_u32.. {
            let process = rustix::process::getpid().as_raw_nonzero();
            let mut name = TRASH_PREFIX.to_vec();
            name.extend_from_slice(format!("{process}-{count}").as_bytes());
            let directory = home.join(OsStr::from_bytes(&name));
            match fs::create_dir(&directory, 0o700) {
                Ok(()) => {}
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            // A sweep may have taken the empty directory for a left-over before it was locked.
            let Attempt::Locked(handle) = lock_directory(&directory)? else { continue };
            // The environment lies one level deeper, where editors that look for environments do not see it.
            let moved = fs::rename_no_replace(path, &directory.join("removed"));
            if moved.is_err() {
                let _ = rustix::fs::rmdir(&directory);
            }
            return moved.map(|()| Self { directory, _handle: handle });
        }
        unreachable!("one of four billion names is free")
    }

    /// Deletes what is in the trash now, and waits for it.
    pub fn delete(self) -> PathResult<()> {
        fs::remove_tree(&self.directory)
    }
}
