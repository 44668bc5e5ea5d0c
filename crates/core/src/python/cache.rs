//! Remembered answers of interpreters: one small file for each path that was asked.
//!
//! An entry holds only as long as the executable is unchanged down to the time of its last change of any kind, and
//! the standard library as well: a small executable stays the same when only its shared library is upgraded. Nothing
//! here fails: what cannot be read or written costs the time of a query.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::interpreter::Interpreter;
use super::query::SCRIPT;
use crate::config::CACHE_LAYOUT;
use crate::fs::hex::hex;
use crate::fs::made::create_in;
use crate::fs::private::{User, is_place_of_another, read_private};
use crate::fs::replace_file;

/// An entry is about 1 KiB, two paths of the longest kind included about 10.
const ENTRY_LIMIT: u64 = 16 * 1024;

/// The answers below a cache directory.
pub(super) struct Cache {
    root: PathBuf,
    directory: PathBuf,
    user: User,
}

impl Cache {
    /// Returns the user's cache below this directory, which need not exist.
    pub(super) fn below(cache_dir: &Path, user: User) -> Self {
        Self { root: cache_dir.to_path_buf(), directory: cache_dir.join(CACHE_LAYOUT).join("interp"), user }
    }

    /// Returns the remembered answer for an executable, if it is still true. A damaged entry is deleted.
    pub(super) fn load(&self, executable: &Path) -> Option<Interpreter> {
        let path = self.entry_path(executable);
        let content = read_private(&path, self.user, ENTRY_LIMIT)?;
        let Ok(entry) = serde_json::from_slice::<Entry>(&content) else {
            let _ = std::fs::remove_file(&path);
            return None;
        };
        entry.holds(executable).then_some(entry.interpreter)
    }

    /// Remembers an answer. Paths that are no valid text are not remembered.
    pub(super) fn store(&self, executable: &Path, interpreter: &Interpreter) {
        let Some(entry) = Entry::new(executable, interpreter) else { return };
        let Ok(content) = serde_json::to_vec(&entry) else { return };
        if is_place_of_another(&self.directory, self.user) {
            return;
        }
        if create_in(&self.root, &self.directory).is_ok() {
            let _ = replace_file(&self.entry_path(executable), &content, 0o600);
        }
    }

    /// The name depends on everything that changes what would be answered, except on the files themselves.
    fn entry_path(&self, executable: &Path) -> PathBuf {
        let mut hash = Sha256::new();
        for part in [executable.as_os_str().as_bytes(), std::env::consts::ARCH.as_bytes(), SCRIPT.as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        self.directory.join(hex(&hash.finalize()[..16]) + ".json")
    }
}

/// One answer and what must be unchanged for it to hold.
#[derive(Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    file: FileState,
    witness: PathBuf,
    witness_state: FileState,
    interpreter: Interpreter,
}

impl Entry {
    fn new(executable: &Path, interpreter: &Interpreter) -> Option<Self> {
        let file = FileState::of(executable)?;
        let os = interpreter.stdlib.join("os.py");
        // A library without sources is watched by its directory.
        let witness = if os.is_file() { os } else { interpreter.stdlib.clone() };
        let witness_state = FileState::of(&witness)?;
        Some(Self { path: executable.to_path_buf(), file, witness, witness_state, interpreter: interpreter.clone() })
    }

    fn holds(&self, executable: &Path) -> bool {
        let linked = &self.interpreter.executable;
        self.path == executable
            && FileState::of(executable).as_ref() == Some(&self.file)
            && (linked == executable || FileState::of(linked).as_ref() == Some(&self.file))
            && FileState::of(&self.witness).as_ref() == Some(&self.witness_state)
    }
}

/// What changes whenever a file does. Times alone are not enough: builders of images set them all to the same value,
/// but no program can set the time of the last change of the inode.
#[derive(PartialEq, Serialize, Deserialize)]
struct FileState {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileState {
    fn of(path: &Path) -> Option<Self> {
        let found = path.metadata().ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::python::testing::Sandbox;

    struct Remembered {
        sandbox: Sandbox,
        cache: Cache,
        python: PathBuf,
        entry: PathBuf,
    }

    /// A cache that holds the answer of one interpreter.
    fn remembered() -> Remembered {
        let sandbox = Sandbox::new();
        let python = sandbox.python("py", 3, 12, 1);
        let cache = Cache::below(&sandbox.path("cache"), User::of_this_process());
        let interpreter = crate::python::query::query(&python, sandbox.timeout).unwrap().interpreter;
        cache.store(&python, &interpreter);
        assert_eq!(cache.load(&python), Some(interpreter));
        let entry = cache.entry_path(&python);
        Remembered { sandbox, cache, python, entry }
    }

    #[test]
    fn a_damaged_entry_is_deleted() {
        let it = remembered();
        for content in ["", "{", "null", "\0\0\0"] {
            fs::write(&it.entry, content).unwrap();
            assert_eq!(it.cache.load(&it.python), None, "{content:?}");
            assert!(!it.entry.exists(), "{content:?}");
        }
    }

    #[test]
    fn an_entry_that_others_may_have_written_is_not_used() {
        for mode in [0o620, 0o602] {
            let it = remembered();
            fs::set_permissions(&it.entry, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(it.cache.load(&it.python), None, "{mode:o}");
        }
        let it = remembered();
        let moved = it.sandbox.path("moved.json");
        fs::rename(&it.entry, &moved).unwrap();
        std::os::unix::fs::symlink(&moved, &it.entry).unwrap();
        assert_eq!(it.cache.load(&it.python), None, "a link");
        assert!(moved.exists());
    }

    #[test]
    fn an_entry_that_is_too_large_is_not_used() {
        let it = remembered();
        let mut content = fs::read(&it.entry).unwrap();
        content.extend(vec![b' '; usize::try_from(ENTRY_LIMIT).unwrap()]);
        fs::write(&it.entry, content).unwrap();
        assert_eq!(it.cache.load(&it.python), None);
    }

    #[test]
    fn a_change_that_shows_only_in_the_inode_is_noticed() {
        let it = remembered();
        let before = it.python.metadata().unwrap();
        // Changes neither content nor size, and the time of modification is put back.
        fs::set_permissions(&it.python, fs::Permissions::from_mode(0o700)).unwrap();
        let after = it.python.metadata().unwrap();
        assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
        assert_eq!(it.cache.load(&it.python), None);
    }

    #[test]
    fn a_new_library_behind_the_same_executable_is_noticed() {
        let it = remembered();
        it.sandbox.file("py/lib/python3.12/os.py", "# upgraded");
        assert_eq!(it.cache.load(&it.python), None);
    }

    #[test]
    fn a_vanished_executable_has_no_answer() {
        let it = remembered();
        fs::remove_file(it.python.canonicalize().unwrap()).unwrap();
        assert_eq!(it.cache.load(&it.python), None);
    }

    #[test]
    fn an_answer_is_not_used_for_another_path() {
        let it = remembered();
        let other = it.sandbox.path("other");
        fs::copy(&it.entry, it.cache.entry_path(&other)).unwrap();
        std::os::unix::fs::symlink(&it.python, &other).unwrap();
        assert_eq!(it.cache.load(&other), None);
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let it = remembered();
        let blocked = Cache::below(&it.python, User::of_this_process());
        blocked.store(&it.python, &it.cache.load(&it.python).unwrap());
        assert_eq!(blocked.load(&it.python), None);
    }

    #[test]
    fn entries_are_for_the_user_alone() {
        let it = remembered();
        assert_eq!(it.entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(it.cache.directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
