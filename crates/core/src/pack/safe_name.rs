//! Names in archives: which lead nowhere but into the tree that an archive is unpacked to, and do nothing to a terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::problem::ArchiveProblem;

/// The longest path, in bytes: that of Linux.
pub(super) const MAX_PATH: usize = 4096;
/// The longest name of a file, in bytes: that of nearly every file system.
const MAX_NAME: usize = 255;
/// Why a name is refused that no file can have.
pub(super) const TOO_LONG: &str = "has a part that is too long for a file name";

/// Returns where a link in this directory leads, relative to the top; none for one that leads out, or may do so by way
/// of another link.
pub(super) fn safe_target(directory: &Path, target: &Path) -> Option<PathBuf> {
    let mut result = directory.to_path_buf();
    let mut is_below = false;
    for component in target.components() {
        match component {
            // After a name, which may be a link itself, nobody can tell what is above.
            Component::ParentDir if is_below || !result.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            Component::Normal(name) => {
                is_below = true;
                result.push(name);
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let is_plain = !target.as_os_str().is_empty() && !has_control(target.as_os_str().as_bytes());
    is_plain.then_some(result)
}

/// Returns a name of an archive as a path that is relative and stays below the top.
pub(super) fn safe_path(name: &[u8]) -> Result<PathBuf, ArchiveProblem> {
    if name.is_empty() || name.len() > MAX_PATH {
        return Err(unsafe_name(name, "is empty or too long"));
    }
    if has_control(name) {
        return Err(unsafe_name(name, "has a control character"));
    }
    let mut path = PathBuf::new();
    for component in Path::new(OsStr::from_bytes(name)).components() {
        match component {
            Component::Normal(part) if part.len() > MAX_NAME => return Err(unsafe_name(name, TOO_LONG)),
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err(unsafe_name(name, "leads out of the archive")),
            Component::RootDir | Component::Prefix(_) => return Err(unsafe_name(name, "is absolute")),
        }
    }
    Ok(path)
}

/// Returns whether a file can have its name in an archive, and a link its target.
pub(super) fn can_be_unpacked(path: &Path, target: Option<&Path>) -> bool {
    let path = path.as_os_str().as_bytes();
    path.len() <= MAX_PATH && !has_control(path) && !target.is_some_and(|to| has_control(to.as_os_str().as_bytes()))
}

/// Returns whether a name does something to a terminal: some obey controls of two bytes, too.
pub(super) fn has_control(name: &[u8]) -> bool {
    name.iter().any(u8::is_ascii_control) || name.utf8_chunks().any(|chunk| chunk.valid().chars().any(char::is_control))
}

/// What is wrong with a name.
pub(super) fn unsafe_name(name: &[u8], reason: &'static str) -> ArchiveProblem {
    ArchiveProblem::Unsafe { name: Path::new(OsStr::from_bytes(name)).to_path_buf(), reason }
}
