//! The files of a tree, found once: where each is, and where in the archive it will be.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

use crate::fs::order::{Order as _, by_bytes};
use crate::fs::walk::{Directory, Named};
use crate::fs::{PathContext, PathResult};

/// Something that will be in the archive.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Where it will be.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) origin: Origin,
    /// Its permission bits.
    pub(super) mode: u32,
    /// When it was last changed, in seconds since 1970.
    pub(super) mtime: u64,
}

/// What something in the archive comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A directory.
    Directory,
    /// A file of this machine.
    File(Source),
    /// A symlink with its target, as it is.
    Link(PathBuf),
    /// A file that is made for the archive.
    Made(Vec<u8>),
}

/// A file that was seen.
#[derive(Clone, Debug)]
pub(super) struct Source {
    path: PathBuf,
    /// Its size.
    pub(super) size: u64,
    identity: (u64, u64),
}

impl Item {
    /// The file of this machine that it comes from.
    pub(super) fn source(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(source) => Some(&source.path),
            _ => None,
        }
    }

    /// A link that is made for the archive.
    pub(super) fn link(path: impl Into<PathBuf>, target: PathBuf) -> Self {
        Self { path: path.into(), origin: Origin::Link(target), mode: 0o777, mtime: 0 }
    }

    /// A file that is made for the archive.
    pub(super) fn made(path: impl Into<PathBuf>, content: Vec<u8>, mode: u32) -> Self {
        Self { path: path.into(), origin: Origin::Made(content), mode, mtime: 0 }
    }
}

impl Source {
    /// Opens the file; fails if something else has its path now.
    pub(super) fn open(&self) -> PathResult<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(&self.path, flags, Mode::empty()).at("open", &self.path)?;
        let found = rustix::fs::fstat(&file).at("read", &self.path)?;
        if identity(&found) != self.identity {
            return Err(std::io::Error::other("it was replaced meanwhile")).at("read", &self.path);
        }
        Ok(file.into())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What was found below a directory.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Directories, files and links, by their path below it.
    pub(super) items: Vec<Item>,
    /// What is neither, and what is mounted.
    pub(super) special: Vec<PathBuf>,
}

/// Finds everything below a directory, but not what `is_wanted` refuses; never follows a link or crosses a mount.
pub(super) fn scan(root: &Path, is_wanted: &dyn Fn(&Path, bool) -> bool) -> PathResult<Found> {
    let mut scan = Scan { root, is_wanted, found: Found::default() };
    let directory = Directory::open(root).at("open", root)?;
    scan.directory(&directory, Path::new(""))?;
    scan.found.items.order_by(|a, b| by_bytes(&a.path, &b.path));
    Ok(scan.found)
}

struct Scan<'a> {
    root: &'a Path,
    is_wanted: &'a dyn Fn(&Path, bool) -> bool,
    found: Found,
}

impl Scan<'_> {
    fn directory(&mut self, directory: &Directory, path: &Path) -> PathResult<()> {
        for Named { name, kind } in directory.entries().at("list", &self.root.join(path))? {
            let child = path.join(&name);
            let full = || self.root.join(&child);
            if !(self.is_wanted)(&child, kind == FileType::Directory) {
                continue;
            }
            if !matches!(kind, FileType::Directory | FileType::RegularFile | FileType::Symlink)
                || !directory.owns(&name)
            {
                self.found.special.push(child);
                continue;
            }
            let found = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW).at("read", &full())?;
            let origin = match kind {
                FileType::Directory => Origin::Directory,
                FileType::Symlink => {
                    let target = rustix::fs::readlinkat(directory, &name, Vec::new()).at("read", &full())?;
                    Origin::Link(Path::new(std::ffi::OsStr::from_bytes(target.to_bytes())).to_path_buf())
                }
                _ => Origin::File(source(full(), &found)),
            };
            let below =
                (kind == FileType::Directory).then(|| directory.child(&name).at("open", &full())).transpose()?;
            self.found.items.push(item(child.clone(), origin, &found));
            if let Some(below) = below {
                self.directory(&below, &child)?;
            }
        }
        Ok(())
    }
}

/// A file outside of the scanned tree, with another place in the archive; links to it are followed.
pub(super) fn file(path: &Path, place: impl Into<PathBuf>) -> PathResult<Item> {
    let real = path.canonicalize().at("read", path)?;
    let found = rustix::fs::stat(&real).at("read", &real)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(std::io::Error::other("it is not a regular file")).at("read", path);
    }
    Ok(item(place.into(), Origin::File(source(real, &found)), &found))
}

fn source(path: PathBuf, found: &Stat) -> Source {
    Source { path, size: u64::try_from(found.st_size).unwrap_or(0), identity: identity(found) }
}

#[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
fn item(path: PathBuf, origin: Origin, found: &Stat) -> Item {
    let mode = match origin {
        Origin::Link(_) => 0o777,
        // Neither setuid nor setgid: an archive is unpacked by others.
        _ => (found.st_mode as u32) & 0o777,
    };
    Item { path, origin, mode, mtime: u64::try_from(found.st_mtime as i64).unwrap_or(0) }
}

#[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "the types differ between systems")]
fn identity(found: &Stat) -> (u64, u64) {
    (found.st_dev as u64, found.st_ino as u64)
}
