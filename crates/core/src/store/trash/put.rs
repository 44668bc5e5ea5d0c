//! The way into the trash: one rename, after everything that can fail.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::aside::Trash;
use super::note::{FILE_NAME, Note, Reason};
use super::place::make_entry;
use super::policy::TrashPolicy;
use crate::env::kernels::KeptKernel;
use crate::env::name::EnvName;
use crate::fs::{self, PathResult, identity, mount_table};
use crate::store::flock::{Attempt, lock_directory};

/// How to keep an environment.
#[derive(Clone, Debug)]
pub struct Keep {
    /// Whether and how long.
    pub policy: TrashPolicy,
    /// The current time.
    pub now: SystemTime,
    /// Why it is in the trash.
    pub reason: Reason,
    /// The directories that were added next to its project.
    pub directories: Vec<PathBuf>,
    /// Its Jupyter kernels that were removed with it.
    pub kernels: Vec<KeptKernel>,
}

impl Keep {
    /// Returns how to delete it at once.
    pub fn nothing() -> Self {
        Self {
            policy: TrashPolicy::none(),
            now: SystemTime::UNIX_EPOCH,
            reason: Reason::Remove,
            directories: Vec::new(),
            kernels: Vec::new(),
        }
    }

    /// What is noted next to an environment of this name.
    fn note(&self, name: &EnvName) -> Note {
        Note {
            name: name.to_string(),
            removed: self.now.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs()),
            reason: self.reason,
            size: None,
            identity: None,
            successor: None,
            is_renamed: false,
            directories: self.directories.clone(),
            kernels: self.kernels.clone(),
            store: None,
            copy: None,
        }
    }

    /// Returns it as text, for a process that goes on after a crash.
    pub(in crate::store) fn to_text(&self, name: &EnvName) -> String {
        self.note(name).text()
    }

    /// Returns what [`Keep::to_text`] has noted. How long it is kept is for the sweep to decide.
    pub(in crate::store) fn of_text(text: &str) -> Self {
        let note = Note::parse(text);
        Self {
            policy: TrashPolicy::default(),
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(note.removed.unwrap_or_default()),
            reason: note.reason,
            directories: note.directories,
            kernels: note.kernels,
        }
    }
}

/// What has become of an environment.
#[derive(Debug)]
pub enum Put {
    /// It can come back.
    Kept,
    /// It is out of the way, and to be deleted: nothing is to be kept.
    Aside(Trash),
    /// The same for one that was to be kept: there is no room for it, or no safe place.
    NotKept(Trash),
}

/// Moves an environment out of the way in one step, so that it can come back; `path` is where it is, `name` the name that
/// it had. One that something is mounted in stays. The caller has the lock of the name.
pub fn put(home: &Path, name: &EnvName, path: &Path, keep: &Keep) -> PathResult<Put> {
    if !keep.policy.keeps() {
        return Ok(Put::Aside(Trash::take_in(home, path)?));
    }
    if name.as_os_str() == FILE_NAME || !keep.policy.is_roomy(home) {
        return Ok(Put::NotKept(Trash::take_in(home, path)?));
    }
    // On a full disk there may be no room for another directory.
    let Ok(Some((entry, _handle))) = locked_entry(home, keep.now) else {
        return Ok(Put::NotKept(Trash::take_in(home, path)?));
    };
    mount_table::check(path).inspect_err(|_| forget(&entry))?;
    // Without a note it can come back too.
    let (store, successor) = (Some(home.to_path_buf()), successor(home, name, path, keep));
    let identity = identity::of_directory(path);
    let _ = Note { identity, successor, store, ..keep.note(name) }.write(&entry);
    match fs::rename_no_replace(path, &entry.join(name.as_os_str())) {
        Ok(()) => Ok(Put::Kept),
        Err(error) => {
            forget(&entry);
            // The trash is another file system.
            let is_elsewhere = error.source.kind() == io::ErrorKind::CrossesDevices;
            if is_elsewhere { Ok(Put::NotKept(Trash::take_in(home, path)?)) } else { Err(error) }
        }
    }
}

/// What has its place already.
fn successor(home: &Path, name: &EnvName, path: &Path, keep: &Keep) -> Option<String> {
    let found = identity::of_directory(&home.join(name.as_os_str())).filter(|_| keep.reason.is_replacement());
    found.filter(|found| identity::of_directory(path).as_ref() != Some(found))
}

/// Makes an entry and takes its lock, which keeps sweeps from taking it for a left-over.
fn locked_entry(home: &Path, now: SystemTime) -> PathResult<Option<(PathBuf, OwnedFd)>> {
    loop {
        let Some(entry) = make_entry(home, now)? else { return Ok(None) };
        if let Attempt::Locked(handle) = lock_directory(&entry)? {
            return Ok(Some((entry, handle)));
        }
    }
}

/// Removes an entry that holds nothing but its note.
pub(super) fn forget(entry: &Path) {
    let _ = rustix::fs::unlink(entry.join(OsStr::new(FILE_NAME)));
    let _ = rustix::fs::rmdir(entry);
}
