//! Removes what crashed operations left in the store, and what removals still have to delete.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::flock::{Attempt, lock_directory};
use super::home::Store;
use super::lock::{Lock, is_own};
use super::trash::{self, Trash, is_trash};
use crate::env::name::EnvName;
use crate::env::{packages, usage};
use crate::fs::{self, PathContext, PathError, PathResult, temporary};

/// How old a directory is that nobody is about to lock any more: making and locking it takes microseconds.
const SETTLED_AFTER: Duration = Duration::from_millis(20);

/// How often a sweep waits for a directory to get so old, before it leaves it to the next one.
const SETTLE_ATTEMPTS: u32 = 10;

/// Returns whether a directory entry is left over from an operation, or belongs to one that is under way.
pub fn is_working_directory(name: &OsStr) -> bool {
    fs::is_own_hidden(name) && !is_trash(name)
}

impl Store {
    /// Returns what operations on an environment have left next to it, or in its directory, and no process is working on.
    pub fn left_over_of(&self, name: &EnvName) -> Vec<PathBuf> {
        let is_left = |path: &PathBuf| {
            is_settled(path) && judge(path.clone()).is_some_and(|left| matches!(left.reason, Reason::Removable))
        };
        Lock::directories(self.home(), name).into_iter().filter(is_left).collect()
    }

    /// Finishes or undoes these operations.
    pub fn sweep_left_over_of(&self, name: &EnvName) -> PathResult<()> {
        let mut result = Ok(());
        for directory in self.left_over_of(name) {
            if let (Some(place), Some(entry)) = (directory.parent(), directory.file_name()) {
                result = result.and(sweep_one(place, entry, &|_, _| {}));
            }
        }
        result
    }

    /// Deletes what crashed operations and removals left behind, and what was in the trash for long enough. In a directory
    /// that is no store nothing else is looked at.
    pub fn sweep(&self) -> PathResult<()> {
        if self.is_anywhere() {
            return sweep_noting(self.home(), false, &|_, _| {});
        }
        let noted = std::cell::RefCell::new(Vec::new());
        let swept = sweep_noting(self.home(), true, &|old, new| noted.borrow_mut().push((old, new)));
        for (old, new) in noted.into_inner() {
            self.finish_rename(&old, new);
        }
        let trash = self.sweep_trash();
        for directory in trash::left_over(self.home()) {
            if is_settled(&directory) {
                let _ = trash::delete(self.home(), &directory);
            }
        }
        // One that is not empty stays.
        for directory in trash::directories(self.home()) {
            let _ = rustix::fs::rmdir(directory);
        }
        swept.and(trash)
    }
}

/// Removes everything that crashed operations left in the store and that no living process is working on. What cannot
/// be removed keeps nothing else from being removed; the first such error is returned.
#[cfg(test)]
pub(super) fn sweep(home: &Path) -> PathResult<()> {
    sweep_noting(home, true, &|_, _| {})
}

/// Does it, and notes the old path and the new name of each environment whose rename is finished now. Where
/// `is_store` is not set, nothing else in the directory is looked at.
fn sweep_noting(home: &Path, is_store: bool, note: &dyn Fn(PathBuf, EnvName)) -> PathResult<()> {
    let entries = match std::fs::read_dir(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.at("list", home)?,
    };
    let mut result = Ok(());
    for entry in entries {
        let name = entry.at("list", home)?.file_name();
        if is_working_directory(&name) {
            result = result.and(sweep_one(home, &name, note));
        } else if is_store {
            sweep_environment(&home.join(&name));
        }
    }
    result
}

/// Deletes what was put aside in a directory that is no store: no other sweep comes there.
pub(crate) fn sweep_aside(directory: &Path) {
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    for name in names.filter(|name| trash::is_aside(name)) {
        let _ = sweep_one(directory, &name, &|_, _| {});
    }
}

/// Removes the temporary files in an environment; one that is a link to elsewhere is not ours to look through.
fn sweep_environment(env: &Path) {
    if !std::fs::symlink_metadata(env).is_ok_and(|found| found.is_dir()) {
        return;
    }
    let directories = [env.to_path_buf(), env.join("bin"), env.join(usage::REGISTER)];
    for directory in directories.into_iter().chain(packages::site_packages(env)) {
        temporary::sweep(&directory);
    }
}

/// What is left of an operation or a removal.
#[derive(Debug)]
pub struct LeftOver {
    /// Its directory.
    pub path: PathBuf,
    /// Why it is still there.
    pub reason: Reason,
}

/// Why something is left over.
#[derive(Debug)]
pub enum Reason {
    /// It belongs to another user.
    ForeignOwner,
    /// It could be removed, and the next sweep will.
    Removable,
    /// It cannot be looked at; this is in the way.
    Blocked(PathError),
}

/// Returns what is left over and no process is working on, and removes nothing.
pub fn waiting(home: &Path) -> Vec<LeftOver> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name()).filter(|name| is_working_directory(name));
    let settled = names.filter(|name| is_settled(&home.join(name)));
    let left = settled.filter_map(|name| judge(home.join(name)));
    let obstacles = trash::obstacles(home).into_iter().filter(|path| is_foreign(path));
    left.chain(obstacles.map(|path| LeftOver { path, reason: Reason::ForeignOwner })).collect()
}

/// Why something is still there; none where a process is working in it, or it is gone meanwhile.
fn judge(path: PathBuf) -> Option<LeftOver> {
    let reason = match lock_directory(&path) {
        Ok(Attempt::Locked(handle)) if is_own(&handle) => Reason::Removable,
        Ok(Attempt::Locked(_)) => Reason::ForeignOwner,
        // Others who lock what is theirs may do so for ever.
        Ok(Attempt::Busy) | Err(_) if is_foreign(&path) => Reason::ForeignOwner,
        Ok(Attempt::Busy | Attempt::Gone) => return None,
        Err(error) => Reason::Blocked(error),
    };
    Some(LeftOver { path, reason })
}

/// Returns whether a directory is another user's, who may not let it be opened.
fn is_foreign(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(path);
    found.is_ok_and(|found| found.uid() != rustix::process::geteuid().as_raw())
}

fn sweep_one(home: &Path, name: &OsStr, note: &dyn Fn(PathBuf, EnvName)) -> PathResult<()> {
    let directory = home.join(name);
    if !is_settled(&directory) {
        return Ok(());
    }
    let Ok(Attempt::Locked(handle)) = lock_directory(&directory) else { return Ok(()) };
    if !is_own(&handle) {
        return Ok(());
    }
    match Lock::of_left_over(home, name, handle) {
        Ok(lock) => {
            let recovered = lock.recover()?;
            if let Some(old) = recovered.renamed {
                note(home.join(old.as_os_str()), lock.name().clone());
            }
            drop(lock);
            recovered.trash.into_iter().try_for_each(Trash::delete)
        }
        // The trash; its lock is held until it is gone.
        Err(_handle) => fs::remove_tree(&directory),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_never_makes_a_free_name_busy() {
        let home = tempfile::tempdir().unwrap();
        let name = EnvName::for_new(OsStr::new("a")).unwrap();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = sweep_one(home.path(), OsStr::new(".venvwrap-op-a"), &|_, _| {});
                }
            });
            let busy = (0..3000).filter(|_| Lock::take(home.path(), &name).is_err()).count();
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(busy, 0);
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_mounted_in_a_left_over_stays_and_the_others_go() {
        use crate::test_mounts::{bind, in_mount_namespace, unbind};
        if !in_mount_namespace("store::sweep::tests::what_is_mounted_in_a_left_over_stays_and_the_others_go") {
            return;
        }
        let (home, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("precious"), "keep").unwrap();
        for directory in ["trash-1/removed", "trash-2/removed", "op-a/new", "op-b/new"] {
            std::fs::create_dir_all(home.path().join(format!(".venvwrap-{directory}/mnt"))).unwrap();
        }
        let mounts = [".venvwrap-trash-1/removed/mnt", ".venvwrap-op-a/new/mnt"].map(|path| home.path().join(path));
        for mount in &mounts {
            bind(outside.path(), mount);
        }
        assert!(sweep(home.path()).is_err());
        assert!(mounts.iter().all(|mount| mount.join("precious").exists()));
        assert!(!home.path().join(".venvwrap-trash-2").exists() && !home.path().join(".venvwrap-op-b").exists());
        for mount in &mounts {
            unbind(mount);
        }
        sweep(home.path()).unwrap();
        assert!(outside.path().join("precious").exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_stays_is_named_with_the_reason() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        for directory in ["trash-plain/removed", "trash-foreign/removed"] {
            std::fs::create_dir_all(home.path().join(format!(".venvwrap-{directory}"))).unwrap();
        }
        let foreign = home.path().join(".venvwrap-trash-foreign");
        std::os::unix::fs::chown(&foreign, Some(65_533), None).unwrap();
        let (lock, _) = Lock::take(home.path(), &EnvName::for_new(OsStr::new("busy")).unwrap()).unwrap();
        let mut found = waiting(home.path());
        found.sort_by(|a, b| b.path.cmp(&a.path));
        let reasons: Vec<_> = found.iter().map(|left| &left.reason).collect();
        assert!(matches!(reasons[..], [Reason::Removable, Reason::ForeignOwner]), "{found:?}");
        drop(lock);
    }
}
