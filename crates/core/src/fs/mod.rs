//! File operations that the rest of the crate is built on: errors that name their path, files that appear whole or
//! not at all, and removal that never follows a link.

pub mod accepted;
pub(crate) mod accounts;
pub(crate) mod attributes;
pub(crate) mod copy;
pub(crate) mod cost;
pub(crate) mod entry;
pub mod executable;
pub mod exposure;
pub(crate) mod hashed;
pub(crate) mod hex;
mod holder;
pub mod identity;
pub mod ini;
pub mod instead;
pub mod lock;
pub mod made;
pub mod magic;
pub(crate) mod mount;
pub mod mount_table;
mod movable;
pub mod order;
pub(crate) mod parallel;
pub mod private;
mod refusal;
mod remove;
pub mod room;
pub(crate) mod route;
pub(crate) mod sparse;
pub(crate) mod staged;
pub mod temporary;
pub mod text;
pub(crate) mod times;
pub(crate) mod walk;

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, RawMode, RenameFlags};

pub(crate) use self::entry::replace_own_file;
pub use self::entry::{Change, publish_new, replace_file, replace_symlink, rewrite_file, update};
pub use self::made::create_dir_all;
pub(crate) use self::made::create_private_all;
pub use self::remove::remove_tree;

pub use refusal::Refusal;

/// Room for a file that does not tell its size: most of the kernel's are smaller.
const UNKNOWN: u64 = 1024;

/// An operating-system error together with what was being done to which path.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} `{}`", path.display())]
pub struct PathError {
    /// What was attempted, as the words after "could not": `read`, `create`, `rename`.
    pub action: &'static str,
    /// The path it was attempted on.
    pub path: PathBuf,
    /// Why the system refused.
    #[source]
    pub source: io::Error,
}

/// Returns permission bits as the system takes them.
#[allow(clippy::cast_possible_truncation, reason = "the type differs between systems")]
pub(crate) fn mode(bits: u32) -> Mode {
    Mode::from_raw_mode((bits & 0o7777) as RawMode)
}

/// The result of an operation on one path.
pub type PathResult<T> = Result<T, PathError>;

/// Adds the action and the path to an I/O result.
pub trait PathContext<T> {
    /// Turns the error into a [`PathError`] that says `could not ACTION PATH`.
    fn at(self, action: &'static str, path: &Path) -> PathResult<T>;

    /// Turns the error of copying a file into one that names the file that it is about: the new one where there is no
    /// room for it, or it may not be written.
    fn copying(self, from: &Path, to: &Path) -> PathResult<T>;
}

impl<T, E: Into<io::Error>> PathContext<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> PathResult<T> {
        self.map_err(|error| PathError { action, path: path.to_path_buf(), source: error.into() })
    }

    fn copying(self, from: &Path, to: &Path) -> PathResult<T> {
        self.map_err(Into::into).map_err(|error| {
            let (action, path) = if is_about_writing(&error) { ("write", to) } else { ("copy", from) };
            PathError { action, path: path.to_path_buf(), source: error }
        })
    }
}

/// Returns whether an error is one of writing: there is no room, or nothing may be changed.
pub(crate) fn is_about_writing(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem | FileTooLarge)
}

/// Creates a file that must not exist yet, with this content and these permission bits (before the umask).
pub fn write_new(path: &Path, content: &[u8], mode: u32) -> PathResult<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .at("create", path)?;
    file.write_all(content).at("write", path)
}

/// Renames without ever replacing something that is already at `to`; fails with [`io::ErrorKind::AlreadyExists`] then.
pub fn rename_no_replace(from: &Path, to: &Path) -> PathResult<()> {
    let dir = rustix::fs::CWD;
    match movable::with(from, || rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE)) {
        Ok(()) => Ok(()),
        Err(error) if is_unsupported(error) => rename_if_absent(from, to),
        // The hint is about the directory that refuses: of the two it may be the other.
        Err(error) if error == rustix::io::Errno::ACCESS && may_change(from) && !may_change(to) => {
            Err(error).at("create", to)
        }
        Err(error) => Err(error).at("rename", from),
    }
}

/// Returns whether the directory of a path may be written to.
fn may_change(path: &Path) -> bool {
    let wanted = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    path.parent().is_some_and(|directory| rustix::fs::access(directory, wanted).is_ok())
}

/// Swaps two directory entries in one step; fails with [`io::ErrorKind::Unsupported`] where the file system cannot.
pub fn exchange(a: &Path, b: &Path) -> PathResult<()> {
    let dir = rustix::fs::CWD;
    let swap = || rustix::fs::renameat_with(dir, a, dir, b, RenameFlags::EXCHANGE);
    match movable::with(a, || movable::with(b, swap)) {
        Ok(()) => Ok(()),
        Err(error) if is_unsupported(error) => Err(io::Error::from(io::ErrorKind::Unsupported)).at("exchange", a),
        // In a sticky directory the owner of either can refuse, and a directory that may not be changed cannot move.
        Err(error @ (rustix::io::Errno::PERM | rustix::io::Errno::ACCESS)) => {
            Err(error).at("exchange", foreign_of(a, b))
        }
        Err(error) => Err(error).at("exchange", a),
    }
}

/// Returns that of two paths which belongs to another user.
fn foreign_of<'a>(a: &'a Path, b: &'a Path) -> &'a Path {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    if fs::symlink_metadata(b).is_ok_and(|found| found.uid() != user) { b } else { a }
}

/// Creates a directory that must not exist yet, with these permission bits (before the umask).
pub fn create_dir(path: &Path, mode: u32) -> PathResult<()> {
    fs::DirBuilder::new().mode(mode).create(path).at("create", path)
}

/// Reads a regular file of at most `limit` bytes; fails for anything else, and never blocks on a FIFO or device.
pub fn read_limited(path: &Path, limit: u64) -> PathResult<Vec<u8>> {
    use std::io::Read;
    let (mut file, size) = open_sized(path)?;
    // Files of the kernel tell no size.
    let room = if size == 0 { UNKNOWN } else { size }.min(limit.saturating_add(1));
    let mut content = vec![0; usize::try_from(room).unwrap_or(usize::MAX)];
    let mut length = 0;
    while length < content.len() {
        match file.read(&mut content[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).at("read", path),
        }
    }
    let is_full = length == content.len();
    content.truncate(length);
    // A file of a known size has been read when that much was: a question for more would be one system call in vain.
    if is_full && size == 0 {
        file.take(limit.saturating_add(1) - length as u64).read_to_end(&mut content).at("read", path)?;
    }
    if content.len() as u64 > limit {
        return Err(too_large()).at("read", path);
    }
    Ok(content)
}

/// Opens a regular file for reading; a FIFO, device or directory is an error instead of a wait.
pub fn open_regular(path: &Path) -> PathResult<File> {
    open_sized(path).map(|(file, _)| file)
}

/// The path that results from joining `path` to `base` (when relative) and resolving `.` and `..` by text alone.
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
    use std::path::Component;
    let mut result = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

/// Returns whether nothing in a directory may be run, as its file system is mounted `noexec`.
pub fn is_inert(directory: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::fs::statvfs(directory)
        .is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC));
    #[cfg(not(target_os = "linux"))]
    return directory.as_os_str().is_empty();
}

/// Returns whether a directory entry name belongs to our own hidden working directories.
pub fn is_own_hidden(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b".venvwrap-")
}

/// Opens a regular file and tells its size.
fn open_sized(path: &Path) -> PathResult<(File, u64)> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .at("read", path)?;
    let found = file.metadata().at("read", path)?;
    if !found.is_file() {
        return Err(irregular()).at("read", path);
    }
    Ok((file, found.len()))
}

fn irregular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "larger than any file of its kind")
}

fn rename_if_absent(from: &Path, to: &Path) -> PathResult<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists)).at("rename", from);
    }
    fs::rename(from, to).at("rename", from)
}

fn is_unsupported(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    matches!(error, Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP)
}
