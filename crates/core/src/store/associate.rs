//! Associating environments with project directories: the `.project` files, and the mirror that agrees with them.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::error::{OperationError, from_causes};
use super::home::{HomeError, Store};
use super::lock::{Lock, LockError};
use super::mirror::{Association, Kind, Tree, forms};
use super::uv_links::UvLink;
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::env::project_file::{self, ProjectError};
use crate::env::pyvenv_cfg::Creator;
use crate::env::{self, Environment};
use crate::fs::{self, PathError};
use crate::relocate::mend;

/// Why an association was not made, ended or listed.
#[derive(Debug, thiserror::Error)]
pub enum AssociateError {
    /// The store has no state directory, and this is remembered nowhere else.
    #[error("could not find a state directory")]
    NoState,
    /// The system, a lock or the directory is in the way.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

from_causes!(AssociateError: LockError, HomeError, ProjectError, PathError);

impl Store {
    /// Returns the project directory of an environment, whether or not that exists; none when it has none.
    pub fn project_of(&self, environment: &Environment) -> Result<Option<PathBuf>, ProjectError> {
        project_file::read(&self.project_file(environment))
    }

    /// Returns the directories that were added to an environment next to its project.
    pub fn added_directories(&self, environment: &Environment) -> Vec<PathBuf> {
        let added = self.associated_with(environment).into_iter().filter(|found| found.kind == Kind::Extra);
        added.map(|found| found.directory).collect()
    }

    /// Makes a directory the project of an environment, instead of the one that it had.
    ///
    /// Returns why the mirror could not follow, if it could not: the association holds, but the prompt hook does not
    /// know of it yet.
    pub fn associate(&self, environment: &Environment, directory: &Path) -> Result<Option<PathError>, OperationError> {
        self.check_project(directory)?;
        let _lock = self.lock_of(environment)?;
        let old = self.project_of(environment).ok().flatten();
        project_file::write(environment.path(), self.project_filename(), directory)?;
        Ok(self.mirror_change(environment, old.as_deref(), Some(directory)).err())
    }

    /// Fails for a directory that cannot be a project: it is missing, has a name of several lines, or is the store, or is
    /// in an environment, with which it would be removed.
    pub fn check_project(&self, directory: &Path) -> Result<(), ProjectError> {
        project_file::content(directory)?;
        self.check_outside(directory)
    }

    fn check_outside(&self, directory: &Path) -> Result<(), ProjectError> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let (found, home) = (real(directory), real(self.home()));
        let Ok(below) = found.strip_prefix(&home) else { return Ok(()) };
        let Some(first) = below.components().next().map(Component::as_os_str) else {
            return Err(ProjectError::Store { directory: directory.to_path_buf() });
        };
        // virtualenvwrapper takes any directory, and some people keep their projects between their environments.
        if env::is_environment(&home.join(first)) || fs::is_own_hidden(first) {
            let (directory, environment) = (directory.to_path_buf(), PathBuf::from(first));
            return Err(ProjectError::InEnvironment { directory, environment });
        }
        Ok(())
    }

    /// Adds a directory to an environment, which keeps its project.
    pub fn add_directory(&self, environment: &Environment, directory: &Path) -> Result<(), AssociateError> {
        self.check_outside(directory)?;
        let mirror = self.mirror().ok_or(AssociateError::NoState)?;
        mirror.associate(directory, environment.path(), Kind::Extra)?;
        mend::note_path(environment);
        Ok(())
    }

    /// Ends the association of an environment with one directory, or with all of its directories. Returns those that it
    /// was associated with.
    pub fn dissociate(
        &self,
        environment: &Environment,
        directory: Option<&Path>,
    ) -> Result<Vec<PathBuf>, OperationError> {
        let _lock = self.lock_of(environment)?;
        let project = self.project_of(environment).unwrap_or_default();
        let is_meant = |found: &PathBuf| directory.is_none_or(|directory| found == directory);
        let mut ended: Vec<_> = self.added_directories(environment).into_iter().filter(is_meant).collect();
        if directory.is_none() || project.as_ref().is_some_and(is_meant) {
            project_file::remove(&self.project_file(environment))?;
            ended.extend(project);
        }
        if let Some(mirror) = self.mirror() {
            for directory in &ended {
                mirror.dissociate(directory, environment.path())?;
            }
        }
        Ok(ended)
    }

    /// Mirrors an association that was found in an environment but not in the mirror; one system call where it is there.
    pub fn note_association(&self, environment: &Environment, project: &Path) {
        if let Some(mirror) = self.mirror().filter(|mirror| !mirror.has(project)) {
            // Failure costs the prompt hook this one directory, and nothing else.
            let _ = mirror.associate(project, environment.path(), Kind::Project);
        }
    }

    /// Returns the associations of this store, after the mirror was made to agree with the environments.
    pub fn associations(&self) -> Result<Vec<Association>, AssociateError> {
        self.sync_mirror()?;
        let all = self.mirror().map(Tree::list).unwrap_or_default();
        Ok(all.into_iter().filter(|found| found.env.parent() == Some(self.home())).collect())
    }

    /// Returns whether environments came or went since the last [`Store::sync_mirror`]; two system calls.
    pub fn is_mirror_stale(&self) -> bool {
        self.mirror().is_some_and(|mirror| mirror.is_stale(self.home()))
    }

    /// Reads all `.project` files and makes the mirror agree. Directories that were added next to them stay as long as
    /// their environment does, also under a name that somebody has given it by hand: its scripts tell, or its own note.
    pub fn sync_mirror(&self) -> Result<(), AssociateError> {
        let mirror = self.mirror().ok_or(AssociateError::NoState)?;
        let sync = mirror.begin_sync(self.home())?;
        // Only now: an association made meanwhile is in its file before it is in the mirror.
        let mut wanted = self.project_directories()?;
        self.keep_projects_of_replaced(mirror, &mut wanted);
        let (gone, mut having) = sync.having_directories();
        let moved = if gone.is_empty() { HashMap::new() } else { self.moved_from(&gone)? };
        sync.finish(&wanted, &moved)?;
        having.extend(moved.into_values());
        for path in having {
            if let Some(name) = path.file_name().and_then(|name| EnvName::for_existing(name).ok()) {
                mend::note_path(&self.environment(name));
            }
        }
        Ok(())
    }

    /// Adds the projects of environments that uv has recreated: only the mirror still knows them.
    fn keep_projects_of_replaced(&self, mirror: &Tree, wanted: &mut HashMap<PathBuf, Vec<PathBuf>>) {
        let links = self.uv_links();
        if links.is_empty() {
            return;
        }
        for found in mirror.list().into_iter().filter(|found| found.kind == Kind::Project) {
            let Some(environment) = found.env.file_name().and_then(|name| EnvName::for_existing(name).ok()) else {
                continue;
            };
            let environment = Environment::new(environment, found.env.clone());
            let is_replaced = links.iter().any(|link| link.leads_to(&environment) && link.is_replaced(&environment));
            let has_lost = is_replaced && matches!(self.project_of(&environment), Ok(None));
            if has_lost && !self.was_moved_away(&found.env) {
                wanted.entry(found.directory).or_default().push(found.env);
            }
        }
    }

    /// Returns whether an environment that was here has another name by now, which somebody has given it by hand: what is
    /// here is new, and the project is that of the other.
    fn was_moved_away(&self, path: &Path) -> bool {
        self.moved_from(&HashSet::from([path.to_path_buf()])).is_ok_and(|moved| !moved.is_empty())
    }

    /// Associates an environment that uv has recreated with the project that it had. Returns that, if it is there. A new
    /// one in the place of one that was removed by hand looks the same: uv makes another directory each time.
    pub fn put_back_project(&self, environment: &Environment) -> Result<Option<PathBuf>, OperationError> {
        let is_of_uv = || environment.cfg().is_some_and(|cfg| cfg.creator() == Creator::Uv);
        if !matches!(self.project_of(environment), Ok(None)) || !is_of_uv() {
            return Ok(None);
        }
        // Whoever has entered it since has left a file of ours.
        let is_bare = || !metadata::path(environment.path()).exists();
        let is_replaced = |link: &UvLink| link.leads_to(environment) && link.is_replaced(environment);
        if !self.uv_links().iter().any(is_replaced) && !is_bare() {
            return Ok(None);
        }
        let is_it = |found: &Association| found.kind == Kind::Project && found.directory.is_dir();
        let Some(found) = self.associated_with(environment).into_iter().find(is_it) else { return Ok(None) };
        if self.was_moved_away(environment.path()) {
            return Ok(None);
        }
        self.associate(environment, &found.directory)?;
        Ok(Some(found.directory))
    }

    /// The environments that were moved from these paths by hand, which they still name. Of copies, the first has
    /// what its original had.
    fn moved_from(&self, gone: &HashSet<PathBuf>) -> Result<HashMap<PathBuf, PathBuf>, HomeError> {
        let mut moved = HashMap::new();
        for name in self.names()? {
            let environment = self.environment(name);
            let old = mend::old_path(&environment).or_else(|| mend::noted_path(&environment));
            if let Some(old) = old.filter(|old| gone.contains(old)) {
                moved.entry(old).or_insert_with(|| environment.path().to_path_buf());
            }
        }
        Ok(moved)
    }

    /// As [`Store::sync_mirror`], but writes nothing where there is no mirror yet and nothing to put into it: a question
    /// leaves no trace.
    pub fn refresh_mirror(&self) -> Result<(), AssociateError> {
        let Some(mirror) = self.mirror() else { return Ok(()) };
        if mirror.root().exists() || !self.project_directories()?.is_empty() { self.sync_mirror() } else { Ok(()) }
    }

    /// Makes the mirror follow a change of an environment's project. A project that stays is left alone, because
    /// another environment may have been associated with it since, unless it is `new` by the user's word.
    pub(super) fn mirror_change(
        &self,
        environment: &Environment,
        old: Option<&Path>,
        new: Option<&Path>,
    ) -> Result<(), PathError> {
        let Some(mirror) = self.mirror() else { return Ok(()) };
        if let Some(old) = old.filter(|old| Some(*old) != new) {
            mirror.dissociate(old, environment.path())?;
        }
        new.map_or(Ok(()), |new| mirror.associate(new, environment.path(), Kind::Project))
    }

    /// Makes the mirror follow a creation: `associated` is the project that was asked for.
    pub(super) fn mirror_creation(&self, environment: &Environment, old: Option<&Path>, associated: Option<&Path>) {
        let has_lost = associated.is_none() && old.is_some() && !self.project_file(environment).exists();
        if associated.is_some() || has_lost {
            let _ = self.mirror_change(environment, old, associated);
        }
    }

    /// Makes the mirror follow a copy or an adoption, whose project stays that of another environment if it has one.
    pub(crate) fn mirror_arrival(&self, environment: &Environment) {
        if let Ok(Some(project)) = self.project_of(environment) {
            self.note_association(environment, &project);
        }
    }

    /// Makes the mirror follow a removal.
    pub(super) fn mirror_removal(&self, associated: &[Association]) {
        if let Some(mirror) = self.mirror() {
            let _ = mirror.forget(associated);
        }
    }

    /// Returns all associations of an environment.
    pub(super) fn associated_with(&self, environment: &Environment) -> Vec<Association> {
        let all = self.mirror().map(Tree::list).unwrap_or_default();
        all.into_iter().filter(|found| found.env == environment.path()).collect()
    }

    /// Makes the mirror follow a rename: all directories stay with the environment, under its new path.
    pub(super) fn mirror_rename(&self, old: &Path, new: &Path) -> Result<(), PathError> {
        self.mirror().map_or(Ok(()), |mirror| mirror.rename(old, new))?;
        if Metadata::read(new).path.is_some() {
            metadata::note_path(new);
        }
        Ok(())
    }

    /// Takes the lock of an environment in the store; one elsewhere has none.
    pub(crate) fn lock_of(&self, environment: &Environment) -> Result<Option<Lock>, LockError> {
        let is_own = environment.path() == self.path_of(environment.name());
        is_own.then(|| self.lock(environment.name())).transpose()
    }

    /// The name of the file that holds the project directory of an environment.
    pub(super) fn project_filename(&self) -> &OsStr {
        &self.options().project_filename
    }

    /// The file that holds the project directory of an environment.
    pub(super) fn project_file(&self, environment: &Environment) -> PathBuf {
        environment.project_file(&self.options().project_filename)
    }

    /// Every form of every project directory, with the environments that name it, in the order of their names.
    fn project_directories(&self) -> Result<HashMap<PathBuf, Vec<PathBuf>>, HomeError> {
        let mut directories: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
        for name in self.names()? {
            let environment = self.environment(name);
            if let Ok(Some(directory)) = self.project_of(&environment) {
                for form in forms(&directory) {
                    directories.entry(form).or_default().push(environment.path().to_path_buf());
                }
            }
        }
        Ok(directories)
    }
}
