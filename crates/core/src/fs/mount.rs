//! Where one mounted file system ends and the next begins.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::AtFlags;

/// `STATX_MNT_ID`, since Linux 5.8.
#[cfg(target_os = "linux")]
const MOUNT_ID: rustix::fs::StatxFlags = rustix::fs::StatxFlags::from_bits_retain(0x1000);

/// The mount that a file is reached by: a bind mount of the same file system is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mount {
    /// Its number, where the kernel tells it.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux has it"))]
    Id(u64),
    /// The device of its file system.
    Device(u64),
}

impl Mount {
    /// Returns the mount of an open file.
    pub(crate) fn of<Fd: AsFd>(file: Fd) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        let mount = Self::look(file, Path::new(""), AtFlags::EMPTY_PATH);
        #[cfg(not(target_os = "linux"))]
        let mount = Self::device(file, Path::new(""), AtFlags::empty());
        mount
    }

    /// Returns the mount of an entry of a directory, which is not opened; a link is not followed.
    pub(crate) fn at<Fd: AsFd>(directory: Fd, name: &Path) -> io::Result<Self> {
        Self::look(directory, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    #[cfg(target_os = "linux")]
    fn look<Fd: AsFd>(directory: Fd, name: &Path, flags: AtFlags) -> io::Result<Self> {
        match rustix::fs::statx(&directory, name, flags | AtFlags::NO_AUTOMOUNT, MOUNT_ID) {
            Ok(found) if found.stx_mask & MOUNT_ID.bits() != 0 => Ok(Self::Id(found.stx_mnt_id)),
            Err(rustix::io::Errno::NOENT) => Err(rustix::io::Errno::NOENT.into()),
            _ => Self::device(directory, name, flags),
        }
    }

    /// Returns the mount of an entry of a directory together with its space, in one question; none where the kernel does
    /// not answer both.
    #[cfg(target_os = "linux")]
    pub(crate) fn with_space<Fd: AsFd>(directory: Fd, name: &std::ffi::OsStr) -> Option<(Self, Space)> {
        use rustix::fs::StatxFlags;
        let wanted = MOUNT_ID | StatxFlags::INO | StatxFlags::NLINK | StatxFlags::BLOCKS;
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        let found = rustix::fs::statx(directory, name, flags, wanted).ok()?;
        let is_complete = found.stx_mask & wanted.bits() == wanted.bits();
        let space = Space { inode: found.stx_ino, names: found.stx_nlink.into(), blocks: found.stx_blocks };
        is_complete.then_some((Self::Id(found.stx_mnt_id), space))
    }

    #[cfg(not(target_os = "linux"))]
    fn look<Fd: AsFd>(directory: Fd, name: &Path, flags: AtFlags) -> io::Result<Self> {
        Self::device(directory, name, flags)
    }

    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "the type differs between systems")]
    fn device<Fd: AsFd>(directory: Fd, name: &Path, flags: AtFlags) -> io::Result<Self> {
        let found = if name.as_os_str().is_empty() {
            rustix::fs::fstat(directory)?
        } else {
            rustix::fs::statat(directory, name, flags)?
        };
        Ok(Self::Device(found.st_dev as u64))
    }
}

/// What a file takes of the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Space {
    /// Its number on its file system.
    pub(crate) inode: u64,
    /// How many names it has.
    pub(crate) names: u64,
    /// Its blocks, of 512 bytes.
    pub(crate) blocks: u64,
}

impl Space {
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, clippy::useless_conversion, reason = "the types differ")]
    pub(crate) fn of(found: &rustix::fs::Stat) -> Self {
        Self { inode: found.st_ino as u64, names: found.st_nlink as u64, blocks: found.st_blocks as u64 }
    }
}

/// The error for what is mounted where only our own files should be.
pub(crate) fn mounted() -> io::Error {
    io::Error::new(io::ErrorKind::CrossesDevices, "something is mounted there")
}
