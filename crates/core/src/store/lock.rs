//! One lock per name, which is also the hidden directory that an operation on that name works in.
//!
//! The lock is `flock` on a directory `.venvwrap-op-NAME` beside the environments: the kernel releases it when its
//! process ends, however it ends, so a lock that can be taken although its directory exists was left by a crash, and
//! what lies in it says how to get back to a whole state.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::flock::{Attempt, lock_directory};
use super::journal;
use super::trash::{Keep, Put, Trash, put};
use crate::env::BIN;
use crate::env::name::EnvName;
use crate::fs::{self, PathContext, PathError, PathResult, mount_table};

const OPERATION_PREFIX: &[u8] = b".venvwrap-op-";

/// How often a lock is tried again, a millisecond apart, that a sweep has taken from under us.
const SWEEP_PATIENCE: u32 = 100;

/// Where a new environment is built, inside the operation's directory.
const STAGING: &str = "new";
/// Where the old environment waits while it is being replaced.
const REPLACED: &str = "old";
/// Says that a foreign program is making the environment in its final place.
const FOREIGN_MARK: &str = "foreign";
/// Says which directory it has made.
const MADE: &str = "made";
/// Says which directory is being filled with what is staged.
const FILLED: &str = "filled";
/// Holds a name that is too long for the name of the directory.
const NAMED: &str = "name";

/// More than some numbers.
const MAX_IDENTITY: u64 = 256;

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

impl LockError {
    /// Returns whether nothing may be made in the directory around the environment.
    fn is_refusal(&self) -> bool {
        let refusals = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
        matches!(self, Self::Path(error) if refusals.contains(&error.source.kind()))
    }
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
    /// Takes the lock on a name, without waiting, and undoes what a crashed operation on it may have left, or finishes
    /// it. Returns the old name of the environment, too, where that was a rename.
    pub(crate) fn take(home: &Path, name: &EnvName) -> Result<(Self, Option<EnvName>), LockError> {
        Self::take_in(home, home, name)
    }

    /// The same for a directory that is no child of a store. One that is there and empty is also where the work is done:
    /// the directory around it may be another file system, or belong to somebody else.
    pub(crate) fn take_in_place(home: &Path, name: &EnvName) -> Result<Self, LockError> {
        let target = home.join(name.as_os_str());
        let is_directory = std::fs::symlink_metadata(&target).is_ok_and(|found| found.is_dir());
        let inside = target.join(operation_name(name));
        if is_directory && (is_there(&inside) || Self::has_empty_target(home, name)) {
            return Ok(Self::take_in(&target, home, name)?.0);
        }
        match Self::take_in(home, home, name) {
            // What is in it can be renewed.
            Err(error) if is_directory && error.is_refusal() => Ok(Self::take_in(&target, home, name)?.0),
            other => Ok(other?.0),
        }
    }

    /// Takes the lock by a directory in `place`.
    fn take_in(place: &Path, home: &Path, name: &EnvName) -> Result<(Self, Option<EnvName>), LockError> {
        let directory = place.join(operation_name(name));
        let mut patience = SWEEP_PATIENCE;
        loop {
            let left_over = match fs::create_dir(&directory, 0o700) {
                Ok(()) => false,
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => true,
                // Nobody has named this directory: what cannot be written to is the one around it.
                Err(error) => {
                    return Err(PathError { action: "write to", path: place.to_path_buf(), ..error }.into());
                }
            };
            match lock_directory(&directory)? {
                Attempt::Locked(handle) if !is_own(&handle) => {
                    return Err(foreign_owner()).at("use", &directory).map_err(Into::into);
                }
                Attempt::Locked(handle) => {
                    let lock = Self { home: home.to_path_buf(), name: name.clone(), directory, _handle: handle };
                    // The next sweep deletes what is put aside here.
                    let renamed = if left_over { lock.recover()?.renamed } else { None };
                    if !is_spelt_out(name) {
                        fs::write_new(&lock.directory.join(NAMED), name.as_os_str().as_bytes(), 0o600)?;
                    }
                    return Ok((lock, renamed));
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

    /// Returns whether an operation on a name is under way, or was interrupted.
    pub(super) fn is_left_over(home: &Path, name: &EnvName) -> bool {
        is_there(&home.join(operation_name(name)))
    }

    /// The lock that a working directory of this name stands for, which is locked already; gives the handle back when the
    /// directory is no operation's.
    pub(super) fn of_left_over(home: &Path, entry: &OsStr, handle: OwnedFd) -> Result<Self, OwnedFd> {
        let directory = home.join(entry);
        match original_name(&directory, entry) {
            Some(name) => Ok(Self { home: home.to_path_buf(), name, directory, _handle: handle }),
            None => Err(handle),
        }
    }

    /// The name.
    pub(super) fn name(&self) -> &EnvName {
        &self.name
    }

    /// Returns whether the target is a directory with nothing in it, apart from the work of an operation on it.
    pub(crate) fn has_empty_target(home: &Path, name: &EnvName) -> bool {
        let target = home.join(name.as_os_str());
        holds_nothing_but(&target, &target.join(operation_name(name)))
    }

    /// Where the environment of this name lies, or will lie.
    pub fn target(&self) -> PathBuf {
        self.home.join(self.name.as_os_str())
    }

    /// The directory of the operation.
    pub(super) fn working(&self) -> &Path {
        &self.directory
    }

    /// The directory in which a new environment is to be built; not yet made.
    pub fn staging(&self) -> PathBuf {
        self.directory.join(STAGING)
    }

    /// Returns whether the work is done at the target itself.
    fn is_in_place(&self) -> bool {
        self.directory.starts_with(self.target())
    }

    /// Puts the staged environment into its place, where nothing may be yet.
    pub fn publish(&self) -> PathResult<()> {
        fs::rename_no_replace(&self.staging(), &self.target())
    }

    /// Fills the empty directory that is there with the staged environment: shells that are in it stay in it.
    pub fn publish_into(&self) -> PathResult<()> {
        let identity = identity_of_directory(&self.target()).unwrap_or_default();
        fs::write_new(&self.directory.join(FILLED), identity.as_bytes(), 0o600)?;
        self.fill()
    }

    /// Moves what is staged, `pyvenv.cfg` last: with it the directory is an environment.
    fn fill(&self) -> PathResult<()> {
        let (staging, target) = (self.staging(), self.target());
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&staging).at("list", &staging)? {
            names.push(entry.at("list", &staging)?.file_name());
        }
        names.sort_by_key(|name| name == "pyvenv.cfg");
        for (number, name) in names.iter().enumerate() {
            if let Err(error) = fs::rename_no_replace(&staging.join(name), &target.join(name)) {
                // Somebody has put something there meanwhile: that stays, and nothing of ours.
                for moved in &names[..number] {
                    let _ = fs::rename_no_replace(&target.join(moved), &staging.join(moved));
                }
                return Err(error);
            }
        }
        fs::remove_tree(&self.directory.join(FILLED))
    }

    /// Returns whether what has the name now is the directory that was being filled.
    fn was_being_filled(&self) -> bool {
        let noted = fs::read_limited(&self.directory.join(FILLED), MAX_IDENTITY).ok().filter(|noted| !noted.is_empty());
        noted.is_some_and(|noted| identity_of_directory(&self.target()).is_some_and(|now| now.as_bytes() == noted))
    }

    /// Puts the staged environment into the place of the one that is there, and the old one into the trash.
    pub fn publish_over(&self, keep: &Keep) -> PathResult<Put> {
        let (staging, target, replaced) = (self.staging(), self.target(), self.directory.join(REPLACED));
        if self.is_in_place() {
            // Nothing may be made around it.
            return Err(io::Error::from(io::ErrorKind::PermissionDenied)).at("write to", &self.home);
        }
        mount_table::check(&target)?;
        match fs::exchange(&staging, &target) {
            Ok(()) => put(&self.home, &self.name, &staging, keep),
            Err(error) if error.source.kind() == io::ErrorKind::Unsupported => {
                // Not atomic here; a crash between the two is put right by `recover`.
                fs::rename_no_replace(&target, &replaced)?;
                self.publish()?;
                put(&self.home, &self.name, &replaced, keep)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that a foreign program begins to make the environment in its final place.
    pub fn mark_foreign(&self) -> PathResult<()> {
        fs::write_new(&self.directory.join(FOREIGN_MARK), self.name.as_os_str().as_bytes(), 0o600)
    }

    /// Notes which directory the foreign program has made, as soon as there is one; returns whether there is. A crash
    /// removes this one, and no other that gets its name later.
    pub fn note_made(&self) -> PathResult<bool> {
        let Some(identity) = identity_of_directory(&self.target()) else { return Ok(false) };
        fs::replace_file(&self.directory.join(MADE), identity.as_bytes(), 0o600)?;
        Ok(true)
    }

    /// Notes that the foreign program has finished well.
    pub fn unmark_foreign(&self) -> PathResult<()> {
        fs::remove_tree(&self.directory.join(FOREIGN_MARK))?;
        fs::remove_tree(&self.directory.join(MADE))
    }

    /// Returns whether what has the name now is what a foreign program began to make under this lock.
    fn holds_half_made(&self) -> bool {
        let noted = fs::read_limited(&self.directory.join(MADE), MAX_IDENTITY).ok();
        let is_same = |noted: Vec<u8>| identity_of_directory(&self.target()).is_some_and(|now| now.as_bytes() == noted);
        is_there(&self.directory.join(FOREIGN_MARK)) && noted.is_some_and(is_same)
    }

    /// Returns the store to a whole state after a crashed operation: the old environment or the new one.
    ///
    /// What is left over is only put aside: deleting it may take long, and the name is busy meanwhile.
    pub(super) fn recover(&self) -> PathResult<Recovered> {
        let renamed = journal::recover(&self.directory, &self.home, &self.target())?;
        let (target, replaced) = (self.target(), self.directory.join(REPLACED));
        if is_there(&replaced) && !is_there(&target) {
            fs::rename_no_replace(&replaced, &target)?;
        }
        if self.was_being_filled() && is_there(&self.staging()) {
            // What is staged is whole. If it does not fit any more, it goes.
            let _ = self.fill();
        }
        let mut left_over = vec![self.staging(), replaced];
        if self.holds_half_made() {
            left_over.push(target.clone());
        }
        for directory in [target.join(BIN), target] {
            fs::temporary::sweep(&directory);
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
        Ok(Recovered { trash, renamed })
    }
}

/// What came of a crashed operation.
#[derive(Debug)]
pub(super) struct Recovered {
    /// What is still to be deleted.
    pub(super) trash: Vec<Trash>,
    /// The old name of the environment, if it was renamed.
    pub(super) renamed: Option<EnvName>,
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

/// The name of the directory that stands for an operation; long names are shortened by a hash.
fn operation_name(name: &EnvName) -> OsString {
    let bytes = name.as_os_str().as_bytes();
    let mut result = OPERATION_PREFIX.to_vec();
    if is_spelt_out(name) {
        result.extend_from_slice(bytes);
    } else {
        use sha2::Digest;
        result.extend(crate::fs::hex::hex(&sha2::Sha256::digest(bytes)).into_bytes());
    }
    OsString::from_vec(result)
}

/// Returns whether a directory can be named after an environment.
fn is_spelt_out(name: &EnvName) -> bool {
    name.as_os_str().len() + OPERATION_PREFIX.len() <= 255
}

/// The name that a left-over operation was about; none for the trash.
fn original_name(directory: &Path, entry: &OsStr) -> Option<EnvName> {
    let name = entry.as_bytes().strip_prefix(OPERATION_PREFIX)?;
    let noted = |file: &str| fs::read_limited(&directory.join(file), 255).ok().filter(|noted| !noted.is_empty());
    let noted = noted(NAMED).or_else(|| noted(FOREIGN_MARK));
    let name = noted.as_deref().filter(|noted| !noted.is_empty()).unwrap_or(name);
    EnvName::for_existing(OsStr::from_bytes(name)).ok()
}

/// Returns whether a working directory is the user's: what another user left says nothing about whose environment may go.
pub(super) fn is_own(handle: &OwnedFd) -> bool {
    rustix::fs::fstat(handle).is_ok_and(|found| found.st_uid == rustix::process::geteuid().as_raw())
}

fn foreign_owner() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user")
}

/// What tells a directory from any other that has its path later: numbers are used again, so that the time at which it
/// was made is a part. None where the file system does not keep that time.
fn identity_of_directory(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_dir)?;
    let made = found.created().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", found.dev(), found.ino(), made.as_nanos()))
}

/// Returns whether a directory is empty apart from one entry.
fn holds_nothing_but(directory: &Path, except: &Path) -> bool {
    let is_other = |entry: io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| entry.path() != except);
    std::fs::read_dir(directory).is_ok_and(|mut entries| !entries.any(is_other))
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn remove_content(directory: &Path) -> PathResult<()> {
    for name in [STAGING, REPLACED, MADE, FOREIGN_MARK, FILLED, NAMED].iter().chain(&journal::NAMES) {
        fs::remove_tree(&directory.join(name))?;
    }
    // A mark that was never finished: the process that wrote it is gone, since its lock is ours.
    fs::temporary::sweep(directory);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sweep::sweep;
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
        std::fs::rename(&directory, directory.with_file_name(".kept")).unwrap();
        drop(lock);
        std::fs::rename(directory.with_file_name(".kept"), directory).unwrap();
    }

    #[test]
    fn one_holder_at_a_time_and_nothing_left() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        assert!(matches!(Lock::take(home.path(), &name("a")), Err(LockError::Busy { .. })));
        drop(Lock::take(home.path(), &name("b")).unwrap());
        drop(lock);
        drop(Lock::take(home.path(), &name("a")).unwrap());
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn names_of_any_length_can_be_locked() {
        let home = tempfile::tempdir().unwrap();
        let _lock = Lock::take(home.path(), &name(&"n".repeat(255))).unwrap().0;
        assert!(matches!(Lock::take(home.path(), &name(&"n".repeat(255))), Err(LockError::Busy { .. })));
    }

    #[test]
    fn a_crash_while_building_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
        crash(lock);
        assert_eq!(entries(home.path()), [".venvwrap-op-a"]);
        sweep(home.path()).unwrap();
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn a_crash_between_the_two_renames_brings_the_old_one_back() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.directory.join(REPLACED).join("old-content")).unwrap();
        std::fs::create_dir_all(lock.staging()).unwrap();
        crash(lock);
        drop(Lock::take(home.path(), &name("a")).unwrap());
        sweep(home.path()).unwrap();
        assert_eq!(entries(home.path()), ["a"]);
        assert_eq!(entries(&home.path().join("a")), ["old-content"]);
    }

    #[test]
    fn a_crash_is_put_right_under_names_of_any_length() {
        for length in [1, 242, 243, 255] {
            let home = tempfile::tempdir().unwrap();
            let long = "n".repeat(length);
            let lock = Lock::take(home.path(), &name(&long)).unwrap().0;
            std::fs::create_dir_all(lock.directory.join(REPLACED).join("old-content")).unwrap();
            crash(lock);
            sweep(home.path()).unwrap();
            assert_eq!(entries(home.path()), std::slice::from_ref(&long), "{length}");
            drop(Lock::take(home.path(), &name(&long)).unwrap());
            assert_eq!(entries(home.path()), [long], "{length}");
        }
    }

    #[test]
    fn the_work_in_an_empty_directory_is_finished_after_a_crash() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("a");
        std::fs::create_dir(&target).unwrap();
        let lock = Lock::take_in_place(home.path(), &name("a")).unwrap();
        assert!(Lock::has_empty_target(home.path(), &name("a")));
        std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
        std::fs::write(lock.staging().join("pyvenv.cfg"), "").unwrap();
        let identity = identity_of_directory(&target).unwrap();
        std::fs::write(lock.directory.join(FILLED), identity).unwrap();
        std::fs::rename(lock.staging().join("bin"), target.join("bin")).unwrap();
        crash(lock);
        assert_eq!(entries(home.path()), ["a"]);
        assert!(!Lock::has_empty_target(home.path(), &name("a")));
        let lock = Lock::take_in_place(home.path(), &name("a")).unwrap();
        assert!(lock.publish_over(&Keep::nothing()).is_err());
        drop(lock);
        assert_eq!(entries(&target), ["bin", "pyvenv.cfg"]);
    }

    #[test]
    fn a_directory_is_filled_in_its_place_or_left_empty() {
        use std::os::unix::fs::MetadataExt;
        let prepare = || {
            let home = tempfile::tempdir().unwrap();
            std::fs::create_dir(home.path().join("a")).unwrap();
            let lock = Lock::take(home.path(), &name("a")).unwrap().0;
            std::fs::create_dir_all(lock.staging().join("bin")).unwrap();
            std::fs::write(lock.staging().join("pyvenv.cfg"), "").unwrap();
            (home, lock)
        };
        let (home, lock) = prepare();
        let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
        let before = inode(&lock.target());
        lock.publish_into().unwrap();
        assert_eq!((inode(&lock.target()), entries(&lock.target())), (before, vec!["bin".into(), "pyvenv.cfg".into()]));
        drop(lock);
        assert_eq!(entries(home.path()), ["a"]);
        // A crash in the middle is finished.
        let (home, lock) = prepare();
        let identity = identity_of_directory(&lock.target()).unwrap();
        fs::write_new(&lock.directory.join(FILLED), identity.as_bytes(), 0o600).unwrap();
        std::fs::rename(lock.staging().join("bin"), lock.target().join("bin")).unwrap();
        crash(lock);
        sweep(home.path()).unwrap();
        assert_eq!(entries(home.path()), ["a"]);
        assert_eq!(entries(&home.path().join("a")), ["bin", "pyvenv.cfg"]);
        // What was put there meanwhile stays, alone.
        let (home, lock) = prepare();
        std::fs::write(lock.target().join("pyvenv.cfg"), "mine").unwrap();
        assert!(lock.publish_into().is_err());
        assert_eq!(entries(&lock.target()), ["pyvenv.cfg"]);
        drop(lock);
        assert_eq!(entries(home.path()), ["a"]);
    }

    #[test]
    fn what_a_foreign_program_left_half_made_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        lock.mark_foreign().unwrap();
        assert!(!lock.note_made().unwrap());
        std::fs::create_dir_all(home.path().join("a/bin")).unwrap();
        assert!(lock.note_made().unwrap());
        crash(lock);
        sweep(home.path()).unwrap();
        assert!(entries(home.path()).is_empty());
    }

    #[test]
    fn what_is_made_after_a_foreign_program_was_killed_stays() {
        // It was killed before it made anything; what it made was removed by hand, and made again; or became a link.
        for (had_made, becomes_link) in [(false, false), (true, false), (true, true)] {
            let home = tempfile::tempdir().unwrap();
            let env = home.path().join("a");
            let lock = Lock::take(home.path(), &name("a")).unwrap().0;
            lock.mark_foreign().unwrap();
            if had_made {
                std::fs::create_dir(&env).unwrap();
                assert!(lock.note_made().unwrap());
                std::fs::remove_dir(&env).unwrap();
            }
            crash(lock);
            if becomes_link {
                std::fs::create_dir(home.path().join("elsewhere")).unwrap();
                std::os::unix::fs::symlink("elsewhere", &env).unwrap();
            } else {
                std::fs::create_dir(&env).unwrap();
            }
            std::fs::write(env.join("precious"), "keep").unwrap();
            sweep(home.path()).unwrap();
            assert!(env.join("precious").exists());
            drop(Lock::take(home.path(), &name("a")).unwrap());
            assert!(env.join("precious").exists());
            assert!(!home.path().join(".venvwrap-op-a").exists());
        }
    }

    #[test]
    fn nothing_in_a_working_directory_of_another_user_is_acted_on() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("a/bin")).unwrap();
        let work = home.path().join(".venvwrap-op-a");
        let trash = home.path().join(".venvwrap-trash-1");
        std::fs::create_dir_all(work.join("new")).unwrap();
        std::fs::create_dir_all(trash.join("removed")).unwrap();
        std::fs::write(work.join(FOREIGN_MARK), "").unwrap();
        std::fs::write(work.join(MADE), identity_of_directory(&home.path().join("a")).unwrap()).unwrap();
        for directory in [&work, &trash] {
            std::os::unix::fs::chown(directory, Some(65_533), Some(65_533)).unwrap();
        }
        sweep(home.path()).unwrap();
        assert!(Lock::take(home.path(), &name("a")).is_err());
        let kept = [home.path().join("a/bin"), work.join("new"), trash.join("removed")];
        assert!(kept.iter().all(|path| path.exists()));
    }

    #[test]
    fn a_sweep_leaves_living_operations_alone() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.staging()).unwrap();
        sweep(home.path()).unwrap();
        assert!(lock.staging().is_dir());
    }

    #[test]
    fn replacing_puts_the_old_one_into_the_trash() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("a/old")).unwrap();
        let lock = Lock::take(home.path(), &name("a")).unwrap().0;
        std::fs::create_dir_all(lock.staging().join("new")).unwrap();
        let Put::Aside(trash) = lock.publish_over(&Keep::nothing()).unwrap() else { panic!() };
        assert_eq!(entries(&home.path().join("a")), ["new"]);
        trash.delete().unwrap();
        drop(lock);
        assert_eq!(entries(home.path()), ["a"]);
    }
}
