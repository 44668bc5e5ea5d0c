//! One lock per name, which is also the hidden directory that an operation on that name works in.
//!
//! The lock is `flock` on a directory `.venvwrap-op-NAME` beside the environments: the kernel releases it when its
//! process ends, however it ends, so a lock that can be taken although its directory exists was left by a crash, and
//! what lies in it says how to get back to a whole state.

mod replace;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::flock::{Attempt, lock_directory};
use super::journal;
use super::trash::{Put, Trash, put};
use crate::env::health::is_evident;
use crate::env::name::EnvName;
use crate::env::{BIN, Environment};
use crate::fs::accounts::user_name;
use crate::fs::identity;
use crate::fs::order::Order as _;
use crate::fs::{self, PathContext, PathError, PathResult};

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
/// Says which directory is being replaced, and how it is kept.
const KEPT: &str = "keep";
/// Holds a name that is too long for the name of the directory.
const NAMED: &str = "name";
/// All of these.
const PARTS: [&str; 7] = [STAGING, REPLACED, MADE, FOREIGN_MARK, FILLED, KEPT, NAMED];

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
    /// Another user has put something there under the name of the lock.
    #[error("`{}` belongs to another user, `{}`, and is in the way", path.display(), user_name(*owner))]
    Foreign {
        /// What it is.
        path: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// Root would make the environment of another user its own, whose programs then cannot read or change it.
    #[error("`{}` belongs to `{}`", path.display(), user_name(*owner))]
    OfUser {
        /// The environment.
        path: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
    /// The directory cannot be made or locked.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl LockError {
    /// Returns whether nothing may be made in the directory around the environment.
    fn is_refusal(&self) -> bool {
        let refusals = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
        match self {
            Self::Path(error) => refusals.contains(&error.source.kind()),
            Self::Foreign { .. } => true,
            Self::Busy { .. } | Self::OfUser { .. } => false,
        }
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

    /// The same for a directory that is no child of a store. One that is there and no environment is also where the work is
    /// done: the directory around it may be another file system, or belong to somebody else.
    pub(crate) fn take_in_place(home: &Path, name: &EnvName) -> Result<Self, LockError> {
        let target = home.join(name.as_os_str());
        let is_directory = is_directory(&target);
        if is_directory
            && (is_there(&target.join(operation_name(name)))
                || !is_evident(&Environment::new(name.clone(), target.clone())))
        {
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
            // Before it is opened: a link of another user leads anywhere, and a directory need not let itself be opened.
            if let Some(owner) = foreign_owner(&directory) {
                return Err(LockError::Foreign { path: directory, owner });
            }
            match lock_directory(&directory)? {
                Attempt::Locked(handle) if !is_own(&handle) => {
                    return Err(LockError::Busy { name: name.clone() });
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

    /// Where operations on a name work: next to what has the name, or in it.
    pub(super) fn directories(home: &Path, name: &EnvName) -> [PathBuf; 2] {
        [home.to_path_buf(), home.join(name.as_os_str())].map(|place| place.join(operation_name(name)))
    }

    /// The lock that a working directory of this name stands for, which is locked already; gives the handle back when the
    /// directory is no operation's.
    pub(super) fn of_left_over(home: &Path, entry: &OsStr, handle: OwnedFd) -> Result<Self, OwnedFd> {
        let directory = home.join(entry);
        let Some(name) = original_name(&directory, entry) else { return Err(handle) };
        let mut lock = Self { home: home.to_path_buf(), name, directory, _handle: handle };
        // What works in its target has noted which directory that is.
        if let Some(parent) = home.parent().filter(|_| home.file_name() == Some(lock.name.as_os_str()))
            && identity::of_directory(home).is_some_and(|found| lock.fills(&found))
        {
            lock.home = parent.to_path_buf();
        }
        Ok(lock)
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

    /// Moves the staged environment into the directory that is there: shells that are in it stay in it, and so do files.
    pub fn publish_into(&self) -> PathResult<()> {
        let identity = identity::of_directory(&self.target()).unwrap_or_default();
        fs::write_new(&self.directory.join(FILLED), identity.as_bytes(), 0o600)?;
        self.fill()
    }

    /// Moves what is staged, `pyvenv.cfg` last: with it the directory is an environment.
    fn fill(&self) -> PathResult<()> {
        let mut moved = Vec::new();
        if let Err(error) = merge(&self.staging(), &self.target(), &mut moved) {
            // Somebody has put something there meanwhile: that stays, and nothing of ours.
            for (source, target) in moved.iter().rev() {
                let _ = fs::rename_no_replace(target, source);
            }
            return Err(error);
        }
        fs::remove_tree(&self.directory.join(FILLED))
    }

    /// Returns whether what has the name now is the directory that was being filled.
    fn was_being_filled(&self) -> bool {
        identity::of_directory(&self.target()).is_some_and(|now| self.fills(&now))
    }

    /// Returns whether the directory of this identity was being filled.
    fn fills(&self, identity: &str) -> bool {
        let noted = fs::read_limited(&self.directory.join(FILLED), MAX_IDENTITY);
        noted.is_ok_and(|noted| !noted.is_empty() && noted == identity.as_bytes())
    }

    /// Notes that a foreign program begins to make the environment in its final place.
    pub fn mark_foreign(&self) -> PathResult<()> {
        fs::write_new(&self.directory.join(FOREIGN_MARK), self.name.as_os_str().as_bytes(), 0o600)
    }

    /// Notes which directory the foreign program has made, as soon as there is one; returns whether there is. A crash
    /// removes this one, and no other that gets its name later.
    pub fn note_made(&self) -> PathResult<bool> {
        let Some(identity) = identity::of_directory(&self.target()) else { return Ok(false) };
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
        let is_same =
            |noted: Vec<u8>| identity::of_directory(&self.target()).is_some_and(|now| now.as_bytes() == noted);
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
            match put(&self.home, &self.name, path, &self.kept(path)) {
                Ok(Put::Kept) => {}
                Ok(Put::Aside(taken) | Put::NotKept(taken)) => trash.push(taken),
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
        if rustix::fs::rmdir(&self.directory).is_err() && !self.holds_replaced() {
            let _ = remove_content(&self.directory);
            let _ = rustix::fs::rmdir(&self.directory);
        }
    }
}

/// Moves what is in one directory into another; what is a directory in both is merged. Notes what it has moved.
fn merge(from: &Path, to: &Path, moved: &mut Vec<(PathBuf, PathBuf)>) -> PathResult<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(from).at("list", from)? {
        names.push(entry.at("list", from)?.file_name());
    }
    names.order_by_key(|name| name == "pyvenv.cfg");
    for name in names {
        let (source, target) = (from.join(&name), to.join(&name));
        if is_directory(&source) && is_directory(&target) {
            merge(&source, &target, moved)?;
        } else {
            fs::rename_no_replace(&source, &target)?;
            moved.push((source, target));
        }
    }
    Ok(())
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

/// Returns whether something has the name of a working directory.
pub(super) fn is_of_operation(name: &OsStr) -> bool {
    name.as_bytes().starts_with(OPERATION_PREFIX)
}

/// Returns whether a directory of such a name holds nothing but what operations leave there.
pub(super) fn is_left(directory: &Path) -> bool {
    let is_part = |name: &OsStr| PARTS.iter().chain(&journal::NAMES).any(|part| name == *part);
    let is_known = |name: OsString| is_part(&name) || fs::is_own_hidden(&name);
    directory.file_name().is_some_and(is_of_operation)
        && std::fs::read_dir(directory).is_ok_and(|entries| entries.flatten().all(|entry| is_known(entry.file_name())))
}

/// Returns whether a working directory is the user's: what another user left says nothing about whose environment may go.
pub(super) fn is_own(handle: &OwnedFd) -> bool {
    rustix::fs::fstat(handle).is_ok_and(|found| found.st_uid == rustix::process::geteuid().as_raw())
}

/// The owner of what has a path, where that is another user.
fn foreign_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::symlink_metadata(path).ok()?.uid();
    (owner != rustix::process::geteuid().as_raw()).then_some(owner)
}

/// Returns whether a directory is empty apart from one entry.
fn holds_nothing_but(directory: &Path, except: &Path) -> bool {
    let is_other = |entry: io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| entry.path() != except);
    std::fs::read_dir(directory).is_ok_and(|mut entries| !entries.any(is_other))
}

fn is_directory(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn remove_content(directory: &Path) -> PathResult<()> {
    for name in PARTS.iter().chain(&journal::NAMES) {
        fs::remove_tree(&directory.join(name))?;
    }
    // A mark that was never finished: the process that wrote it is gone, since its lock is ours.
    fs::temporary::sweep(directory);
    Ok(())
}
