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
    let moves = source.parent() != mapping.new_path().parent();
    for old in mapping.old_paths() {
        let absolute = fs::absolute(&old.join(directory), target);
        if let Ok(inside) = absolute.strip_prefix(old) {
            // It stays relative: whoever moves the tree by hand keeps it.
            let respelled = if moves { None } else { renamed(mapping, old, directory, target) };
            return respelled.unwrap_or_else(|| way(directory, inside));
        }
    }
    let absolute = fs::absolute(&source.join(directory), target);
    mapping.path(&absolute).unwrap_or_else(|| if moves { absolute } else { target.to_path_buf() })
}

/// A target that leaves the tree `old` and comes back into it by its name, with its new name there.
fn renamed(mapping: &Mapping, old: &Path, directory: &Path, target: &Path) -> Option<PathBuf> {
    let new = mapping.new_path().file_name()?;
    let mut passed = old.join(directory);
    let mut parts: Vec<_> = target.components().map(Component::as_os_str).collect();
    let mut found = None;
    for (number, part) in target.components().enumerate() {
        passed = fs::absolute(&passed, Path::new(part.as_os_str()));
        if passed == old && matches!(part, Component::Normal(_)) {
            found = Some(number);
        }
    }
    parts[found?] = new;
    Some(parts.into_iter().collect())
}

/// The way from one directory of a tree to another path in it, as a link has it.
fn way(directory: &Path, to: &Path) -> PathBuf {
    let way = relative(directory, to);
    if way.as_os_str().is_empty() { ".".into() } else { way }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(old: &[&str], new: &str, directory: &str, link: &str) -> String {
        let old: Vec<PathBuf> = old.iter().map(PathBuf::from).collect();
        let found = target(&Mapping::new(&old, Path::new(new)), &old[0], Path::new(directory), Path::new(link));
        found.into_os_string().into_string().unwrap()
    }

    #[test]
    fn a_relative_link_that_comes_back_into_the_tree_stays_relative() {
        for (directory, link, expected) in [
            ("", "../r/lib", "../r3/lib"),
            ("", "./../r", "./../r3"),
            ("bin", "../../r/bin/python", "../../r3/bin/python"),
            ("bin", "../../../e/r/bin/python", "../../../e/r3/bin/python"),
            ("r", "../../r/r/x", "../../r3/r/x"),
            ("r", "../r/x", "../r/x"),
            ("", "../r2/lib", "../r2/lib"),
            ("bin", "python3", "python3"),
            ("bin", "/e/r/bin/python", "/e/r3/bin/python"),
            ("bin", "/usr/bin/python", "/usr/bin/python"),
        ] {
            assert_eq!(moved(&["/e/r"], "/e/r3", directory, link), expected, "{directory}: {link}");
        }
        for (directory, link, expected) in [
            ("", "../r/lib", "lib"),
            ("bin", "../../r/bin/python", "python"),
            ("lib", "../../r", ".."),
            ("", "../r", "."),
            ("", "../other/x", "/e/other/x"),
        ] {
            assert_eq!(moved(&["/e/r"], "/f/r3", directory, link), expected, "{directory}: {link}");
        }
        // Of a store that is a link: the system takes the way of the real directories.
        assert_eq!(moved(&["/h/s/r", "/d/e/r"], "/h/s/r3", "", "../../e/r/lib"), "../../e/r3/lib");
    }
}
