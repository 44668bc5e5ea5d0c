//! The directory of one environment, held open: each file is looked up by its short name, and asked for once.
//!
//! A list of a thousand environments is mostly system calls, so that what one of them has answered is passed on.

use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::path::Arg;

/// A directory is only looked into, for which the right to list it is not needed.
#[cfg(target_os = "linux")]
const LOOK: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const LOOK: OFlags = OFlags::RDONLY;

/// Room for the entries of most directories.
#[cfg(target_os = "linux")]
const LIST_BYTES: usize = 16 * 1024;

/// No link points to a longer path.
const LONGEST_PATH: usize = 4096;

/// A directory that is held open; of one that cannot be opened nothing is found.
#[derive(Debug)]
pub(crate) struct View {
    directory: Option<OwnedFd>,
    /// What the directory points to, when it is reached by a link.
    pub(crate) link_target: Option<PathBuf>,
}

/// Room for the content of one file at a time, which is not given back between two files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Vec<u8>);

/// A regular file as it was read.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    /// Its content.
    pub(crate) content: &'r [u8],
    /// When it was changed last.
    pub(crate) modified: Option<SystemTime>,
}

impl Room {
    fn of(&mut self, size: usize) -> &mut [u8] {
        if self.0.len() < size {
            self.0.resize(size, 0);
        }
        &mut self.0[..size]
    }
}

impl View {
    /// Opens the directory of an environment, which may be reached by a link.
    pub(crate) fn open(path: &Path) -> Self {
        let flags = LOOK | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if let Ok(directory) = rustix::fs::open(path, flags | OFlags::NOFOLLOW, Mode::empty()) {
            return Self { directory: Some(directory), link_target: None };
        }
        let directory = rustix::fs::open(path, flags, Mode::empty()).ok();
        Self { directory, link_target: std::fs::read_link(path).ok() }
    }

    /// Reads a regular file of at most `limit` bytes; none where there is anything else. Never waits for a FIFO.
    pub(crate) fn read<'r>(&self, name: impl Arg, limit: usize, room: &'r mut Room) -> Option<Found<'r>> {
        self.read_where(name, room, |size| (size <= limit).then_some(size))
    }

    /// Reads the first `length` bytes of a regular file.
    pub(crate) fn read_head<'r>(&self, name: impl Arg, length: usize, room: &'r mut Room) -> Option<&'r [u8]> {
        self.read_where(name, room, |size| Some(size.min(length))).map(|found| found.content)
    }

    fn read_where<'r>(
        &self,
        name: impl Arg,
        room: &'r mut Room,
        length_of: impl Fn(usize) -> Option<usize>,
    ) -> Option<Found<'r>> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(self.directory.as_ref()?, name, flags, Mode::empty()).ok()?;
        let found = rustix::fs::fstat(&file).ok()?;
        let size = usize::try_from(found.st_size).ok().and_then(length_of)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return None;
        }
        let content = room.of(size);
        let mut length = 0;
        // A file that grows meanwhile is read as it was; one that shrinks ends earlier.
        while length < size {
            match rustix::io::read(&file, &mut content[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return None,
            }
        }
        Some(Found { content: &content[..length], modified: time(&found) })
    }

    /// Returns what a link points to; fails with [`io::ErrorKind::InvalidInput`] for anything else.
    pub(crate) fn link(&self, name: impl Arg) -> io::Result<PathBuf> {
        let mut room = [MaybeUninit::uninit(); LONGEST_PATH];
        let directory = self.directory.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let (target, _) = rustix::fs::readlinkat_raw(directory, name, &mut room)?;
        Ok(PathBuf::from(OsStr::from_bytes(target)))
    }

    /// Returns whether there is something of this name; a link that points nowhere counts as nothing.
    pub(crate) fn has(&self, name: impl Arg) -> bool {
        self.stat(name).is_some()
    }

    /// Returns what the system knows of something, or of what a link leads to. That costs half of asking whether it may
    /// be accessed.
    pub(crate) fn stat(&self, name: impl Arg) -> Option<Stat> {
        rustix::fs::statat(self.directory.as_ref()?, name, AtFlags::empty()).ok()
    }

    /// Returns whether a directory has one subdirectory and no more; false also where the file system does not count
    /// them. It counts the names of a directory: its own, the `.` in it, and the `..` of each subdirectory.
    pub(crate) fn has_one_subdirectory(&self, name: impl Arg) -> bool {
        self.stat(name).is_some_and(|found| FileType::from_raw_mode(found.st_mode).is_dir() && found.st_nlink == 3)
    }

    /// Calls `act` with the name of every entry of a directory; returns whether it is a directory that can be listed.
    pub(crate) fn each_entry(&self, name: &str, mut act: impl FnMut(&OsStr)) -> bool {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Some(parent) = &self.directory else { return false };
        let Ok(directory) = rustix::fs::openat(parent, name, flags, Mode::empty()) else { return false };
        list(directory, &mut act).is_ok()
    }
}

#[cfg(target_os = "linux")]
fn list(directory: OwnedFd, act: &mut impl FnMut(&OsStr)) -> io::Result<()> {
    let mut buffer = [MaybeUninit::uninit(); LIST_BYTES];
    let mut entries = rustix::fs::RawDir::new(directory, &mut buffer);
    while let Some(entry) = entries.next() {
        act(OsStr::from_bytes(entry?.file_name().to_bytes()));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn list(directory: OwnedFd, act: &mut impl FnMut(&OsStr)) -> io::Result<()> {
    for entry in rustix::fs::Dir::new(directory)? {
        act(OsStr::from_bytes(entry?.file_name().to_bytes()));
    }
    Ok(())
}

/// When a file was changed last.
pub(super) fn time(found: &Stat) -> Option<SystemTime> {
    let seconds = u64::try_from(found.st_mtime).ok()?;
    let nanoseconds = u32::try_from(found.st_mtime_nsec).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_a_decent_size_are_read() {
        let env = tempfile::tempdir().unwrap();
        std::fs::write(env.path().join("file"), "12345").unwrap();
        std::fs::create_dir(env.path().join("directory")).unwrap();
        std::os::unix::fs::symlink("file", env.path().join("link")).unwrap();
        crate::test_fifo::make(&env.path().join("fifo"));
        let view = View::open(env.path());
        let read = |name| view.read(name, 5, &mut Room::default()).map(|found| found.content.to_vec());
        assert_eq!((read("file"), read("link")), (Some(b"12345".to_vec()), Some(b"12345".to_vec())));
        assert_eq!((read("directory"), read("fifo"), read("missing")), (None, None, None));
        assert!(view.read("file", 4, &mut Room::default()).is_none());
        let mut room = Room::default();
        std::fs::write(env.path().join("short"), "1").unwrap();
        for (name, content) in [("file", "12345"), ("short", "1"), ("file", "12345")] {
            assert_eq!(view.read(name, 5, &mut room).unwrap().content, content.as_bytes(), "in the same room");
        }
        assert_eq!(view.link("link").unwrap(), Path::new("file"));
        assert_eq!(view.link("file").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_link_to_an_environment_is_seen_and_a_missing_one_is_empty() {
        let env = tempfile::tempdir().unwrap();
        std::fs::create_dir(env.path().join("real")).unwrap();
        std::fs::write(env.path().join("real/file"), "").unwrap();
        std::os::unix::fs::symlink("real", env.path().join("link")).unwrap();
        let view = View::open(&env.path().join("link"));
        assert_eq!((view.link_target.as_deref(), view.has("file")), (Some(Path::new("real")), true));
        assert_eq!(View::open(&env.path().join("real")).link_target, None);
        let missing = View::open(&env.path().join("missing"));
        assert!(!missing.has("file") && !missing.each_entry(".", |_| {}));
    }

    #[test]
    fn every_entry_of_a_large_directory_is_seen_once() {
        let env = tempfile::tempdir().unwrap();
        for number in 0..2000 {
            std::fs::write(env.path().join(format!("a-rather-long-name-of-an-entry-{number}")), "").unwrap();
        }
        let mut names = std::collections::BTreeSet::new();
        assert!(View::open(env.path()).each_entry(".", |name| assert!(names.insert(name.to_os_string()))));
        assert_eq!(names.iter().filter(|name| name.as_bytes().starts_with(b"a-")).count(), 2000);
    }
}
