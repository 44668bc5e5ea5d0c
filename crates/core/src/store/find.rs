//! Finding environments: one by its name, or all of them in one reading of the directory.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags};

use super::home::{HomeError, Store};
use super::sweep;
use crate::env::health::has_lost_marks;
use crate::env::name::{EnvName, NameError};
use crate::env::similar;
use crate::env::{self, Environment};
use crate::fs::PathContext;

/// Why an environment could not be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The text is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No environment has this name.
    #[error("no environment is named `{name}`")]
    NotFound {
        /// The name that was asked for.
        name: EnvName,
        /// The existing name most like it, if one is near.
        nearest: Option<EnvName>,
        /// Whether there are any environments at all.
        store_is_empty: bool,
    },
    /// There is a file or directory of this name, which is no environment.
    #[error("`{}` is not an environment: it has neither `pyvenv.cfg` nor `bin/activate`", path.display())]
    NotAnEnvironment {
        /// Its path.
        path: PathBuf,
        /// Its name, if a repair makes it an environment again.
        repairable: Option<EnvName>,
    },
    /// The store itself cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl Store {
    /// Finds an environment by its name, byte for byte.
    pub fn find(&self, name: &OsStr) -> Result<Environment, FindError> {
        let name = EnvName::for_existing(name)?;
        let path = self.path_of(&name);
        if !path.is_dir() {
            if std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_symlink()) {
                return Err(FindError::NotAnEnvironment { path, repairable: None });
            }
            return Err(self.not_found(name)?);
        }
        let environment = Environment::new(name, path);
        if environment.looks_like_one() {
            return Ok(environment);
        }
        env::check_readable(environment.path()).map_err(HomeError::from)?;
        let repairable = has_lost_marks(&environment).then(|| environment.name().clone());
        Err(FindError::NotAnEnvironment { path: environment.path().to_path_buf(), repairable })
    }

    /// The names of all environments, sorted by bytes; none when the directory is missing.
    pub fn names(&self) -> Result<Vec<EnvName>, HomeError> {
        Ok(self.scan_where(&is_environment)?.names)
    }

    /// The names of those environments whose names are wanted, sorted by bytes. Nothing is asked of the file system
    /// about the others, so that few of many cost little.
    pub fn names_where(&self, is_wanted: &dyn Fn(&OsStr) -> bool) -> Result<Vec<EnvName>, HomeError> {
        Ok(self.scan_where(&|home, name| is_wanted(name) && is_environment(home, name))?.names)
    }

    /// Reads the directory once: the environments' names, and whether a crash or a removal left something to delete. A
    /// rename that a crash has interrupted is finished first.
    pub fn scan(&self) -> Result<Scan, HomeError> {
        self.scan_finished(&is_environment)
    }

    pub(super) fn scan_finished(&self, is_wanted: &IsWanted<'_>) -> Result<Scan, HomeError> {
        let scan = self.scan_where(is_wanted)?;
        if scan.has_leftovers && self.finish_renames() { self.scan_where(is_wanted) } else { Ok(scan) }
    }

    pub(super) fn scan_where(&self, is_wanted: &IsWanted<'_>) -> Result<Scan, HomeError> {
        let handle = match open_directory(self.home()) {
            Err(rustix::io::Errno::NOENT) => return Ok(Scan::default()),
            Err(rustix::io::Errno::NOTDIR) => return Err(HomeError::NotADirectory { home: self.home().to_path_buf() }),
            other => other.at("list", self.home())?,
        };
        scan_directory(&handle, is_wanted).at("list", self.home()).map_err(Into::into)
    }

    /// Returns whether a crash or a removal left something to delete, or the time of something in the trash is over; looks
    /// at nothing but the names.
    pub fn has_leftovers(&self) -> bool {
        let entries = std::fs::read_dir(self.home()).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| sweep::is_working_directory(&entry.file_name()))
            || (!self.is_anywhere() && self.has_expired())
    }

    pub(super) fn not_found(&self, name: EnvName) -> Result<FindError, HomeError> {
        let names = self.names()?;
        if names.is_empty() && self.check_for_new()? {
            return Err(HomeError::Missing { home: self.home().to_path_buf() });
        }
        let nearest = nearest(&name, &names);
        Ok(FindError::NotFound { name, nearest, store_is_empty: names.is_empty() })
    }
}

/// Decides about a name in the store's directory, which is held open.
pub(super) type IsWanted<'a> = dyn Fn(BorrowedFd<'_>, &OsStr) -> bool + 'a;

/// What one reading of the store's directory shows.
#[derive(Debug, Default)]
pub struct Scan {
    /// The names of the environments, sorted by bytes.
    pub names: Vec<EnvName>,
    /// Whether there are working directories of operations, finished, crashed or under way.
    pub has_leftovers: bool,
}

fn open_directory(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn scan_directory(handle: &OwnedFd, is_wanted: &IsWanted<'_>) -> rustix::io::Result<Scan> {
    let mut scan = Scan::default();
    for entry in rustix::fs::Dir::read_from(handle)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if sweep::is_working_directory(name) {
            scan.has_leftovers = true;
        } else if may_be_environment(name, entry.file_type()) && is_wanted(handle.as_fd(), name) {
            scan.names.extend(EnvName::for_existing(name).ok());
        }
    }
    scan.names.sort();
    Ok(scan)
}

/// Hidden entries are not listed, as virtualenvwrapper's pattern `*/bin/activate` does not; hook files are no directories.
fn may_be_environment(name: &OsStr, kind: FileType) -> bool {
    !name.as_bytes().starts_with(b".") && matches!(kind, FileType::Directory | FileType::Symlink | FileType::Unknown)
}

fn is_environment(handle: BorrowedFd<'_>, name: &OsStr) -> bool {
    env::MARKS.iter().any(|mark| {
        let path = OsString::from_vec([name.as_bytes(), b"/", mark.as_bytes()].concat());
        rustix::fs::accessat(handle, &path, Access::EXISTS, AtFlags::empty()).is_ok()
    })
}

/// The name most like the one that was typed, if one is near enough to be meant.
fn nearest(typed: &EnvName, names: &[EnvName]) -> Option<EnvName> {
    let shown: Vec<_> = names.iter().map(ToString::to_string).collect();
    similar::nearest(&typed.to_string(), shown.iter().map(String::as_str).zip(names)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{names, store_with};

    #[test]
    fn lists_environments_and_nothing_else() {
        let (directory, store) = store_with(&["b", "a c", "Z", ".hidden"]);
        std::fs::write(directory.path().join("postactivate"), "").unwrap();
        std::fs::create_dir(directory.path().join("empty")).unwrap();
        std::fs::create_dir(directory.path().join(".venvwrap-op-x")).unwrap();
        std::os::unix::fs::symlink(directory.path().join("b"), directory.path().join("linked")).unwrap();
        std::os::unix::fs::symlink("/nowhere", directory.path().join("dangling")).unwrap();
        assert_eq!(names(&store), ["Z", "a c", "b", "linked"]);
        assert!(store.scan().unwrap().has_leftovers && store.has_leftovers());
    }

    #[test]
    fn only_wanted_names_are_looked_at() {
        let (directory, store) = store_with(&["api", "blog", "app"]);
        std::fs::create_dir(directory.path().join("a")).unwrap();
        let found = store.names_where(&|name| name.as_bytes().starts_with(b"a")).unwrap();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["api", "app"]);
    }

    #[test]
    fn a_missing_store_is_empty_and_a_file_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::at(directory.path().join("missing"));
        assert!(names(&store).is_empty());
        assert!(matches!(store.find(OsStr::new("x")), Err(FindError::Home(HomeError::Missing { .. }))));
        std::fs::write(store.home(), "").unwrap();
        assert!(matches!(store.names(), Err(HomeError::NotADirectory { .. })));
        assert!(matches!(store.check(), Err(HomeError::NotADirectory { .. })));
    }

    #[test]
    fn where_nothing_can_be_created_is_no_store_without_environments() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("lib/envs")).unwrap();
        std::fs::write(directory.path().join("pyvenv.cfg"), "").unwrap();
        for home in ["lib/envs", "lib/missing"] {
            let found = Store::at(directory.path().join(home)).find(OsStr::new("x"));
            assert!(matches!(found, Err(FindError::Home(HomeError::InEnvironment { .. }))), "{home}");
        }
    }

    #[test]
    fn finds_by_exact_name_and_suggests_the_nearest() {
        let (directory, store) = store_with(&["website", "api"]);
        assert_eq!(store.find(OsStr::new("api")).unwrap().path(), directory.path().join("api"));
        let Err(FindError::NotFound { nearest, .. }) = store.find(OsStr::new("websiet")) else { panic!() };
        assert_eq!(nearest.unwrap().to_string(), "website");
        let Err(FindError::NotFound { nearest, .. }) = store.find(OsStr::new("zzz")) else { panic!() };
        assert_eq!(nearest, None);
        assert!(matches!(store.find(OsStr::new("../x")), Err(FindError::Name(_))));
        std::fs::create_dir(directory.path().join("notes")).unwrap();
        assert!(matches!(store.find(OsStr::new("notes")), Err(FindError::NotAnEnvironment { .. })));
    }
}
