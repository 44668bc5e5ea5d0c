//! Snapshots of the store's environments.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::home::Store;
use crate::env::Environment;
use crate::env::distributions::installed;
use crate::env::metadata::Metadata;
use crate::fs::{self, PathResult};
use crate::relocate::mapping::{Language, Mapping};
use crate::snapshot::history::{self, History, Kept};
use crate::snapshot::manifest;
use crate::snapshot::packages::Packages;
use crate::snapshot::python::Python;
use crate::wheel::policy::is_seed;

/// How long the snapshots of an environment that is gone are kept after the last one.
const KEPT_AFTER_REMOVAL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Store {
    /// The snapshots of an environment, whether or not it exists; none where the store has no state directory.
    pub fn history(&self, environment: &Environment) -> Option<History> {
        Some(History::of(self.options().state_dir.as_deref()?, environment.path()))
    }

    /// Takes a snapshot of what was read in an environment. Returns none where there is no place for it.
    pub fn take_snapshot(
        &self,
        environment: &Environment,
        packages: &Packages,
        message: Option<&str>,
    ) -> PathResult<Option<Kept>> {
        let Some(history) = self.history(environment) else { return Ok(None) };
        let now = (self.options().clock)();
        let Packages { installed, python } = packages;
        history.keep(&manifest::render(installed, python, "snapshot", message, now), now).map(Some)
    }

    /// Takes a snapshot before a change, unless there is nothing to keep: a temporary environment, or one without
    /// packages that never had any.
    pub fn snapshot_before(&self, environment: &Environment, reason: &str) -> PathResult<()> {
        let is_temporary = || Metadata::read(environment.path()).temporary.is_some();
        if !environment.path().is_dir() || is_temporary() {
            return Ok(());
        }
        let (Some(history), Some(python)) = (self.history(environment), Python::of(environment)) else {
            return Ok(());
        };
        let now = (self.options().clock)();
        let found = installed(environment, self.options().user_home.as_deref());
        let has_local = || found.distributions.iter().any(|found| found.is_local && !is_seed(&found.key));
        if !has_local() && !history.path().is_dir() {
            return Ok(());
        }
        history.keep(&manifest::render(&found, &python, reason, None, now), now).map(drop)
    }

    /// Lets the snapshots of an environment follow its rename.
    pub(super) fn rename_snapshots(&self, old: &Path, new: &Path) -> PathResult<()> {
        let Some(state) = self.options().state_dir.as_deref() else { return Ok(()) };
        let history = History::of(state, new);
        History::of(state, old).rename(&history)?;
        redirect(&history, old, new)
    }

    /// Lets the snapshots follow an environment that has come back under another name. Where its name is taken by now,
    /// those from before it was removed are copied.
    pub(super) fn return_snapshots(&self, old: &Path, new: &Path, removed: SystemTime) -> PathResult<()> {
        if std::fs::symlink_metadata(old).is_err() {
            return self.rename_snapshots(old, new);
        }
        let Some(state) = self.options().state_dir.as_deref() else { return Ok(()) };
        let history = History::of(state, new);
        History::of(state, old).copy_to(&history, removed)?;
        redirect(&history, old, new)
    }

    /// Removes the snapshots of environments that have been gone for long.
    pub fn sweep_snapshots(&self) {
        let Some(state) = self.options().state_dir.as_deref() else { return };
        let entries = std::fs::read_dir(history::of_store(state, self.home())).into_iter().flatten().flatten();
        for entry in entries {
            let is_gone = std::fs::symlink_metadata(self.home().join(entry.file_name())).is_err();
            if is_gone && self.is_old(&entry.path()) {
                let _ = fs::remove_tree(&entry.path());
            }
        }
    }

    fn is_old(&self, directory: &Path) -> bool {
        let modified = directory.metadata().and_then(|found| found.modified());
        let age = |time: SystemTime| (self.options().clock)().duration_since(time).unwrap_or_default();
        modified.is_ok_and(|time| age(time) > KEPT_AFTER_REMOVAL)
    }
}

/// Lets snapshots name projects inside of an environment by its new path.
fn redirect(history: &History, old: &Path, new: &Path) -> PathResult<()> {
    let real = |path: &Path| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    let paths: Vec<_> = [Some(old.to_path_buf()), real(old)].into_iter().flatten().collect();
    let mapping = Mapping::new(&paths, new);
    history.rewrite(&|text| mapping.replace_rest(text, Language::Plain))
}
