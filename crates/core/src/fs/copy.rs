//! Copying a file or a tree as it is, for what a user has put into an environment.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};

use super::times::times_of;
use super::walk::Directory;
use super::{PathContext, PathResult, sparse};

/// Copies what is at `from` to `to`, where nothing may be: files with mode and time, directories, links as links. What is
/// neither, and what is mounted there, is left out.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> PathResult<()> {
    let (source, target) = (parent(from)?, parent(to)?);
    let (old, new) = (from.file_name().unwrap_or_default(), to.file_name().unwrap_or_default());
    let kind = std::fs::symlink_metadata(from).at("read", from)?.file_type();
    let kind = if kind.is_dir() {
        FileType::Directory
    } else if kind.is_symlink() {
        FileType::Symlink
    } else {
        FileType::RegularFile
    };
    entry(&source, old, &target, new, kind).copying(from, to)
}

fn parent(path: &Path) -> PathResult<Directory> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    Directory::open(parent).at("open", parent)
}

fn entry(source: &Directory, old: &OsStr, target: &Directory, new: &OsStr, kind: FileType) -> io::Result<()> {
    match kind {
        FileType::Directory => {
            let from = match source.child(old) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => return Ok(()),
                other => other?,
            };
            let found = rustix::fs::fstat(&from)?;
            let to = target.make_child(new, 0o700)?;
            for child in from.entries()? {
                entry(&from, &child.name, &to, &child.name, child.kind)?;
            }
            rustix::fs::fchmod(&to, Mode::from_raw_mode(found.st_mode & 0o7777))?;
            Ok(rustix::fs::futimens(&to, &times_of(&found))?)
        }
        FileType::Symlink => {
            let link = rustix::fs::readlinkat(source, old, Vec::new())?;
            Ok(rustix::fs::symlinkat(link, target, new)?)
        }
        FileType::RegularFile => file(source, old, target, new),
        _ => Ok(()),
    }
}

fn file(source: &Directory, old: &OsStr, target: &Directory, new: &OsStr) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let from = rustix::fs::openat(source, old, flags, Mode::empty())?;
    let found = rustix::fs::fstat(&from)?;
    if source.check(&from).is_err() || !FileType::from_raw_mode(found.st_mode).is_file() {
        return Ok(());
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let to = rustix::fs::openat(target, new, flags, Mode::from_raw_mode(0o600))?;
    let (from, to) = (File::from(from), File::from(to));
    sparse::copy(&from, &to, u64::try_from(found.st_size).unwrap_or(0))?;
    // It does not run with the rights of the copy's owner, who may be another.
    rustix::fs::fchmod(&to, Mode::from_raw_mode(found.st_mode & 0o777))?;
    Ok(rustix::fs::futimens(&to, &times_of(&found))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_tree_is_copied_with_modes_times_and_links() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        std::fs::create_dir_all(from.join("a/b")).unwrap();
        std::fs::write(from.join("a/b/tool"), "x".repeat(100_000)).unwrap();
        std::fs::set_permissions(from.join("a/b/tool"), PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::write(from.join("other"), "").unwrap();
        std::fs::set_permissions(from.join("other"), PermissionsExt::from_mode(0o6711)).unwrap();
        std::os::unix::fs::symlink("/nowhere", from.join("a/link")).unwrap();
        crate::test_fifo::make(&from.join("fifo"));
        copy_tree(&from, &to).unwrap();
        assert_eq!(std::fs::read(to.join("a/b/tool")).unwrap().len(), 100_000);
        let of = |root: &Path| root.join("a/b/tool").metadata().unwrap();
        assert_eq!(of(&to).permissions(), of(&from).permissions());
        assert_eq!(of(&to).modified().unwrap(), of(&from).modified().unwrap());
        assert_eq!(std::fs::read_link(to.join("a/link")).unwrap(), Path::new("/nowhere"));
        assert_eq!(to.join("other").metadata().unwrap().permissions().mode() & 0o7777, 0o711);
        assert!(!to.join("fifo").exists());
        assert!(copy_tree(&from.join("a/b/tool"), &to.join("a/b/tool")).is_err(), "nothing is replaced");
    }

    #[test]
    fn an_error_names_the_file_that_it_is_about() {
        let named = |kind: io::ErrorKind| {
            let failed: Result<(), io::Error> = Err(kind.into());
            failed.copying(Path::new("/from"), Path::new("/to")).unwrap_err().to_string()
        };
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::ReadOnlyFilesystem] {
            assert_eq!(named(kind), "could not write `/to`");
        }
        assert_eq!(named(io::ErrorKind::PermissionDenied), "could not copy `/from`");
    }
}
