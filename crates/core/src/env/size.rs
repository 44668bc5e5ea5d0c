//! How much space an environment takes.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fs::walk::Directory;
use crate::fs::{PathContext, PathResult};

/// The space that a tree takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Everything, each file once.
    pub total: u64,
    /// The part in files with further names elsewhere, such as the cache: removing the tree does not free it.
    pub shared: u64,
}

/// Adds up the blocks of all files of a tree. Links are not followed, and what is mounted in it does not count.
pub fn of_tree(root: &Path) -> PathResult<Size> {
    let mut size = Size::default();
    let mut seen = HashSet::new();
    add(&Directory::open(root).at("list", root)?, root, &mut size, &mut seen)?;
    Ok(size)
}

/// Measures several trees at once; none for one that cannot be read.
pub fn of_trees(roots: &[&Path]) -> Vec<Option<Size>> {
    let next = AtomicUsize::new(0);
    let measure = || {
        let mut sizes = Vec::new();
        while let Some(root) = roots.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
            sizes.push((root, of_tree(root).ok()));
        }
        sizes
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(roots.len()).min(MOST_THREADS);
    let mut found: HashMap<&Path, Option<Size>> = HashMap::new();
    std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads).filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, measure).ok()).collect();
        found.extend(measure());
        for other in others {
            found.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    roots.iter().map(|root| found.get(root).copied().flatten()).collect()
}

/// More do not make a disk faster.
const MOST_THREADS: usize = 8;

fn add(directory: &Directory, path: &Path, size: &mut Size, seen: &mut HashSet<u64>) -> PathResult<()> {
    for entry in directory.entries().at("list", path)? {
        let Some(found) = directory.space_of(&entry.name) else { continue };
        let is_shared = !entry.kind.is_dir() && found.names > 1;
        // All of the tree is on one device.
        if is_shared && !seen.insert(found.inode) {
            continue;
        }
        let bytes = found.blocks * 512;
        size.total += bytes;
        size.shared += if is_shared { bytes } else { 0 };
        if entry.kind.is_dir() {
            let path = path.join(&entry.name);
            add(&directory.child(&entry.name).at("list", &path)?, &path, size, seen)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_mounted_does_not_count() {
        use crate::test_mounts::{bind, in_mount_namespace, unbind};
        if !in_mount_namespace("env::size::tests::what_is_mounted_does_not_count") {
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::create_dir_all(path("outside/deep")).unwrap();
        std::fs::create_dir_all(path("env/a/b")).unwrap();
        std::fs::write(path("env/file"), "").unwrap();
        std::fs::write(path("outside/deep/large"), vec![1; 1 << 20]).unwrap();
        for (source, place) in [("outside", "env/a"), ("outside", "env/a/b"), ("outside/deep/large", "env/file")] {
            bind(&path(source), &path(place));
            assert!(of_tree(&path("env")).unwrap().total < 1 << 19, "{place}");
            unbind(&path(place));
        }
        assert!(of_tree(&path("outside")).unwrap().total >= 1 << 20);
    }

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
        let missing = directory.path().join("missing");
        assert_eq!(of_trees(&[directory.path(), &missing, directory.path()]), [Some(linked), None, Some(linked)]);
    }
}
