//! File operations that the rest of the crate is built on: errors that name their path, files that appear whole or
//! not at all, and removal that never follows a link.

pub mod executable;
pub mod exposure;
pub(crate) mod hex;
pub mod identity;
pub mod private;
pub mod text;
pub(crate) mod times;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};

/// Into less room than this the standard library reads in small pieces first.
const PROBE: usize = 64;

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

/// The result of an operation on one path.
pub type PathResult<T> = Result<T, PathError>;

/// Adds the action and the path to an I/O result.
pub trait PathContext<T> {
    /// Turns the error into a [`PathError`] that says `could not ACTION PATH`.
    fn at(self, action: &'static str, path: &Path) -> PathResult<T>;
}

impl<T, E: Into<io::Error>> PathContext<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> PathResult<T> {
        self.map_err(|error| PathError { action, path: path.to_path_buf(), source: error.into() })
    }
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

/// Creates a file that must not exist yet, so that readers see all of it or none; fails with
/// [`io::ErrorKind::AlreadyExists`] where something is, also a link that leads nowhere.
pub fn publish_new(path: &Path, content: &[u8], mode: u32) -> PathResult<()> {
    let temporary = temporary_sibling(path);
    let published = write_new(&temporary, content, mode).and_then(|()| rename_no_replace(&temporary, path));
    if published.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    published
}

/// Replaces a file by a new one, so that readers see the old content or the new and never a part of either.
///
/// A link at `path` is replaced itself, not what it points to; a hard-linked file keeps its content under its other names.
pub fn replace_file(path: &Path, content: &[u8], mode: u32) -> PathResult<()> {
    let temporary = temporary_sibling(path);
    let written = write_new(&temporary, content, mode).and_then(|()| fs::rename(&temporary, path).at("replace", path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Replaces a file by a new one with the same permission bits, whatever the umask is.
pub fn rewrite_file(path: &Path, content: &[u8]) -> PathResult<()> {
    let permissions = fs::metadata(path).at("read", path)?.permissions();
    let temporary = temporary_sibling(path);
    let written = write_new(&temporary, content, 0o600)
        .and_then(|()| fs::set_permissions(&temporary, permissions).at("write", &temporary))
        .and_then(|()| fs::rename(&temporary, path).at("replace", path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Makes a symbolic link, replacing a file or link that is already there in one step.
pub fn replace_symlink(target: &Path, path: &Path) -> PathResult<()> {
    let temporary = temporary_sibling(path);
    let made = std::os::unix::fs::symlink(target, &temporary)
        .at("link", path)
        .and_then(|()| fs::rename(&temporary, path).at("replace", path));
    if made.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    made
}

/// Renames without ever replacing something that is already at `to`; fails with [`io::ErrorKind::AlreadyExists`] then.
pub fn rename_no_replace(from: &Path, to: &Path) -> PathResult<()> {
    let dir = rustix::fs::CWD;
    match rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(error) if is_unsupported(error) => rename_if_absent(from, to),
        Err(error) => Err(error).at("rename", from),
    }
}

/// Swaps two directory entries in one step; fails with [`io::ErrorKind::Unsupported`] where the file system cannot.
pub fn exchange(a: &Path, b: &Path) -> PathResult<()> {
    let dir = rustix::fs::CWD;
    match rustix::fs::renameat_with(dir, a, dir, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(error) if is_unsupported(error) => Err(io::Error::from(io::ErrorKind::Unsupported)).at("exchange", a),
        Err(error) => Err(error).at("exchange", a),
    }
}

/// Creates a directory that must not exist yet, with these permission bits (before the umask).
pub fn create_dir(path: &Path, mode: u32) -> PathResult<()> {
    fs::DirBuilder::new().mode(mode).create(path).at("create", path)
}

/// Reads a regular file of at most `limit` bytes; fails for anything else, and never blocks on a FIFO or device.
pub fn read_limited(path: &Path, limit: u64) -> PathResult<Vec<u8>> {
    use std::io::Read;
    let (file, size) = open_sized(path)?;
    // Room for one byte more than there should be: the end is then found without growing.
    let room = size.min(limit).saturating_add(1);
    let mut content = Vec::with_capacity(usize::try_from(room).unwrap_or_default().max(PROBE));
    file.take(limit + 1).read_to_end(&mut content).at("read", path)?;
    if content.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than any file of its kind")).at("read", path);
    }
    Ok(content)
}

/// Opens a regular file for reading; a FIFO, device or directory is an error instead of a wait.
pub fn open_regular(path: &Path) -> PathResult<File> {
    open_sized(path).map(|(file, _)| file)
}

/// Removes whatever is at `path`: a link itself and never its target, a directory with everything below it.
///
/// Works on directory handles, so that a directory swapped for a link meanwhile is not followed. Directories that the
/// owner may not write are made writable first. Succeeds when nothing is there. Stops at mount points.
pub fn remove_tree(path: &Path) -> PathResult<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput)).at("remove", path);
    };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let handle = match rustix::fs::open(parent, flags, Mode::empty()) {
        Err(rustix::io::Errno::NOENT) => return Ok(()),
        other => other.at("open", parent)?,
    };
    remove_entry(&handle, name, path)
}

/// The path of a sibling with a name that no other process is using: hidden, and short enough for any file system.
pub fn temporary_sibling(path: &Path) -> PathBuf {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let process = rustix::process::getpid().as_raw_nonzero();
    path.with_file_name(format!(".venvwrap-tmp-{process}-{count}"))
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
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")).at("read", path);
    }
    Ok((file, found.len()))
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

fn remove_entry<Fd: std::os::fd::AsFd>(parent: Fd, name: &OsStr, shown: &Path) -> PathResult<()> {
    use rustix::io::Errno;
    match rustix::fs::unlinkat(&parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // Linux answers EISDIR for a directory, POSIX and macOS EPERM; EACCES may mean either.
        Err(Errno::ISDIR | Errno::PERM | Errno::ACCESS) => {}
        Err(error) => return Err(error).at("remove", shown),
    }
    let handle = match open_dir_nofollow(&parent, name) {
        Ok(handle) => handle,
        Err(Errno::NOTDIR | Errno::LOOP) => {
            return rustix::fs::unlinkat(&parent, name, AtFlags::empty()).at("remove", shown);
        }
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error).at("remove", shown),
    };
    for child in child_names(&handle).at("list", shown)? {
        remove_child(&handle, &child, &shown.join(&child))?;
    }
    match rustix::fs::unlinkat(&parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error).at("remove", shown),
    }
}

/// Removes a child; where the directory refuses, makes it writable and tries once more.
fn remove_child<Fd: std::os::fd::AsFd>(parent: Fd, name: &OsStr, shown: &Path) -> PathResult<()> {
    match remove_entry(&parent, name, shown) {
        Err(error) if error.source.kind() == io::ErrorKind::PermissionDenied => {
            rustix::fs::fchmod(&parent, Mode::RWXU).at("make writable", shown)?;
            remove_entry(&parent, name, shown)
        }
        other => other,
    }
}

fn open_dir_nofollow<Fd: std::os::fd::AsFd>(parent: Fd, name: &OsStr) -> rustix::io::Result<std::os::fd::OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(&parent, name, flags, Mode::empty()) {
        Err(rustix::io::Errno::ACCESS) => {
            // Not readable by its owner: make it so. `chmodat` would follow a link that was swapped in, but the
            // worst it could do is to make a directory of the user's own readable to the user.
            rustix::fs::chmodat(&parent, name, Mode::RWXU, AtFlags::empty())?;
            rustix::fs::openat(&parent, name, flags, Mode::empty())
        }
        other => other,
    }
}

fn child_names<Fd: std::os::fd::AsFd>(handle: Fd) -> rustix::io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(&handle)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name.to_vec()));
        }
    }
    Ok(names)
}

/// Makes a directory and those above it; what is made is the user's alone.
pub(crate) fn create_private_all(directory: &Path) -> PathResult<()> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| PathError { action: "create", path: directory.to_path_buf(), source })
}
