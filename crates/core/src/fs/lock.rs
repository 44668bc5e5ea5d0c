//! The lock under which the files of a directory are read, changed and replaced.
//!
//! It is the lock of the system on the directory itself: nothing of it is left when its process ends.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::walk::Directory;
use super::{PathContext, PathResult};

/// Nobody holds the lock for longer than it takes to write some files: one who does has been stopped.
const PATIENCE: Duration = Duration::from_secs(20);

/// The right to change the files of one directory, held until dropped.
#[derive(Debug)]
pub struct DirectoryLock {
    _directory: Directory,
}

impl DirectoryLock {
    /// Takes the lock of a directory, and waits for whoever has it.
    pub fn take(path: &Path) -> PathResult<Self> {
        let directory = Directory::open(path).at("open", path)?;
        wait(&directory).at("lock", path)?;
        Ok(Self { _directory: directory })
    }

    /// Takes the lock of a directory unless somebody has it.
    pub(crate) fn take_if_free(path: &Path) -> PathResult<Option<Self>> {
        let directory = Directory::open(path).at("open", path)?;
        match rustix::fs::flock(directory.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _directory: directory })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).at("lock", path),
        }
    }
}

/// Takes the lock on a directory that is open; it is held until the directory is closed.
pub(crate) fn wait(directory: &Directory) -> io::Result<()> {
    let start = Instant::now();
    loop {
        match rustix::fs::flock(directory.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(1)),
            Err(Errno::INTR) => {}
            // Some network file systems have no locks: better unguarded than unusable.
            Ok(()) | Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF) => return Ok(()),
            Err(Errno::WOULDBLOCK) => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process is changing it"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
