//! What is mounted inside a directory: it is no part of it, and must not be moved or deleted with it.

#[cfg(target_os = "linux")]
use std::ffi::OsString;
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::mount::{Mount, mounted};
use super::walk::Directory;
use super::{PathContext, PathError, PathResult};

/// More than any table of mounts.
#[cfg(target_os = "linux")]
const MAX_TABLE_BYTES: u64 = 64 << 20;

/// What is mounted inside a directory keeps it from being removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` cannot be removed: something is mounted at `{}`", path.display(), mount.display())]
pub struct Mounted {
    /// The directory that was to be moved or deleted.
    pub path: PathBuf,
    /// The first mount point in it.
    pub mount: PathBuf,
}

/// Fails when something is mounted at a directory or anywhere below it.
pub fn check(path: &Path) -> Result<(), MountError> {
    match first_in(path)? {
        Some(mount) => Err(Mounted { path: path.to_path_buf(), mount }.into()),
        None => Ok(()),
    }
}

/// Why a directory must stay where it is.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// Something is mounted in it.
    #[error(transparent)]
    Mounted(#[from] Mounted),
    /// The system does not say what is mounted.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl From<MountError> for PathError {
    fn from(error: MountError) -> Self {
        match error {
            MountError::Mounted(Mounted { mount, .. }) => Self { action: "remove", path: mount, source: mounted() },
            MountError::Path(error) => error,
        }
    }
}

/// The first mount point at a directory or below it; none where the directory is not there or is a link.
fn first_in(path: &Path) -> PathResult<Option<PathBuf>> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(Some(path.to_path_buf())) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let real = match parent.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.at("resolve", parent)?.join(name),
    };
    let Ok(root) = rustix::fs::lstat(&real) else { return Ok(None) };
    if !rustix::fs::FileType::from_raw_mode(root.st_mode).is_dir() {
        return Ok(None);
    }
    let above = Mount::at(rustix::fs::CWD, real.parent().unwrap_or(&real)).at("examine", parent)?;
    let is_mounted = |candidate: &PathBuf| {
        // Of two mounts at one place only the upper one can be seen, and what is below another one cannot.
        Mount::at(rustix::fs::CWD, candidate).is_ok_and(|mount| mount != above)
    };
    if let Some(mut points) = mount_points() {
        points.retain(|point| point.starts_with(&real));
        return Ok(points.into_iter().find(is_mounted));
    }
    if is_mounted(&real) {
        return Ok(Some(real));
    }
    first_by_walking(&Directory::open(&real).at("open", &real)?, &real)
}

/// The places of all mounts that this process may see; none where the system has no such table.
#[cfg(target_os = "linux")]
fn mount_points() -> Option<Vec<PathBuf>> {
    let table = super::read_limited(Path::new("/proc/self/mountinfo"), MAX_TABLE_BYTES).ok()?;
    let fields = table.split(|&byte| byte == b'\n').filter_map(|line| line.split(|&byte| byte == b' ').nth(4));
    Some(fields.map(|field| PathBuf::from(OsString::from_vec(unescaped(field)))).collect())
}

#[cfg(not(target_os = "linux"))]
fn mount_points() -> Option<Vec<PathBuf>> {
    None
}

/// Blanks, line breaks and backslashes are three octal digits after a backslash.
#[cfg(target_os = "linux")]
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            result.push(byte);
            rest = &tail[3..];
        } else {
            result.push(first);
            rest = tail;
        }
    }
    result
}

fn first_by_walking(directory: &Directory, path: &Path) -> PathResult<Option<PathBuf>> {
    for entry in directory.entries().at("list", path)? {
        let below = path.join(&entry.name);
        if !entry.kind.is_dir() {
            continue;
        }
        match directory.child(&entry.name) {
            Ok(child) => {
                if let Some(found) = first_by_walking(&child, &below)? {
                    return Ok(Some(found));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => return Ok(Some(below)),
            // What cannot be opened is dealt with where it is removed.
            Err(_) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn blanks_and_line_breaks_in_the_table_are_read_back() {
        assert_eq!(unescaped(br"/a\040b\012c\134d"), b"/a b\nc\\d");
        assert_eq!(unescaped(br"/a\9b\"), br"/a\9b\");
    }

    #[test]
    fn a_tree_without_mounts_and_a_missing_one_are_free() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("a/b")).unwrap();
        std::os::unix::fs::symlink("/", directory.path().join("a/root")).unwrap();
        assert!(check(&directory.path().join("a")).is_ok());
        assert!(check(&directory.path().join("a/root")).is_ok());
        assert!(check(&directory.path().join("missing/x")).is_ok());
        let root = Directory::open(directory.path()).unwrap();
        assert_eq!(first_by_walking(&root, directory.path()).unwrap(), None);
        assert!(check(Path::new("/")).is_err());
    }
}
