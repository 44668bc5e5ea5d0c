//! The store: the environments that are direct children of `WORKON_HOME`.

pub mod adopt;
pub mod copy;
pub mod create;
mod flock;
pub mod lock;
pub mod mirror;
pub mod remove;
pub mod sweep;
pub mod trash;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags};

use self::lock::{Lock, LockError};
use crate::env::Environment;
use crate::env::describe::{Description, Examiner};
use crate::env::name::{EnvName, NameError};
use crate::fs::identity::is_same_file;
use crate::fs::{PathContext, PathError, PathResult};

/// The environments below one directory.
#[derive(Clone, Debug)]
pub struct Store {
    home: PathBuf,
}

/// Why the directory of the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is no such directory.
    #[error("WORKON_HOME `{}` does not exist", home.display())]
    Missing {
        /// The directory.
        home: PathBuf,
    },
    /// Something else has its path.
    #[error("WORKON_HOME `{}` is not a directory", home.display())]
    NotADirectory {
        /// The path.
        home: PathBuf,
    },
    /// The root or the user's home directory, whose other content must not be taken for environments.
    #[error("WORKON_HOME `{}` cannot hold environments: it also holds other files", home.display())]
    Unsuitable {
        /// The directory.
        home: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Why an environment is not to be had.
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
    },
    /// The store itself cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl Store {
    /// Makes a store of a directory, which need not exist yet. The path must be absolute.
    pub fn new(home: PathBuf) -> Self {
        Self { home }
    }

    /// The directory whose children the environments are.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Checks that the directory may be changed: it exists and is neither the root nor the user's home directory.
    pub fn check(&self, user_home: Option<&Path>) -> Result<(), HomeError> {
        let home = || self.home.clone();
        let is_home = |path: &Path| path == self.home || is_same_file(path, &self.home);
        if is_same_file(Path::new("/"), &self.home) || user_home.is_some_and(is_home) {
            return Err(HomeError::Unsuitable { home: home() });
        }
        match std::fs::metadata(&self.home) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(HomeError::NotADirectory { home: home() }),
            // A link that leads nowhere is no place for a directory either.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.home.is_symlink() => {
                Err(HomeError::NotADirectory { home: home() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(HomeError::Missing { home: home() }),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                Err(HomeError::NotADirectory { home: home() })
            }
            Err(error) => Err(error).at("read", &self.home).map_err(Into::into),
        }
    }

    /// Makes the directory if it is missing, and its parents; tells whether it was missing.
    pub fn create_home(&self, user_home: Option<&Path>) -> Result<bool, HomeError> {
        match self.check(user_home) {
            Err(HomeError::Missing { .. }) => {
                std::fs::create_dir_all(&self.home).at("create", &self.home)?;
                Ok(true)
            }
            other => other.map(|()| false),
        }
    }

    /// Finds an environment by its name, byte for byte.
    pub fn find(&self, name: &OsStr) -> Result<Environment, FindError> {
        let name = EnvName::for_existing(name)?;
        let path = self.home.join(name.as_os_str());
        if !path.is_dir() {
            if std::fs::symlink_metadata(&path).is_ok_and(|found| !found.is_symlink()) {
                return Err(FindError::NotAnEnvironment { path });
            }
            return Err(self.not_found(name)?);
        }
        let environment = Environment::new(name, path);
        if environment.looks_like_one() {
            Ok(environment)
        } else {
            Err(FindError::NotAnEnvironment { path: environment.path().to_path_buf() })
        }
    }

    /// The names of all environments, sorted by bytes; none when the directory is missing.
    pub fn names(&self) -> Result<Vec<EnvName>, HomeError> {
        Ok(self.scan()?.names)
    }

    /// Tells whether a real path lies directly in the store.
    pub fn holds(&self, real: &Path) -> bool {
        self.home.canonicalize().is_ok_and(|home| real.parent() == Some(&home))
    }

    /// The names of those environments whose names are wanted, sorted by bytes. Nothing is asked of the file system
    /// about the others, so that few of many cost little.
    pub fn names_where(&self, is_wanted: &dyn Fn(&OsStr) -> bool) -> Result<Vec<EnvName>, HomeError> {
        Ok(self.scan_where(is_wanted)?.names)
    }

    /// Reads the directory once: the environments' names, and whether a crash or a removal left something to delete.
    pub fn scan(&self) -> Result<Scan, HomeError> {
        self.scan_where(&|_| true)
    }

    fn scan_where(&self, is_wanted: &dyn Fn(&OsStr) -> bool) -> Result<Scan, HomeError> {
        let handle = match open_directory(&self.home) {
            Err(rustix::io::Errno::NOENT) => return Ok(Scan::default()),
            Err(rustix::io::Errno::NOTDIR) => return Err(HomeError::NotADirectory { home: self.home.clone() }),
            other => other.at("list", &self.home)?,
        };
        scan_directory(&handle, is_wanted).at("list", &self.home).map_err(Into::into)
    }

    /// Tells whether a crash or a removal left something to delete; looks at nothing but the names.
    pub fn has_leftovers(&self) -> bool {
        let entries = std::fs::read_dir(&self.home).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| sweep::is_working_directory(&entry.file_name()))
    }

    /// All environments with what can be known of them without running any Python, in the order of their names.
    pub fn describe(&self, examiner: &Examiner<'_>) -> Result<Vec<Description>, HomeError> {
        let environments: Vec<_> = self.names()?.into_iter().map(|name| self.environment(name)).collect();
        Ok(in_parallel(&environments, |part| {
            let mut examiner = examiner.clone();
            part.iter().map(|environment| examiner.describe(environment)).collect()
        }))
    }

    /// Takes the right to change the environment of this name.
    pub fn lock(&self, name: &EnvName) -> Result<Lock, LockError> {
        Lock::take(&self.home, name)
    }

    /// Deletes what crashed operations and removals left behind.
    pub fn sweep(&self) -> PathResult<()> {
        sweep::sweep(&self.home)
    }

    fn environment(&self, name: EnvName) -> Environment {
        let path = self.home.join(name.as_os_str());
        Environment::new(name, path)
    }

    pub(crate) fn not_found(&self, name: EnvName) -> Result<FindError, HomeError> {
        let names = self.names()?;
        if names.is_empty()
            && let Err(HomeError::Missing { home }) = self.check(None)
        {
            return Err(HomeError::Missing { home });
        }
        let nearest = nearest(&name, &names);
        Ok(FindError::NotFound { name, nearest, store_is_empty: names.is_empty() })
    }
}

/// What one reading of the store's directory shows.
#[derive(Debug, Default)]
pub struct Scan {
    /// The names of the environments, sorted by bytes.
    pub names: Vec<EnvName>,
    /// Whether there are working directories of operations, finished, crashed or under way.
    pub has_leftovers: bool,
}

/// Fewer environments than this are not worth a second thread.
const PARALLEL_FROM: usize = 48;

fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    if items.len() < PARALLEL_FROM || threads == 1 {
        return work(items);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            items.chunks(items.len().div_ceil(threads)).map(|part| scope.spawn(|| work(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    })
}

fn open_directory(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn scan_directory(handle: &OwnedFd, is_wanted: &dyn Fn(&OsStr) -> bool) -> rustix::io::Result<Scan> {
    let mut scan = Scan::default();
    for entry in rustix::fs::Dir::read_from(handle)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if sweep::is_working_directory(name) {
            scan.has_leftovers = true;
        } else if may_be_environment(name, entry.file_type()) && is_wanted(name) && is_environment(handle.as_fd(), name)
        {
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

fn is_environment(handle: std::os::fd::BorrowedFd<'_>, name: &OsStr) -> bool {
    ["/bin/activate", "/pyvenv.cfg"].iter().any(|file| {
        let path = OsString::from_vec([name.as_bytes(), file.as_bytes()].concat());
        rustix::fs::accessat(handle, &path, Access::EXISTS, AtFlags::empty()).is_ok()
    })
}

/// The most similar of the names, if any is similar enough to be meant.
fn nearest(name: &EnvName, names: &[EnvName]) -> Option<EnvName> {
    let wanted = name.to_string().to_lowercase();
    names
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_string().to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store_with(names: &[&str]) -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        for name in names {
            let bin = directory.path().join(name).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("activate"), "").unwrap();
        }
        let store = Store::new(directory.path().to_path_buf());
        (directory, store)
    }

    fn names(store: &Store) -> Vec<String> {
        store.names().unwrap().iter().map(ToString::to_string).collect()
    }

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
        let store = Store::new(directory.path().join("missing"));
        assert!(names(&store).is_empty());
        assert!(matches!(store.find(OsStr::new("x")), Err(FindError::Home(HomeError::Missing { .. }))));
        std::fs::write(store.home(), "").unwrap();
        assert!(matches!(store.names(), Err(HomeError::NotADirectory { .. })));
        assert!(matches!(store.check(None), Err(HomeError::NotADirectory { .. })));
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

    #[test]
    fn the_root_and_the_home_directory_are_no_stores() {
        let (directory, store) = store_with(&[]);
        assert!(matches!(store.check(Some(directory.path())), Err(HomeError::Unsuitable { .. })));
        assert!(matches!(Store::new("/".into()).check(None), Err(HomeError::Unsuitable { .. })));
        let other = tempfile::tempdir().unwrap();
        let link = other.path().join("link");
        std::os::unix::fs::symlink(directory.path(), &link).unwrap();
        assert!(matches!(store.check(Some(&link)), Err(HomeError::Unsuitable { .. })));
        store.check(Some(Path::new("/home/me"))).unwrap();
    }
}
