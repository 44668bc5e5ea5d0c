//! How much space an environment takes.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::fs::{PathContext, PathResult};

/// The space that a tree takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Everything, each file once.
    pub total: u64,
    /// The part that lies in files with further names elsewhere, such as the cache: removing the tree does not free it.
    pub shared: u64,
}

/// Adds up the blocks of all files of a tree, links not followed.
pub fn of_tree(root: &Path) -> PathResult<Size> {
    let mut size = Size::default();
    let mut seen = HashSet::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).at("list", &directory)? {
            let entry = entry.at("list", &directory)?;
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                pending.push(entry.path());
            } else if found.nlink() > 1 && !seen.insert((found.dev(), found.ino())) {
                continue;
            }
            // A file system in user space may claim anything.
            let bytes = found.blocks().saturating_mul(512);
            size.total = size.total.saturating_add(bytes);
            if !found.is_dir() && found.nlink() > 1 {
                size.shared = size.shared.saturating_add(bytes);
            }
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_two_names_is_counted_once_and_called_shared() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a"), vec![1; 100_000]).unwrap();
        let single = of_tree(directory.path()).unwrap();
        assert_eq!(single.shared, 0);
        assert!(single.total >= 100_000);
        std::fs::hard_link(directory.path().join("a"), directory.path().join("b")).unwrap();
        let linked = of_tree(directory.path()).unwrap();
        assert_eq!(linked, Size { total: single.total, shared: single.total });
    }
}
