//! Directories, files and links of a new tree: none is reached through a link.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, OFlags};
use rustix::io::Errno;

use super::Extraction;
use crate::fs::walk::Directory;
use crate::fs::{self, PathContext};
use crate::pack::refusal::UnpackError;
use crate::pack::safe_name::{TOO_LONG, safe_target};

impl Extraction<'_> {
    /// Gives a file that came before a further name.
    pub(super) fn hard_link(&mut self, path: &Path, first: &Path) -> Result<(), UnpackError> {
        let outside = || self.unsafe_member(path, "is another name of what is not in it");
        let first = first.strip_prefix(&self.inspection.prefix).map_err(|_| outside())?.to_path_buf();
        let (directory, name) = split(&first).ok_or_else(outside)?;
        let root = Directory::open_itself(self.staging).at("open", self.staging)?;
        let mut from = root;
        for part in directory {
            from = from.child(part).map_err(|_| outside())?;
        }
        let missing = || self.unsafe_member(path, "is another name of what is not in it");
        let found = rustix::fs::statat(&from, name, AtFlags::SYMLINK_NOFOLLOW).map_err(|_| missing())?;
        if !rustix::fs::FileType::from_raw_mode(found.st_mode).is_file() {
            return Err(missing());
        }
        let (directory, own) = split(path).ok_or_else(missing)?;
        self.enter(directory)?;
        let linked = rustix::fs::linkat(&from, name, &self.parent.1, own, AtFlags::empty());
        linked.map_err(|error| self.taken(error, path))?;
        self.extracted.files += 1;
        if self.extracted.changed.contains(&first) {
            self.extracted.changed.insert(path.to_path_buf());
        }
        Ok(())
    }

    /// Makes the links, now that no path can lead through them.
    pub(super) fn make_links(&mut self) -> Result<(), UnpackError> {
        for (path, target) in std::mem::take(&mut self.links) {
            let (directory, name) = split(&path).ok_or_else(|| self.unsafe_member(&path, "has no name"))?;
            let target = self.link_target(directory, &target);
            let target = target.ok_or_else(|| self.unsafe_member(&path, "is a link that leads out of it"))?;
            self.enter(directory)?;
            let made = rustix::fs::symlinkat(&target, &self.parent.1, name);
            made.map_err(|error| self.taken(error, &path))?;
        }
        Ok(())
    }

    /// Where a link may lead: inside, and if it named the old path, by a relative one.
    fn link_target(&self, directory: &Path, target: &Path) -> Option<PathBuf> {
        if target.is_relative() {
            return safe_target(directory, target).map(|_| target.to_path_buf());
        }
        let inside = target.strip_prefix(self.inspection.old_path.as_ref()?).ok()?;
        let up = directory.components().map(|_| "..");
        let relative: PathBuf = up.map(Path::new).chain([inside]).collect();
        safe_target(directory, &relative).map(|_| relative)
    }

    /// Creates a file; the user's mask counts. Neither setuid nor writable by others, whatever the archive says.
    pub(super) fn create(&mut self, path: &Path, mode: u32) -> Result<File, UnpackError> {
        let (directory, name) = split(path).ok_or_else(|| self.unsafe_member(path, "has no name"))?;
        self.enter(directory)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.parent.1, name, flags, fs::mode(mode & 0o755 | 0o600));
        file.map(File::from).map_err(|error| self.taken(error, path))
    }

    /// Opens a directory, and makes it and those above where they are missing.
    pub(super) fn enter(&mut self, path: &Path) -> Result<(), UnpackError> {
        if self.parent.0 == path {
            return Ok(());
        }
        let full = self.staging.join(path);
        let mut directory: Option<Directory> = None;
        for name in path {
            let made = directory.as_ref().unwrap_or(&self.root).make_child(name, 0o755);
            match made {
                Ok(child) => directory = Some(child),
                Err(error) if is_no_directory(&error) => {
                    return Err(self.unsafe_member(path, "is below something that is no directory"));
                }
                Err(error) if error.raw_os_error() == Some(Errno::NAMETOOLONG.raw_os_error()) => {
                    return Err(self.unsafe_member(path, TOO_LONG));
                }
                Err(error) => return Err(Err::<(), _>(error).at("create", &full).unwrap_err().into()),
            }
        }
        let directory = match directory {
            Some(directory) => directory,
            None => Directory::open_itself(self.staging).at("open", self.staging)?,
        };
        self.parent = (path.to_path_buf(), directory);
        Ok(())
    }

    fn taken(&self, error: Errno, path: &Path) -> UnpackError {
        if error == Errno::EXIST {
            return self.unsafe_member(path, "is in it twice, or differs from another name only in case");
        }
        if error == Errno::NAMETOOLONG {
            return self.unsafe_member(path, TOO_LONG);
        }
        Err::<(), _>(error).at("create", &self.staging.join(path)).unwrap_err().into()
    }
}

fn is_no_directory(error: &io::Error) -> bool {
    matches!(error.raw_os_error().map(Errno::from_raw_os_error), Some(Errno::NOTDIR | Errno::LOOP))
}

fn split(path: &Path) -> Option<(&Path, &OsStr)> {
    Some((path.parent()?, path.file_name()?))
}
