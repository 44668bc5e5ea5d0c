//! Renaming an environment: every path inside follows, and so does what belongs to it elsewhere.
//!
//! The tree is read once; what names the old path gets its new content beside it. Then the directory gets its new name
//! and the files their new contents, all written down before (`store/journal.rs`), so that a crash is followed by the
//! rest. No Python is run.

mod children;
mod survey;
#[cfg(test)]
mod tests;
mod worker;

pub use children::Followed;
pub(crate) use children::is_made_from;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::{OperationError, from_causes};
use super::find::FindError;
use super::home::{HomeError, Store};
use super::journal::{self, Journal};
use super::lock::{Lock, LockError};
use crate::env::elsewhere::{self, Elsewhere};
use crate::env::kernels::Kernel;
use crate::env::name::EnvName;
use crate::env::usage::{self, User};
use crate::env::{self, Environment};
use crate::fs::identity::is_same_file;
use crate::fs::mount_table::{self, MountError};
use crate::fs::{PathContext, PathError};
use crate::relocate::Stale;
use crate::relocate::rewrite::Rules;
use crate::shell::activate::{self, ActivateError, Activation};

/// What to insist on when renaming.
#[derive(Clone, Copy, Debug, Default)]
pub struct RenameOptions<'a> {
    /// The environment that is active in the caller's shell, which cannot follow by itself.
    pub active: Option<&'a Path>,
    /// Whether an environment is renamed that other processes use.
    pub force: bool,
    /// Processes that do not count as users: the caller and those that started it.
    pub except: &'a [i32],
    /// Whether nothing is changed, and only what would be is returned.
    pub dry_run: bool,
}

/// A finished rename. Paths of files are relative to the environment.
#[derive(Debug)]
pub struct Renamed {
    /// The environment under its new name.
    pub environment: Environment,
    /// The path that it had.
    pub old: PathBuf,
    /// Whether it is a link, whose target is untouched.
    pub is_link: bool,
    /// The number of files in it.
    pub files: usize,
    /// The files with new contents.
    pub rewritten: Vec<PathBuf>,
    /// Activation scripts that are new because the old ones could not be edited.
    pub regenerated: Vec<PathBuf>,
    /// What still names the old path, by path.
    pub stale: Vec<(PathBuf, Stale)>,
    /// Environments whose interpreter is in this one, and now is under its new path.
    pub children: Vec<Environment>,
    /// Jupyter kernels that name it.
    pub kernels: Vec<Kernel>,
    /// Links in the store that lead to it, and now do so by its new name.
    pub links: Vec<OsString>,
    /// Links elsewhere that name its old path, by which a link in the store leads to it, and Jupyter kernels that cannot
    /// follow.
    pub dead: Vec<PathBuf>,
    /// What could not follow, although it names the old path.
    pub problems: Vec<PathError>,
    /// The processes that use it under its old path.
    pub users: Vec<User>,
}

/// Why an environment keeps its name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// There is nothing to rename.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The new name is taken.
    #[error("`{name}` already exists")]
    Exists {
        /// The name.
        name: EnvName,
    },
    /// The new name is the old one.
    #[error("the new name is the old one")]
    SameName {
        /// The name.
        name: EnvName,
    },
    /// It is active in the caller's shell.
    #[error("`{name}` is the active environment")]
    Active {
        /// Its name.
        name: EnvName,
        /// The new name.
        new: EnvName,
    },
    /// Other processes use it.
    #[error("`{name}` is in use by {}", usage::list(users))]
    InUse {
        /// Its name.
        name: EnvName,
        /// The processes.
        users: Vec<User>,
    },
    /// Its compiled files name its path, and only conda can write another one into them.
    #[error("`{name}` is an environment of conda, whose compiled files name its path")]
    Conda {
        /// Its name.
        name: EnvName,
    },
    /// A directory of it is not in it.
    #[error(transparent)]
    Elsewhere(#[from] Elsewhere),
    /// Something is mounted in it.
    #[error("`{}` cannot be renamed: something is mounted at `{}`", path.display(), mount.display())]
    Mounted {
        /// The environment.
        path: PathBuf,
        /// The mount point.
        mount: PathBuf,
    },
    /// No activation script can name the new path.
    #[error(transparent)]
    Activate(#[from] ActivateError),
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(RenameError: LockError, HomeError, PathError);

impl From<MountError> for RenameError {
    fn from(error: MountError) -> Self {
        match error {
            MountError::Mounted(found) => Self::Mounted { path: found.path, mount: found.mount },
            MountError::Path(error) => error.into(),
        }
    }
}

impl Store {
    /// Checks that an environment could be renamed now, and returns it. Its files are not read.
    pub fn check_rename(
        &self,
        old: &EnvName,
        new: &EnvName,
        options: &RenameOptions<'_>,
    ) -> Result<Environment, RenameError> {
        let environment = self.check_names(old, new, options)?;
        let path = environment.path();
        mount_table::check(path)?;
        if !options.force {
            let users = self.users_of(path, options.except);
            if !users.is_empty() {
                return Err(RenameError::InUse { name: old.clone(), users });
            }
        }
        let shown = new.as_os_str().to_string_lossy();
        activate::check(&Activation { env: &self.path_of(new), prompt: &shown })?;
        Ok(environment)
    }

    /// Checks what takes no time.
    fn check_names(
        &self,
        old: &EnvName,
        new: &EnvName,
        options: &RenameOptions<'_>,
    ) -> Result<Environment, RenameError> {
        self.check()?;
        let environment = self.find(old.as_os_str())?;
        if old == new {
            return Err(RenameError::SameName { name: old.clone() });
        }
        if std::fs::symlink_metadata(self.path_of(new)).is_ok() && !self.is_same_place(old, new) {
            return Err(RenameError::Exists { name: new.clone() });
        }
        if options.active.is_some_and(|active| is_same_file(active, environment.path())) {
            return Err(RenameError::Active { name: old.clone(), new: new.clone() });
        }
        if environment.link_target().is_none() && env::is_of_conda(environment.path()) {
            return Err(RenameError::Conda { name: old.clone() });
        }
        if environment.link_target().is_none() {
            elsewhere::check(environment.path())?;
        }
        Ok(environment)
    }

    /// Renames an environment. When it fails everything is as it was; a crash is followed by the rest of it, or by
    /// nothing, with the next command on either name.
    pub fn rename(&self, old: &EnvName, new: &EnvName, options: &RenameOptions<'_>) -> Result<Renamed, RenameError> {
        self.rename_and(old, new, options, |_| ()).map(|(renamed, ())| renamed)
    }

    /// The same, with what follows elsewhere while a crash would still be followed by the rest of it.
    pub fn rename_and<T>(
        &self,
        old: &EnvName,
        new: &EnvName,
        options: &RenameOptions<'_>,
        follow: impl FnOnce(&Renamed) -> T,
    ) -> Result<(Renamed, T), RenameError> {
        self.check_names(old, new, options)?;
        let locks = self.lock_both(old, new)?;
        let environment = self.check_rename(old, new, options)?;
        let given = environment.path().to_path_buf();
        let renamed = self.environment(new.clone());
        let users = if options.force { self.users_of(&given, options.except) } else { Vec::new() };
        let mut result = Renamed {
            environment: renamed,
            is_link: environment.link_target().is_some(),
            files: 0,
            rewritten: Vec::new(),
            regenerated: Vec::new(),
            stale: Vec::new(),
            children: Vec::new(),
            kernels: Vec::new(),
            links: Vec::new(),
            dead: Vec::new(),
            problems: Vec::new(),
            users,
            old: given,
        };
        let rules = if result.is_link {
            self.rename_link(old, locks.working(), &result, options)?;
            Rules::of_link(&result.old, result.environment.path())
        } else {
            self.rename_tree(old, locks.working(), &mut result, options)?
        };
        self.follow(&rules, &mut result, options);
        let followed = follow(&result);
        // The note goes last: until then a crash is followed by all of it.
        let _ = journal::remove(locks.working());
        Ok((result, followed))
    }

    /// Takes both locks in one order, so that two renames that cross each other do not refuse each other.
    fn lock_both(&self, old: &EnvName, new: &EnvName) -> Result<Locks, LockError> {
        if self.is_same_place(old, new) {
            return Ok(Locks { new: self.lock(new)?, _old: None });
        }
        if old < new {
            let old = self.lock(old)?;
            return Ok(Locks { new: self.lock(new)?, _old: Some(old) });
        }
        let new = self.lock(new)?;
        Ok(Locks { new, _old: Some(self.lock(old)?) })
    }

    /// Returns whether a file system without upper and lower case takes both names for one.
    fn is_same_place(&self, old: &EnvName, new: &EnvName) -> bool {
        let folded = |name: &EnvName| name.as_os_str().to_string_lossy().to_lowercase();
        let place = |name: &EnvName| journal::identity(&self.path_of(name));
        old != new && folded(old) == folded(new) && place(old).is_some() && place(old) == place(new)
    }

    /// The link itself needs no note, but what follows it does after a crash.
    fn rename_link(
        &self,
        old: &EnvName,
        working: &Path,
        result: &Renamed,
        options: &RenameOptions<'_>,
    ) -> Result<(), RenameError> {
        if options.dry_run {
            return Ok(());
        }
        let (from, to) = (&result.old, result.environment.path());
        let identity = journal::identity(from).unwrap_or_default();
        Journal { old: old.clone(), identity, steps: Vec::new() }
            .carry_out(working, from, to, self.is_same_place(old, result.environment.name()))
            .map_err(|error| taken_meanwhile(error, result.environment.name()))
    }

    fn rename_tree(
        &self,
        old: &EnvName,
        working: &Path,
        result: &mut Renamed,
        options: &RenameOptions<'_>,
    ) -> Result<Rules, RenameError> {
        let real = result.old.canonicalize().at("read", &result.old)?;
        let rules = Rules::of_copy(&result.old, &real, &result.environment);
        let staging = journal::staged(working);
        if !options.dry_run {
            journal::create_staging(working)?;
        }
        let found = survey::survey(&result.old, &rules, (!options.dry_run).then_some(&staging))?;
        result.files = found.files;
        result.rewritten = found.steps.iter().map(|step| step.path.clone()).collect();
        (result.regenerated, result.stale) = (found.regenerated, found.stale);
        if options.dry_run {
            return Ok(rules);
        }
        let name = result.environment.name();
        let journal = Journal {
            old: old.clone(),
            identity: journal::identity(&result.old).unwrap_or_default(),
            steps: found.steps,
        };
        journal
            .carry_out(working, &result.old, result.environment.path(), self.is_same_place(old, name))
            .map_err(|error| taken_meanwhile(error, name))?;
        Ok(rules)
    }

    /// Lets follow what is outside of the environment. It is renamed already: nothing here is a reason to fail.
    fn follow(&self, rules: &Rules, result: &mut Renamed, options: &RenameOptions<'_>) {
        let followed = if options.dry_run {
            self.followers_of(&result.old)
        } else {
            self.follow_rename(&result.old, &result.environment, &rules.mapping)
        };
        (result.children, result.kernels, result.problems) = (followed.children, followed.kernels, followed.problems);
        (result.links, result.dead) = (followed.links, followed.elsewhere);
    }
}

#[cfg(test)]
impl Store {
    /// Leaves a rename as a process does that is killed when the directory has its new name.
    pub(crate) fn crash_in_rename(&self, old: &EnvName, new: &EnvName) {
        let (from, to) = (self.path_of(old), self.path_of(new));
        let working = self.home().join(format!(".venvwrap-op-{new}"));
        std::fs::create_dir_all(working.join("kept")).unwrap();
        journal::create_staging(&working).unwrap();
        let identity = journal::identity(&from).unwrap();
        Journal { old: old.clone(), identity, steps: Vec::new() }.write(&working).unwrap();
        std::fs::rename(from, to).unwrap();
    }
}

/// Both locks of a rename.
struct Locks {
    new: Lock,
    _old: Option<Lock>,
}

impl Locks {
    fn working(&self) -> &Path {
        self.new.working()
    }
}

fn taken_meanwhile(error: PathError, name: &EnvName) -> RenameError {
    if error.source.kind() == std::io::ErrorKind::AlreadyExists {
        RenameError::Exists { name: name.clone() }
    } else {
        error.into()
    }
}
