//! Where one mounted file system ends and the next begins.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::AtFlags;

/// The mount that a file is reached by: a bind mount of the same file system is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mount {
    /// Its number, where the kernel tells it.
    Id(u64),
    /// The device of its file system.
    Device(u64),
}

impl Mount {
    /// Returns the mount of an open file.
    pub(crate) fn of<Fd: AsFd>(file: Fd) -> io::Result<Self> {
        Self::look(file, Path::new(""), AtFlags::EMPTY_PATH)
    }

    /// Returns the mount of an entry of a directory, which is not opened; a link is not followed.
    pub(crate) fn at<Fd: AsFd>(directory: Fd, name: &Path) -> io::Result<Self> {
        Self::look(directory, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    #[cfg(target_os = "linux")]
    fn look<Fd: AsFd>(directory: Fd, name: &Path, flags: AtFlags) -> io::Result<Self> {
        use rustix::fs::StatxFlags;
        // STATX_MNT_ID, since Linux 5.8.
        let wanted = StatxFlags::from_bits_retain(0x1000);
        match rustix::fs::statx(&directory, name, flags | AtFlags::NO_AUTOMOUNT, wanted) {
            Ok(found) if found.stx_mask & wanted.bits() != 0 => Ok(Self::Id(found.stx_mnt_id)),
            Err(rustix::io::Errno::NOENT) => Err(rustix::io::Errno::NOENT.into()),
            _ => Self::device(directory, name, flags),
        }
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

/// The error for what is mounted where only our own files should be.
pub(crate) fn mounted() -> io::Error {
    io::Error::new(io::ErrorKind::CrossesDevices, "something is mounted there")
}
