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
    /// Makes an empty file next to `path`.
    pub(crate) fn new(path: &Path, mode: u32) -> PathResult<Self> {
        path.file_name().ok_or(io::ErrorKind::InvalidInput).at("create", path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = Directory::open(parent).at("open", parent)?;
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

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = rustix::fs::unlinkat(&self.directory, &self.temporary, AtFlags::empty());
        }
    }
}
