//! The mirror of all associations, laid out so that a shell finds the environment of a directory with nothing but file
//! tests: below the root, `ABSOLUTE/PATH/OF/THE/PROJECT/@env` names the environment.
//!
//! Only this module writes there, under one lock. Every write is a file of its own, replaced as a whole, so that shells
//! may read the tree at the same time. The truth stays in the `.project` files; [`crate::store::Store::sync_mirror`]
//! makes the mirror agree with them again. Directories that were added to the one in `.project` exist only here.

mod sync;

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::process::getpid;

use crate::fs::lock::DirectoryLock;
use crate::fs::order::Order as _;
use crate::fs::walk::Directory;
use crate::fs::{self, PathContext, PathResult};

/// The file that names the environment of the directory it stands for.
pub const ENTRY: &str = "@env";

/// The file whose content changes with every change of the tree, or of what directories are allowed.
pub const GENERATION: &str = "@generation";

/// More than two paths.
const MAX_ENTRY_BYTES: u64 = 16 * 1024;

/// The associations as a directory tree.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
    clock: fn() -> SystemTime,
}

/// Where an association comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From the environment's `.project` file.
    Project,
    /// Added to it; known nowhere else.
    Extra,
}

/// A directory and the environment that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// The directory.
    pub directory: PathBuf,
    /// The environment's path; it may have gone.
    pub env: PathBuf,
    /// Where it comes from.
    pub kind: Kind,
}

impl Tree {
    /// Names the tree in this program's state directory; nothing is read or written.
    pub fn new(state_dir: &Path, clock: fn() -> SystemTime) -> Self {
        Self { root: state_dir.join("auto"), clock }
    }

    /// The directory that a project's absolute path is appended to.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is associated with exactly this directory.
    pub fn get(&self, directory: &Path) -> Option<Association> {
        let content = fs::read_limited(&self.entry(directory), MAX_ENTRY_BYTES).ok()?;
        let (env, kind) = parse(&content)?;
        Some(Association { directory: directory.to_path_buf(), env, kind })
    }

    /// Returns whether something is associated with exactly this directory; costs one system call.
    pub fn has(&self, directory: &Path) -> bool {
        rustix::fs::access(self.entry(directory), rustix::fs::Access::EXISTS).is_ok()
    }

    /// Associates a directory, under the path given and under its real one; replaces what was there.
    pub fn associate(&self, directory: &Path, env: &Path, kind: Kind) -> PathResult<()> {
        let _lock = self.lock()?;
        for form in forms(directory) {
            self.put(&form, env, kind)?;
        }
        self.touch()
    }

    /// Ends the association of a directory with this environment, under both of its paths.
    pub fn dissociate(&self, directory: &Path, env: &Path) -> PathResult<()> {
        let _lock = self.lock()?;
        for form in forms(directory) {
            if self.get(&form).is_some_and(|found| found.env == env) {
                self.delete(&form)?;
            }
        }
        self.touch()
    }

    /// Ends these associations, as far as they still are.
    pub fn forget(&self, associations: &[Association]) -> PathResult<()> {
        if associations.is_empty() {
            return Ok(());
        }
        let _lock = self.lock()?;
        for association in associations {
            if self.get(&association.directory).is_some_and(|found| found.env == association.env) {
                self.delete(&association.directory)?;
            }
        }
        self.touch()
    }

    /// Gives all associations of an environment to another path of it.
    pub fn rename(&self, old: &Path, new: &Path) -> PathResult<()> {
        if !self.root.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let found: Vec<_> = self.list().into_iter().filter(|found| found.env == old).collect();
        for found in &found {
            self.put(&found.directory, new, found.kind)?;
        }
        if found.is_empty() { Ok(()) } else { self.touch() }
    }

    /// All associations, in the order of their directories. Foreign files in the tree are passed over.
    pub fn list(&self) -> Vec<Association> {
        let mut found = Vec::new();
        if let Ok(root) = Directory::open(&self.root) {
            self.list_below(&root, Path::new("/"), &mut found);
        }
        found.order_by(|a, b| a.directory.cmp(&b.directory));
        found
    }

    fn list_below(&self, place: &Directory, directory: &Path, found: &mut Vec<Association>) {
        for entry in place.entries().unwrap_or_default() {
            if !entry.kind.is_dir() {
                found.extend((entry.name == ENTRY).then(|| self.get(directory)).flatten());
            } else if let Ok(child) = place.child(&entry.name) {
                self.list_below(&child, &directory.join(&entry.name), found);
            }
        }
    }

    /// Lets shells know that there is something new to look at.
    pub fn touch(&self) -> PathResult<()> {
        fs::create_private_all(&self.root)?;
        let time = (self.clock)().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |passed| passed.as_nanos());
        let text = format!("{time}.{}\n", getpid().as_raw_nonzero());
        fs::replace_file(&self.root.join(GENERATION), text.as_bytes(), 0o600)
    }

    /// Takes the right to change the tree: what is deleted is what was looked at.
    fn lock(&self) -> PathResult<DirectoryLock> {
        fs::create_private_all(&self.root)?;
        DirectoryLock::take(&self.root)
    }

    fn put(&self, directory: &Path, env: &Path, kind: Kind) -> PathResult<()> {
        let word: &[u8] = match kind {
            Kind::Project => b"project",
            Kind::Extra => b"extra",
        };
        let content = [env.as_os_str().as_bytes(), b"\n", word, b"\n"].concat();
        let entry = self.entry(directory);
        let write = || {
            fs::create_private_all(&self.place(directory))?;
            fs::replace_file(&entry, &content, 0o600)
        };
        // Another process may be removing the directories that have just become empty.
        let is_gone = |written: &PathResult<()>| {
            written.as_ref().is_err_and(|error| error.source.kind() == io::ErrorKind::NotFound)
        };
        std::iter::repeat_with(write).take(100).find(|written| !is_gone(written)).unwrap_or_else(write)
    }

    /// Deletes an entry, and the directories above it that hold nothing else.
    fn delete(&self, directory: &Path) -> PathResult<()> {
        let entry = self.entry(directory);
        match std::fs::remove_file(&entry) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at("remove", &entry),
            _ => {}
        }
        let place = self.place(directory);
        let emptied = place.ancestors().take_while(|above| *above != self.root).map(std::fs::remove_dir);
        let _ = emptied.take_while(Result::is_ok).count();
        Ok(())
    }

    fn entry(&self, directory: &Path) -> PathBuf {
        self.place(directory).join(ENTRY)
    }

    fn place(&self, directory: &Path) -> PathBuf {
        self.root.join(directory.strip_prefix("/").unwrap_or(directory))
    }
}

/// The path as it is written, and the real one where that is another.
pub(in crate::store) fn forms(directory: &Path) -> Vec<PathBuf> {
    let mut forms = vec![directory.to_path_buf()];
    forms.extend(directory.canonicalize().ok().filter(|real| real != directory));
    forms
}

/// The environment's path may hold line breaks; the word after the last one says where the entry comes from.
fn parse(content: &[u8]) -> Option<(PathBuf, Kind)> {
    let kinds: [(&[u8], Kind); 2] = [(b"\nproject\n", Kind::Project), (b"\nextra\n", Kind::Extra)];
    kinds.into_iter().find_map(|(ending, kind)| {
        let env = Path::new(OsStr::from_bytes(content.strip_suffix(ending)?));
        env.is_absolute().then(|| (env.to_path_buf(), kind))
    })
}
