//! What files take on a disk besides their content.

use std::path::Path;

/// What a directory or a small file takes on most file systems.
const BLOCK: u64 = 4096;

/// Returns what the names of a path take that the path before it does not have: every directory is one, and a few bytes
/// of an archive are the names of thousands.
pub(crate) fn of_names(before: &Path, path: &Path) -> u64 {
    let shared = before.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    (path.components().count() - shared) as u64 * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_names_count() {
        for (before, path, names) in [("", "a/b/c", 3), ("a/b/c", "a/b/d", 1), ("a/b", "a/b/c", 1), ("a/b", "a", 0)] {
            assert_eq!(of_names(Path::new(before), Path::new(path)), names * BLOCK, "{before} {path}");
        }
    }
}
