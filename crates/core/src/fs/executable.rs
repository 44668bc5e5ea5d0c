//! Which files can be run.

use std::path::Path;

use rustix::fs::Access;

/// Returns whether a path leads to a regular file that this user may run.
pub fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_directory_and_a_file_without_the_right_are_not_executable() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("$(touch x) 'y");
        std::fs::write(&file, "").unwrap();
        assert!(!is_executable(&file) && !is_executable(root.path()) && !is_executable(&root.path().join("missing")));
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o700)).unwrap();
        assert!(is_executable(&file));
    }
}
