//! Where a symlink of a tree points once the tree has another path.

use std::path::{Component, Path, PathBuf};

use super::mapping::Mapping;
use crate::fs;

/// Returns the new target of a link in this directory of the tree, which is at `source` now.
pub(crate) fn target(mapping: &Mapping, source: &Path, directory: &Path, target: &Path) -> PathBuf {
    if target.is_absolute() {
        return mapping.path(target).unwrap_or_else(|| target.to_path_buf());
    }
    if !leaves(directory, target) {
        return target.to_path_buf();
    }
    let absolute = fs::absolute(&source.join(directory), target);
    let moves = source.parent() != mapping.new_path().parent();
    mapping.path(&absolute).unwrap_or_else(|| if moves { absolute } else { target.to_path_buf() })
}

/// Returns the way from one directory to another path; empty if that is the directory.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

/// Returns whether a link in this directory of a tree points out of it.
pub(crate) fn leaves(directory: &Path, target: &Path) -> bool {
    let mut depth = directory.components().count();
    for component in target.components() {
        match component {
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}
