//! What a rename is about to do, written down before it does anything: a crash is followed by the rest of it.
//!
//! New contents wait in the working directory of the new name. The note is complete before the environment gets that
//! name; whoever finds it afterwards puts the contents that still wait into their places. A step that the system refuses
//! undoes those before it, for which the old files are kept until the last one is done.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Mode};
use rustix::io::Errno;

use crate::env::name::EnvName;
use crate::fs::walk::Directory;
use crate::fs::{self, PathContext, PathError, PathResult};

/// The note, in the working directory.
const NOTE: &str = "rename";
/// Its name once the rename is being undone.
const UNDONE: &str = "undo";
/// The directory of new contents.
const STAGED: &str = "renamed";
/// The directory of old contents.
const KEPT: &str = "kept";
/// Everything of a rename in a working directory.
pub(super) const NAMES: [&str; 4] = [NOTE, UNDONE, STAGED, KEPT];

/// More than a note about any environment.
const MAX_BYTES: u64 = 64 << 20;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Journal {
    /// The old name.
    pub(super) old: EnvName,
    /// What tells the environment from others.
    pub(super) identity: String,
    /// The files, in the order in which they are replaced.
    pub(super) steps: Vec<Step>,
}

/// One file of the environment that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Its path in the environment.
    pub(super) path: PathBuf,
    /// Where its new content waits, below [`staged`]; it is removed where there is none.
    pub(super) content: Option<OsString>,
    /// Whether Python can do without it, and without the new content.
    pub(super) is_cache: bool,
}

/// The directory of new contents in a working directory.
pub(super) fn staged(working: &Path) -> PathBuf {
    working.join(STAGED)
}

/// What tells a directory from others that get its path.
pub(super) fn identity(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(path).ok()?;
    Some(format!("{} {}", found.dev(), found.ino()))
}

impl Journal {
    /// Renames the environment and replaces its files; [`remove`] ends it. When it fails, everything is as it was.
    pub(super) fn carry_out(&self, working: &Path, old: &Path, new: &Path, is_same_place: bool) -> PathResult<()> {
        fs::create_dir(&working.join(KEPT), 0o700)?;
        self.write(working)?;
        let renamed =
            if is_same_place { std::fs::rename(old, new).at("rename", old) } else { fs::rename_no_replace(old, new) };
        let done = renamed.and_then(|()| self.replace_files(working, new));
        if let Err(error) = done {
            self.undo(working, old, new)?;
            return Err(error);
        }
        Ok(())
    }

    /// Writes it down: from now on a crash is followed by the rest.
    pub(super) fn write(&self, working: &Path) -> PathResult<()> {
        fs::replace_file(&working.join(NOTE), &self.to_bytes(), 0o600)
    }

    /// Replaces what is not replaced yet.
    fn replace_files(&self, working: &Path, new: &Path) -> PathResult<()> {
        if self.steps.is_empty() {
            // What has got its new name may be a link, which is not to be opened.
            return Ok(());
        }
        let place = Place::open(working, new)?;
        for (number, step) in self.steps.iter().enumerate() {
            match place.replace(number, step) {
                Err(_) if step.is_cache => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Puts the old files back, then the old name. A file that cannot be put back keeps no other from it.
    fn undo(&self, working: &Path, old: &Path, new: &Path) -> PathResult<()> {
        let note = working.join(NOTE);
        std::fs::rename(&note, working.join(UNDONE)).at("rename", &note)?;
        let mut result = Ok(());
        if identity(new).as_ref() == Some(&self.identity) {
            if !self.steps.is_empty() {
                let place = Place::open(working, new)?;
                for (number, step) in self.steps.iter().enumerate().rev() {
                    result = result.and(place.put_back(number, step));
                }
            }
            if identity(old).as_ref() != Some(&self.identity) {
                fs::rename_no_replace(new, old)?;
            }
        }
        remove(working)?;
        result
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut add = |field: &[u8]| bytes.extend([field, b"\0"].concat());
        add(self.old.as_os_str().as_bytes());
        add(self.identity.as_bytes());
        for step in &self.steps {
            add(if step.is_cache { b"cache" } else { b"file" });
            add(step.content.as_deref().unwrap_or_default().as_bytes());
            add(step.path.as_os_str().as_bytes());
        }
        add(b"end");
        bytes
    }

    /// Reads a note. One that leads out of the store or the environment is none.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = bytes.strip_suffix(b"end\0")?.split_inclusive(|&byte| byte == 0);
        let mut next = || fields.next()?.strip_suffix(b"\0");
        let text = |field: &[u8]| OsString::from_vec(field.to_vec());
        let (old, identity) = (EnvName::for_existing(&text(next()?)).ok()?, String::from_utf8(next()?.to_vec()).ok()?);
        let mut steps = Vec::new();
        while let Some(kind) = next() {
            let content = Some(text(next()?)).filter(|content| !content.is_empty());
            steps.push(Step { path: text(next()?).into(), content, is_cache: kind == b"cache" });
        }
        steps.iter().all(Step::stays_inside).then_some(Self { old, identity, steps })
    }
}

impl Step {
    fn stays_inside(&self) -> bool {
        let is_normal = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        let is_name = |name: &OsString| Path::new(name).file_name() == Some(name);
        is_normal(&self.path) && self.path.file_name().is_some() && self.content.as_ref().is_none_or(is_name)
    }
}

/// Finishes or undoes what a crash has interrupted. Returns the old name of the environment if it has the new one now.
pub(super) fn recover(working: &Path, home: &Path, new: &Path) -> PathResult<Option<EnvName>> {
    let read = |name: &str| Journal::parse(&fs::read_limited(&working.join(name), MAX_BYTES).ok()?);
    if let Some(journal) = read(UNDONE) {
        journal.undo_again(working, home, new)?;
        return Ok(None);
    }
    let Some(journal) = read(NOTE).filter(|journal| identity(new).as_ref() == Some(&journal.identity)) else {
        remove(working)?;
        return Ok(None);
    };
    if let Err(error) = journal.replace_files(working, new) {
        journal.undo(working, &home.join(journal.old.as_os_str()), new)?;
        return Err(error);
    }
    // The caller lets follow what is outside, then removes all that is here.
    Ok(Some(journal.old))
}

impl Journal {
    fn undo_again(&self, working: &Path, home: &Path, new: &Path) -> PathResult<()> {
        let note = working.join(UNDONE);
        std::fs::rename(&note, working.join(NOTE)).at("rename", &note)?;
        self.undo(working, &home.join(self.old.as_os_str()), new)
    }
}

/// Returns whether a working directory has the note of a rename: what is listed meanwhile may be half renamed.
pub(super) fn is_noted(working: &Path) -> bool {
    [NOTE, UNDONE].iter().any(|name| std::fs::symlink_metadata(working.join(name)).is_ok())
}

/// Removes what is left of a rename, the note first: without it nothing is done any more.
pub(super) fn remove(working: &Path) -> PathResult<()> {
    NAMES.iter().try_for_each(|name| fs::remove_tree(&working.join(name)))
}

/// The directories that files move between, held open so that no link leads elsewhere.
struct Place {
    new: PathBuf,
    root: Directory,
    staged: Directory,
    kept: Directory,
}

impl Place {
    fn open(working: &Path, new: &Path) -> PathResult<Self> {
        let open = |path: &Path| Directory::open_itself(path).at("open", path);
        let (staged, kept) = (working.join(STAGED), working.join(KEPT));
        Ok(Self { new: new.to_path_buf(), root: open(new)?, staged: open(&staged)?, kept: open(&kept)? })
    }

    fn replace(&self, number: usize, step: &Step) -> PathResult<()> {
        let shown = self.new.join(&step.path);
        let (directory, name) = self.parent(step).at("open", &shown)?;
        let directory = directory.as_ref().unwrap_or(&self.root);
        let Some(content) = &step.content else {
            return match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
                Err(Errno::NOENT) => Ok(()),
                other => other.at("remove", &shown),
            };
        };
        if !exists(&self.staged, content) {
            // It is in its place already.
            return Ok(());
        }
        writable(directory, || {
            if !step.is_cache {
                self.keep(directory, name, number)?;
            }
            rustix::fs::renameat(&self.staged, content.as_os_str(), directory, name)
        })
        .at("replace", &shown)
    }

    /// Gives the old file another name, under which it waits for the end.
    fn keep(&self, directory: &Directory, name: &OsStr, number: usize) -> rustix::io::Result<()> {
        let kept = number.to_string();
        match rustix::fs::linkat(directory, name, &self.kept, &kept, AtFlags::empty()) {
            Ok(()) | Err(Errno::EXIST | Errno::NOENT) => Ok(()),
            // What has taken the place of the file meanwhile is nothing to be moved away.
            Err(_) if is_directory(directory, name) => Err(Errno::ISDIR),
            // No further name can be had for it, here or by this user.
            Err(_) => rustix::fs::renameat(directory, name, &self.kept, &kept),
        }
    }

    fn put_back(&self, number: usize, step: &Step) -> PathResult<()> {
        let kept = number.to_string();
        if !exists(&self.kept, OsStr::new(&kept)) {
            return Ok(());
        }
        let shown = self.new.join(&step.path);
        let (directory, name) = self.parent(step).at("open", &shown)?;
        let directory = directory.as_ref().unwrap_or(&self.root);
        writable(directory, || rustix::fs::renameat(&self.kept, &kept, directory, name)).at("replace", &shown)
    }

    /// The directory of a file, none for the environment itself, and the file's name in it.
    fn parent<'s>(&self, step: &'s Step) -> std::io::Result<(Option<Directory>, &'s OsStr)> {
        let name = step.path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut directory = None;
        for part in step.path.parent().unwrap_or(Path::new("")) {
            directory = Some(directory.as_ref().unwrap_or(&self.root).child(part)?);
        }
        Ok((directory, name))
    }
}

fn exists(directory: &Directory, name: &OsStr) -> bool {
    rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn is_directory(directory: &Directory, name: &OsStr) -> bool {
    let found = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW);
    found.is_ok_and(|found| rustix::fs::FileType::from_raw_mode(found.st_mode).is_dir())
}

/// Does something in a directory that its owner may not write, too, which it stays.
fn writable(directory: &Directory, act: impl Fn() -> rustix::io::Result<()>) -> rustix::io::Result<()> {
    match act() {
        Err(Errno::ACCESS) => {
            let mode = Mode::from_raw_mode(rustix::fs::fstat(directory)?.st_mode & 0o7777);
            rustix::fs::fchmod(directory, mode | Mode::RWXU)?;
            let done = act();
            rustix::fs::fchmod(directory, mode)?;
            done
        }
        other => other,
    }
}

/// Creates the directory of new contents.
pub(super) fn create_staging(working: &Path) -> Result<(), PathError> {
    fs::create_dir(&staged(working), 0o700)
}

#[cfg(test)]
mod tests;
