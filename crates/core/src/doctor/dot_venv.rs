//! A `.venv` in a directory that leads to a removed environment: uv fails at such a link, and `workon .` at such a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::check::VENV_DEAD;
use super::finding::Finding;
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::fs::PathContext;
use crate::project::marker::{self, Dead};
use crate::store::Store;
use crate::store::lock::LockError;
use crate::store::mirror::Tree;

/// Examines all directories that had to do with an environment, as far as they are known.
pub(super) fn examine(doctor: &Doctor<'_>, cwd: Option<&Path>) -> Vec<Finding> {
    let store = doctor.store;
    let mut directories = directories(store);
    directories.extend(cwd.map(Path::to_path_buf));
    let dead: Vec<_> = directories.iter().filter_map(|directory| marker::dead(directory, store)).collect();
    if dead.is_empty() {
        return Vec::new();
    }
    let kept: Vec<_> = store.trashed().into_iter().map(|entry| entry.name).collect();
    let is_empty = store.names().is_ok_and(|names| names.is_empty());
    dead.iter().map(|dead| finding(store, dead, &kept, is_empty)).collect()
}

fn finding(store: &Store, dead: &Dead, kept: &[EnvName], is_empty: bool) -> Finding {
    let (file, target) = (dead.file.display(), dead.target.display());
    let finding = |message| Finding::new(VENV_DEAD, message).path("path", &dead.file).path("target", &dead.target);
    if let Some(name) = kept.iter().find(|name| is_of(dead, name)) {
        // It is alive again as soon as the environment is back.
        let message = format!("`{file}` leads to `{target}`, which was removed");
        let words = ["venvwrap".as_ref(), "undo".as_ref(), name.as_os_str()];
        return finding(message).fixed_by(words).into_note();
    }
    let finding = finding(format!("`{file}` leads to `{target}`, which does not exist"));
    // An empty store may be that of a disk that is not mounted.
    if is_own(store, dead) && !is_empty {
        return finding.automatically();
    }
    finding.fixed_by(["rm".as_ref(), dead.file.as_os_str()])
}

/// Removes it, unless something has changed since. Returns whether it is gone.
pub(super) fn remove(doctor: &Doctor<'_>, finding: &Finding) -> Result<bool, LockError> {
    let path = |key: &str| finding.details.get(key).into_iter().flatten().map(PathBuf::from).next();
    let (Some(file), Some(target)) = (path("path"), path("target")) else { return Ok(false) };
    let Some(name) = target.file_name().and_then(|name| EnvName::for_existing(name).ok()) else { return Ok(false) };
    // Nobody brings it back or makes it anew meanwhile.
    let _lock = doctor.store.lock(&name)?;
    let dead = file.parent().and_then(|directory| marker::dead(directory, doctor.store));
    let is_kept = || doctor.store.trashed().iter().any(|entry| entry.name == name);
    let Some(dead) = dead.filter(|dead| dead.target == target && is_own(doctor.store, dead) && !is_kept()) else {
        return Ok(false);
    };
    std::fs::remove_file(&dead.file).at("remove", &dead.file)?;
    Ok(true)
}

/// The directories of which this program knows or knew.
fn directories(store: &Store) -> BTreeSet<PathBuf> {
    let mut found: BTreeSet<_> = store.uv_links().into_iter().map(|link| link.directory).collect();
    found.extend(store.mirror().map(Tree::list).unwrap_or_default().into_iter().map(|found| found.directory));
    for entry in store.trashed() {
        let removed = Environment::new(entry.name.clone(), entry.place());
        found.extend(store.project_of(&removed).ok().flatten());
        found.extend(entry.directories);
    }
    found
}

fn is_of(dead: &Dead, name: &EnvName) -> bool {
    dead.target.file_name() == Some(name.as_os_str())
}

/// Returns whether this program has made it: every file that names nothing but a path of the store, and the links that it
/// has noted.
fn is_own(store: &Store, dead: &Dead) -> bool {
    let is_noted = |directory: &Path| store.uv_link(directory).is_some_and(|link| link.leads_still_to(&dead.target));
    !dead.is_link || dead.file.parent().is_some_and(is_noted)
}
