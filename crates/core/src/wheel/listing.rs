//! Which files a cached tree holds: a list that is read in one go instead of walking the tree, and checked before use.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

use super::archive::Place;
use super::reserved;
use super::safe_path::relative_path;
use crate::fs::private::User;

/// The directories and files of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// Directories below `site-packages`, parents first.
    pub(super) dirs: Vec<String>,
    /// All files.
    pub(super) files: Vec<Row>,
}

/// One file as it was when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) mtime: i64,
    pub(super) is_executable: bool,
}

impl Place {
    /// All places, in the order in which a tree is laid out.
    pub(super) const ALL: [Self; 4] = [Self::Site, Self::Script, Self::Header, Self::Data];

    /// The name of the place's directory in a cached tree.
    pub(super) fn directory(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Script => "scripts",
            Self::Header => "headers",
            Self::Data => "data",
        }
    }
}

impl Listing {
    /// Lists files, and finds the directories that they need.
    pub(super) fn new(files: Vec<Row>) -> Self {
        let mut dirs = BTreeSet::new();
        for row in files.iter().filter(|row| row.place == Place::Site) {
            let mut path = row.path.as_str();
            while let Some((parent, _)) = path.rsplit_once('/') {
                if !dirs.insert(parent.to_owned()) {
                    break;
                }
                path = parent;
            }
        }
        // A parent is a prefix of its children, so sorting puts it first.
        Self { dirs: dirs.into_iter().collect(), files }
    }

    /// Appends the list as lines.
    pub(super) fn write(&self, text: &mut String) {
        for dir in &self.dirs {
            let _ = writeln!(text, "dir {dir}");
        }
        for Row { place, path, size, mtime, is_executable } in &self.files {
            let mode = if *is_executable { 'x' } else { '-' };
            let _ = writeln!(text, "{} {mode} {size} {mtime} {path}", place.directory());
        }
    }

    /// Reads one line; `None` unless it is exactly what [`Listing::write`] could have written.
    pub(super) fn read_line(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        if kind == "dir" {
            self.dirs.push(relative_path(rest.as_bytes())?.to_owned());
            return Some(());
        }
        let place = Place::ALL.into_iter().find(|place| place.directory() == kind)?;
        let mut fields = rest.splitn(4, ' ');
        let is_executable = match fields.next()? {
            "x" => true,
            "-" => false,
            _ => return None,
        };
        let (size, mtime) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let path = relative_path(fields.next()?.as_bytes())?.to_owned();
        if !reserved::is_allowed(place, &path) {
            return None;
        }
        self.files.push(Row { place, path, size, mtime, is_executable });
        Some(())
    }

    /// Returns whether every file is still there as it was written: a file of this size, time and mode, of this user, in
    /// the group of its tree.
    ///
    /// Environments share these files by hard links. What was edited in one of them, or given to someone else with it
    /// (`chown -R`), must not get into the next. root trusts no file that has a second name: what is done to an
    /// environment that root hands over would be done to the cache.
    pub(super) fn is_intact(&self, tree: &Path, user: User) -> bool {
        let trees = Place::ALL.map(|place| {
            let dir = open_dir(&tree.join(place.directory())).ok()?;
            let stat = rustix::fs::fstat(&dir).ok()?;
            (stat.st_uid == user.uid).then_some((dir, stat.st_gid))
        });
        self.files.iter().all(|row| {
            let Some((dir, gid)) = &trees[row.place as usize] else { return false };
            let stat = rustix::fs::statat(dir, &row.path, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| {
                row.describes(&stat)
                    && (stat.st_uid, stat.st_gid) == (user.uid, *gid)
                    && (user.uid != 0 || stat.st_nlink == 1)
            })
        })
    }
}

const EXECUTABLE: Mode = Mode::from_raw_mode(0o755);
const PLAIN: Mode = Mode::from_raw_mode(0o644);

impl Row {
    /// The mode that the file is written with.
    pub(super) fn mode(&self) -> u32 {
        if self.is_executable { 0o755 } else { 0o644 }
    }

    fn describes(&self, stat: &Stat) -> bool {
        FileType::from_raw_mode(stat.st_mode).is_file()
            && u64::try_from(stat.st_size) == Ok(self.size)
            && stat.st_mtime == self.mtime
            && stat.st_mtime_nsec == 0
            && Mode::from_raw_mode(stat.st_mode) == if self.is_executable { EXECUTABLE } else { PLAIN }
    }
}

/// Opens a directory, never through a link.
pub(super) fn open_dir(path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str) -> Row {
        Row { place: Place::Site, path: path.into(), size: 1, mtime: 2, is_executable: false }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut script = row("a b");
        (script.place, script.is_executable) = (Place::Script, true);
        let listing = Listing::new(vec![row("p/q/r.py"), row("p/a.py"), row("top.py"), script]);
        assert_eq!(listing.dirs, ["p", "p/q"]);
        let mut text = String::new();
        listing.write(&mut text);
        let mut read = Listing::default();
        assert!(text.lines().all(|line| read.read_line(line).is_some()), "{text}");
        assert_eq!(read, listing);
    }

    #[test]
    fn hostile_lines_are_refused() {
        for line in [
            "dir ../x",
            "dir /x",
            "site - 1 2 ../x",
            "site - 1 2",
            "site s 1 2 x",
            "site - -1 2 x",
            "etc - 1 2 x",
            "scripts - 1 2 postactivate",
            "data - 1 2 .project",
            "site",
            "",
        ] {
            assert_eq!(Listing::default().read_line(line), None, "{line}");
        }
    }
}
