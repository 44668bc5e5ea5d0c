//! Files on their way to their names: they cannot meet another process's, and none that a crash left stays.
//!
//! The process that writes a temporary file holds its lock until it has its name. The kernel releases the lock when the
//! process ends, however it ends, so that a temporary file without a lock is a left-over. Process identifiers decide
//! nothing: they repeat in containers, and on machines that share a home directory.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::remove::remove_tree;
use super::walk::Directory;
use super::{PathContext, PathResult};

const PREFIX: &str = ".venvwrap-tmp-";

/// How old a temporary file is that was left over, where it has no lock: a link, or a file on a network file system.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Returns a name with 128 random bits after the prefix.
pub(crate) fn unique_name(prefix: &str) -> OsString {
    // The keys of the standard library's hash maps come from the system's source of randomness.
    let word = || RandomState::new().build_hasher().finish();
    format!("{prefix}{:016x}{:016x}", word(), word()).into()
}

/// Returns the path of a sibling with a name that no other process uses, for a directory.
pub(crate) fn sibling(path: &Path) -> PathBuf {
    path.with_file_name(unique_name(PREFIX))
}

/// Makes a temporary file with these permission bits (before the umask), which stays locked as long as it is open.
pub(crate) fn create(directory: &Directory, mode: u32) -> io::Result<(OsString, File)> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let name = unique_name(PREFIX);
        // Its owner can always open it again to see whether it is locked.
        let mode = super::mode(mode) | Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(directory, &name, flags, mode)?;
        match rustix::fs::flock(&file, FlockOperation::LockExclusive) {
            Ok(()) if rustix::fs::fstat(&file)?.st_nlink == 0 => {} // A sweep came between.
            // Some network file systems have no locks.
            _ => return Ok((name, file.into())),
        }
    }
}

/// Makes a temporary link.
pub(crate) fn create_link(directory: &Directory, target: &Path) -> io::Result<OsString> {
    let name = unique_name(PREFIX);
    rustix::fs::symlinkat(target, directory, &name)?;
    Ok(name)
}

/// Removes a directory in which another process may be writing: under another name, so that no new files come.
pub fn discard(path: &Path) -> PathResult<()> {
    let away = sibling(path);
    if let Some(parent) = path.parent() {
        sweep_siblings(parent);
    }
    std::fs::rename(path, &away).at("remove", path)?;
    // What has a directory open may still finish a file in it.
    let removed = (0..3).find_map(|_| remove_tree(&away).ok());
    removed.map_or_else(|| remove_tree(&away), Ok)
}

/// Removes the temporary files that crashes left in a directory, as far as they are the user's. Best effort.
pub fn sweep(directory: &Path) {
    if let Ok(directory) = Directory::open(directory) {
        sweep_in(&directory);
    }
}

/// Removes the temporary directories of [`sibling`] that crashes left in a directory: those that nobody has locked.
pub(crate) fn sweep_siblings(directory: &Path) {
    let Ok(open) = Directory::open(directory) else { return };
    for entry in open.entries().unwrap_or_default() {
        let is_candidate = is_temporary(&entry.name) && entry.kind.is_dir();
        let Some(child) = is_candidate.then(|| open.child(&entry.name).ok()).flatten() else { continue };
        let is_own = rustix::fs::fstat(&child).is_ok_and(|found| found.st_uid == rustix::process::geteuid().as_raw());
        if is_own && rustix::fs::flock(&child, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = remove_tree(&directory.join(&entry.name));
        }
    }
}

/// The same below a directory that belongs to this program alone, in all directories.
pub fn sweep_below(directory: &Path) {
    if let Ok(directory) = Directory::open(directory) {
        sweep_all(&directory);
    }
}

/// Removes those in a directory that is open.
pub(crate) fn sweep_in(directory: &Directory) {
    for entry in directory.entries().unwrap_or_default() {
        if is_temporary(&entry.name) {
            let _ = remove_left_over(directory, &entry.name);
        }
    }
}

fn sweep_all(directory: &Directory) {
    sweep_in(directory);
    for entry in directory.entries().unwrap_or_default() {
        if entry.kind.is_dir()
            && let Ok(child) = directory.child(&entry.name)
        {
            sweep_all(&child);
        }
    }
}

fn is_temporary(name: &OsStr) -> bool {
    name.as_bytes().starts_with(PREFIX.as_bytes())
}

/// Removes a temporary file, provided that the process that made it has ended.
fn remove_left_over(directory: &Directory, name: &OsStr) -> rustix::io::Result<()> {
    let found = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = FileType::from_raw_mode(found.st_mode);
    if found.st_uid != rustix::process::geteuid().as_raw() || !(kind.is_symlink() || kind.is_file()) {
        return Ok(());
    }
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(directory, name, flags, Mode::empty());
    let is_dead = match file.as_ref().map(|file| rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive)) {
        Ok(Ok(())) => true,
        Ok(Err(Errno::WOULDBLOCK)) => false,
        // A link, or a file system without locks.
        _ => is_old(&found),
    };
    // The lock is held until the name is gone: the process that has just made the file sees then that it is.
    if is_dead { rustix::fs::unlinkat(directory, name, AtFlags::empty()) } else { Ok(()) }
}

#[allow(clippy::unnecessary_cast, reason = "the type differs between systems")]
fn is_old(found: &rustix::fs::Stat) -> bool {
    let changed = u64::try_from(found.st_mtime as i64).unwrap_or_default();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    now.as_secs() > changed.saturating_add(ABANDONED_AFTER.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fs;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_another_process_still_writes_to_is_out_of_the_way() {
        let place = tempfile::tempdir().unwrap();
        let cache = place.path().join("v1");
        for round in 0..20 {
            let below = cache.join("wheels/staging");
            fs::create_dir_all(&below).unwrap();
            let stop = std::sync::atomic::AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let mut number = 0;
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        number += 1;
                        let _ = fs::write(below.join(format!("f{number}")), "");
                    }
                });
                discard(&cache).unwrap_or_else(|error| panic!("{round}: {error}"));
                assert!(!cache.exists());
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            });
        }
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn names_do_not_meet() {
        let names: HashSet<_> = (0..10_000).map(|_| unique_name(PREFIX)).collect();
        assert_eq!(names.len(), 10_000);
        let process = std::process::id().to_string();
        assert!(names.iter().all(|name| name.len() == PREFIX.len() + 32), "no room for {process}");
    }

    #[test]
    fn what_another_user_has_left_stays() {
        let place = tempfile::tempdir().unwrap();
        let name = format!("{PREFIX}0");
        fs::write(place.path().join(&name), "").unwrap();
        // Only root can give a file away.
        if std::os::unix::fs::chown(place.path().join(&name), Some(4321), None).is_ok() {
            sweep(place.path());
            assert_eq!(names(place.path()), [name]);
        }
    }

    #[test]
    fn a_left_over_goes_and_a_file_that_is_being_written_stays() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(place.path()).unwrap();
        let (living, file) = create(&directory, 0o400).unwrap();
        let (dead, crashed) = create(&directory, 0o600).unwrap();
        drop(crashed);
        // What a version with another pattern, or another process with this one's identifier, has left.
        let old = format!("{PREFIX}{}-0", std::process::id());
        fs::write(place.path().join(&old), "").unwrap();
        sweep(place.path());
        assert_eq!(names(place.path()), [living.to_str().unwrap()]);
        assert_ne!(living, dead);
        drop(file);
        sweep_below(place.path());
        assert!(names(place.path()).is_empty());
    }

    #[test]
    fn links_go_when_they_are_old_and_other_things_never() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(place.path()).unwrap();
        let (fresh, old) = (create_link(&directory, Path::new("/x")), create_link(&directory, Path::new("/x")));
        let (fresh, old) = (fresh.unwrap(), old.unwrap());
        let time = rustix::fs::Timespec { tv_sec: 1, tv_nsec: 0 };
        let times = rustix::fs::Timestamps { last_access: time, last_modification: time };
        rustix::fs::utimensat(&directory, &old, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        fs::create_dir(place.path().join(unique_name(PREFIX))).unwrap();
        fs::write(place.path().join("precious"), "").unwrap();
        sweep(place.path());
        let left = names(place.path());
        assert!(left.len() == 3 && left.contains(&fresh.into_string().unwrap()), "{left:?}");
    }

    #[test]
    fn who_writes_a_file_removes_what_a_crash_left_beside_it() {
        let place = tempfile::tempdir().unwrap();
        drop(create(&Directory::open(place.path()).unwrap(), 0o600).unwrap());
        crate::fs::replace_file(&place.path().join("file"), b"new", 0o600).unwrap();
        assert_eq!(names(place.path()), ["file"]);
    }

    #[test]
    fn sweeps_and_writers_do_not_disturb_each_other() {
        let place = tempfile::tempdir().unwrap();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    sweep(place.path());
                }
            });
            for round in 0..2000 {
                crate::fs::replace_file(&place.path().join("file"), round.to_string().as_bytes(), 0o600).unwrap();
            }
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert_eq!(names(place.path()), ["file"]);
    }
}
