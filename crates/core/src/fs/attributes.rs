//! A whole file in memory, and what makes a new file equal an old one in more than its content.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, Stat};

use super::times::times_of;

/// Reads a file of about this size into a buffer, which it replaces.
pub(crate) fn read_all(source: &OwnedFd, size: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    // One byte more than there should be, so that the end is seen without another allocation.
    buffer.reserve(usize::try_from(size).unwrap_or(0) + 1);
    loop {
        if buffer.len() == buffer.capacity() {
            buffer.reserve(1 << 16);
        }
        let count = rustix::io::read(source, rustix::buffer::spare_capacity(buffer))?;
        // All of its size, where there was room for more, is all of it: no further call need say so.
        let is_whole = buffer.len() as u64 == size && buffer.len() < buffer.capacity();
        if count == 0 || is_whole {
            return Ok(());
        }
    }
}

/// Gives a new file the permission bits, the time and the user's own attributes of another.
pub(crate) fn keep(source: &OwnedFd, copy: &File, found: &Stat) -> io::Result<()> {
    copy_extended(source, copy);
    rustix::fs::fchmod(copy, Mode::from_raw_mode(found.st_mode & 0o777))?;
    Ok(rustix::fs::futimens(copy, &times_of(found))?)
}

/// The user's own attributes; an attribute that cannot be kept is no reason to fail.
fn copy_extended(source: &OwnedFd, copy: &File) {
    let mut names = [0_u8; 1024];
    let Ok(length) = rustix::fs::flistxattr(source.as_fd(), &mut names) else { return };
    for name in names[..length].split(|&byte| byte == 0).filter(|name| name.starts_with(b"user.")) {
        let mut value = [0_u8; 4096];
        if let Ok(length) = rustix::fs::fgetxattr(source, name, &mut value) {
            let _ = rustix::fs::fsetxattr(copy, name, &value[..length], rustix::fs::XattrFlags::empty());
        }
    }
}
