//! Whether a disk has room for what is about to be written.

use std::path::{Path, PathBuf};

/// A disk has less room than wheels need.
#[derive(Debug, thiserror::Error)]
#[error("`{}` has {} MB free, and the wheels need {} MB", directory.display(), free >> 20, needed >> 20)]
pub struct NoRoom {
    /// The directory.
    pub directory: PathBuf,
    /// How much is needed, in bytes.
    pub needed: u64,
    /// How much is free, in bytes.
    pub free: u64,
}

/// Returns how many bytes a user may still write into a directory; none if the system does not say. Some file systems, such as those of
/// FUSE, have no size at all: that is not a full one.
pub(crate) fn free(directory: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(directory).ok()?;
    (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
}

/// Fails if a directory has less room than that.
pub(crate) fn check(directory: &Path, needed: u64) -> Result<(), NoRoom> {
    match free(directory) {
        Some(free) if free < needed => Err(NoRoom { directory: directory.to_path_buf(), needed, free }),
        _ => Ok(()),
    }
}

/// Returns whether two directories are on one disk.
pub(crate) fn is_one_disk(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| std::fs::metadata(path).map(|found| found.dev()).ok();
    device(a) == device(b)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_a_size_is_not_full() {
        assert_eq!(free(Path::new("/proc")), None);
        assert!(check(Path::new("/proc"), u64::MAX).is_ok() && check(Path::new("/"), u64::MAX).is_err());
    }
}
