//! Bringing removed environments back, and deleting those whose time is over.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::copy::{CopyError, Progress, Source};
use super::error::{OperationError, from_causes};
use super::home::{HomeError, Store};
use super::lock::LockError;
use super::mirror::Kind;
use super::rename::Followed;
use super::trash::{self, Entry, Foreign, Keep, Put, Reason};
use crate::env::Environment;
use crate::env::metadata;
use crate::env::name::EnvName;
use crate::fs::mount_table::{self, MountError, Mounted};
use crate::fs::{self, PathError, PathResult};
use crate::relocate::mapping::Mapping;

/// An environment that is back.
#[derive(Debug)]
pub struct Undone {
    /// The environment.
    pub environment: Environment,
    /// What it was in the trash.
    pub entry: Entry,
    /// Whether the one that had taken its place is in the trash now.
    pub has_replaced: bool,
    /// What named its old path and names the new one now; none where it has its path again, or where another environment
    /// has that.
    pub followed: Option<Followed>,
    /// Its Jupyter kernels and snapshots that are not back, each with the reason.
    pub problems: Vec<PathError>,
}

/// What has become of the trash.
#[derive(Debug, Default)]
pub struct Emptied {
    /// What was deleted.
    pub deleted: Vec<Entry>,
    /// What was not, each with the reason.
    pub failed: Vec<(Entry, PathError)>,
}

/// Why nothing has come back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The trash is empty.
    #[error("no removed environment is kept")]
    Empty {
        /// What others keep.
        others: Vec<Foreign>,
    },
    /// Nothing of this name is in the trash.
    #[error("no removed environment named `{name}` is kept")]
    NotFound {
        /// The name.
        name: EnvName,
        /// The names that are there, newest first.
        kept: Vec<EnvName>,
        /// What others keep.
        others: Vec<Foreign>,
    },
    /// Something has the name by now.
    #[error("`{name}` exists again")]
    Taken {
        /// The name.
        name: EnvName,
    },
    /// Another process brings it back or deletes it.
    #[error("`{name}` is being restored or deleted by another process")]
    Busy {
        /// The name.
        name: EnvName,
    },
    /// It cannot get its new name.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Something is mounted in the one that has taken its place.
    #[error(transparent)]
    Mounted(#[from] Mounted),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(UndoError: LockError, HomeError, PathError);

impl From<MountError> for UndoError {
    fn from(error: MountError) -> Self {
        match error {
            MountError::Mounted(error) => error.into(),
            MountError::Path(error) => error.into(),
        }
    }
}

impl Store {
    /// What can be brought back, newest first.
    pub fn trashed(&self) -> Vec<Entry> {
        trash::entries(self.home())
    }

    /// What other users have removed from this store, and only they can bring back; that of root first.
    pub fn trashed_by_others(&self) -> Vec<Foreign> {
        trash::of_others(self.home())
    }

    /// Brings back the environment that was removed last, or the last one of a name. One that was replaced changes places
    /// with what has replaced it.
    pub fn undo(&self, name: Option<&EnvName>) -> Result<Undone, UndoError> {
        let entry = self.newest(name)?;
        let lock = self.lock(&entry.name)?;
        let Some(_handle) = entry.lock() else { return Err(UndoError::Busy { name: entry.name }) };
        let environment = Environment::new(entry.name.clone(), lock.target());
        let target = environment.path();
        let Ok(found) = std::fs::symlink_metadata(target) else {
            // First: after a crash between the two, `undo` finds them as they are to be. Only in its place a link leads to
            // the pictures of its kernels.
            let is_link = entry.is_link();
            let before = if is_link { &[] } else { &entry.kernels[..] };
            let mut problems = self.put_kernels_back(&entry.place(), before);
            fs::rename_no_replace(&entry.place(), target).map_err(|error| taken_meanwhile(error, &entry))?;
            if is_link {
                problems = self.put_kernels_back(target, &entry.kernels);
            }
            problems.extend(self.bring_snapshots(&entry, target).err());
            entry.close();
            self.mirror_return(&environment, &entry);
            return Ok(Undone { environment, entry, has_replaced: false, followed: None, problems });
        };
        if !entry.reason.is_replacement() || !found.is_dir() {
            return Err(UndoError::Taken { name: entry.name });
        }
        mount_table::check(target)?;
        let (old, directories) = (self.project_of(&environment).ok().flatten(), self.added_directories(&environment));
        self.change_places(&entry, target, directories)?;
        let new = self.project_of(&environment).ok().flatten();
        let _ = self.mirror_change(&environment, old.as_deref(), new.as_deref());
        let problems = self.retitle_kernels(&environment).problems;
        Ok(Undone { environment, entry, has_replaced: true, followed: None, problems })
    }

    /// Brings it back under another name; what names its path is rewritten.
    pub fn undo_as(&self, name: Option<&EnvName>, new: &EnvName, progress: Progress<'_>) -> Result<Undone, UndoError> {
        let entry = self.newest(name)?;
        if *new == entry.name {
            return self.undo(name);
        }
        let Some(handle) = entry.lock() else { return Err(UndoError::Busy { name: entry.name }) };
        let environment = if entry.is_link() {
            self.move_link_back(&entry, new)?
        } else {
            let returned = self.environment(new.clone());
            // Unless an earlier undo came that far.
            if !entry.has_copy_at(returned.path()) {
                self.copy_and_note(&Source::Path(entry.place()), new, progress, &|copy| entry.note_copy(copy))?;
            }
            metadata::keep_times(&entry.place(), returned.path());
            returned
        };
        let old = self.environment(entry.name.clone());
        let mut problems = self.move_kernels_back(old.path(), &environment, &entry.kernels);
        problems.extend(self.bring_snapshots(&entry, environment.path()).err());
        let followed = self.follow_return(&old, &environment);
        drop(handle);
        self.mirror_return(&environment, &entry);
        // What cannot be deleted now stays in the trash until its time is over.
        let _ = entry.delete(self.home());
        Ok(Undone { environment, entry, has_replaced: false, followed, problems })
    }

    /// Lets its snapshots follow one that is in another place now.
    fn bring_snapshots(&self, entry: &Entry, path: &Path) -> PathResult<()> {
        let old = entry.old_path(self.home());
        if old == path { Ok(()) } else { self.return_snapshots(&old, path, entry.removed) }
    }

    /// Lets follow what still names the old path. Once another environment has that, it means the other one.
    fn follow_return(&self, old: &Environment, returned: &Environment) -> Option<Followed> {
        let is_free = std::fs::symlink_metadata(old.path()).is_err();
        let mapping = Mapping::new(&[old.path().to_path_buf()], returned.path());
        is_free.then(|| self.follow_outside(old.path(), returned, &mapping))
    }

    /// Nothing names the path of a link.
    fn move_link_back(&self, entry: &Entry, new: &EnvName) -> Result<Environment, UndoError> {
        self.check()?;
        let lock = self.lock(new)?;
        let environment = Environment::new(new.clone(), lock.target());
        fs::rename_no_replace(&entry.place(), environment.path()).map_err(|error| match error.source.kind() {
            std::io::ErrorKind::AlreadyExists => CopyError::Exists { name: new.clone() }.into(),
            _ => taken_meanwhile(error, entry),
        })?;
        Ok(environment)
    }

    /// Deletes what is in the trash, or what has been there for so long, and waits for it. What cannot be deleted keeps
    /// nothing else.
    pub fn empty_trash(&self, older: Option<Duration>) -> Emptied {
        let now = self.time();
        let is_meant = |entry: &Entry| older.is_none_or(|older| age(entry, now) >= older);
        let mut emptied = Emptied::default();
        for entry in self.trashed().into_iter().filter(is_meant) {
            match entry.delete(self.home()) {
                Ok(true) => emptied.deleted.push(entry),
                Ok(false) => {}
                Err(error) => emptied.failed.push((entry, error)),
            }
        }
        emptied
    }

    /// Returns whether there is so much free space that removed environments are kept.
    pub fn has_room_for_trash(&self) -> bool {
        self.options().trash.is_roomy(self.home())
    }

    /// Deletes what has been in the trash for long enough, then the oldest until there is room enough. What cannot be
    /// deleted keeps nothing else; the first such error is returned.
    pub(super) fn sweep_trash(&self) -> PathResult<()> {
        let (home, policy, now) = (self.home(), self.options().trash, self.time());
        let is_expired = |entry: &Entry| !policy.keeps() || age(entry, now) >= policy.keep;
        let mut result = Ok(());
        let mut delete =
            |entry: &Entry| result = std::mem::replace(&mut result, Ok(())).and(entry.delete(home).map(drop));
        let (expired, kept): (Vec<_>, Vec<_>) = self.trashed().into_iter().partition(is_expired);
        expired.iter().for_each(&mut delete);
        let mut total = 0_u64;
        let mut fitting = Vec::new();
        for entry in kept {
            total = total.saturating_add(entry.measure());
            if total > policy.max { delete(&entry) } else { fitting.push(entry) }
        }
        for entry in fitting.iter().rev().take_while(|_| !policy.is_roomy(home)) {
            delete(entry);
        }
        result
    }

    /// Returns whether the time of something in the trash is over; looks at nothing but the names.
    pub(super) fn has_expired(&self) -> bool {
        let (policy, now) = (self.options().trash, self.time());
        let is_over = |removed: SystemTime| now.duration_since(removed).is_ok_and(|age| age >= policy.keep);
        trash::times(self.home()).into_iter().any(is_over)
    }

    /// Puts an environment of this store into the trash; the caller has its lock. This is how everything that replaces or
    /// removes one keeps it.
    pub(super) fn keep(&self, name: &EnvName, path: &Path, keep: &Keep) -> PathResult<Put> {
        trash::put(self.home(), name, path, keep)
    }

    /// How to keep an environment, with the directories that were added to it.
    pub(super) fn keeping(&self, reason: Reason, directories: Vec<PathBuf>) -> Keep {
        Keep { policy: self.options().trash, now: self.time(), reason, directories, kernels: Vec::new() }
    }

    fn newest(&self, name: Option<&EnvName>) -> Result<Entry, UndoError> {
        self.check()?;
        // Where nothing is kept, what is still there is to be deleted, and was not removed last.
        let entries = if self.options().trash.keeps() { self.trashed() } else { Vec::new() };
        let found = entries.iter().find(|entry| name.is_none_or(|name| entry.name == *name));
        match (found, name) {
            (Some(entry), _) => Ok(entry.clone()),
            (None, Some(name)) => {
                let mut kept: Vec<_> = entries.into_iter().map(|entry| entry.name).collect();
                kept.dedup();
                Err(UndoError::NotFound { name: name.clone(), kept, others: self.trashed_by_others() })
            }
            (None, None) => Err(UndoError::Empty { others: self.trashed_by_others() }),
        }
    }

    fn change_places(&self, entry: &Entry, target: &Path, directories: Vec<PathBuf>) -> Result<(), UndoError> {
        match fs::exchange(&entry.place(), target) {
            Ok(()) => {
                trash::restamp(self.home(), entry, self.time(), directories);
                Ok(())
            }
            Err(error) if error.source.kind() == std::io::ErrorKind::Unsupported => {
                // Two steps here; between them both are in the trash, from where they can be brought back.
                self.keep(&entry.name, target, &self.keeping(Reason::Undo, directories))?;
                fs::rename_no_replace(&entry.place(), target).map_err(|error| taken_meanwhile(error, entry))?;
                entry.close();
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn mirror_return(&self, environment: &Environment, entry: &Entry) {
        self.mirror_arrival(environment);
        if let Some(mirror) = self.mirror() {
            let is_free = |directory: &&PathBuf| !mirror.has(directory);
            for directory in entry.directories.iter().filter(is_free) {
                let _ = mirror.associate(directory, environment.path(), Kind::Extra);
            }
        }
    }

    fn time(&self) -> SystemTime {
        (self.options().clock)()
    }
}

/// How long something has been in the trash; no time at all for a time in the future.
fn age(entry: &Entry, now: SystemTime) -> Duration {
    now.duration_since(entry.removed).unwrap_or_default()
}

fn taken_meanwhile(error: PathError, entry: &Entry) -> UndoError {
    match error.source.kind() {
        std::io::ErrorKind::AlreadyExists => UndoError::Taken { name: entry.name.clone() },
        std::io::ErrorKind::NotFound => UndoError::Busy { name: entry.name.clone() },
        _ => error.into(),
    }
}
