//! Whether two paths lead to one place.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Returns whether two paths lead to the same file or directory. A path that leads nowhere is the same only as itself.
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    let identity = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
    a == b || identity(a).is_some_and(|a| Some(a) == identity(b))
}

/// Returns whether two paths name the same entry of the same directory, whether it is there or not.
pub fn is_same_entry(a: &Path, b: &Path) -> bool {
    let is_same_parent = || a.parent().zip(b.parent()).is_some_and(|(a, b)| is_same_file(a, b));
    a == b || (a.file_name().is_some() && a.file_name() == b.file_name() && is_same_parent())
}

/// What tells a directory from any other that has its path later: numbers are used again, so that the time at which it
/// was made is a part. None where the file system does not keep that time.
pub(crate) fn of_directory(path: &Path) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_dir)?;
    let made = found.created().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", found.dev(), found.ino(), made.as_nanos()))
}

/// Returns whether a directory may be the one that was noted. On another device nothing can be told: it was copied.
pub(crate) fn may_be(path: &Path, noted: &str) -> bool {
    let device = |identity: &str| identity.split(' ').next().map(str::to_owned);
    of_directory(path).is_none_or(|now| now == noted || device(&now) != device(noted))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn links_and_other_spellings_are_the_same_and_what_is_missing_only_itself() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { root.path().join(name) };
        std::fs::create_dir(path("a b")).unwrap();
        std::os::unix::fs::symlink("a b", path("link")).unwrap();
        std::os::unix::fs::symlink("missing", path("dangling")).unwrap();
        assert!(is_same_file(&path("a b"), &path("link")) && is_same_file(&path("a b"), &path("link/../a b/.")));
        assert!(!is_same_file(&path("a b"), root.path()));
        assert!(
            is_same_file(&path("dangling"), &path("dangling")) && !is_same_file(&path("dangling"), &path("missing"))
        );
    }

    #[test]
    fn an_entry_is_the_same_by_every_way_to_its_directory() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { root.path().join(name) };
        std::fs::create_dir(path("envs")).unwrap();
        std::os::unix::fs::symlink("envs", path("home")).unwrap();
        assert!(is_same_entry(&path("envs/gone"), &path("home/gone")));
        assert!(is_same_entry(Path::new("/nowhere/x"), Path::new("/nowhere/x")));
        std::fs::create_dir(path("envs/api")).unwrap();
        std::os::unix::fs::symlink("api", path("envs/alias")).unwrap();
        assert!(!is_same_entry(&path("envs/api"), &path("home/alias")), "a link is another entry");
        assert!(!is_same_entry(&path("envs/gone"), &path("gone")) && !is_same_entry(Path::new("/"), Path::new("/..")));
    }
}
