//! A file that is written piece by piece next to its place, and gets its name when it is complete.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::AtFlags;

use super::walk::Directory;
use super::{PathContext, PathResult, temporary};

/// A file without its name. Dropped, it is removed; what a crash leaves is removed by the next one in its directory.
#[derive(Debug)]
pub(crate) struct Staged {
    directory: Directory,
    temporary: OsString,
    file: File,
    path: PathBuf,
    is_published: bool,
}

impl Staged {
    /// Makes an empty file next to `path`. Fails where that is a device, a pipe, a directory, or a link to one: none of
    /// them is to be lost for a file.
    pub(crate) fn new(path: &Path, mode: u32) -> PathResult<Self> {
        path.file_name().ok_or(io::ErrorKind::InvalidInput).at("create", path)?;
        check(path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Nobody has named the directory: what cannot be created is the file.
        let is_missing = parent.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        let (action, named) = if is_missing { ("create", path) } else { ("open", parent) };
        let directory = Directory::open(parent).at(action, named)?;
        temporary::sweep_in(&directory);
        let (temporary, file) = temporary::create(&directory, mode).at("create", path)?;
        Ok(Self { directory, temporary, file, path: path.to_path_buf(), is_published: false })
    }

    /// The file.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives the file its name, in the place of what has it.
    pub(crate) fn publish(mut self) -> PathResult<()> {
        let name = self.path.file_name().unwrap_or_default();
        rustix::fs::renameat(&self.directory, &self.temporary, &self.directory, name).at("replace", &self.path)?;
        self.is_published = true;
        Ok(())
    }
}

/// Fails where a file would take the place of something else: for whoever works long before there is a file.
pub(crate) fn check(path: &Path) -> PathResult<()> {
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(super::irregular()).at("replace", path);
    }
    Ok(())
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = rustix::fs::unlinkat(&self.directory, &self.temporary, AtFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let root = tempfile::tempdir().unwrap();
        let (link, loose, pipe) = (root.path().join("link"), root.path().join("loose"), root.path().join("pipe"));
        symlink("/dev/null", &link).unwrap();
        symlink("nowhere", &loose).unwrap();
        crate::test_fifo::make(&pipe);
        for path in [Path::new("/dev/null"), Path::new("/dev/full"), &link, &pipe, root.path()] {
            assert!(Staged::new(path, 0o600).is_err(), "{}", path.display());
        }
        Staged::new(&loose, 0o600).unwrap().publish().unwrap();
        Staged::new(&loose, 0o600).unwrap().publish().unwrap();
        assert!(std::fs::symlink_metadata(&loose).unwrap().is_file());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 3);
    }
}
