//! Making the mirror agree with the `.project` files, which other tools and people also write.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::{Kind, Tree, forms};
use crate::env::project_file;
use crate::fs::hex::hex;
use crate::fs::{self, PathContext, PathError};
use crate::store::{HomeError, Store};

/// Why the mirror does not agree with the store.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The store cannot be read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The mirror cannot be written.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Tree {
    /// Tells whether environments came or went since the last [`Tree::sync`]; costs two system calls.
    pub fn is_stale(&self, store: &Store) -> bool {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
        match (changed(store.home()), changed(&self.stamp(store))) {
            // The clock of a file system has coarse ticks: what is as old as the stamp may be newer.
            (Some(home), Some(stamp)) => home >= stamp,
            (home, None) => home.is_some(),
            (None, Some(_)) => false,
        }
    }

    /// Reads all `.project` files of a store and makes the mirror agree. Directories that were added beside them stay
    /// as long as their environment does.
    pub fn sync(&self, store: &Store, project_filename: &OsStr) -> Result<(), SyncError> {
        fs::create_private_all(&self.root)?;
        let stamp = self.stamp(store);
        let start = SystemTime::now();
        // First what is mirrored, then what is wanted: an association made meanwhile is in its file before it is here.
        let mirrored = self.list();
        let wanted = wanted(store, project_filename)?;
        let mut has_changed = false;
        let mut present = HashSet::new();
        for found in mirrored.into_iter().filter(|found| found.env.parent() == Some(store.home())) {
            let stays = match found.kind {
                Kind::Project => wanted.get(&found.directory).is_some_and(|envs| envs.contains(&found.env)),
                Kind::Extra => found.env.is_dir(),
            };
            if stays {
                present.insert(found.directory);
            } else {
                self.delete(&found.directory)?;
                has_changed = true;
            }
        }
        for (directory, envs) in wanted.iter().filter(|(directory, _)| !present.contains(*directory)) {
            // A path too long to be mirrored costs this one association, not all.
            has_changed |= self.put(directory, &envs[0], Kind::Project).is_ok();
        }
        // With its time before it is in its place: a younger stamp would hide what has happened since.
        let temporary = fs::temporary_sibling(&stamp);
        fs::write_new(&temporary, b"", 0o600)?;
        let file = std::fs::File::options().write(true).open(&temporary).at("write", &temporary)?;
        file.set_modified(start).at("write", &temporary)?;
        std::fs::rename(&temporary, &stamp).at("replace", &stamp)?;
        if has_changed { Ok(self.touch()?) } else { Ok(()) }
    }

    /// As [`Tree::sync`], but writes nothing where there is no mirror yet and nothing to put into it: a question leaves no
    /// trace.
    pub fn refresh(&self, store: &Store, project_filename: &OsStr) -> Result<(), SyncError> {
        if self.root.exists() || !wanted(store, project_filename)?.is_empty() {
            self.sync(store, project_filename)?;
        }
        Ok(())
    }

    /// Each store has a stamp of its own: there may be several.
    fn stamp(&self, store: &Store) -> PathBuf {
        let digest = Sha256::digest(store.home().as_os_str().as_bytes());
        self.root.join(format!("@synced-{}", hex(&digest[..8])))
    }
}

/// Every form of every project directory, with the environments that name it, in the order of their names.
fn wanted(store: &Store, project_filename: &OsStr) -> Result<HashMap<PathBuf, Vec<PathBuf>>, HomeError> {
    let mut wanted: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
    for name in store.names()? {
        let env = store.home().join(name.as_os_str());
        if let Ok(Some(directory)) = project_file::read(&env.join(project_filename)) {
            for form in forms(&directory) {
                wanted.entry(form).or_default().push(env.clone());
            }
        }
    }
    Ok(wanted)
}
