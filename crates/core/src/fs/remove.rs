//! Removing a tree: on directory handles, so that a directory swapped for a link meanwhile is not followed.

use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode};
use rustix::io::Errno;

use super::mount::mounted;
use super::mount_table;
use super::walk::Directory;
use super::{PathContext, PathResult};

/// Removes whatever is at `path`: a link itself and never its target, a directory with everything below it.
///
/// Directories that the owner may not write are made writable first. Succeeds when nothing is there. Where something is
/// mounted in the tree nothing is removed; what is mounted meanwhile stays, with the directories above it.
pub fn remove_tree(path: &Path) -> PathResult<()> {
    remove_observed(path, &|_| {})
}

/// Does it, and says of each directory that it is going to be opened.
fn remove_observed(path: &Path, observe: &dyn Fn(&Path)) -> PathResult<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput)).at("remove", path);
    };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let directory = match Directory::open(parent) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.at("open", parent)?,
    };
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        mount_table::check(path)?;
    }
    remove_entry(&directory, name, path, observe)
}

fn remove_entry(parent: &Directory, name: &OsStr, shown: &Path, observe: &dyn Fn(&Path)) -> PathResult<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // Linux answers EISDIR for a directory, POSIX and macOS EPERM; EACCES may mean either.
        Err(Errno::ISDIR | Errno::PERM | Errno::ACCESS) => {}
        Err(error) => return Err(named(error)).at("remove", shown),
    }
    observe(shown);
    let directory = match parent.child_of_owner(name) {
        Err(error) if is_no_directory(&error) => {
            return rustix::fs::unlinkat(parent, name, AtFlags::empty()).map_err(named).at("remove", shown);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.at("remove", shown)?,
    };
    let children = match directory.entries() {
        // Another process removes the tree, too.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.at("list", shown)?,
    };
    for child in children {
        remove_child(&directory, &child.name, &shown.join(&child.name), observe)?;
    }
    match rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(named(error)).at("remove", shown),
    }
}

/// Removes a child; where the directory refuses, makes it writable and tries once more.
fn remove_child(parent: &Directory, name: &OsStr, shown: &Path, observe: &dyn Fn(&Path)) -> PathResult<()> {
    match remove_entry(parent, name, shown, observe) {
        Err(error) if error.source.kind() == io::ErrorKind::PermissionDenied => {
            rustix::fs::fchmod(parent.as_fd(), Mode::RWXU).at("make writable", shown)?;
            remove_entry(parent, name, shown, observe)
        }
        other => other,
    }
}

/// A mount point is busy for a process that removes it.
fn named(error: Errno) -> io::Error {
    if error == Errno::BUSY { mounted() } else { error.into() }
}

fn is_no_directory(error: &io::Error) -> bool {
    [Errno::NOTDIR, Errno::LOOP].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::test_mounts::{bind, in_mount_namespace};
    use std::fs;

    fn tree() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let (tree, outside) = (directory.path().join("it's a tree\n"), directory.path().join("outside"));
        fs::create_dir_all(tree.join("a/b")).unwrap();
        fs::write(tree.join("a/file"), "").unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("precious"), "keep").unwrap();
        (directory, tree, outside)
    }

    fn is_safe(outside: &Path) -> bool {
        fs::read(outside.join("precious")).is_ok_and(|content| content == b"keep")
    }

    #[test]
    fn several_remove_one_tree_at_once() {
        let place = tempfile::tempdir().unwrap();
        let tree = place.path().join("tree");
        for round in 0..500 {
            fs::create_dir_all(tree.join("a/b/c/d/e")).unwrap();
            let start = std::sync::Barrier::new(3);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        start.wait();
                        remove_tree(&tree).unwrap_or_else(|error| panic!("{round}: {error}"));
                    });
                }
            });
            assert!(!tree.exists());
        }
    }

    #[test]
    fn nothing_is_removed_of_a_tree_with_a_mounted_directory() {
        if !in_mount_namespace("fs::remove::tests::nothing_is_removed_of_a_tree_with_a_mounted_directory") {
            return;
        }
        let (_directory, tree, outside) = tree();
        bind(&outside, &tree.join("a/b"));
        let error = remove_tree(&tree).unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::CrossesDevices);
        assert!(error.path.ends_with("a/b"), "{error}");
        assert!(is_safe(&outside) && tree.join("a/file").exists());
        assert!(remove_tree(&tree.join("a/b")).is_err(), "the mount point itself");
        assert!(is_safe(&outside));
    }

    #[test]
    fn a_mounted_file_stays() {
        if !in_mount_namespace("fs::remove::tests::a_mounted_file_stays") {
            return;
        }
        let (_directory, tree, outside) = tree();
        bind(&outside.join("precious"), &tree.join("a/file"));
        assert_eq!(remove_tree(&tree).unwrap_err().source.kind(), io::ErrorKind::CrossesDevices);
        assert_eq!(remove_tree(&tree.join("a/file")).unwrap_err().source.kind(), io::ErrorKind::CrossesDevices);
        assert!(is_safe(&outside));
    }

    #[test]
    fn what_is_mounted_after_the_check_stays() {
        if !in_mount_namespace("fs::remove::tests::what_is_mounted_after_the_check_stays") {
            return;
        }
        let (_directory, tree, outside) = tree();
        let observe = |path: &Path| {
            if path.ends_with("a/b") {
                bind(&outside, path);
            }
        };
        assert_eq!(remove_observed(&tree, &observe).unwrap_err().source.kind(), io::ErrorKind::CrossesDevices);
        assert!(is_safe(&outside));
    }

    #[test]
    fn another_mount_of_the_parent_is_no_way_in() {
        if !in_mount_namespace("fs::remove::tests::another_mount_of_the_parent_is_no_way_in") {
            return;
        }
        let (directory, tree, outside) = tree();
        let alias = directory.path().join("alias");
        fs::create_dir(&alias).unwrap();
        bind(&outside, &tree.join("a/b"));
        bind(directory.path(), &alias);
        let _ = remove_tree(&alias.join(tree.file_name().unwrap()));
        assert!(is_safe(&outside));
    }
}
