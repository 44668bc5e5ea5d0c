//! One name in a directory that is held open, so that whatever happens to the path meanwhile leads nowhere else.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions as Bits};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags, Stat};

use super::walk::Directory;
use super::{PathContext, PathError, PathResult, lock, temporary};

/// Replaces a file by a new one, so that readers see the old content or the new and never a part of either.
///
/// A link at `path` is replaced itself, not what it points to; a hard-linked file keeps its content under its other names.
/// The new file has the owner of the old one as far as this process may give files away, unless `mode` is for the owner
/// alone. What root makes in a directory of another user is that user's. It never runs with its owner's rights.
pub fn replace_file(path: &Path, content: &[u8], mode: u32) -> PathResult<()> {
    Entry::at(path)?.replace(content, Permissions::New(mode))
}

/// As [`replace_file`], for a file that is this user's alone wherever it is, as a consent is.
pub(crate) fn replace_own_file(path: &Path, content: &[u8]) -> PathResult<()> {
    Entry::at(path)?.replace(content, Permissions::Own)
}

/// Replaces a file by a new one with the same permission bits, whatever the umask is.
pub fn rewrite_file(path: &Path, content: &[u8]) -> PathResult<()> {
    let mode = std::fs::metadata(path).at("read", path)?.permissions().mode() & 0o7777;
    Entry::at(path)?.replace(content, Permissions::Kept(mode))
}

/// Creates a file that must not exist yet, so that readers see all of it or none; fails with
/// [`io::ErrorKind::AlreadyExists`] where something is, also a link that leads nowhere.
pub fn publish_new(path: &Path, content: &[u8], mode: u32) -> PathResult<()> {
    Entry::at(path)?.create(content, mode)
}

/// Makes a symbolic link, replacing a file or link that is already there in one step.
pub fn replace_symlink(target: &Path, path: &Path) -> PathResult<()> {
    Entry::at(path)?.replace_by_link(target)
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays as it is.
    Keep,
    /// It is replaced as a whole.
    Replace(Vec<u8>),
    /// It is removed.
    Remove,
}

/// Changes a file under the lock of its directory, as `change` decides by the old content. `mode` is that of a new file;
/// an old one keeps its own.
pub fn update<E: From<PathError>>(
    path: &Path,
    limit: u64,
    mode: u32,
    change: impl FnOnce(Option<&[u8]>) -> Result<Change, E>,
) -> Result<(), E> {
    Entry::at(path)?.update(limit, mode, change)
}

/// The permission bits of a file that takes the place of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Permissions {
    /// Those of a new file, before the umask.
    New(u32),
    /// Those that the old one had, but for what makes a program run with its owner's rights.
    Kept(u32),
    /// For this user alone, whose the file stays.
    Own,
}

impl Permissions {
    /// Returns whether a new file is for one user alone: whoever had the old one, does not keep it.
    fn is_private(self) -> bool {
        matches!(self, Self::New(bits) if bits | 0o700 == 0o700)
    }
}

/// A name in an open directory.
#[derive(Debug)]
pub(crate) struct Entry {
    directory: Directory,
    name: OsString,
    path: PathBuf,
    /// Whether it is in a tree that has an owner, who is to have what root makes there.
    is_in_tree: bool,
}

/// A user and a group.
type Owner = (u32, u32);

impl Entry {
    /// Names what is at a path; links up to it are followed.
    pub(crate) fn at(path: &Path) -> PathResult<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput).at("open", path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = Directory::open(parent).at("open", parent)?;
        Ok(Self { directory, name: name.to_os_string(), path: path.to_path_buf(), is_in_tree: false })
    }

    /// Names what has a path relative to a root, and is in the tree of that root: no link and no mount leads out of it.
    /// A link to another directory of the tree, such as `lib64`, is followed.
    pub(crate) fn below(root: &Path, relative: &Path) -> PathResult<Self> {
        let path = root.join(relative);
        let name = match relative.components().next_back() {
            Some(Component::Normal(name)) => name.to_os_string(),
            _ => return Err(outside()).at("open", &path),
        };
        let parent = path.parent().unwrap_or(root);
        let directory = directory_below(root, parent).at("open", parent)?;
        Ok(Self { directory, name, path, is_in_tree: true })
    }

    /// Returns whether anything has the name, be it a link that leads nowhere.
    pub(crate) fn is_there(&self) -> bool {
        rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// A device is never replaced: others need it.
    fn is_device(&self) -> bool {
        let found = rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        found.is_ok_and(|found| {
            matches!(FileType::from_raw_mode(found.st_mode), FileType::CharacterDevice | FileType::BlockDevice)
        })
    }

    /// Opens the file, if there is one, with its size and permission bits.
    pub(crate) fn open(&self) -> PathResult<Option<(File, u64, u32)>> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.directory, &self.name, flags, Mode::empty()) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            other => File::from(other.at("read", &self.path)?),
        };
        let found = file.metadata().at("read", &self.path)?;
        if !found.is_file() {
            return Err(super::irregular()).at("read", &self.path);
        }
        Ok(Some((file, found.len(), found.permissions().mode() & 0o7777)))
    }

    /// Reads the file, if there is one, with its permission bits.
    pub(crate) fn read(&self, limit: u64) -> PathResult<Option<(Vec<u8>, u32)>> {
        let Some((file, _, mode)) = self.open()? else { return Ok(None) };
        let mut content = Vec::new();
        file.take(limit + 1).read_to_end(&mut content).at("read", &self.path)?;
        if content.len() as u64 > limit {
            return Err(super::too_large()).at("read", &self.path);
        }
        Ok(Some((content, mode)))
    }

    /// Puts a new file into the place of what is there, in one step.
    pub(crate) fn replace(&self, content: &[u8], permissions: Permissions) -> PathResult<()> {
        self.put(content, permissions, None, RenameFlags::empty())
    }

    /// As [`Entry::replace`], for a file that was last changed at this time.
    pub(crate) fn replace_dated(&self, content: &[u8], mode: u32, time: SystemTime) -> PathResult<()> {
        self.put(content, Permissions::New(mode), Some(time), RenameFlags::empty())
    }

    /// Puts a new file where nothing is, as a whole; fails with [`io::ErrorKind::AlreadyExists`] otherwise.
    pub(crate) fn create(&self, content: &[u8], mode: u32) -> PathResult<()> {
        self.put(content, Permissions::New(mode), None, RenameFlags::NOREPLACE)
    }

    /// Puts a link into the place of a file or link, in one step.
    pub(crate) fn replace_by_link(&self, target: &Path) -> PathResult<()> {
        let temporary = temporary::create_link(&self.directory, target).at("link", &self.path)?;
        self.publish(&temporary, RenameFlags::empty()).at("replace", &self.path)
    }

    /// Changes the file under the lock of its directory; see [`update`].
    pub(crate) fn update<E: From<PathError>>(
        &self,
        limit: u64,
        mode: u32,
        change: impl FnOnce(Option<&[u8]>) -> Result<Change, E>,
    ) -> Result<(), E> {
        lock::wait(&self.directory).at("lock", self.path.parent().unwrap_or(&self.path))?;
        let old = self.read(limit)?;
        let permissions = old.as_ref().map_or(Permissions::New(mode), |(_, mode)| Permissions::Kept(*mode));
        let changed = change(old.as_ref().map(|(content, _)| content.as_slice()));
        let written = changed.and_then(|change| match change {
            Change::Keep => Ok(()),
            Change::Replace(new) => Ok(self.replace(&new, permissions)?),
            Change::Remove => Ok(self.remove()?),
        });
        let _ = rustix::fs::flock(&self.directory, rustix::fs::FlockOperation::Unlock);
        written
    }

    /// Removes the file, if there is one.
    fn remove(&self) -> PathResult<()> {
        match rustix::fs::unlinkat(&self.directory, &self.name, AtFlags::empty()) {
            Err(rustix::io::Errno::NOENT) => Ok(()),
            other => other.at("remove", &self.path),
        }
    }

    /// Whose a new file is to be: the owner's of the file that it replaces, or, for root, of the directory of a tree, or of
    /// another user's directory, who could not change it otherwise.
    fn owner(&self, is_replacing: bool) -> Option<Owner> {
        let user = rustix::process::geteuid();
        let around = rustix::fs::fstat(&self.directory).ok()?;
        let found = rustix::fs::statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW).ok();
        // Whoever can put a third user's file there could have its content changed, and that user's name on it.
        let is_its_own = |old: &Stat| old.st_uid == around.st_uid || around.st_uid == user.as_raw();
        let file = found.filter(|old| is_replacing && FileType::from_raw_mode(old.st_mode).is_file());
        let is_given = user.is_root() && (self.is_in_tree || (around.st_uid != 0 && file.is_none()));
        let owning = file.filter(is_its_own).or_else(|| is_given.then_some(around))?;
        Some((owning.st_uid, owning.st_gid))
    }

    fn put(&self, content: &[u8], mode: Permissions, time: Option<SystemTime>, flags: RenameFlags) -> PathResult<()> {
        let bits = match mode {
            Permissions::New(bits) => bits,
            Permissions::Kept(_) | Permissions::Own => 0o600,
        };
        let (temporary, mut file) = temporary::create(&self.directory, bits).at("create", &self.path)?;
        let filled = || -> io::Result<()> {
            file.write_all(content)?;
            if !matches!(mode, Permissions::Own)
                && let Some((user, group)) = self.owner(flags.is_empty() && !mode.is_private())
            {
                // It is this process's where that may not give files away.
                let _ = std::os::unix::fs::fchown(&file, Some(user), Some(group));
            }
            if let Permissions::Kept(bits) = mode {
                // That a program runs with its owner's rights, nobody has decided for the new content.
                file.set_permissions(Bits::from_mode(bits & 0o777))?;
            }
            time.map_or(Ok(()), |time| file.set_modified(time))
        }();
        if let Err(error) = filled {
            let _ = rustix::fs::unlinkat(&self.directory, &temporary, AtFlags::empty());
            return Err(error).at("write", &self.path);
        }
        self.publish(&temporary, flags).at("replace", &self.path)
    }

    /// Gives a temporary file its name; it goes where that cannot be.
    fn publish(&self, temporary: &OsStr, flags: RenameFlags) -> io::Result<()> {
        let directory = &self.directory;
        let published = if flags.is_empty() && self.is_device() {
            Err(super::irregular())
        } else if flags.is_empty() {
            rustix::fs::renameat(directory, temporary, directory, &self.name).map_err(io::Error::from)
        } else {
            rename_at(directory, temporary, &self.name)
        };
        if published.is_err() {
            let _ = rustix::fs::unlinkat(directory, temporary, AtFlags::empty());
        }
        // What a crash left here would stay for ever: nothing else looks into the directories of projects.
        temporary::sweep_in(directory);
        published
    }
}

/// Renames within a directory, and never replaces something.
fn rename_at(directory: &Directory, from: &OsStr, to: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE) {
        Err(error) if super::is_unsupported(error) => {
            if rustix::fs::statat(directory, to, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Ok(rustix::fs::renameat(directory, from, directory, to)?)
        }
        other => Ok(other?),
    }
}

/// Opens a directory of the tree of a root.
pub(crate) fn directory_below(root: &Path, path: &Path) -> io::Result<Directory> {
    let (real_root, real) = (root.canonicalize()?, path.canonicalize()?);
    let relative = real.strip_prefix(&real_root).map_err(|_| outside())?;
    // The real path has no links: one that is met now was put there a moment ago.
    let mut directory = Directory::open_itself(&real_root)?;
    for name in relative {
        directory = directory.child(name)?;
    }
    Ok(directory)
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a link leads out of the environment")
}

#[cfg(test)]
mod tests;
