//! Environments that nobody seems to need: proposals, never decisions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::held::Held;
use crate::env::describe::Description;
use crate::env::health::Health;
use crate::env::metadata;
use crate::env::name::EnvName;
use crate::env::packages::{minor_of, site_packages};
use crate::env::size::{self, Size};
use crate::fs::identity::is_same_file;
use crate::store::{HomeError, Store};

/// Which environments are proposed.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// Those that were not used for so long.
    pub unused: Option<Duration>,
    /// Those whose project directory does not exist.
    pub is_orphaned: bool,
    /// Those whose Python is not on this machine any more.
    pub is_broken: bool,
    /// Those that are never proposed.
    pub keep: &'a [EnvName],
    /// More directories of Jupyter's kernels than that of the user.
    pub kernel_directories: &'a [PathBuf],
    /// The environment that is active in the caller's shell.
    pub active: Option<&'a Path>,
    /// The current time.
    pub now: SystemTime,
    /// Returns whether a Python of this version is on the machine.
    pub has_python: &'a dyn Fn((u32, u32)) -> bool,
}

/// Why an environment is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It was not used for a long time.
    Unused,
    /// Its project directory does not exist.
    Orphaned,
    /// Its Python is not on this machine any more.
    Broken,
    /// It is temporary, and no shell uses it.
    Temporary,
}

impl Why {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Orphaned => "orphaned",
            Self::Broken => "broken",
            Self::Temporary => "temporary",
        }
    }
}

/// An environment that may be removed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name.
    pub name: EnvName,
    /// Its path.
    pub path: PathBuf,
    /// Why.
    pub reasons: Vec<Why>,
    /// When it was used or, where that is not recorded, changed last.
    pub last_used: Option<SystemTime>,
    /// Whether its use is recorded.
    pub is_recorded: bool,
    /// The space that it takes.
    pub size: Size,
}

impl Store {
    /// Returns the environments that may be removed, in the order of their names. Never among them are links, what is
    /// in use, what existing projects lead to, or used last, what kernels name, and what others were made from.
    pub fn disposable(&self, wish: &Wish<'_>) -> Result<Vec<Candidate>, HomeError> {
        let descriptions = self.describe()?;
        let newest = newest_of_projects(&descriptions);
        let judged = descriptions.iter().map(|description| (description, reasons(description, wish, &newest)));
        let mut wanted: Vec<_> =
            judged.filter(|(description, reasons)| !reasons.is_empty() && !is_exempt(description, wish)).collect();
        if !wanted.is_empty() {
            let held = Held::new(self, wish.kernel_directories);
            wanted.retain(|(description, _)| !held.holds(&description.environment));
        }
        let survey = self.users_in(paths_of(&wanted), &[]);
        wanted.retain(|(description, _)| !survey.is_in_use(description.environment.path()));
        let paths: Vec<_> = paths_of(&wanted).collect();
        let sizes = size::of_trees(&paths);
        let candidates = wanted.into_iter().zip(sizes).map(|((description, reasons), size)| {
            let (last_used, is_recorded) = last_used(description);
            let environment = &description.environment;
            let (name, path) = (environment.name().clone(), environment.path().to_path_buf());
            Candidate { name, path, reasons, last_used, is_recorded, size: size.unwrap_or_default() }
        });
        Ok(candidates.collect())
    }
}

fn is_exempt(description: &Description, wish: &Wish<'_>) -> bool {
    let environment = &description.environment;
    description.link_target.is_some()
        || wish.keep.contains(environment.name())
        || wish.active.is_some_and(|active| is_same_file(active, environment.path()))
}

fn paths_of<'a>(wanted: &'a [(&Description, Vec<Why>)]) -> impl Iterator<Item = &'a Path> {
    wanted.iter().map(|(description, _)| description.environment.path())
}

fn reasons(description: &Description, wish: &Wish<'_>, newest: &HashMap<&Path, &EnvName>) -> Vec<Why> {
    let mut reasons = Vec::new();
    let project = description.project.as_deref();
    let is_newest = project.is_some_and(|project| newest.get(project) == Some(&description.environment.name()));
    if wish.unused.is_some_and(|limit| is_unused(description, limit, wish.now)) && !is_newest {
        reasons.push(Why::Unused);
    }
    if wish.is_orphaned && project.is_some_and(|project| !project.exists()) {
        reasons.push(Why::Orphaned);
    }
    if wish.is_broken && is_beyond_repair(description, wish) {
        reasons.push(Why::Broken);
    }
    if description.is_temporary {
        reasons.push(Why::Temporary);
    }
    reasons
}

/// A time in the future says nothing, nor does one before the environment was made.
fn is_unused(description: &Description, limit: Duration, now: SystemTime) -> bool {
    let (Some(last), is_recorded) = last_used(description) else { return false };
    // A file system may keep whole seconds only.
    let latest = last.checked_add(Duration::from_secs(2)).unwrap_or(last);
    let is_plausible = !is_recorded || description.created.is_none_or(|created| latest >= created);
    is_plausible && now.duration_since(last).is_ok_and(|age| age >= limit)
}

/// When it was used, and whether that is recorded. Of an environment of another tool only the changes are known; times of
/// access mean nothing on most file systems.
fn last_used(description: &Description) -> (Option<SystemTime>, bool) {
    if description.last_used.is_some() {
        return (description.last_used, true);
    }
    let env = description.environment.path();
    let files = site_packages(env).into_iter().chain([env.join("pyvenv.cfg"), env.join("bin"), metadata::path(env)]);
    (files.filter_map(|file| std::fs::metadata(file).ok()?.modified().ok()).max(), false)
}

/// One that can be repaired is no waste.
fn is_beyond_repair(description: &Description, wish: &Wish<'_>) -> bool {
    let is_dead = matches!(description.health, Health::DanglingInterpreter { .. } | Health::HomeMissing { .. });
    let version = description.python.as_deref().and_then(minor_of);
    is_dead && version.is_none_or(|version| !(wish.has_python)(version))
}

/// The environment of each existing project that was used last.
fn newest_of_projects(descriptions: &[Description]) -> HashMap<&Path, &EnvName> {
    let mut newest: HashMap<&Path, (Option<SystemTime>, &EnvName)> = HashMap::new();
    for description in descriptions {
        let Some(project) = description.project.as_deref().filter(|project| project.is_dir()) else { continue };
        let found = (last_used(description).0, description.environment.name());
        let known = newest.entry(project).or_insert(found);
        if found.0 > known.0 {
            *known = found;
        }
    }
    newest.into_iter().map(|(project, (_, name))| (project, name)).collect()
}
