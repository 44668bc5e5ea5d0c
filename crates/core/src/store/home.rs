//! The store as a value, and the directory that holds the environments.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::lock::{Lock, LockError};
use super::mirror::Tree;
use super::trash::TrashPolicy;
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::fs::identity::is_same_file;
use crate::fs::private::User;
use crate::fs::{PathContext, PathError};
use crate::shell::activate::{self, ActivateError, Activation};
use crate::wheel::{CacheDir, LinkMode};

/// Directories of the system: whoever names one means a directory below it.
const SYSTEM: [&str; 15] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/sbin",
];

/// The directories that make up an environment.
const PARTS: [&str; 5] = ["bin", "include", "lib", "lib64", "share"];

/// Returns the current time; [`SystemTime::now`] outside of tests.
pub type Clock = fn() -> SystemTime;

/// Lets follow what only other parts of a program know of, from the old path of an environment to its new name.
pub type AfterRename = fn(&Store, &Path, &Environment);

/// What a store depends on.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The directory whose direct children are the environments; absolute. It need not exist yet.
    pub home: PathBuf,
    /// The user's home directory, which cannot be the store.
    pub user_home: Option<PathBuf>,
    /// Whether one environment is made in a directory that is no store: that may be the user's home directory.
    pub is_anywhere: bool,
    /// The user's store, which must not go with such a directory.
    pub kept: Option<PathBuf>,
    /// The name of the file in an environment that holds its project directory.
    pub project_filename: OsString,
    /// Where the user's Jupyter kernels are; they do not follow a rename without it.
    pub kernel_dir: Option<PathBuf>,
    /// Further directories of kernels that the user has told Jupyter of.
    pub more_kernel_dirs: Vec<PathBuf>,
    /// Where snapshots, links for uv and the mirror of associations for the prompt hook are; there are none without it.
    pub state_dir: Option<PathBuf>,
    /// Where unpacked wheels are kept; they are not without it.
    pub cache_dir: Option<PathBuf>,
    /// How their files get from there into environments.
    pub link_mode: LinkMode,
    /// How long removed environments are kept.
    pub trash: TrashPolicy,
    /// What follows a rename that a crash has interrupted and a later command finishes.
    pub after_rename: Option<AfterRename>,
    /// Called where a change begins that is better finished than interrupted, which takes a moment.
    pub before_change: Option<fn()>,
    /// The user whose environments these are.
    pub user: User,
    /// The clock.
    pub clock: Clock,
}

impl StoreOptions {
    /// Returns the options of a store that remembers and caches nothing outside of its own directory.
    pub fn new(home: PathBuf, user: User, clock: Clock) -> Self {
        Self {
            home,
            user_home: None,
            is_anywhere: false,
            kept: None,
            project_filename: ".project".into(),
            kernel_dir: None,
            more_kernel_dirs: Vec::new(),
            state_dir: None,
            cache_dir: None,
            link_mode: LinkMode::default(),
            trash: TrashPolicy::default(),
            after_rename: None,
            before_change: None,
            user,
            clock,
        }
    }
}

/// The environments below one directory.
#[derive(Clone, Debug)]
pub struct Store {
    options: StoreOptions,
    mirror: Option<Tree>,
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
    /// The root, the user's home directory or one above it, whose other content must not be taken for environments.
    #[error("WORKON_HOME `{}` cannot hold environments: it also holds other files", home.display())]
    Unsuitable {
        /// The directory.
        home: PathBuf,
    },
    /// It is an environment, or among the files that make up one.
    #[error("WORKON_HOME `{}` cannot hold environments: it is {}", home.display(), within(home, environment))]
    InEnvironment {
        /// The directory.
        home: PathBuf,
        /// The environment.
        environment: PathBuf,
    },
    /// No shell could activate an environment in it.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

fn within(home: &Path, environment: &Path) -> String {
    if is_same_file(home, environment) {
        "an environment itself".into()
    } else {
        format!("in the environment `{}`", environment.display())
    }
}

/// The path of a directory without links, also where it does not exist yet.
pub(super) fn resolved(directory: &Path) -> PathBuf {
    let real = |there: &Path| Some(there.canonicalize().ok()?.join(directory.strip_prefix(there).ok()?));
    // Joined with nothing, a path ends with a slash.
    directory.ancestors().find_map(real).unwrap_or_default().components().collect()
}

/// Returns whether a directory without links is an environment, or in one of the directories that make it up.
pub(super) fn is_part_of(directory: &Path, environment: &Path) -> bool {
    let below = directory.strip_prefix(environment).ok().and_then(|below| below.iter().next());
    environment.join("pyvenv.cfg").is_file() && below.is_none_or(|first| PARTS.iter().any(|part| first == *part))
}

/// Returns whether this is a directory of the system, or the root.
pub(super) fn is_of_system(directory: &Path) -> bool {
    SYSTEM.iter().chain(&["/"]).any(|known| is_same_file(Path::new(known), directory))
}

impl Store {
    /// Opens a store. Nothing is read or written.
    pub fn open(options: StoreOptions) -> Self {
        // The prompt hook knows environments of stores only.
        let state = options.state_dir.as_deref().filter(|_| !options.is_anywhere);
        let mirror = state.map(|state| Tree::new(state, options.clock));
        Self { options, mirror }
    }

    /// Opens a store that knows nothing but its directory.
    #[cfg(test)]
    pub(crate) fn at(home: PathBuf) -> Self {
        Self::open(StoreOptions::new(home, User::of_this_process(), SystemTime::now))
    }

    /// The same store with another cache, or none.
    #[must_use]
    pub fn with_cache_dir(&self, cache_dir: Option<PathBuf>) -> Self {
        Self { options: StoreOptions { cache_dir, ..self.options.clone() }, mirror: self.mirror.clone() }
    }

    /// The same store, which calls this where a change begins that is better finished than interrupted.
    #[must_use]
    pub fn with_before_change(&self, begin: fn()) -> Self {
        Self {
            options: StoreOptions { before_change: Some(begin), ..self.options.clone() },
            mirror: self.mirror.clone(),
        }
    }

    /// Returns whether this is no store, but any directory in which one environment is made.
    pub fn is_anywhere(&self) -> bool {
        self.options.is_anywhere
    }

    /// The directory whose children the environments are.
    pub fn home(&self) -> &Path {
        &self.options.home
    }

    /// The mirror of associations; none where the store has no state directory.
    pub fn mirror(&self) -> Option<&Tree> {
        self.mirror.as_ref()
    }

    /// The path of the environment of this name, whether or not it exists.
    pub fn path_of(&self, name: &EnvName) -> PathBuf {
        self.home().join(name.as_os_str())
    }

    /// The environment of this name, whether or not it exists. [`Store::find`] looks for it.
    pub fn environment(&self, name: EnvName) -> Environment {
        let path = self.path_of(&name);
        Environment::new(name, path)
    }

    /// Checks that the directory may be changed: it exists, is not the root, and does not hold the user's home directory at
    /// any depth: what is in a store can be removed by name.
    pub fn check(&self) -> Result<(), HomeError> {
        let home = || self.home().to_path_buf();
        let is_home = |path: &Path| contains(self.home(), path);
        let is_root = || is_same_file(Path::new("/"), self.home());
        if !self.is_anywhere() && (is_root() || self.options.user_home.as_deref().is_some_and(is_home)) {
            return Err(HomeError::Unsuitable { home: home() });
        }
        self.check_presence()
    }

    /// Checks that the directory exists.
    fn check_presence(&self) -> Result<(), HomeError> {
        let home = || self.home().to_path_buf();
        match std::fs::metadata(self.home()) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(HomeError::NotADirectory { home: home() }),
            // A link that leads nowhere is no place for a directory either.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.home().is_symlink() => {
                Err(HomeError::NotADirectory { home: home() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.check_outside_environments()?;
                Err(HomeError::Missing { home: home() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                Err(HomeError::NotADirectory { home: home() })
            }
            Err(error) => Err(error).at("read", self.home()).map_err(Into::into),
        }
    }

    /// Creates the directory and its parents if it is missing. Returns whether it was missing. Fails where environments
    /// could not stay, or not be activated.
    pub fn create_home(&self) -> Result<bool, HomeError> {
        let is_missing = self.check_for_new()?;
        if is_missing {
            std::fs::create_dir_all(self.home()).at("create", self.home())?;
        }
        Ok(is_missing)
    }

    /// The same without creating it: returns whether it is missing.
    pub fn check_for_new(&self) -> Result<bool, HomeError> {
        let checked = self.check();
        if checked.is_ok() && !self.is_anywhere() && is_of_system(self.home()) {
            return Err(HomeError::Unsuitable { home: self.home().to_path_buf() });
        }
        if matches!(checked, Ok(()) | Err(HomeError::Missing { .. })) {
            self.check_outside_environments()?;
        }
        match checked {
            Err(HomeError::Missing { .. }) => {
                activate::check(&Activation { env: self.home(), prompt: "" })?;
                Ok(true)
            }
            other => other.map(|()| false),
        }
    }

    /// Fails where the store is an environment, or in one of the directories that make one up: whatever renews or clears
    /// the environment would take the store with it. Any other directory in one is a place that somebody has chosen, as
    /// in a project that is an environment, or in the directory for temporary files that tox gives to tests. One that
    /// holds the user's home directory is never removed.
    pub(crate) fn check_outside_environments(&self) -> Result<(), HomeError> {
        if self.is_anywhere() {
            return Ok(());
        }
        let home = self.resolved_home();
        let user_home = self.options.user_home.as_deref();
        let is_one = |path: &&Path| is_part_of(&home, path) && !user_home.is_some_and(|user| contains(path, user));
        match home.ancestors().find(is_one).map(Path::to_path_buf) {
            Some(environment) => Err(HomeError::InEnvironment { home: self.home().to_path_buf(), environment }),
            None => Ok(()),
        }
    }

    /// The path of the directory without links, also where it does not exist yet.
    pub(super) fn resolved_home(&self) -> PathBuf {
        resolved(self.home())
    }

    /// Returns whether a real path is a direct child of the store.
    pub fn holds(&self, real: &Path) -> bool {
        self.home().canonicalize().is_ok_and(|home| real.parent() == Some(&home))
    }

    /// Returns whether an environment really is in the store: a link there, or the `.venv` of a project, is not.
    pub fn keeps(&self, environment: &Environment) -> bool {
        environment.path().canonicalize().is_ok_and(|real| self.holds(&real))
    }

    /// Takes the right to change the environment of this name.
    pub fn lock(&self, name: &EnvName) -> Result<Lock, LockError> {
        if self.is_anywhere() {
            return Lock::take_in_place(self.home(), name);
        }
        let (lock, renamed) = Lock::take(self.home(), name)?;
        if let Some(old) = renamed {
            self.finish_rename(&self.path_of(&old), name.clone());
        }
        Ok(lock)
    }

    /// Takes the right to put something else into the place of the environment of this name.
    pub fn lock_own(&self, name: &EnvName) -> Result<Lock, LockError> {
        self.check_owner(&self.path_of(name))?;
        self.lock(name)
    }

    /// Fails for root where an environment is another user's: what root makes in its place, that user could not change,
    /// and not even read what is private.
    pub fn check_owner(&self, environment: &Path) -> Result<(), LockError> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(environment).ok().filter(|_| self.options.user.uid == 0);
        match found.map(|found| found.uid()).filter(|owner| *owner != 0) {
            Some(owner) => Err(LockError::OfUser { path: environment.to_path_buf(), owner }),
            None => Ok(()),
        }
    }

    /// Finishes or undoes what a crash has left of an operation on a name. Costs one look where there is nothing.
    pub fn finish_interrupted(&self, name: &EnvName) {
        if Lock::is_left_over(self.home(), name) {
            // Whoever is at work there finishes it.
            let _ = self.lock(name);
        }
    }

    /// From here on all is done that belongs together, unless the process is killed.
    pub(crate) fn begin_change(&self) {
        if let Some(begin) = self.options.before_change {
            begin();
        }
    }

    /// What the store was opened with.
    pub(crate) fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// The cache of unpacked wheels.
    pub fn wheel_cache(&self) -> Option<CacheDir<'_>> {
        Some(CacheDir {
            path: self.options.cache_dir.as_deref()?,
            user: self.options.user,
            link_mode: self.options.link_mode,
        })
    }

    /// The current time in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        let time = (self.options.clock)();
        time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
    }
}

/// Returns whether a path is a directory or below it, also by the real paths of both.
pub(super) fn contains(directory: &Path, path: &Path) -> bool {
    let is_below = || Some(path.canonicalize().ok()?.starts_with(directory.canonicalize().ok()?));
    path.starts_with(directory) || is_below().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_the_home_directory_are_no_stores() {
        let directory = tempfile::tempdir().unwrap();
        let store = |user_home: &Path| {
            let options = StoreOptions::new(directory.path().to_path_buf(), User::of_this_process(), SystemTime::now);
            Store::open(StoreOptions { user_home: Some(user_home.to_path_buf()), ..options })
        };
        assert!(matches!(store(directory.path()).check(), Err(HomeError::Unsuitable { .. })));
        assert!(matches!(Store::at("/".into()).check(), Err(HomeError::Unsuitable { .. })));
        for system in ["/dev", "/usr/bin/../", "/etc/.", "/bin"] {
            assert!(matches!(Store::at(system.into()).create_home(), Err(HomeError::Unsuitable { .. })), "{system}");
        }
        let other = tempfile::tempdir().unwrap();
        let link = other.path().join("link");
        std::os::unix::fs::symlink(directory.path(), &link).unwrap();
        assert!(matches!(store(&link).check(), Err(HomeError::Unsuitable { .. })));
        store(Path::new("/home/me")).check().unwrap();
    }

    #[test]
    fn a_store_that_is_refused_is_not_created() {
        use std::os::unix::ffi::OsStrExt;
        let directory = tempfile::tempdir().unwrap();
        for name in [&b"a\nb"[..], b"a\tb", b"a:b", b"\xff", b"\x7f", b"new\n/deeper"] {
            let home = directory.path().join(std::ffi::OsStr::from_bytes(name));
            let refused = Store::at(home.clone()).create_home();
            assert!(matches!(refused, Err(HomeError::Activate(_))), "{name:?}: {refused:?}");
            assert!(!home.exists(), "{name:?}");
        }
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_store_is_no_part_of_an_environment() {
        let directory = tempfile::tempdir().unwrap();
        let environment = directory.path().canonicalize().unwrap().join("user/env");
        std::fs::create_dir_all(environment.join("lib/python3")).unwrap();
        std::fs::write(environment.join("pyvenv.cfg"), "").unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(environment.join("lib"), &link).unwrap();
        let parts = ["", "lib", "lib/python3", "lib/new", "bin", "include/new/deeper", "share", "lib64/new"];
        for place in parts.map(|part| environment.join(part)) {
            let refused = Store::at(place.clone()).create_home();
            assert!(
                matches!(&refused, Err(HomeError::InEnvironment { environment: found, .. }) if *found == environment)
            );
        }
        assert!(matches!(Store::at(link.join("new")).create_home(), Err(HomeError::InEnvironment { .. })));
        assert!(!environment.join("bin").exists() && !environment.join("lib/new").exists());
        // tox gives the tests of a project a directory for temporary files in their environment.
        for place in ["tmp", "tmp/deeper/still", "tmp/lib", "binaries"].map(|part| environment.join(part)) {
            assert!(Store::at(place.clone()).create_home().unwrap(), "{}", place.display());
        }
        // `python -m venv ~` makes an environment of the home directory, which may hold the store as before.
        let mut options = StoreOptions::new(environment.join("store"), User::of_this_process(), SystemTime::now);
        options.user_home = Some(environment.clone());
        assert!(Store::open(options.clone()).create_home().unwrap());
        // `venvwrap venv DIR` has no store.
        options = StoreOptions { home: environment.join("lib"), user_home: None, is_anywhere: true, ..options };
        assert!(!Store::open(options).create_home().unwrap());
    }
}
