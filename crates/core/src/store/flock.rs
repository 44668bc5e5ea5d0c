//! The lock of the system on a directory, released by the kernel when its process ends.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::fs::{PathContext, PathResult};

pub(super) enum Attempt {
    Locked(OwnedFd),
    Busy,
    Gone,
}

pub(super) fn lock_directory(directory: &Path) -> PathResult<Attempt> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = match rustix::fs::open(directory, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(Attempt::Gone),
        other => other.at("open", directory)?,
    };
    match rustix::fs::flock(&handle, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(Attempt::Busy),
        // Some network file systems have no locks: better unguarded than unusable.
        Ok(()) | Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF) => {}
        Err(error) => return Err(error).at("lock", directory),
    }
    Ok(if is_same(handle.as_fd(), directory) { Attempt::Locked(handle) } else { Attempt::Gone })
}

fn is_same(handle: std::os::fd::BorrowedFd<'_>, path: &Path) -> bool {
    match (rustix::fs::fstat(handle), rustix::fs::lstat(path)) {
        (Ok(a), Ok(b)) => (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino),
        _ => false,
    }
}
