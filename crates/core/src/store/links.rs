//! Links in the store that lead to environments of it: they break when that environment gets another name or goes.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::home::Store;
use super::lock::LockError;
use crate::env::name::EnvName;
use crate::fs::entry::Entry;
use crate::fs::{self, PathError, PathResult};

/// No system follows more links than these.
const MAX_STEPS: usize = 40;

/// What leads to an environment.
#[derive(Debug, Default)]
pub(super) struct Leading {
    /// The entries of the store that name it, in the order of their bytes.
    pub(super) entries: Vec<OsString>,
    /// Links elsewhere that name it, by which an entry of the store leads to it.
    pub(super) elsewhere: Vec<PathBuf>,
}

/// One link on the way of an entry of the store.
struct Step {
    link: PathBuf,
    target: PathBuf,
}

impl Step {
    /// The directory that the target is relative to.
    fn place(&self) -> &Path {
        self.link.parent().unwrap_or(&self.link)
    }
}

impl Store {
    /// The links in the store that led to environments of these names, directly or by other links, and lead nowhere now.
    pub fn dead_links_to(&self, names: &[&EnvName]) -> Vec<EnvName> {
        let Some(home) = self.real_home() else { return Vec::new() };
        let is_dead = |entry: &OsString| self.home().join(entry).metadata().is_err();
        let leads = |entry: &OsString| {
            way(&home, entry).iter().any(|step| {
                names.iter().any(|name| position(&home, step.place(), &step.target, name.as_os_str()).is_some())
            })
        };
        let dead = self.link_entries().into_iter().filter(|entry| is_dead(entry) && leads(entry));
        dead.filter_map(|entry| EnvName::for_existing(&entry).ok()).collect()
    }

    /// What leads to an environment that has or had this name.
    pub(super) fn leading_to(&self, name: &OsStr) -> Leading {
        let mut leading = Leading::default();
        let Some(home) = self.real_home() else { return leading };
        for entry in self.link_entries() {
            for (number, step) in way(&home, &entry).iter().enumerate() {
                if position(&home, step.place(), &step.target, name).is_none() {
                    continue;
                }
                if number == 0 {
                    leading.entries.push(entry.clone());
                } else if !is_same_directory(step.place(), &home) && !leading.elsewhere.contains(&step.link) {
                    leading.elsewhere.push(step.link.clone());
                }
            }
        }
        leading
    }

    /// Makes a link in the store name the new name of what it leads to, spelt as before. The link is replaced in one step.
    pub(super) fn redirect_link(&self, entry: &OsStr, old: &OsStr, new: &OsStr) -> PathResult<()> {
        let path = self.home().join(entry);
        // Nobody may remove or rename it meanwhile.
        let lock = EnvName::for_existing(entry).ok().map(|name| self.lock(&name)).transpose();
        let _lock = lock.map_err(|error| match error {
            LockError::Path(error) => error,
            LockError::Busy { .. } => {
                PathError { action: "change", path: path.clone(), source: io::ErrorKind::ResourceBusy.into() }
            }
            LockError::Foreign { path, .. } | LockError::OfUser { path, .. } => {
                PathError { action: "use", path, source: io::ErrorKind::PermissionDenied.into() }
            }
        })?;
        let Some((home, target)) = self.real_home().zip(std::fs::read_link(&path).ok()) else { return Ok(()) };
        match renamed(&home, &home, &target, old, new) {
            Some(target) => Entry::at(&path)?.replace_by_link(&target),
            None => Ok(()),
        }
    }

    fn real_home(&self) -> Option<PathBuf> {
        self.home().canonicalize().ok().filter(|_| !self.is_anywhere())
    }

    /// The entries that are links, also those that no command lists, in the order of their bytes.
    fn link_entries(&self) -> Vec<OsString> {
        let entries = std::fs::read_dir(self.home()).into_iter().flatten().flatten();
        let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
        let mut names: Vec<_> = links.map(|entry| entry.file_name()).filter(|name| !fs::is_own_hidden(name)).collect();
        names.sort();
        names
    }
}

/// The links that the system follows from an entry on, until something else comes.
fn way(home: &Path, entry: &OsStr) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut link = home.join(entry);
    while steps.len() < MAX_STEPS {
        let Ok(target) = std::fs::read_link(&link) else { break };
        let next = link.parent().unwrap_or(home).join(&target);
        steps.push(Step { link, target });
        link = next;
    }
    steps
}

/// Returns the target of a link with `new` where it names the entry `old` of the store; none if it does not.
fn renamed(home: &Path, place: &Path, target: &Path, old: &OsStr, new: &OsStr) -> Option<PathBuf> {
    let at = position(home, place, target, old)?;
    let parts = target.components().enumerate();
    Some(parts.map(|(number, part)| if number == at { new } else { part.as_os_str() }).collect())
}

/// Returns which part of the target of a link in `place` names an entry of the store, be it by a link to the store. The
/// entry need not be there.
fn position(home: &Path, place: &Path, target: &Path, name: &OsStr) -> Option<usize> {
    let mut passed = place.to_path_buf();
    target.components().position(|part| {
        let is_meant = part.as_os_str() == name && is_same_directory(&passed, home);
        passed.push(part);
        is_meant
    })
}

fn is_same_directory(path: &Path, real: &Path) -> bool {
    path.canonicalize().is_ok_and(|found| found == real)
}
