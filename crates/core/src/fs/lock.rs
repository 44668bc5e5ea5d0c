//! The lock under which the files of a directory are read, changed and replaced.
//!
//! It is the lock of the system on the directory itself: nothing of it is left when its process ends.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::holder::{self, Holder};
use super::walk::Directory;
use super::{PathContext, PathResult};

/// Nobody holds the lock for longer than it takes to write some files: one who does has been stopped.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often the lock is tried, a millisecond apart, before somebody looks who holds it.
const TRIES: u32 = 50;

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

/// Takes the lock on a directory that is open; it is held until the directory is closed. Fails with
/// [`io::ErrorKind::ResourceBusy`] where somebody holds it who can change nothing there, and with
/// [`io::ErrorKind::TimedOut`] where somebody else does not let go.
pub(crate) fn wait(directory: &Directory) -> io::Result<()> {
    let start = Instant::now();
    let (mut tries, mut idle) = (0, None);
    loop {
        match rustix::fs::flock(directory.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) if start.elapsed() < PATIENCE => {
                tries += 1;
                if tries % TRIES == 0 {
                    let now = holder::idle(directory.as_fd());
                    // Seen once, it may have been another one that has ended since.
                    if let Some(holder) = now.filter(|_| now == idle) {
                        return Err(kept_locked(&holder));
                    }
                    idle = now;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(Errno::INTR) => {}
            // Some network file systems have no locks: better unguarded than unusable.
            Ok(()) | Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF) => return Ok(()),
            Err(Errno::WOULDBLOCK) => {
                return Err(still_locked(holder::of(directory.as_fd()).as_ref()));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn kept_locked(holder: &Holder) -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, format!("{holder} keeps it locked, and may change nothing in it"))
}

fn still_locked(holder: Option<&Holder>) -> io::Error {
    let holder = holder.map_or_else(|| "another process".to_string(), Holder::to_string);
    io::Error::new(io::ErrorKind::TimedOut, format!("{holder} is changing it"))
}
