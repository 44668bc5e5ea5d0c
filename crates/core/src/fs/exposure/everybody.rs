//! Places that every system has for the files of all users: nobody should trust all that is there.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Exposure, is_for_user_to_close};
use crate::fs::identity::is_same_file;

/// Directories of this kind, by their real paths.
const SHARED: [&str; 5] = ["/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/tmp"];

impl Exposure {
    /// Returns whether nobody should accept it, since it is for the files of all users, as
    /// [`place_for_everybody()`] tells.
    pub fn is_for_everybody(&self, temp_dir: &Path, user: u32) -> bool {
        place_for_everybody(&self.path, temp_dir, user).is_some()
    }
}

/// Returns the device, or directory for the files of all users, that whoever trusts what is at a path, and below, would
/// trust. What belongs to one other user is that user's; `temp_dir` is that of the process.
pub fn place_for_everybody(path: &Path, temp_dir: &Path, user: u32) -> Option<PathBuf> {
    let found = fs::metadata(path).ok().filter(|found| found.uid() == user || found.uid() == 0)?;
    if !found.is_dir() && !found.is_file() {
        return Some(path.to_path_buf());
    }
    let is_meant = |place: &&Path| {
        (place.starts_with(path) || is_same_file(place, path)) && place.is_dir() && !is_for_user_to_close(place, user)
    };
    SHARED.into_iter().map(Path::new).chain([temp_dir]).find(is_meant).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_all_users_need_is_told_from_what_some_share() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let user = fs::metadata(&root).unwrap().uid();
        let (own, shared) = (root.join("own"), root.join("above/shared"));
        for directory in [&own, &shared] {
            fs::create_dir_all(directory).unwrap();
        }
        fs::set_permissions(&shared, PermissionsExt::from_mode(0o1777)).unwrap();
        for everybody in ["/", "/tmp", "/dev/zero", "/dev"] {
            assert!(place_for_everybody(Path::new(everybody), &own, user).is_some(), "{everybody}");
        }
        for path in [&shared, &root.join("above")] {
            assert_eq!(place_for_everybody(path, &shared, user), Some(shared.clone()));
            assert_eq!(place_for_everybody(path, &own, user), None, "a team's");
        }
        for path in [&root, &own, &own.join("missing")] {
            assert_eq!(place_for_everybody(path, &own, user), None, "the user's own");
        }
    }
}
