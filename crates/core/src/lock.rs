//! One lock per name, which is also the hidden directory that an operation on that name works in.
//!
//! The lock is `flock` on a directory `.venvwrap-op-NAME` beside the environments: the kernel releases it when its
//! process ends, however it ends, so a lock that can be taken although its directory exists was left by a crash, and
//! what lies in it says how to get back to a whole state.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::fs::{self, PathContext, PathError, PathResult};
use crate::name::EnvName;

const OPERATION_PREFIX: &[u8] = b".venvwrap-op-";
const TRASH_PREFIX: &[u8] = b".venvwrap-trash-";

/// How often a lock is tried again, a millisecond apart, that a sweep has taken from under us.
const SWEEP_PATIENCE: u32 = 100;

/// How old a directory is that nobody is about to lock any more: making and locking it takes microseconds.
const SETTLED_AFTER: Duration = Duration::from_millis(20);

/// How often a sweep waits for a directory to get so old, before it leaves it to the next one.
const SETTLE_ATTEMPTS: u32 = 10;

/// Where a new environment is built, inside the operation's directory.
const STAGING: &str = "new";
/// Where the old environment waits while it is being replaced.
const REPLACED: &str = "old";
/// Says that a foreign program is making the environment in its final place.
const FOREIGN_MARK: &str = "foreign";

/// Why an operation on a name cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process is working on the same name.
    #[error("`{name}` is being changed by another process")]
    Busy {
        /// The name.
        name: EnvName,
    },
    /// The directory cannot be made or locked.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// The right to change one environment, held until dropped.
#[derive(Debug)]
pub struct Lock {
    home: PathBuf,
    name: EnvName,
    directory: PathBuf,
    _handle: OwnedFd,
}

impl Lock {
    /// Takes the lock on a name, without waiting, and undoes what a crashed operation on it may have left.
    pub fn take(home: &Path, name: &EnvName) -> Result<Self, LockError> {
        let directory = home.join(operation_name(name));
        let mut patience = SWEEP_PATIENCE;
        loop {
            let left_over = match fs::create_dir(&directory, 0o700) {
                Ok(()) => false,
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => true,
                Err(error) => return Err(error.into()),
            };
            match lock_directory(&directory)? {
                Attempt::Locked(handle) => {
                    let lock = Self { home: home.to_path_buf(), name: name.clone(), directory, _handle: handle };
                    if left_over {
                        // The next sweep deletes what is put aside here.
                        drop(lock.recover()?);
                    }
                    return Ok(lock);
                }
                // Nobody who works on the name locks a directory that we have just made: a sweep does, for a moment.
                Attempt::Busy if patience > 0 && (!left_over || patience < SWEEP_PATIENCE) => {
                    patience -= 1;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Attempt::Busy => return Err(LockError::Busy { name: name.clone() }),
                Attempt::Gone => {}
            }
        }
    }

    /// Where the environment of this name lies, or will lie.
    pub fn target(&self) -> PathBuf {
        self.home.join(self.name.as_os_str())
    }

    /// The directory in which a new environment is to be built; not yet made.
    pub fn staging(&self) -> PathBuf {
        self.directory.join(STAGING)
    }

    /// Puts the staged environment into its place, where nothing may be yet.
    pub fn publish(&self) -> PathResult<()> {
        fs::rename_no_replace(&self.staging(), &self.target())
    }

    /// Puts the staged environment into the place of the one that is there, and the old one into the trash.
    pub fn publish_over(&self) -> PathResult<Trash> {
        let (staging, target, replaced) = (self.staging(), self.target(), self.directory.join(REPLACED));
        match fs::exchange(&staging, &target) {
            Ok(()) => Trash::take_in(&self.home, &staging),
            Err(error) if error.source.kind() == io::ErrorKind::Unsupported => {
                // Not atomic here; a crash between the two is put right by `recover`.
                fs::rename_no_replace(&target, &replaced)?;
                self.publish()?;
                Trash::take_in(&self.home, &replaced)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that a foreign program begins to make the environment in its final place.
    pub fn mark_foreign(&self) -> PathResult<()> {
        fs::write_new(&self.directory.join(FOREIGN_MARK), self.name.as_os_str().as_bytes(), 0o600)
    }

    /// Notes that the foreign program has finished well.
    pub fn unmark_foreign(&self) -> PathResult<()> {
        fs::remove_tree(&self.directory.join(FOREIGN_MARK))
    }

    /// Returns the store to a whole state after a crashed operation: the old environment or the new one.
    ///
    /// What is left over is only put aside: deleting it may take long, and the name is busy meanwhile.
    fn recover(&self) -> PathResult<Vec<Trash>> {
        let (target, replaced) = (self.target(), self.directory.join(REPLACED));
        if is_there(&replaced) && !is_there(&target) {
            fs::rename_no_replace(&replaced, &target)?;
        }
        let mut left_over = vec![self.staging(), replaced];
        if is_there(&self.directory.join(FOREIGN_MARK)) {
            left_over.push(target.clone());
        }
        for directory in [target.join("bin"), target] {
            remove_temporary_files(&directory);
        }
        let mut trash = Vec::new();
        for path in left_over.iter().filter(|path| is_there(path)) {
            match Trash::take_in(&self.home, path) {
                Ok(taken) => trash.push(taken),
                // On a full disk there may be no room for another directory.
                Err(_) => fs::remove_tree(path)?,
            }
        }
        remove_content(&self.directory)?;
        Ok(trash)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next operation on this name.
        if rustix::fs::rmdir(&self.directory).is_err() {
            let _ = remove_content(&self.directory);
            let _ = rustix::fs::rmdir(&self.directory);
        }
    }
}

/// A removed environment that is out of the way but still takes space.
#[derive(Debug)]
pub struct Trash {
    directory: PathBuf,
    _handle: OwnedFd,
}

impl Trash {
    /// Moves a directory out of the way in one step, into a fresh hidden directory beside the environments.
    pub fn take_in(home: &Path, path: &Path) -> PathResult<Self> {
        for count in 0_u32.. {
            let process = rustix::process::getpid().as_raw_nonzero();
            let mut name = TRASH_PREFIX.to_vec();
            name.extend_from_slice(format!("{process}-{count}").as_bytes());
            let directory = home.join(OsStr::from_bytes(&name));
            match fs::create_dir(&directory, 0o700) {
                Ok(()) => {}
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            // A sweep may have taken the empty directory for a left-over before it was locked.
            let Attempt::Locked(handle) = lock_directory(&directory)? else { continue };
            // The environment lies one level deeper, where editors that look for environments do not see it.
            let moved = fs::rename_no_replace(path, &directory.join("removed"));
            if moved.is_err() {
                let _ = rustix::fs::rmdir(&directory);
            }
            return moved.map(|()| Self { directory, _handle: handle });
        }
        unreachable!("one of four billion names is free")
    }

    /// Deletes what is in the trash now, and waits for it.
    pub fn delete(self) -> PathResult<()> {
        fs::remove_tree(&self.directory)
    }
}

/// Tells whether a directory entry is left over from an operation, or belongs to one that is under way.
pub fn is_working_directory(name: &OsStr) -> bool {
    fs::is_own_hidden(name)
}

/// Removes everything that crashed operations left in the store and that no living process is working on. What cannot
/// be removed keeps nothing else from being removed; the first such error is returned.
pub fn sweep(home: &Path) -> PathResult<()> {
    let entries = match std::fs::read_dir(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.at("list", home)?,
    };
    let mut result = Ok(());
    for entry in entries {
        let name = entry.at("list", home)?.file_name();
        if is_working_directory(&name) {
            result = result.and(sweep_one(home, &name));
        }
    }
    result
}

fn sweep_one(home: &Path, name: &OsStr) -> PathResult<()> {
    let directory = home.join(name);
    if !is_settled(&directory) {
        return Ok(());
    }
    let Ok(Attempt::Locked(handle)) = lock_directory(&directory) else { return Ok(()) };
    match original_name(&directory, name) {
        Some(name) => {
            let lock = Lock { home: home.to_path_buf(), name, directory, _handle: handle };
            let trash = lock.recover()?;
            drop(lock);
            trash.into_iter().try_for_each(Trash::delete)
        }
        None => fs::remove_tree(&directory),
    }
}

/// Waits until a directory that was made a moment ago is locked by whoever made it: a sweep that came first would keep
/// the other from its work. False for one that is gone, or is made again and again.
fn is_settled(directory: &Path) -> bool {
    for _ in 0..SETTLE_ATTEMPTS {
        let Ok(modified) = std::fs::symlink_metadata(directory).and_then(|found| found.modified()) else {
            return false;
        };
        // A time in the future is another machine's; nothing can be told from it.
        if modified.elapsed().map_or(true, |age| age >= SETTLED_AFTER) {
            return true;
        }
        std::thread::sleep(SETTLED_AFTER);
    }
    false
}

enum Attempt {
    Locked(OwnedFd),
    Busy,
    Gone,
}

fn lock_directory(directory: &Path) -> PathResult<Attempt> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = match rustix::fs::open(directory, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(Attempt::Gone),
        other => other.at("open", directory)?,
    };
    match rustix::fs::flock(&handle, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(Attempt::Busy),
        // Some network file systems have no locks: better unguarded than unusable.
        Ok(()) | Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF) => {}
        Err(error) => return Err(error).at("lock", directory),
    }
    Ok(if is_same(handle.as_fd(), directory) { Attempt::Locked(handle) } else { Attempt::Gone })
}

fn is_same(handle: std::os::fd::BorrowedFd<'_>, path: &Path) -> bool {
    match (rustix::fs::fstat(handle), rustix::fs::lstat(path)) {
        (Ok(a), Ok(b)) => (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino),
        _ => false,
    }
}

/// The name of the directory that stands for an operation; long names are shortened by a hash.
fn operation_name(name: &EnvName) -> OsString {
    let bytes = name.as_os_str().as_bytes();
    let mut result = OPERATION_PREFIX.to_vec();
    if bytes.len() + OPERATION_PREFIX.len() <= 255 {
        result.extend_from_slice(bytes);
    } else {
        use sha2::Digest;
        result.extend(crate::hex::hex(&sha2::Sha256::digest(bytes)).into_bytes());
    }
    OsString::from_vec(result)
}

/// The name that a left-over operation was about; none for the trash.
fn original_name(directory: &Path, entry: &OsStr) -> Option<EnvName> {
    let name = entry.as_bytes().strip_prefix(OPERATION_PREFIX)?;
    let noted = fs::read_limited(&directory.join(FOREIGN_MARK), 255).ok();
    let name = noted.as_deref().filter(|noted| !noted.is_empty()).unwrap_or(name);
    EnvName::for_existing(OsStr::from_bytes(name)).ok()
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn remove_content(directory: &Path) -> PathResult<()> {
    for name in [STAGING, REPLACED, FOREIGN_MARK] {
        fs::remove_tree(&directory.join(name))?;
    }
    Ok(())
}

/// Removes files that a crash kept from being renamed into place; the caller holds the lock.
fn remove_temporary_files(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if fs::is_own_hidden(&entry.file_name()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> EnvName {
        EnvName::for_existing(OsStr::new(text)).unwrap()
    }

    fn entries(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Leaves the working directory as a process does that is killed.
    fn crash(lock: Lock) {
        let directory = lock.directory.clone();
        std::fs::rename(&directory, directory.with_extension("kept")).unwrap();
        drop(lock);
        std::fs::rename(directory.with_extension("kept"), directory).unwrap();
    }

    #[test]
    fn one_holder_at_a_time_and_nothing_left() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        assert!(matches!(Lock::take(home.path(), &name("a")), Err(LockError::Busy { .. })));
        Lock::take(home.path(), &name("b")).unwrap();
        drop(lock);
        Lock::take(home.path(), &name("a")).unwrap();
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn names_of_any_length_can_be_locked() {
        let home = tempfile::tempdir().unwrap();
        let _lock = Lock::take(home.path(), &name(&"n".repeat(255))).unwrap();
        assert!(matches!(Lock::take(home.path(), &name(&"n".repeat(255))), Err(LockError::Busy { .. })));
    }

    #[test]
    fn a_crash_while_building_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
        crash(lock);
        assert_eq!(entries(home.path()), [".venvwrap-op-a"]);
        sweep(home.path()).unwrap();
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn a_crash_between_the_two_renames_brings_the_old_one_back() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        std::fs::create_dir_all(lock.directory.join(REPLACED).join("old-content")).unwrap();
        std::fs::create_dir_all(lock.staging()).unwrap();
        crash(lock);
        Lock::take(home.path(), &name("a")).unwrap();
        sweep(home.path()).unwrap();
        assert_eq!(entries(home.path()), ["a"]);
        assert_eq!(entries(&home.path().join("a")), ["old-content"]);
    }

    #[test]
    fn what_a_foreign_program_left_half_made_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        lock.mark_foreign().unwrap();
        std::fs::create_dir_all(home.path().join("a/bin")).unwrap();
        crash(lock);
        sweep(home.path()).unwrap();
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn a_sweep_leaves_living_operations_alone() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        std::fs::create_dir_all(lock.staging()).unwrap();
        sweep(home.path()).unwrap();
        assert!(lock.staging().is_dir());
    }

    #[test]
    fn a_sweep_never_makes_a_free_name_busy() {
        let home = tempfile::tempdir().unwrap();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = sweep_one(home.path(), OsStr::new(".venvwrap-op-a"));
                }
            });
            let busy = (0..3000).filter(|_| Lock::take(home.path(), &name("a")).is_err()).count();
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(busy, 0);
        });
    }

    #[test]
    fn replacing_puts_the_old_one_into_the_trash() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("a/old")).unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap();
        std::fs::create_dir_all(lock.staging().join("new")).unwrap();
        let trash = lock.publish_over().unwrap();
        assert_eq!(entries(&home.path().join("a")), ["new"]);
        trash.delete().unwrap();
        drop(lock);
        assert_eq!(entries(home.path()), ["a"]);
    }
}
