//! How the files of an unpacked tree get into an environment: with as few system calls as can be.

use std::ffi::OsStr;
use std::fs::{File, FileTimes, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::listing::Row;
use crate::fs;

/// Larger files are not held in memory.
const LARGE: u64 = 4 << 20;

/// How a file gets from its unpacked tree into an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    /// By a hard link where sharing is harmless, else by a copy.
    Link,
    /// By a copy that shares its blocks until one of both is written, where the file system can; else by a plain one.
    Clone,
    /// By a copy of everything.
    Copy,
    /// By renaming: the tree was unpacked for this one environment.
    Move,
}

/// Takes files out of one tree into another, whose directories are there already.
#[derive(Debug)]
pub(super) struct Filler<'a> {
    from: BorrowedFd<'a>,
    to: BorrowedFd<'a>,
    transfer: Transfer,
    /// The permission bits that a new file is known to get when they are asked for.
    granted: u32,
    buffer: Vec<u8>,
}

impl<'a> Filler<'a> {
    pub(super) fn new(from: BorrowedFd<'a>, to: BorrowedFd<'a>, transfer: Transfer) -> Self {
        Self { from, to, transfer, granted: 0, buffer: Vec::new() }
    }

    /// Puts a file into its place, where nothing may be yet.
    pub(super) fn place(&mut self, row: &Row) -> io::Result<()> {
        let (from, to) = (self.from, self.to);
        match self.transfer {
            Transfer::Move => return Ok(rustix::fs::renameat(from, &row.path, to, &row.path)?),
            Transfer::Link if is_shareable(&row.path) => {
                match rustix::fs::linkat(from, &row.path, to, &row.path, AtFlags::empty()) {
                    Err(error) if is_link_refusal(error) => self.transfer = Transfer::Copy,
                    other => return Ok(other?),
                }
            }
            Transfer::Link | Transfer::Clone | Transfer::Copy => {}
        }
        self.copy(row)
    }

    fn copy(&mut self, row: &Row) -> io::Result<()> {
        let mut file = create_at(self.to, &row.path, row.mode())?;
        if row.size > 0 {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let source = File::from(rustix::fs::openat(self.from, &row.path, flags, Mode::empty())?);
            if self.transfer == Transfer::Clone && !clone(&source, &file) {
                // What the file system cannot do for one file it cannot do for the next.
                self.transfer = Transfer::Copy;
            }
            if self.transfer != Transfer::Clone && row.size > LARGE {
                io::copy(&mut source.take(row.size), &mut file)?;
            } else if self.transfer != Transfer::Clone {
                file.write_all(self.read(&source, row.size)?)?;
            }
        }
        self.finish(&file, row)
    }

    /// Reads a file that has this size, and notices if it is larger.
    fn read(&mut self, source: &File, size: u64) -> io::Result<&[u8]> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        if self.buffer.len() <= size {
            self.buffer.resize(size + 1, 0);
        }
        let mut length = 0;
        // A file that has ended where it should needs no further look for its end.
        while length < size {
            match rustix::io::read(source, &mut self.buffer[length..=size]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(&self.buffer[..length])
    }

    /// Gives a copy the permissions of its file, whatever the umask, and a source its time, without which bytecode would
    /// not be valid for it.
    fn finish(&mut self, file: &File, row: &Row) -> io::Result<()> {
        let mode = row.mode();
        if mode & !self.granted != 0 {
            if file.metadata()?.permissions().mode() & 0o7777 == mode {
                self.granted |= mode;
            } else {
                file.set_permissions(Permissions::from_mode(mode))?;
            }
        }
        if is_source(&row.path) {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(row.mtime).unwrap_or_default());
            file.set_times(FileTimes::new().set_modified(time))?;
        }
        Ok(())
    }
}

/// Creates a file that must not exist yet.
pub(super) fn create_at(dir: BorrowedFd<'_>, path: &str, mode: u32) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::openat(dir, path, flags, fs::mode(mode))?))
}

/// Returns whether a file may have one content for all environments: only kinds that are not edited by hand.
fn is_shareable(path: &str) -> bool {
    matches!(extension(path), Some("py" | "pyc" | "so"))
}

fn is_source(path: &str) -> bool {
    extension(path) == Some("py")
}

fn extension(path: &str) -> Option<&str> {
    Path::new(path).extension().and_then(OsStr::to_str)
}

/// Returns whether hard links are impossible here, rather than this one having failed.
fn is_link_refusal(error: Errno) -> bool {
    matches!(error, Errno::XDEV | Errno::PERM | Errno::MLINK | Errno::NOTSUP | Errno::NOSYS)
}

/// Returns whether the copy now shares the blocks of its source.
#[cfg(target_os = "linux")]
fn clone(source: &File, copy: &File) -> bool {
    rustix::fs::ioctl_ficlone(copy, source).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn clone(_: &File, _: &File) -> bool {
    false
}
