//! Directories of which the user has accepted that others may change what is in them.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs::private::{User, is_private, record_of};
use crate::fs::{PathContext, PathResult, create_private_all, read_limited, replace_own_file};

/// More than any path.
const MAX_BYTES: u64 = 64 * 1024;

/// The records of one user, a file for each directory.
#[derive(Clone, Debug)]
pub struct Accepted {
    records: PathBuf,
    user: User,
}

impl Accepted {
    /// Names the records in this program's state directory, for this user.
    pub fn new(state_dir: &Path, user: User) -> Self {
        Self { records: state_dir.join("trust/shared"), user }
    }

    /// Accepts it of a directory and what is below it; returns its real path.
    pub fn add(&self, directory: &Path) -> PathResult<PathBuf> {
        let directory = directory.canonicalize().at("resolve", directory)?;
        create_private_all(&self.records)?;
        replace_own_file(&self.file(&directory), directory.as_os_str().as_bytes())?;
        Ok(directory)
    }

    /// Accepts it no longer of a directory that is named by its real path; returns whether it was accepted.
    pub fn remove(&self, directory: &Path) -> PathResult<bool> {
        let file = self.file(directory);
        match std::fs::remove_file(&file) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            other => other.at("remove", &file).map(|()| true),
        }
    }

    /// Returns whether it was accepted of a path, which has no links in it, or of a directory above.
    pub fn contains(&self, path: &Path) -> bool {
        path.ancestors().any(|directory| self.read(&self.file(directory)).as_deref() == Some(directory))
    }

    /// Returns all of them in order.
    pub fn list(&self) -> PathResult<Vec<PathBuf>> {
        let entries = match std::fs::read_dir(&self.records) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.at("list", &self.records)?,
        };
        let mut directories: Vec<_> = entries.flatten().filter_map(|entry| self.read(&entry.path())).collect();
        directories.sort();
        Ok(directories)
    }

    /// The name of a file is only a digest of the path: the path itself is what counts.
    fn file(&self, directory: &Path) -> PathBuf {
        record_of(&self.records, directory, self.user)
    }

    /// A record that others could have written is none.
    fn read(&self, file: &Path) -> Option<PathBuf> {
        let found = std::fs::symlink_metadata(file).ok()?;
        let is_own = found.is_file() && is_private(&found, self.user);
        let content = read_limited(file, MAX_BYTES).ok().filter(|_| is_own)?;
        Some(PathBuf::from(OsStr::from_bytes(&content)))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_directory_and_what_is_below_it_are_accepted_until_that_is_withdrawn() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        let found = std::fs::metadata(&root).unwrap();
        let accepted = Accepted::new(&root.join("state"), User { uid: found.uid(), gid: found.gid() });
        assert!(accepted.list().unwrap().is_empty());
        assert!(!accepted.remove(&root).unwrap());
        let team = root.join("te\nam");
        std::fs::create_dir(&team).unwrap();
        std::os::unix::fs::symlink(&team, root.join("link")).unwrap();
        assert_eq!(accepted.add(&root.join("link")).unwrap(), team);
        assert!(accepted.contains(&team) && accepted.contains(&team.join("a/b")));
        assert!(!accepted.contains(&root) && !accepted.contains(&root.join("te\nam2")));
        assert_eq!(accepted.list().unwrap(), std::slice::from_ref(&team));
        let record = accepted.file(&team);
        std::fs::set_permissions(&record, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(!accepted.contains(&team), "others could have written it");
        std::fs::set_permissions(&record, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(accepted.remove(&team).unwrap());
        assert!(!accepted.contains(&team));
        assert!(accepted.add(&root.join("missing")).is_err());
    }
}
