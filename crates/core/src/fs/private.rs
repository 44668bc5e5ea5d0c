//! Who, other than the user, could change a file or what a directory holds.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The user on whose behalf code runs: it must belong to this user, or to root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
}

impl User {
    /// Returns the user this process runs as. The only place that asks the system for it.
    pub fn of_this_process() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
    }
}

/// Who, except the user and root, could change what is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Its owner.
    ForeignOwner,
    /// Its group, or everybody.
    WritableByOthers,
}

/// Says who, before the path.
impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignOwner => "another user owns",
            Self::WritableByOthers => "other users may write to",
        })
    }
}

/// Judges a file or directory.
pub(crate) fn danger_of(found: &fs::Metadata, user: User) -> Option<Danger> {
    if found.uid() != user.uid && found.uid() != 0 {
        Some(Danger::ForeignOwner)
    } else if is_writable_by_others(found.mode(), found.gid(), user) {
        Some(Danger::WritableByOthers)
    } else {
        None
    }
}

/// Returns whether a file or directory is the user's own and only the user may write to it.
///
/// Stricter than [`danger_of`]: what this program keeps for itself needs no group. A caller looks at the entry itself,
/// not at what a link leads to.
pub(crate) fn is_private(found: &fs::Metadata, user: User) -> bool {
    found.uid() == user.uid && found.mode() & 0o022 == 0
}

/// Returns whether root would make this path in a directory of someone else, as `sudo` that keeps HOME does: what root
/// makes there, its owner could neither use nor remove.
pub(crate) fn is_anothers(path: &Path, user: User) -> bool {
    let nearest = path.ancestors().find_map(|above| fs::metadata(above).ok());
    user.uid == 0 && nearest.is_some_and(|found| found.uid() != 0)
}

/// Many systems give every user a group of their own with the same number, and a umask that lets it write.
fn is_writable_by_others(mode: u32, gid: u32, user: User) -> bool {
    let is_private_group = gid == user.gid && user.gid == user.uid;
    mode & 0o002 != 0 || (mode & 0o020 != 0 && !is_private_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_told_from_the_owner_of_a_home() {
        let home = tempfile::tempdir().unwrap();
        let owner = fs::metadata(home.path()).unwrap().uid();
        let (root, other) = (User { uid: 0, gid: 0 }, User { uid: 1000, gid: 1000 });
        for path in [home.path().to_path_buf(), home.path().join(".cache/venvwrap")] {
            assert_eq!(is_anothers(&path, root), owner != 0);
            assert!(!is_anothers(&path, other));
        }
        if owner == 0 {
            std::os::unix::fs::chown(home.path(), Some(1234), None).unwrap();
            assert!(is_anothers(&home.path().join(".cache/venvwrap"), root));
        }
    }

    #[test]
    fn allows_group_write_to_a_private_group_only() {
        let private = User { uid: 1000, gid: 1000 };
        let shared = User { uid: 1000, gid: 100 };
        assert!(!is_writable_by_others(0o775, 1000, private));
        assert!(is_writable_by_others(0o775, 100, private));
        assert!(is_writable_by_others(0o775, 100, shared));
        assert!(!is_writable_by_others(0o755, 100, shared));
    }
}
