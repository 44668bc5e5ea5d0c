//! Removes what crashed operations left in the store, and what removals still have to delete.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::flock::{Attempt, lock_directory};
use super::home::Store;
use super::lock::Lock;
use super::trash::Trash;
use crate::fs::{self, PathContext, PathResult};

/// How old a directory is that nobody is about to lock any more: making and locking it takes microseconds.
const SETTLED_AFTER: Duration = Duration::from_millis(20);

/// How often a sweep waits for a directory to get so old, before it leaves it to the next one.
const SETTLE_ATTEMPTS: u32 = 10;

/// Returns whether a directory entry is left over from an operation, or belongs to one that is under way.
pub fn is_working_directory(name: &OsStr) -> bool {
    fs::is_own_hidden(name)
}

impl Store {
    /// Deletes what crashed operations and removals left behind.
    pub fn sweep(&self) -> PathResult<()> {
        sweep(self.home())
    }
}

/// Removes everything that crashed operations left in the store and that no living process is working on. What cannot
/// be removed keeps nothing else from being removed; the first such error is returned.
pub(super) fn sweep(home: &Path) -> PathResult<()> {
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
    match Lock::of_left_over(home, name, handle) {
        Ok(lock) => {
            let trash = lock.recover()?;
            drop(lock);
            trash.into_iter().try_for_each(Trash::delete)
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
    use crate::env::name::EnvName;

    #[test]
    fn a_sweep_never_makes_a_free_name_busy() {
        let home = tempfile::tempdir().unwrap();
        let name = EnvName::for_new(OsStr::new("a")).unwrap();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = sweep_one(home.path(), OsStr::new(".venvwrap-op-a"));
                }
            });
            let busy = (0..3000).filter(|_| Lock::take(home.path(), &name).is_err()).count();
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(busy, 0);
        });
    }
}
