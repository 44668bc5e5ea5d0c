//! The one way to walk a tree: every directory is opened in the one above it, never through a link and never into what
//! is mounted there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::mount::{Mount, Space, mounted};

const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Room for the entries of most directories.
#[cfg(target_os = "linux")]
const LIST_BYTES: usize = 16 * 1024;

/// An open directory of a tree that is in one mount as a whole.
#[derive(Debug)]
pub(crate) struct Directory {
    handle: OwnedFd,
    mount: Mount,
}

/// A name in a directory, with the kind of what has it.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: OsString,
    pub(crate) kind: FileType,
}

impl Directory {
    /// Opens the root of a tree, following links up to it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::new(rustix::fs::open(path, FLAGS, Mode::empty())?)
    }

    /// Opens the root of a tree, which must not be a link itself.
    pub(crate) fn open_itself(path: &Path) -> io::Result<Self> {
        Self::new(rustix::fs::open(path, FLAGS | OFlags::NOFOLLOW, Mode::empty())?)
    }

    /// Opens a directory in this one. Fails for a link, and with [`io::ErrorKind::CrossesDevices`] for a mount point.
    pub(crate) fn child(&self, name: &OsStr) -> io::Result<Self> {
        let handle = rustix::fs::openat(&self.handle, name, FLAGS | OFlags::NOFOLLOW, Mode::empty())?;
        self.check(&handle)?;
        Ok(Self { handle, mount: self.mount })
    }

    /// As [`Directory::child`], for the owner of a directory that its owner may not read: makes it readable first.
    pub(crate) fn child_of_owner(&self, name: &OsStr) -> io::Result<Self> {
        match self.child(name) {
            Err(error) if error.raw_os_error() == Some(Errno::ACCESS.raw_os_error()) => {
                // `chmodat` would follow a link that was swapped in, but the worst it could do is to make a directory of
                // the user's own readable to the user.
                if Mount::at(&self.handle, Path::new(name))? != self.mount {
                    return Err(mounted());
                }
                rustix::fs::chmodat(&self.handle, name, Mode::RWXU, AtFlags::empty())?;
                self.child(name)
            }
            other => other,
        }
    }

    /// Opens a directory in this one, and makes it first where it is missing.
    pub(crate) fn make_child(&self, name: &OsStr, mode: u32) -> io::Result<Self> {
        match rustix::fs::mkdirat(&self.handle, name, super::mode(mode)) {
            Ok(()) | Err(Errno::EXIST) => self.child(name),
            Err(error) => Err(error.into()),
        }
    }

    /// Fails unless an open file is in the mount of this tree.
    pub(crate) fn check<Fd: AsFd>(&self, file: Fd) -> io::Result<()> {
        if Mount::of(file)? == self.mount { Ok(()) } else { Err(mounted()) }
    }

    /// Returns whether an entry, which is not opened, is in the mount of this tree.
    pub(crate) fn owns(&self, name: &OsStr) -> bool {
        Mount::at(&self.handle, Path::new(name)).is_ok_and(|mount| mount == self.mount)
    }

    /// What an entry takes of the disk; none for one that is not there, or is in another mount.
    pub(crate) fn space_of(&self, name: &OsStr) -> Option<Space> {
        #[cfg(target_os = "linux")]
        if let Some((mount, space)) = Mount::with_space(&self.handle, name) {
            return (mount == self.mount).then_some(space);
        }
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        self.owns(name).then(|| Space::of(&found))
    }

    /// Everything in the directory but itself and the one above.
    pub(crate) fn entries(&self) -> io::Result<Vec<Named>> {
        let mut found = Vec::new();
        self.each(|name, kind| {
            if name != b"." && name != b".." {
                let name = OsString::from_vec(name.to_vec());
                let kind = if kind == FileType::Unknown { self.kind_of(&name) } else { kind };
                found.push(Named { name, kind });
            }
        })?;
        Ok(found)
    }

    /// Reads the directory by its own handle: a second one would take three more system calls.
    #[cfg(target_os = "linux")]
    fn each(&self, mut act: impl FnMut(&[u8], FileType)) -> io::Result<()> {
        rustix::fs::seek(&self.handle, rustix::fs::SeekFrom::Start(0))?;
        let mut buffer = [std::mem::MaybeUninit::uninit(); LIST_BYTES];
        let mut entries = rustix::fs::RawDir::new(&self.handle, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            act(entry.file_name().to_bytes(), entry.file_type());
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn each(&self, mut act: impl FnMut(&[u8], FileType)) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.handle)? {
            let entry = entry?;
            act(entry.file_name().to_bytes(), entry.file_type());
        }
        Ok(())
    }

    fn kind_of(&self, name: &OsStr) -> FileType {
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
        found.map_or(FileType::Unknown, |found| FileType::from_raw_mode(found.st_mode))
    }

    fn new(handle: OwnedFd) -> io::Result<Self> {
        let mount = Mount::of(&handle)?;
        Ok(Self { handle, mount })
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_no_directories_of_a_tree() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("a")).unwrap();
        std::os::unix::fs::symlink("a", directory.path().join("l")).unwrap();
        let root = Directory::open(directory.path()).unwrap();
        assert!(root.child(OsStr::new("a")).is_ok());
        assert!(root.child(OsStr::new("l")).is_err());
        assert!(root.make_child(OsStr::new("l"), 0o700).is_err());
        assert!(Directory::open(&directory.path().join("l")).is_ok());
        assert!(Directory::open_itself(&directory.path().join("l")).is_err());
        let mut names: Vec<_> = root.entries().unwrap().into_iter().map(|entry| entry.name).collect();
        names.sort();
        assert_eq!(names, ["a", "l"]);
        assert_eq!(root.entries().unwrap().len(), 2, "a second time");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_file_system_is_no_part_of_a_tree() {
        let root = Directory::open(Path::new("/")).unwrap();
        assert_eq!(root.child(OsStr::new("proc")).unwrap_err().kind(), io::ErrorKind::CrossesDevices);
        assert!(!root.owns(OsStr::new("proc")) && root.owns(OsStr::new("etc")));
        assert!(root.space_of(OsStr::new("proc")).is_none() && root.space_of(OsStr::new("etc")).is_some());
    }
}
