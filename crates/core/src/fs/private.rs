//! Who, other than the user, could change a file or what a directory holds.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

pub use crate::fs::accounts::{User, user_name};
use crate::fs::hex::hex;

/// Who, except the user and root, could change what is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Its owner.
    ForeignOwner(u32),
    /// Its group.
    WritableByGroup(u32),
    /// Everybody.
    WritableByOthers,
    /// The owner of an entry of a directory in which all may make some, and only rename their own.
    ForeignEntry(u32),
}

/// Judges a file or directory.
pub(crate) fn danger_of(found: &fs::Metadata, user: User) -> Option<Danger> {
    if found.uid() != user.uid && found.uid() != 0 {
        Some(Danger::ForeignOwner(found.uid()))
    } else if found.mode() & 0o002 != 0 {
        Some(Danger::WritableByOthers)
    } else {
        let is_open = found.mode() & 0o020 != 0 && !is_private_group(found.gid(), user);
        is_open.then(|| Danger::WritableByGroup(found.gid()))
    }
}

/// Returns whether a file or directory is the user's own and only the user may write to it.
///
/// Stricter than [`danger_of`]: what this program keeps for itself needs no group. A caller looks at the entry itself,
/// not at what a link leads to.
pub(crate) fn is_private(found: &fs::Metadata, user: User) -> bool {
    found.uid() == user.uid && found.mode() & 0o022 == 0
}

/// Reads a file that only the user can have written; a link is not followed and a FIFO not waited for.
pub(crate) fn read_private(path: &Path, user: User, limit: u64) -> Option<Vec<u8>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let found = file.metadata().ok()?;
    if !found.is_file() || !is_private(&found, user) || found.len() > limit {
        return None;
    }
    let mut content = Vec::with_capacity(usize::try_from(found.len()).ok()? + 1);
    file.take(limit).read_to_end(&mut content).ok()?;
    Some(content)
}

/// Returns whether root would make this path in a directory of someone else, as `sudo` that keeps HOME does: what root
/// makes there, its owner could neither use nor remove.
pub(crate) fn is_place_of_another(path: &Path, user: User) -> bool {
    owner_of_place(path, user).is_some()
}

/// Returns the name of the user in whose directory root would make this path; none where it is root's, or the user not
/// root.
pub fn whose_place(path: &Path, user: User) -> Option<String> {
    owner_of_place(path, user).map(user_name)
}

fn owner_of_place(path: &Path, user: User) -> Option<u32> {
    if user.uid != 0 {
        return None;
    }
    let nearest = path.ancestors().find_map(|above| fs::metadata(above).ok());
    nearest.map(|found| found.uid()).filter(|uid| *uid != 0)
}

/// The file in `records` in which this user's decision about a directory is kept: named by a digest, as a path may be too
/// long for a name. That of root in a directory of another user, as `sudo` that keeps HOME makes it, does not replace
/// that user's.
pub(crate) fn record_of(records: &Path, directory: &Path, user: User) -> PathBuf {
    let digest = hex(&Sha256::digest(directory.as_os_str().as_bytes()));
    records.join(if is_place_of_another(records, user) { digest + "-root" } else { digest })
}

/// Whether a group is the user's, with nobody else in it.
fn is_private_group(gid: u32, user: User) -> bool {
    gid == user.gid && crate::fs::accounts::is_alone_in_group(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_another_user_is_not_private_whatever_its_mode() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let found = file.as_file().metadata().unwrap();
        let (own, other) =
            (User { uid: found.uid(), gid: found.gid() }, User { uid: found.uid() + 1, gid: found.gid() });
        assert!(is_private(&found, own) && !is_private(&found, other));
        assert!(read_private(file.path(), own, 1).is_some() && read_private(file.path(), other, 1).is_none());
    }

    #[test]
    fn root_is_told_from_the_owner_of_a_home() {
        let home = tempfile::tempdir().unwrap();
        let owner = fs::metadata(home.path()).unwrap().uid();
        let (root, other) = (User { uid: 0, gid: 0 }, User { uid: 1000, gid: 1000 });
        for path in [home.path().to_path_buf(), home.path().join(".cache/venvwrap")] {
            assert_eq!(is_place_of_another(&path, root), owner != 0);
            assert!(!is_place_of_another(&path, other));
        }
        if owner == 0 {
            std::os::unix::fs::chown(home.path(), Some(1234), None).unwrap();
            assert!(is_place_of_another(&home.path().join(".cache/venvwrap"), root));
        }
    }

    #[test]
    fn only_a_private_group_may_write() {
        let private = User { uid: 4_000_000_001, gid: 4_000_000_001 };
        assert!(is_private_group(4_000_000_001, private));
        assert!(!is_private_group(4_000_000_002, private));
        assert!(!is_private_group(4_000_000_002, User { uid: 4_000_000_001, gid: 4_000_000_002 }), "who is in it?");
    }
}
