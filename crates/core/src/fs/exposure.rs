//! Who could change what a path leads to: the file itself, and every directory and link on the way to it.

mod everybody;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::Errno;

use crate::fs::accepted::Accepted;
use crate::fs::accounts::{group_name, user_name};
use crate::fs::private::{Danger, User, danger_of};

pub use self::everybody::place_for_everybody;

/// As many links as the system follows.
const MAX_LINKS: usize = 40;

/// The owner that a user namespace shows for everyone whom it does not know, root of the host among them.
const UNMAPPED: u32 = 65534;

/// In a directory with this bit only its owner, and that of an entry, may rename or remove the entry.
const STICKY: u32 = 0o1000;

/// A file or directory through which others could change what a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The file or directory.
    pub path: PathBuf,
    /// Who could.
    pub danger: Danger,
}

impl Exposure {
    /// Returns whether it is for the user to take the permission away: a file or directory of the user's that is not meant
    /// to be shared, as `/tmp` and devices are. What is not there is not judged.
    pub fn is_for_user_to_close(&self, user: u32) -> bool {
        is_for_user_to_close(&self.path, user)
    }
}

/// The same for a path.
pub fn is_for_user_to_close(path: &Path, user: u32) -> bool {
    let Ok(found) = fs::metadata(path) else { return true };
    found.uid() == user && (found.is_file() || (found.is_dir() && found.mode() & STICKY == 0))
}

/// Says who could change it.
impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.danger {
            Danger::ForeignOwner(uid) => write!(f, "`{path}` belongs to another user, `{}`", user_name(uid)),
            Danger::WritableByGroup(gid) => write!(f, "`{path}` is writable by the group `{}`", group_name(gid)),
            Danger::WritableByOthers => write!(f, "`{path}` is writable by other users"),
            Danger::ForeignEntry(uid) => {
                write!(
                    f,
                    "what is used in `{path}`, where others can write, belongs to another user, `{}`",
                    user_name(uid)
                )
            }
        }
    }
}

/// Judges an entry of the directory at a real path.
type Judge = fn(&Vetting, &Path, &Metadata, &Metadata) -> Option<Exposure>;

/// Where walks to directories have ended.
type Walked = Vec<(PathBuf, Walk)>;

/// How paths are judged: on whose behalf, and what that user has accepted.
#[derive(Clone, Debug)]
pub struct Vetting {
    user: User,
    accepted: Option<Accepted>,
    /// Another user who is trusted like this one.
    trusted: Option<u32>,
    /// The directories that were walked to, where they are remembered.
    walked: Option<Arc<Mutex<Walked>>>,
}

impl Vetting {
    /// Judges for a user, with what was accepted as the program's state directory has it.
    pub fn new(user: User, state_dir: Option<&Path>) -> Self {
        Self { user, accepted: state_dir.map(|state| Accepted::new(state, user)), trusted: None, walked: None }
    }

    /// Looks at each directory only once: for a program that is about to end. The hooks of an environment are in few.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self { walked: Some(Arc::default()), ..self }
    }

    /// Finds the first file or directory on an absolute path through which someone other than the user and root could
    /// change what it leads to; what was accepted is passed over.
    ///
    /// Links are followed one by one, since who may swap a link, or a directory above its target, decides as well.
    pub fn find(&self, path: &Path) -> io::Result<Option<Exposure>> {
        let walk = self.reach(path)?;
        if let End::Missing(error) = walk.end { Err(error.into()) } else { Ok(self.exposure(walk)) }
    }

    /// The same for a path that need not be there, or be a link to nothing: who could make what is missing counts, whatever
    /// a sticky bit keeps.
    pub fn find_before_it_is_there(&self, path: &Path) -> io::Result<Option<Exposure>> {
        self.reach(path).map(|walk| self.exposure(walk))
    }

    /// The same for a path at which there is nothing, not even a link: only its directory is to be looked at.
    pub fn find_of_missing(&self, path: &Path) -> io::Result<Option<Exposure>> {
        let directory = path.parent().unwrap_or(Path::new("/"));
        self.directory(directory).map(|walk| self.exposure(walk))
    }

    /// The same for a file. Who has accepted it trusts its owner with what is in it, and so with the directories of that
    /// user through which another one could get its place.
    pub fn find_of_file(&self, path: &Path) -> io::Result<Option<Exposure>> {
        match fs::metadata(path) {
            Ok(found) if self.accepts(path) => {
                let trusting = Self { trusted: Some(found.uid()), walked: None, ..self.clone() };
                trusting.find_before_it_is_there(path)
            }
            _ => self.find_before_it_is_there(path),
        }
    }

    fn exposure(&self, walk: Walk) -> Option<Exposure> {
        if let End::Exposed(exposure) = walk.end {
            return Some(exposure);
        }
        let danger = self.danger(&walk.found).filter(|_| !self.is_accepted(&walk.at))?;
        Some(Exposure { path: walk.at, danger })
    }

    /// Walks to a path, from its directory.
    fn reach(&self, path: &Path) -> io::Result<Walk> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => match self.directory(parent)? {
                start if matches!(start.end, End::Arrived) => self.walk(start, Path::new(name), Self::exposed_entry),
                start => Ok(start),
            },
            _ => self.walk(Walk::root()?, path, Self::exposed_entry),
        }
    }

    /// Walks to a directory, or remembers that of it and of those above.
    fn directory(&self, directory: &Path) -> io::Result<Walk> {
        let Some(walked) = &self.walked else {
            return self.walk(Walk::root()?, directory, Self::exposed_entry);
        };
        let lock = || walked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(known, _)| known == directory).map(|(_, walk)| walk.clone());
        if let Some(walk) = known {
            return Ok(walk);
        }
        let walk = self.reach(directory)?;
        lock().push((directory.to_path_buf(), walk.clone()));
        Ok(walk)
    }

    /// Goes on from where a walk has ended, until something is in danger or missing. Every directory and link on the way is
    /// judged where it is.
    fn walk(&self, from: Walk, path: &Path, judge: Judge) -> io::Result<Walk> {
        let Walk { mut at, found: mut directory, .. } = from;
        let mut rest = names(path);
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            if name == ".." {
                at.pop();
                directory = fs::symlink_metadata(&at)?;
                continue;
            }
            let next = at.join(&name);
            let found = match fs::symlink_metadata(&next) {
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    let end = Errno::from_io_error(&error).unwrap_or(Errno::NOENT);
                    return Ok(Walk { at, found: directory, end: End::Missing(end) });
                }
                other => other?,
            };
            if let Some(exposure) = judge(self, &at, &directory, &found) {
                return Ok(Walk { at, found: directory, end: End::Exposed(exposure) });
            }
            if found.is_symlink() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::from(Errno::LOOP));
                }
                let target = fs::read_link(&next)?;
                if target.is_absolute() {
                    Walk { at, found: directory, .. } = Walk::root()?;
                }
                let mut target = names(&target);
                target.append(&mut rest);
                rest = target;
                continue;
            }
            (at, directory) = (next, found);
        }
        Ok(Walk { at, found: directory, end: End::Arrived })
    }

    /// Finds who has put a path, or a directory or link on the way to it, into a place where everybody may write: someone
    /// other than the user and root. What is only not the user's, or a group's, is no reason.
    pub fn find_planted(&self, path: &Path) -> io::Result<Option<Exposure>> {
        match self.walk(Walk::root()?, path, Self::planted_entry)?.end {
            End::Arrived => Ok(None),
            End::Exposed(exposure) => Ok(Some(exposure)),
            End::Missing(error) => Err(error.into()),
        }
    }

    /// Returns whether the user has accepted that others may change what a path leads to.
    pub fn accepts(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.is_accepted(&path))
    }

    fn danger(&self, found: &Metadata) -> Option<Danger> {
        let by_trusted = self.trusted == Some(found.uid());
        danger_of(found, if by_trusted { User { uid: found.uid(), gid: found.gid() } } else { self.user })
    }

    /// Where someone could put something else in the place of an entry of a directory.
    fn exposed_entry(&self, at: &Path, directory: &Metadata, entry: &Metadata) -> Option<Exposure> {
        let danger = self.danger_to_entry(directory, entry).filter(|_| !self.is_accepted(at))?;
        Some(Exposure { path: at.to_path_buf(), danger })
    }

    /// Where everybody can write, if an entry there, or below, is that of someone else.
    fn planted_entry(&self, at: &Path, _: &Metadata, entry: &Metadata) -> Option<Exposure> {
        if entry.uid() == self.user.uid || entry.uid() == 0 {
            return None;
        }
        let is_open = |place: &&Path| fs::metadata(place).is_ok_and(|place| place.mode() & 0o002 != 0);
        let place = at.ancestors().find(is_open).filter(|place| !self.is_accepted(place))?;
        Some(Exposure { path: place.into(), danger: Danger::ForeignEntry(entry.uid()) })
    }

    /// Who could put something else in the place of an entry of a directory.
    fn danger_to_entry(&self, directory: &Metadata, entry: &Metadata) -> Option<Danger> {
        let danger = match self.danger(directory)? {
            Danger::ForeignOwner(_) if directory.uid() == UNMAPPED && is_in_user_namespace() => return None,
            danger => danger,
        };
        if matches!(danger, Danger::ForeignOwner(_)) || directory.mode() & STICKY == 0 {
            return Some(danger);
        }
        // Who else may write there is not the reason: the user's own entries are safe.
        (entry.uid() != self.user.uid && entry.uid() != 0).then(|| Danger::ForeignEntry(entry.uid()))
    }

    fn is_accepted(&self, path: &Path) -> bool {
        self.accepted.as_ref().is_some_and(|accepted| accepted.contains(path))
    }
}

/// Where a walk along a path has come to.
#[derive(Clone, Debug)]
struct Walk {
    /// The real path.
    at: PathBuf,
    /// What is there.
    found: Metadata,
    end: End,
}

/// Why a walk has ended.
#[derive(Clone, Debug)]
enum End {
    /// It has come to the path.
    Arrived,
    /// The next part is not there.
    Missing(Errno),
    /// There is danger on the way.
    Exposed(Exposure),
}

impl Walk {
    fn root() -> io::Result<Self> {
        let at = PathBuf::from("/");
        let found = fs::symlink_metadata(&at)?;
        Ok(Self { at, found, end: End::Arrived })
    }
}

fn names(path: &Path) -> VecDeque<OsString> {
    let name = |component| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(name).collect()
}

/// Whether this process does not see all users of the machine.
fn is_in_user_namespace() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    !map.is_empty() && map.split_whitespace().ne(["0", "0", "4294967295"])
}

#[cfg(test)]
mod tests;
