//! Filling an environment from an unpacked wheel, with as few system calls as can be.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::fs::{AtFlags, Mode};
use rustix::io::Errno;

use super::archive::Place;
use super::fill::{Filler, Transfer, create_at};
use super::listing::{Listing, open_dir};
use super::request::Target;
use super::unpack::Entry;
use super::{record, scripts};
use crate::env::BIN;
use crate::fs::walk::Directory;
use crate::fs::{PathContext, PathResult};

/// A tree of ready-made bytecode that belongs to an unpacked wheel.
#[derive(Debug)]
pub(super) struct BytecodeTree {
    /// The directory that holds the tree.
    pub(super) directory: std::path::PathBuf,
    /// What is in it.
    pub(super) listing: Listing,
}

/// Installs unpacked wheels into one environment.
pub(super) struct Installer<'a> {
    target: &'a Target<'a>,
    site: Directory,
    site_path: String,
    transfer: Transfer,
    replaces: bool,
}

impl<'a> Installer<'a> {
    /// Prepares `site-packages` of the environment.
    pub(super) fn new(target: &'a Target<'a>, transfer: Transfer) -> PathResult<Self> {
        let site_path = format!("lib/{}/site-packages", target.interpreter.lib_dir_name());
        let site = create_dirs(target.root, &site_path)?;
        Ok(Self { target, site, site_path, transfer, replaces: false })
    }

    /// Lets a file take the place of one that another package has brought.
    pub(super) fn replacing(self) -> Self {
        Self { replaces: true, ..self }
    }

    /// Installs one unpacked wheel, with its scripts, its bytecode and its `RECORD`.
    pub(super) fn install(
        &mut self,
        entry: &Entry,
        bytecode: Option<&BytecodeTree>,
        requested: bool,
    ) -> PathResult<()> {
        let listing = &entry.manifest.listing;
        self.make_dirs(&listing.dirs)?;
        let fill = || self.fill(&entry.directory, listing);
        match bytecode {
            // Nearly all of the time goes into the names of a thousand files. No directory gets files of both trees, so
            // that they do not wait for each other.
            Some(bytecode) => both(fill, || {
                self.make_dirs(&bytecode.listing.dirs)?;
                self.fill(&bytecode.directory, &bytecode.listing)
            })?,
            None => fill()?,
        }
        let mut record = entry.manifest.record.clone();
        self.write_other_places(entry, &mut record)?;
        self.write_scripts(entry, &mut record)?;
        self.write_dist_info(entry, record, requested)
    }

    /// Makes directories below `site-packages`, parents first.
    fn make_dirs(&self, dirs: &[String]) -> PathResult<()> {
        for dir in dirs {
            match rustix::fs::mkdirat(&self.site, dir, Mode::from_raw_mode(0o777)) {
                Err(Errno::EXIST) if is_dir(self.site.as_fd(), dir) => {}
                other => other.at("create", &self.shown(dir))?,
            }
        }
        Ok(())
    }

    /// Puts the files of a tree into `site-packages`.
    fn fill(&self, directory: &Path, listing: &Listing) -> PathResult<()> {
        let tree = directory.join(Place::Site.directory());
        let source = open_dir(&tree).at("open", &tree)?;
        let mut filler = Filler::new(source.as_fd(), self.site.as_fd(), self.transfer);
        for row in listing.files.iter().filter(|row| row.place == Place::Site) {
            let placed = match filler.place(row) {
                // Two packages may bring the same file; the last one wins, as with every installer.
                Err(error) if self.replaces && error.kind() == io::ErrorKind::AlreadyExists => {
                    unlink(self.site.as_fd(), &row.path).and_then(|()| filler.place(row))
                }
                other => other,
            };
            placed.at("install", &self.shown(&row.path))?;
        }
        Ok(())
    }

    /// Writes the files that wheels rarely have: packaged scripts, headers, data.
    fn write_other_places(&self, entry: &Entry, record: &mut String) -> PathResult<()> {
        for row in entry.manifest.listing.files.iter().filter(|row| row.place != Place::Site) {
            let source = entry.directory.join(row.place.directory()).join(&row.path);
            let mut content = crate::fs::read_limited(&source, row.size)?;
            let mut mode = if row.is_executable { 0o777 } else { 0o666 };
            let path = match row.place {
                Place::Script => {
                    content = scripts::packaged_script(&content, &self.python());
                    mode = 0o777;
                    format!("{BIN}/{}", row.path)
                }
                Place::Header => {
                    format!("{}/{}/{}", header_path(self.target), entry.manifest.description.project, row.path)
                }
                Place::Site | Place::Data => row.path.clone(),
            };
            self.write_below_root(&path, &content, mode)?;
            record::push_row(record, &format!("../../../{path}"), &content);
        }
        Ok(())
    }

    fn write_scripts(&self, entry: &Entry, record: &mut String) -> PathResult<()> {
        let description = &entry.manifest.description;
        let version = &self.target.interpreter.version;
        for (name, index) in scripts::file_names(&description.project, &description.entry_points, version) {
            let content = scripts::entry_point_script(&description.entry_points[index], &self.python());
            let path = format!("{BIN}/{name}");
            self.write_below_root(&path, &content, 0o777)?;
            record::push_row(record, &format!("../../../{path}"), &content);
        }
        Ok(())
    }

    fn write_dist_info(&self, entry: &Entry, mut record: String, requested: bool) -> PathResult<()> {
        let description = &entry.manifest.description;
        let file = |name: &str| format!("{}/{name}", description.dist_info);
        // pip speaks of its own upgrades only if it believes that pip installed it.
        let installer = if description.project == "pip" { "pip\n" } else { "venvwrap\n" };
        self.write_in_site(&file("INSTALLER"), installer.as_bytes())?;
        record::push_row(&mut record, &file("INSTALLER"), installer.as_bytes());
        if requested {
            self.write_in_site(&file("REQUESTED"), b"")?;
            record::push_row(&mut record, &file("REQUESTED"), b"");
        }
        record::push_own_row(&mut record, &file("RECORD"));
        self.write_in_site(&file("RECORD"), record.as_bytes())
    }

    fn write_in_site(&self, path: &str, content: &[u8]) -> PathResult<()> {
        write_at(self.site.as_fd(), path, content, 0o666).and(Ok(())).at("write", &self.shown(path))
    }

    fn write_below_root(&self, path: &str, content: &[u8], mode: u32) -> PathResult<()> {
        let shown = self.target.root.join(path);
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = create_dirs(self.target.root, parent)?;
        let written = match write_at(dir.as_fd(), name, content, mode) {
            Err(error) if self.replaces && error.kind() == io::ErrorKind::AlreadyExists => {
                unlink(dir.as_fd(), name).and_then(|()| write_at(dir.as_fd(), name, content, mode))
            }
            other => other,
        };
        written.and(Ok(())).at("write", &shown)
    }

    /// The interpreter that scripts name: the one at the place where the environment will be.
    fn python(&self) -> std::path::PathBuf {
        self.target.final_root.join(BIN).join("python")
    }

    fn shown(&self, path: &str) -> std::path::PathBuf {
        self.target.root.join(&self.site_path).join(path)
    }
}

/// Returns the files that a wheel brings, relative to the environment, as a file system compares names that ignores case.
pub(super) fn paths(entry: &Entry, bytecode: Option<&BytecodeTree>, target: &Target<'_>) -> Vec<String> {
    let version = &target.interpreter.version;
    let description = &entry.manifest.description;
    let site = format!("lib/{}/site-packages", target.interpreter.lib_dir_name());
    let rows = entry.manifest.listing.files.iter().chain(bytecode.iter().flat_map(|tree| &tree.listing.files));
    let files = rows.map(|row| match row.place {
        Place::Site => format!("{site}/{}", row.path),
        Place::Script => format!("{BIN}/{}", row.path),
        Place::Header => format!("{}/{}/{}", header_path(target), description.project, row.path),
        Place::Data => row.path.clone(),
    });
    let scripts = scripts::file_names(&description.project, &description.entry_points, version);
    files.chain(scripts.into_iter().map(|(name, _)| format!("{BIN}/{name}"))).map(|path| path.to_lowercase()).collect()
}

fn header_path(target: &Target<'_>) -> String {
    format!("include/site/python{}", target.interpreter.version.minor_text())
}

/// Does two things at once, or one after the other where the system allows no further thread.
fn both(first: impl FnOnce() -> PathResult<()>, second: impl Fn() -> PathResult<()> + Sync) -> PathResult<()> {
    std::thread::scope(|scope| {
        let started = std::thread::Builder::new().spawn_scoped(scope, &second);
        let first = first();
        let second = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => second(),
        };
        first.and(second)
    })
}

/// Writes a file that must not exist yet.
fn write_at(dir: BorrowedFd<'_>, path: &str, content: &[u8], mode: u32) -> io::Result<File> {
    let mut file = create_at(dir, path, mode)?;
    file.write_all(content)?;
    Ok(file)
}

/// Removes a file of another package; a directory stays.
fn unlink(dir: BorrowedFd<'_>, path: &str) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(dir, path, AtFlags::empty())?)
}

/// Opens a directory below `root`, creating what is missing and following no link below it.
fn create_dirs(root: &Path, path: &str) -> PathResult<Directory> {
    let mut dir = Directory::open(root).at("open", root)?;
    let mut shown = root.to_path_buf();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        shown.push(name);
        dir = dir.make_child(OsStr::new(name), 0o777).at("create", &shown)?;
    }
    Ok(dir)
}

fn is_dir(dir: BorrowedFd<'_>, path: &str) -> bool {
    let stat = rustix::fs::statat(dir, path, AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir())
}
