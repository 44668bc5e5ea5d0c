//! Making the mirror agree with the `.project` files, which other tools and people also write.

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{Association, Kind, Tree};
use crate::fs::PathResult;
use crate::fs::entry::Entry;
use crate::fs::hex::hex;
use crate::fs::lock::DirectoryLock;

/// A synchronisation under way: when it began, and what was in the mirror then.
pub(in crate::store) struct Sync<'a> {
    tree: &'a Tree,
    home: &'a Path,
    start: SystemTime,
    mirrored: Vec<Association>,
    _lock: DirectoryLock,
}

impl Tree {
    /// Returns whether environments came or went below this directory since it was last synchronised; two system calls.
    pub(in crate::store) fn is_stale(&self, home: &Path) -> bool {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
        match (changed(home), changed(&self.stamp(home))) {
            // The clock of a file system has coarse ticks: what is as old as the stamp may be newer.
            (Some(home), Some(stamp)) => home >= stamp,
            (home, None) => home.is_some(),
            (None, Some(_)) => false,
        }
    }

    /// Begins to make the mirror agree with the environments below a directory, which are to be read after this.
    pub(in crate::store) fn begin_sync<'a>(&'a self, home: &'a Path) -> PathResult<Sync<'a>> {
        let lock = self.lock()?;
        Ok(Sync { tree: self, home, start: (self.clock)(), mirrored: self.list(), _lock: lock })
    }

    /// Each store has its own stamp: there may be several.
    fn stamp(&self, home: &Path) -> PathBuf {
        let digest = Sha256::digest(home.as_os_str().as_bytes());
        self.root.join(format!("@synced-{}", hex(&digest[..8])))
    }
}

impl Sync<'_> {
    /// The environments to which directories were added: those that have gone, and those that are there.
    pub(in crate::store) fn having_directories(&self) -> (HashSet<PathBuf>, HashSet<PathBuf>) {
        let added = self.mirrored.iter().filter(|found| found.kind == Kind::Extra);
        let own = added.map(|found| &found.env).filter(|env| env.parent() == Some(self.home));
        own.cloned().partition(|env| !env.is_dir())
    }

    /// Makes the mirror agree with these directories, each with the environments that name it. Directories that were
    /// added next to them stay as long as their environment does, or what it has been moved to.
    pub(in crate::store) fn finish(
        self,
        wanted: &HashMap<PathBuf, Vec<PathBuf>>,
        moved: &HashMap<PathBuf, PathBuf>,
    ) -> PathResult<()> {
        let mut has_changed = false;
        let mut present = HashSet::new();
        for found in self.mirrored.into_iter().filter(|found| found.env.parent() == Some(self.home)) {
            let stays = match found.kind {
                Kind::Project => wanted.get(&found.directory).is_some_and(|envs| envs.contains(&found.env)),
                Kind::Extra => found.env.is_dir(),
            };
            if stays {
                present.insert(found.directory);
            } else if let (Kind::Extra, Some(env)) = (found.kind, moved.get(&found.env)) {
                self.tree.put(&found.directory, env, Kind::Extra)?;
                present.insert(found.directory);
                has_changed = true;
            } else {
                self.tree.delete(&found.directory)?;
                has_changed = true;
            }
        }
        for (directory, envs) in wanted.iter().filter(|(directory, _)| !present.contains(*directory)) {
            // A path too long to be mirrored costs this one association, not all.
            has_changed |= self.tree.put(directory, &envs[0], Kind::Project).is_ok();
        }
        // With its time before it is in its place: a younger stamp would hide what has happened since.
        Entry::at(&self.tree.stamp(self.home))?.replace_dated(b"", 0o600, self.start)?;
        if has_changed { self.tree.touch() } else { Ok(()) }
    }
}
