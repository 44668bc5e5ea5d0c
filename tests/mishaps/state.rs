//! What is on disk before, after and between, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::commands::Unit;
use crate::support::program::names_in;
use crate::support::sandbox::Sandbox;

/// The directories of a place that commands change.
pub(super) const CHANGED: [&str; 3] = ["envs", "home", "projects"];

/// Files that hold a time, which is another one in every run.
const WITH_TIME: [&str; 2] = ["venvwrap.toml", "@generation"];

/// What an environment gets after it is in its place, and can be without.
const STUBS: [&str; 5] = ["predeactivate", "postdeactivate", "preactivate", "postactivate", "get_env_details"];

/// The mirror of the associations, which the next use brings up to date.
const MIRROR: &str = "home/.local/state/venvwrap/auto";

/// The snapshots of packages.
const SNAPSHOTS: &str = "home/.local/state/venvwrap/snapshots";

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entry {
    Directory,
    File(Vec<u8>),
    Link(PathBuf),
}

/// Everything below the directories of a place, without our hidden files.
pub(super) type Snapshot = BTreeMap<PathBuf, Entry>;

/// Takes a snapshot of a place.
pub(super) fn snapshot(place: &Sandbox) -> Snapshot {
    let mut found = Snapshot::new();
    for directory in CHANGED {
        collect(&place.path(""), Path::new(directory), &mut found);
    }
    found
}

fn collect(root: &Path, relative: &Path, found: &mut Snapshot) {
    let path = root.join(relative);
    let kind = fs::symlink_metadata(&path).unwrap().file_type();
    let entry = match () {
        () if kind.is_symlink() => Entry::Link(fs::read_link(&path).unwrap()),
        () if kind.is_dir() => Entry::Directory,
        () if WITH_TIME.iter().any(|name| relative.ends_with(name)) => Entry::File(Vec::new()),
        () => Entry::File(fs::read(&path).unwrap()),
    };
    if entry == Entry::Directory {
        for child in fs::read_dir(&path).unwrap() {
            let name = child.unwrap().file_name();
            if !is_own_hidden(&name) {
                collect(root, &relative.join(name), found);
            }
        }
    }
    let (relative, entry) = without_time(relative, entry);
    found.insert(relative, entry);
}

/// The time is the name of a snapshot, and in it; and in what describes a kernel.
fn without_time(path: &Path, entry: Entry) -> (PathBuf, Entry) {
    match entry {
        Entry::File(content) if path.starts_with(SNAPSHOTS) && path.extension() == Some(OsStr::new("txt")) => {
            let text = String::from_utf8(content).unwrap();
            let kept = text.lines().filter(|line| !line.starts_with("# created:")).collect::<Vec<_>>().join("\n");
            (path.with_file_name("SNAPSHOT"), Entry::File(kept.into()))
        }
        Entry::File(content) if path.ends_with("kernel.json") => {
            let text = String::from_utf8(content).unwrap();
            let kept = text.lines().filter(|line| !line.contains("\"created\":")).collect::<Vec<_>>().join("\n");
            (path.to_path_buf(), Entry::File(kept.into()))
        }
        entry => (path.to_path_buf(), entry),
    }
}

fn is_own_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".venvwrap-")
}

/// Copies the directories of a place aside, and returns where they are.
pub(super) fn save(place: &Sandbox) -> PathBuf {
    let saved = place.path("saved");
    for directory in CHANGED {
        copy(&place.path(directory), &saved.join(directory));
    }
    saved
}

/// Puts the directories of a place back into the state that was saved.
pub(super) fn restore(place: &Sandbox, saved: &Path) {
    for directory in CHANGED {
        fs::remove_dir_all(place.path(directory)).unwrap();
        copy(&saved.join(directory), &place.path(directory));
    }
}

fn copy(from: &Path, to: &Path) {
    let found = fs::symlink_metadata(from).unwrap();
    if found.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else if found.is_dir() {
        fs::create_dir_all(to).unwrap();
        fs::set_permissions(to, found.permissions()).unwrap();
        for child in fs::read_dir(from).unwrap() {
            let name = child.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// Environments by their names, with what is in them.
pub(super) type Environments = BTreeSet<(PathBuf, Snapshot)>;

/// The environments that are in the trash.
pub(super) fn in_trash(place: &Sandbox) -> Environments {
    let trash = place.path("envs/.venvwrap-trash");
    names_in(&trash).into_iter().flat_map(|entry| environments_in(&trash.join(entry))).collect()
}

/// The environments that are there or can come back.
pub(super) fn reachable(place: &Sandbox) -> Environments {
    in_trash(place).into_iter().chain(environments_in(&place.path("envs"))).collect()
}

fn environments_in(directory: &Path) -> Environments {
    let names = names_in(directory).into_iter().filter(|name| !is_own_hidden(name) && name != "entry.toml");
    let content = |name: &OsStr| {
        let mut content = Snapshot::new();
        collect(&directory.join(name), Path::new(""), &mut content);
        content.retain(|path, _| !is_stub(path));
        content
    };
    names.map(|name| (PathBuf::from(&name), content(&name))).collect()
}

/// The states between which a command leads.
pub(super) struct Bounds {
    pub(super) before: Snapshot,
    pub(super) after: Snapshot,
    /// What is reachable in both.
    pub(super) kept: Environments,
    /// What is always the old one or the new one.
    pub(super) unit: Unit,
}

impl Bounds {
    /// Returns what is neither as it was nor as it was to become, right after the mishap.
    pub(super) fn violations(&self, now: &Snapshot) -> Vec<String> {
        let whole = if self.unit == Unit::Environment { self.environments(now) } else { Vec::new() };
        let files = if self.unit == Unit::Renamed { Vec::new() } else { self.files(now) };
        [files, whole].concat()
    }

    /// The same when a later command has swept.
    pub(super) fn violations_in_the_end(&self, now: &Snapshot) -> Vec<String> {
        let whole = if self.unit == Unit::File { Vec::new() } else { self.environments(now) };
        [self.files(now), whole].concat()
    }

    /// Returns how a command that reports success has not done its work.
    /// A snapshot of packages may be missing if that is told.
    pub(super) fn omissions(&self, now: &Snapshot, has_told: bool) -> Vec<String> {
        let is_told = |path: &Path| has_told && path.starts_with(SNAPSHOTS);
        let needed = |snapshot: &Snapshot| -> Snapshot {
            let kept =
                snapshot.iter().filter(|(path, _)| !path.starts_with(MIRROR) && !is_stub(path) && !is_told(path));
            kept.map(|(path, entry)| (path.clone(), entry.clone())).collect()
        };
        let (now, after) = (needed(now), needed(&self.after));
        let differs = |path: &&PathBuf| now.get(*path) != after.get(*path);
        let paths: BTreeSet<_> = now.keys().chain(after.keys()).filter(differs).collect();
        paths.into_iter().map(|path| format!("`{}` is not as success leaves it", path.display())).collect()
    }

    /// What can come back afterwards and could before never ceases to.
    pub(super) fn losses(&self, now: &Environments) -> Vec<String> {
        let lost = self.kept.difference(now);
        lost.map(|(name, _)| format!("`{}` cannot come back", name.display())).collect()
    }

    /// Every file is the old one or the new one, byte for byte.
    fn files(&self, now: &Snapshot) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let all: BTreeSet<_> = before.keys().chain(after.keys()).chain(now.keys()).collect();
        let is_wrong = |path: &&PathBuf| {
            let found = now.get(*path);
            found != before.get(*path) && found != after.get(*path)
        };
        let wrong = all.into_iter().filter(is_wrong);
        wrong.map(|path| format!("`{}` is neither old nor new: {:?}", path.display(), now.get(path))).collect()
    }

    /// Every environment is there as a whole, the old one or the new one, or not there where it was or will not be.
    fn environments(&self, now: &Snapshot) -> Vec<String> {
        let names: BTreeSet<_> = [&self.before, &self.after, now].into_iter().flat_map(environments).collect();
        let is_wrong = |name: &&PathBuf| {
            let found = tree(now, name);
            found != tree(&self.before, name) && found != tree(&self.after, name)
        };
        names.iter().filter(is_wrong).map(|name| format!("environment `{}` is not whole", name.display())).collect()
    }
}

fn is_stub(path: &Path) -> bool {
    let directory = path.parent().and_then(Path::file_name).unwrap_or_default();
    directory == "bin" && STUBS.iter().any(|stub| path.ends_with(stub))
}

/// The environments of a snapshot: what is directly in the store.
fn environments(snapshot: &Snapshot) -> Vec<PathBuf> {
    let is_environment = |path: &&PathBuf| path.parent() == Some(Path::new("envs"));
    snapshot.keys().filter(is_environment).cloned().collect()
}

/// One environment with all that it cannot be without.
fn tree(snapshot: &Snapshot, name: &Path) -> Snapshot {
    let inside = snapshot.iter().filter(|(path, _)| path.starts_with(name) && !is_stub(path));
    inside.map(|(path, entry)| (path.clone(), entry.clone())).collect()
}
