//! What is in the trash, and the way out of it: back, or to be deleted. Both hold the lock of the entry.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::aside::PREFIX;
use super::note::{FILE_NAME, Note, Reason};
use super::place::{directories, is_usable, make_entry, time_of};
use super::put::forget;
use crate::env::kernels::KeptKernel;
use crate::env::name::EnvName;
use crate::env::size;
use crate::fs::order::Order as _;
use crate::fs::temporary::{self, unique_name};
use crate::fs::{self, PathResult, identity, mount_table};
use crate::store::flock::{Attempt, lock_directory};

/// How often a lock is tried again, a millisecond apart.
const PATIENCE: u32 = 100;

/// A removed environment that can come back.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: EnvName,
    /// When it was removed.
    pub removed: SystemTime,
    /// Why.
    pub reason: Reason,
    /// The space that it takes, if that was measured.
    pub size: Option<u64>,
    /// The directories that were added next to its project.
    pub directories: Vec<PathBuf>,
    /// The Jupyter kernels that were removed with it.
    pub kernels: Vec<KeptKernel>,
    /// The store that it was in, if that is known.
    store: Option<PathBuf>,
    /// Whether the one that has taken its place was renamed, and the name here with it: what is in it names another path.
    pub(in crate::store) is_renamed: bool,
    /// What tells it from a copy, if that is known.
    identity: Option<String>,
    /// What tells the one that has taken its place from others, if that is known.
    successor: Option<String>,
    /// Its own directory, which holds the environment and the note.
    directory: PathBuf,
}

impl Entry {
    /// Where the environment is now.
    pub fn place(&self) -> PathBuf {
        self.directory.join(self.name.as_os_str())
    }

    /// Where it was when it was removed, as far as that is known: a store that is moved takes its trash along.
    pub(in crate::store) fn old_path(&self, home: &Path) -> PathBuf {
        self.store.as_deref().unwrap_or(home).join(self.name.as_os_str())
    }

    /// Returns whether it is a link to an environment elsewhere, which alone was removed.
    pub(in crate::store) fn is_link(&self) -> bool {
        self.place().is_symlink()
    }

    /// Returns whether an environment has taken its place, so that undoing exchanges the two. In a store that was copied
    /// nothing is what was noted: there the name tells.
    pub(in crate::store) fn was_replaced_by(&self, found: &Path) -> bool {
        let is = |noted: &Option<String>, path| noted.as_ref().is_none_or(|noted| identity::may_be(path, noted));
        self.reason.is_replacement() && (is(&self.successor, found) || !is(&self.identity, &self.place()))
    }

    /// Takes the right to bring it back; none when it is being brought back or deleted.
    pub(in crate::store) fn lock(&self) -> Option<OwnedFd> {
        for _ in 0..PATIENCE {
            match lock_directory(&self.directory) {
                Ok(Attempt::Locked(handle)) => return Some(handle),
                // A sweep may be noting its size, for a moment.
                Ok(Attempt::Busy) => std::thread::sleep(Duration::from_millis(1)),
                _ => return None,
            }
        }
        None
    }

    /// Notes a copy of the environment that is about to get its place: after a crash it is known there.
    pub(in crate::store) fn note_copy(&self, copy: &Path) -> PathResult<()> {
        Note { copy: identity::of_directory(copy), ..Note::read(&self.directory) }.rewrite(&self.directory)
    }

    /// Returns whether that copy is in a place.
    pub(in crate::store) fn has_copy_at(&self, place: &Path) -> bool {
        Note::read(&self.directory).copy.is_some_and(|copy| identity::of_directory(place) == Some(copy))
    }

    /// Removes the note of what has come back.
    pub(in crate::store) fn close(&self) {
        forget(&self.directory);
        self.directory.parent().map(rustix::fs::rmdir);
    }

    /// Returns the space that it takes, and notes it where it was not known.
    pub(in crate::store) fn measure(&self) -> u64 {
        if let Some(size) = self.size {
            return size;
        }
        if self.is_link() {
            return 0;
        }
        let Ok(size) = size::of_tree(&self.place()) else { return 0 };
        let own = size.total.saturating_sub(size.shared);
        if let Some(_handle) = self.lock() {
            let _ = Note { size: Some(own), ..Note::read(&self.directory) }.rewrite(&self.directory);
        }
        own
    }
}

/// What this user has removed from a store and can bring back, newest first.
pub(in crate::store) fn entries(home: &Path) -> Vec<Entry> {
    let mut found: Vec<_> = all(home).filter_map(|directory| read(&directory)).collect();
    found.order_by(|a, b| (b.removed, &b.directory).cmp(&(a.removed, &a.directory)));
    found
}

/// The directories in the trash that hold no environment: one is being put there, or is back, or a crash came between.
pub(in crate::store) fn left_over(home: &Path) -> Vec<PathBuf> {
    all(home).filter(|directory| read(directory).is_none()).collect()
}

/// Deletes an entry, also one that holds no environment, unless a process is working on it. It is claimed by a rename
/// first: nobody brings back what is half deleted. One that something is mounted in stays as it is.
pub(in crate::store) fn delete(home: &Path, directory: &Path) -> PathResult<bool> {
    let Attempt::Locked(_handle) = lock_directory(directory)? else { return Ok(false) };
    if environment_in(directory).is_none() {
        temporary::sweep(directory);
        forget(directory);
        directory.parent().map(rustix::fs::rmdir);
        return Ok(true);
    }
    mount_table::check(directory)?;
    let claimed = home.join(unique_name(PREFIX));
    fs::rename_no_replace(directory, &claimed)?;
    directory.parent().map(rustix::fs::rmdir);
    fs::remove_tree(&claimed)?;
    Ok(true)
}

impl Entry {
    /// Deletes it; false when a process is working on it.
    pub(in crate::store) fn delete(&self, home: &Path) -> PathResult<bool> {
        delete(home, &self.directory)
    }
}

/// Notes that another environment is in an entry now, which was put there at this time.
pub(in crate::store) fn restamp(home: &Path, entry: &Entry, now: SystemTime, directories: Vec<PathBuf>) {
    let removed = now.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
    let [identity, successor] =
        [entry.place(), home.join(entry.name.as_os_str())].map(|path| identity::of_directory(&path));
    let (name, store) = (entry.name.to_string(), Some(home.to_path_buf()));
    let reason = Reason::Undo;
    let note = Note { name, removed, reason, identity, successor, directories, store, ..Note::default() };
    let _ = note.rewrite(&entry.directory);
    // The name tells how long it is kept: a directory of a new name is there, and is replaced as long as it is empty.
    if let Ok(Some(renewed)) = make_entry(home, now) {
        let _ = rustix::fs::rename(&entry.directory, &renewed);
    }
}

/// Lets what an environment has replaced follow its rename, so that undoing is still about these two.
pub(in crate::store) fn follow(home: &Path, old: &OsStr, new: &EnvName) {
    let renamed = home.join(new.as_os_str());
    if new.as_os_str() == FILE_NAME {
        return;
    }
    for entry in entries(home) {
        if entry.name.as_os_str() != old || !entry.was_replaced_by(&renamed) {
            continue;
        }
        let Some(_handle) = entry.lock() else { continue };
        let note = Note { name: new.to_string(), is_renamed: true, ..Note::read(&entry.directory) };
        if note.rewrite(&entry.directory).is_ok() {
            let _ = fs::rename_no_replace(&entry.place(), &entry.directory.join(new.as_os_str()));
        }
    }
}

/// When the things in the trash were put there.
pub(in crate::store) fn times(home: &Path) -> Vec<SystemTime> {
    let entries = directories(home).into_iter().filter_map(|trash| std::fs::read_dir(trash).ok()).flatten().flatten();
    entries.filter_map(|entry| time_of(&entry.file_name())).collect()
}

fn all(home: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = directories(home).into_iter().filter_map(|trash| std::fs::read_dir(trash).ok()).flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| time_of(name_of(path)).is_some() && is_usable(path))
}

fn read(directory: &Path) -> Option<Entry> {
    let name = environment_in(directory)?;
    let note = Note::read(directory);
    Some(Entry {
        name,
        removed: time_of(name_of(directory))?,
        reason: note.reason,
        size: note.size,
        directories: note.directories,
        kernels: note.kernels,
        store: note.store,
        is_renamed: note.is_renamed,
        identity: note.identity,
        successor: note.successor,
        directory: directory.to_path_buf(),
    })
}

/// The only directory in an entry, or the only link.
fn environment_in(directory: &Path) -> Option<EnvName> {
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let mut names = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink()));
    EnvName::for_existing(&names.next()?.file_name()).ok()
}

fn name_of(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}
