//! Which file or directory denied permission, and whose it is.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::PathError;

/// The actions that change the entries of a directory: its permissions count, not those of the path itself.
const CHANGE_DIRECTORY: [&str; 7] = ["create", "exchange", "install", "link", "remove", "rename", "replace"];

/// The file or directory whose owner and permission bits made the system refuse.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its path.
    pub path: PathBuf,
    /// The user id of its owner.
    pub owner: u32,
    /// Whether it is a directory.
    pub is_directory: bool,
}

impl PathError {
    /// Returns what denied permission: the path itself, the directory whose entries were to change, or a directory on
    /// the way to them. None for other failures.
    pub fn refusal(&self) -> Option<Refusal> {
        if self.source.kind() != io::ErrorKind::PermissionDenied {
            return None;
        }
        let is_around = CHANGE_DIRECTORY.contains(&self.action) && !is_itself(&self.path);
        let changed = if is_around { self.path.parent()? } else { &self.path };
        // Where a directory may not be searched, nothing below it can be examined, but the directory itself can.
        changed.ancestors().find_map(examine)
    }
}

/// Returns whether it is a directory of another user that cannot move, although the one around it may be changed: its entry
/// `..` would.
fn is_itself(path: &Path) -> bool {
    let is_foreign = |found: fs::Metadata| found.is_dir() && found.uid() != rustix::process::geteuid().as_raw();
    super::may_change(path) && fs::symlink_metadata(path).is_ok_and(is_foreign)
}

fn examine(path: &Path) -> Option<Refusal> {
    let found = fs::metadata(path).ok()?;
    Some(Refusal { path: path.to_path_buf(), owner: found.uid(), is_directory: found.is_dir() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(action: &'static str, path: &Path) -> Option<PathBuf> {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        PathError { action, path: path.to_path_buf(), source }.refusal().map(|refusal| refusal.path)
    }

    #[test]
    fn what_refuses_is_what_would_have_changed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        for action in ["read", "write", "open", "list", "lock"] {
            assert_eq!(refused(action, &file).as_deref(), Some(file.as_path()), "{action}");
        }
        for action in CHANGE_DIRECTORY {
            assert_eq!(refused(action, &file).as_deref(), Some(directory.path()), "{action}");
            let missing = directory.path().join("not/there/yet");
            assert_eq!(refused(action, &missing).as_deref(), Some(directory.path()), "{action}");
        }
    }

    #[test]
    fn other_failures_have_no_refusal() {
        let error = PathError { action: "read", path: "/".into(), source: io::ErrorKind::StorageFull.into() };
        assert_eq!(error.refusal(), None);
        assert_eq!(refused("read", Path::new("")), None);
    }
}
