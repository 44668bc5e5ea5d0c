//! Removing an environment: out of the way in one rename, never through a link.

use std::path::{Path, PathBuf};

use crate::env::kernels::Kernel;
use crate::env::metadata::Metadata;
use crate::env::name::EnvName;
use crate::env::{self, Environment};
use crate::fs::identity::is_same_file;
use crate::fs::mount_table::{self, MountError, Mounted};
use crate::fs::{PathContext, PathError};
use crate::store::error::{OperationError, from_causes};
use crate::store::find::FindError;
use crate::store::home::{HomeError, Store, contains};
use crate::store::lock::LockError;
use crate::store::mirror::Kind;
use crate::store::trash::{Keep, Put, Reason, Trash};

/// What to insist on when removing.
#[derive(Clone, Copy, Debug, Default)]
pub struct RemoveOptions<'a> {
    /// The environment that is active in the caller's shell; it is not removed.
    pub active: Option<&'a Path>,
    /// Whether a directory that is no environment is removed too.
    pub force: bool,
    /// The current directory: what holds it is only removed when it is an environment.
    pub cwd: Option<&'a Path>,
    /// Whether it is deleted instead of kept in the trash.
    pub now: bool,
    /// Whether Jupyter kernels that run in it go too that others have written.
    pub kernels: bool,
}

/// What a removal has done.
#[derive(Debug)]
pub enum Removed {
    /// Only a link was there; what it pointed to is untouched.
    Link,
    /// The environment is in the trash, from where [`Store::undo`] brings it back.
    Kept,
    /// The environment is out of the way; its files are still to be deleted.
    Moved(Trash),
    /// The same for one that was to be kept: there is no room for it, or no safe place.
    NotKept(Trash),
}

/// Why an environment is still there.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// It is the active one.
    #[error("`{name}` is the active environment")]
    Active {
        /// Its name.
        name: EnvName,
    },
    /// It is a directory, but not an environment.
    #[error("`{}` is not an environment", path.display())]
    NotAnEnvironment {
        /// Its path.
        path: PathBuf,
    },
    /// It is a file.
    #[error("`{}` is not a directory", path.display())]
    NotADirectory {
        /// Its path.
        path: PathBuf,
    },
    /// It holds more than an environment.
    #[error("`{}` holds `{}`", path.display(), held.display())]
    Holds {
        /// Its path.
        path: PathBuf,
        /// The home directory, the store or the current directory.
        held: PathBuf,
    },
    /// There is no such environment.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// Something is mounted in it.
    #[error(transparent)]
    Mounted(#[from] Mounted),
}

from_causes!(RemoveError: LockError, HomeError, PathError);

impl From<MountError> for RemoveError {
    fn from(error: MountError) -> Self {
        match error {
            MountError::Mounted(error) => error.into(),
            MountError::Path(error) => error.into(),
        }
    }
}

impl RemoveError {
    /// Returns whether there was nothing to remove.
    pub fn is_about_absence(&self) -> bool {
        matches!(self, Self::Find(FindError::NotFound { .. }))
    }
}

impl Store {
    /// Checks that the environment of this name could be removed now.
    pub fn check_removal(&self, name: &EnvName, options: &RemoveOptions<'_>) -> Result<(), RemoveError> {
        self.check()?;
        self.removable(name, options).map(|_| ())
    }

    /// Removes the environment of this name. When it returns, the name is free.
    pub fn remove(&self, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed, RemoveError> {
        self.check()?;
        let lock = self.lock(name)?;
        let environment = Environment::new(name.clone(), lock.target());
        let path = environment.path();
        let associated = self.associated_with(&environment);
        let kernels = if options.kernels { self.kernels_in(path) } else { self.own_kernels(path) };
        let occupant = self.removable(name, options)?;
        self.begin_change();
        let removed = match occupant {
            Occupant::Link if options.now || !self.options().trash.keeps() => {
                std::fs::remove_file(path).at("remove", path)?;
                Removed::Link
            }
            occupant => {
                let is_temporary = || Metadata::read(path).temporary.is_some();
                let added = associated.iter().filter(|found| found.kind == Kind::Extra);
                let is_final = options.now || is_temporary() || !self.options().trash.keeps();
                let keep = if is_final {
                    Keep::nothing()
                } else {
                    let directories = added.map(|found| found.directory.clone()).collect();
                    let kernels = kernels.iter().filter_map(Kernel::kept).collect();
                    Keep { kernels, ..self.keeping(Reason::Remove, directories) }
                };
                match self.keep(name, path, &keep)? {
                    Put::Kept => Removed::Kept,
                    // What it leads to is where it was.
                    Put::Aside(trash) | Put::NotKept(trash) if occupant == Occupant::Link => {
                        let _ = trash.delete();
                        Removed::Link
                    }
                    Put::Aside(trash) => Removed::Moved(trash),
                    Put::NotKept(trash) => Removed::NotKept(trash),
                }
            }
        };
        self.mirror_removal(&associated);
        for kernel in kernels.iter().filter(|kernel| !matches!(removed, Removed::Kept) || kernel.kept().is_some()) {
            // It is dead now, and found as such if it stays.
            let _ = kernel.delete();
        }
        Ok(removed)
    }

    fn removable(&self, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Occupant, RemoveError> {
        let path = self.path_of(name);
        let Ok(found) = std::fs::symlink_metadata(&path) else { return Err(self.not_found(name.clone())?.into()) };
        if options.active.is_some_and(|active| is_same_file(active, &path)) {
            return Err(RemoveError::Active { name: name.clone() });
        }
        if found.is_symlink() {
            return Ok(Occupant::Link);
        }
        if !found.is_dir() {
            return Err(RemoveError::NotADirectory { path });
        }
        if !options.force && !env::is_environment(&path) {
            env::check_readable(&path)?;
            return Err(RemoveError::NotAnEnvironment { path });
        }
        if let Some(held) = self.held_in(&path, options) {
            return Err(RemoveError::Holds { path, held });
        }
        mount_table::check(&path)?;
        Ok(Occupant::Directory)
    }
}

impl Store {
    /// What must not go with a directory. An environment may hold the current directory: people work in theirs.
    pub(super) fn held_in(&self, path: &Path, options: &RemoveOptions<'_>) -> Option<PathBuf> {
        let cwd = options.cwd.filter(|_| !env::is_environment(path));
        let (user_home, kept) = (self.options().user_home.as_deref(), self.options().kept.as_deref());
        let held = user_home.into_iter().chain(kept).chain([self.home()]).chain(cwd);
        held.filter(|held| contains(path, held)).map(Path::to_path_buf).next()
    }
}

/// What is to be removed.
#[derive(PartialEq, Eq)]
enum Occupant {
    Link,
    Directory,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::private::User;
    use crate::store::home::StoreOptions;
    use std::ffi::OsStr;
    use std::time::SystemTime;

    const PLAIN: RemoveOptions<'_> = RemoveOptions { active: None, force: false, cwd: None, now: true, kernels: false };

    fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().join("envs");
        make_env(&home.join("a"));
        (directory, Store::at(home))
    }

    fn make_env(path: &Path) {
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::write(path.join("pyvenv.cfg"), "").unwrap();
    }

    fn name(text: &str) -> EnvName {
        EnvName::for_existing(OsStr::new(text)).unwrap()
    }

    fn is_empty(directory: &Path) -> bool {
        std::fs::read_dir(directory).unwrap().next().is_none()
    }

    #[test]
    fn removes_the_environment_and_leaves_nothing() {
        let (_directory, store) = store();
        let Removed::Moved(trash) = store.remove(&name("a"), &PLAIN).unwrap() else { panic!() };
        assert!(!store.home().join("a").exists());
        trash.delete().unwrap();
        assert!(is_empty(store.home()));
    }

    #[test]
    fn a_link_is_removed_and_its_target_is_not() {
        let (directory, store) = store();
        let outside = directory.path().join("outside");
        make_env(&outside);
        std::os::unix::fs::symlink(&outside, store.home().join("l")).unwrap();
        assert!(matches!(store.remove(&name("l"), &PLAIN).unwrap(), Removed::Link));
        assert!(outside.join("pyvenv.cfg").exists());
        assert!(!store.home().join("l").exists());
    }

    #[test]
    fn a_link_comes_back_as_a_link_also_under_another_name() {
        let (directory, store) = store();
        let outside = directory.path().join("outside");
        make_env(&outside);
        let keep = RemoveOptions { now: false, ..PLAIN };
        for target in [outside.as_path(), Path::new("../outside"), Path::new("/nowhere")] {
            std::os::unix::fs::symlink(target, store.home().join("l")).unwrap();
            let is_link = |name: &str| std::fs::read_link(store.home().join(name)).is_ok_and(|found| found == target);
            assert!(matches!(store.remove(&name("l"), &keep).unwrap(), Removed::Kept));
            assert!(!is_link("l") && outside.join("pyvenv.cfg").exists());
            assert_eq!(store.undo(None).unwrap().environment.name(), &name("l"));
            assert!(is_link("l"));
            store.remove(&name("l"), &keep).unwrap();
            assert_eq!(store.undo_as(None, &name("m"), &|_| {}).unwrap().environment.name(), &name("m"));
            assert!(is_link("m") && !is_link("l"));
            store.remove(&name("m"), &keep).unwrap();
            assert_eq!(store.empty_trash(None).deleted.len(), 1);
            assert!(outside.join("pyvenv.cfg").exists() && store.trashed().is_empty());
        }
    }

    #[test]
    fn links_that_led_to_it_are_named() {
        let (directory, store) = store();
        make_env(&store.home().join("other"));
        let links = [("b", "a"), ("c", "b"), ("d", "other"), ("e", "outside"), (".f", "a/bin")];
        for (entry, target) in links {
            std::os::unix::fs::symlink(target, store.home().join(entry)).unwrap();
        }
        let outside = directory.path().join("outside");
        std::os::unix::fs::symlink(store.home().join("a"), &outside).unwrap();
        std::os::unix::fs::symlink(&outside, store.home().join("g")).unwrap();
        let dead = |names: &[&EnvName]| {
            let dead = store.dead_links_to(names);
            dead.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(dead(&[&name("a")]), [""; 0]);
        let _trash = store.remove(&name("a"), &PLAIN).unwrap();
        assert_eq!(dead(&[&name("other"), &name("a")]), [".f", "b", "c", "g"]);
    }

    #[test]
    fn links_inside_are_not_followed() {
        let (directory, store) = store();
        let precious = directory.path().join("precious");
        std::fs::create_dir(&precious).unwrap();
        std::fs::write(precious.join("file"), "").unwrap();
        std::os::unix::fs::symlink(&precious, store.home().join("a/bin/out")).unwrap();
        let Removed::Moved(trash) = store.remove(&name("a"), &PLAIN).unwrap() else { panic!() };
        trash.delete().unwrap();
        assert!(precious.join("file").exists());
    }

    #[test]
    fn read_only_directories_inside_do_not_stop_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, store) = store();
        let deep = store.home().join("a/lib/deep");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("file"), "").unwrap();
        std::fs::set_permissions(&deep, PermissionsExt::from_mode(0o500)).unwrap();
        std::fs::set_permissions(store.home().join("a/lib"), PermissionsExt::from_mode(0o000)).unwrap();
        let Removed::Moved(trash) = store.remove(&name("a"), &PLAIN).unwrap() else { panic!() };
        trash.delete().unwrap();
        assert!(is_empty(store.home()));
    }

    #[test]
    fn the_active_environment_stays_under_every_spelling() {
        let (directory, store) = store();
        let alias = directory.path().join("alias");
        std::os::unix::fs::symlink(store.home(), &alias).unwrap();
        for active in [store.home().join("a"), alias.join("a")] {
            let options = RemoveOptions { active: Some(&active), ..PLAIN };
            assert!(matches!(store.remove(&name("a"), &options), Err(RemoveError::Active { .. })));
        }
        assert!(store.home().join("a/pyvenv.cfg").exists());
    }

    #[test]
    fn other_directories_need_force_and_files_are_never_removed() {
        let (_directory, store) = store();
        std::fs::create_dir(store.home().join("notes")).unwrap();
        std::fs::write(store.home().join("postactivate"), "").unwrap();
        let force = RemoveOptions { force: true, ..PLAIN };
        assert!(matches!(store.remove(&name("notes"), &PLAIN), Err(RemoveError::NotAnEnvironment { .. })));
        assert!(store.remove(&name("notes"), &force).is_ok());
        assert!(matches!(store.remove(&name("postactivate"), &force), Err(RemoveError::NotADirectory { .. })));
        assert!(matches!(store.remove(&name("gone"), &force), Err(RemoveError::Find(FindError::NotFound { .. }))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_environment_with_a_mount_stays_whole_and_in_its_place() {
        use crate::test_mounts::{bind, in_mount_namespace, unbind};
        if !in_mount_namespace("store::remove::tests::an_environment_with_a_mount_stays_whole_and_in_its_place") {
            return;
        }
        let (directory, store) = store();
        let (env, outside) = (store.home().join("a"), directory.path().join("outside"));
        make_env(&outside);
        bind(&outside, &env.join("bin"));
        let check = |mount: &Path| {
            let force = RemoveOptions { force: true, ..PLAIN };
            for options in [&PLAIN, &force] {
                let Err(RemoveError::Mounted(error)) = store.remove(&name("a"), options) else { panic!() };
                assert_eq!(error.mount, mount);
                assert!(matches!(store.check_removal(&name("a"), options), Err(RemoveError::Mounted(_))));
            }
            assert!(env.join("pyvenv.cfg").exists() && outside.join("pyvenv.cfg").exists());
            let names: Vec<_> = std::fs::read_dir(store.home()).unwrap().map(|e| e.unwrap().file_name()).collect();
            assert_eq!(names, ["a"]);
        };
        check(&env.join("bin"));
        unbind(&env.join("bin"));
        bind(&outside.join("pyvenv.cfg"), &env.join("pyvenv.cfg"));
        check(&env.join("pyvenv.cfg"));
        unbind(&env.join("pyvenv.cfg"));
        bind(&outside, &env);
        check(&env);
    }

    #[test]
    fn nothing_goes_that_holds_the_home_directory_or_the_current_one() {
        let (directory, store) = store();
        let user = store.home().join("user");
        std::fs::create_dir_all(user.join("project/src")).unwrap();
        let alias = directory.path().join("alias");
        std::os::unix::fs::symlink(user.join("project"), &alias).unwrap();
        let force = RemoveOptions { force: true, ..PLAIN };
        // The store is above the home directory, directly and deeper, by name and by a link.
        for home in [user.clone(), user.join("project"), user.join("project/src"), alias.clone()] {
            let mut options = StoreOptions::new(store.home().into(), User::of_this_process(), SystemTime::now);
            options.user_home = Some(home);
            let store = Store::open(options);
            assert!(matches!(store.check(), Err(HomeError::Unsuitable { .. })));
            assert!(store.remove(&name("user"), &force).is_err());
        }
        for cwd in [user.clone(), user.join("project/src"), alias.join("src")] {
            let options = RemoveOptions { cwd: Some(&cwd), ..force };
            assert!(matches!(store.remove(&name("user"), &options), Err(RemoveError::Holds { .. })));
        }
        assert!(user.join("project/src").exists());
        let bin = store.home().join("a/bin");
        assert!(store.remove(&name("a"), &RemoveOptions { cwd: Some(&bin), ..PLAIN }).is_ok());
        let sibling = store.home().join("user-2");
        std::fs::create_dir(&sibling).unwrap();
        assert!(store.remove(&name("user"), &RemoveOptions { cwd: Some(&sibling), ..force }).is_ok());
    }
}
