//! Which files a cached tree holds: a list that is read in one go instead of walking the tree, and checked before use.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::archive::Place;
use super::safe_path::relative_path;

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
        self.files.push(Row { place, path, size, mtime, is_executable });
        Some(())
    }

    /// Returns whether every file is still there with the size and time it was written with.
    ///
    /// Environments share these files by hard links, and what was edited in one of them must not get into the next.
    pub(super) fn is_intact(&self, tree: &Path) -> bool {
        let handles = Place::ALL.map(|place| open_dir(&tree.join(place.directory())).ok());
        self.files.iter().all(|row| {
            let handle = handles[row.place as usize].as_ref();
            let stat = handle.and_then(|dir| rustix::fs::statat(dir, &row.path, AtFlags::SYMLINK_NOFOLLOW).ok());
            stat.is_some_and(|stat| {
                FileType::from_raw_mode(stat.st_mode).is_file()
                    && u64::try_from(stat.st_size) == Ok(row.size)
                    && stat.st_mtime == row.mtime
                    && stat.st_mtime_nsec == 0
            })
        })
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
            "site",
            "",
        ] {
            assert_eq!(Listing::default().read_line(line), None, "{line}");
        }
    }
}
