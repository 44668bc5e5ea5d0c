//! Shims of pyenv, asdf and mise, resolved without running them: a shim takes longer than everything else that
//! creating an environment needs, and what it stands for depends on the directory it is run in.

use std::path::{Path, PathBuf};

use super::context::Search;
use super::installation::{entry_names, executable_in, installations_in};
use super::manager::Manager;
use super::names::Guess;
use super::selection;
use crate::env::BIN;
use crate::fs::executable::is_executable;
use crate::fs::identity::is_same_file;
use crate::fs::order::Order as _;

#[cfg(test)]
mod tests;

/// Returns the directories of executables that a directory of shims resolves to; `None` when it holds no shims.
pub(super) fn behind(directory: &Path, search: &Search<'_>) -> Option<Vec<PathBuf>> {
    let manager = manager_of(directory, search)?;
    Some(selected(manager, search).into_iter().map(|prefix| prefix.join(BIN)).collect())
}

/// Returns the executable that a shim resolves to: `Ok(None)` when the path is no shim, `Err` when nothing is selected
/// that has such an executable.
pub(super) fn target(path: &Path, search: &Search<'_>) -> Result<Option<PathBuf>, ()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
    let Some(manager) = manager_of(directory, search) else { return Ok(None) };
    let selected = selected(manager, search);
    let exact = selected.iter().map(|prefix| prefix.join(BIN).join(name)).find(|path| is_executable(path));
    let is_general = name == "python" || name == "python3";
    let found =
        exact.or_else(|| selected.iter().filter(|_| is_general).find_map(|p| executable_in(p, &Guess::default())));
    found.map(Some).ok_or(())
}

/// Returns the installations that are selected in the working directory, in order. `system` selects none: the search
/// then goes on along PATH, as the shim itself would.
fn selected(manager: Manager, search: &Search<'_>) -> Vec<PathBuf> {
    let Some(versions) = manager.versions(search) else { return Vec::new() };
    selection::names(manager, search).iter().filter_map(|name| installed(&versions, name)).collect()
}

fn manager_of(directory: &Path, search: &Search<'_>) -> Option<Manager> {
    let is_shims = |manager: &Manager| {
        let shims = manager.root(search).map(|root| root.join("shims"));
        shims.is_some_and(|shims| {
            directory == shims || (directory.ends_with("shims") && is_same_file(directory, &shims))
        })
    };
    Manager::ALL.into_iter().find(is_shims)
}

/// The installation that a selected name resolves to: the one of that name, else the newest release it begins.
fn installed(versions: &Path, name: &str) -> Option<PathBuf> {
    // A name comes from a file that may have come with a project: it must not lead out of the directory.
    if name.is_empty() || name.contains(['/', '\0']) || matches!(name, "." | ".." | "system") {
        return None;
    }
    let exact = versions.join(name);
    if exact.join(BIN).is_dir() {
        return Some(exact);
    }
    if name == "latest" {
        let newest = installations_in(versions).into_iter().find(|found| found.guess.minor.is_some());
        return newest.map(|found| found.prefix);
    }
    let name = name.strip_prefix("python-").unwrap_or(name);
    let mut releases: Vec<(Guess, String)> = entry_names(versions)
        .into_iter()
        .filter(|entry| entry == name || is_release_of(entry, name))
        .map(|entry| (Guess::of_directory(&entry), entry))
        .collect();
    releases.order_by_key(|(guess, _)| guess.newest_first());
    releases.into_iter().map(|(_, entry)| versions.join(entry)).find(|prefix| prefix.join(BIN).is_dir())
}

/// `3.12.7` is a release of `3.12`, `pypy3.10-7.3.17` one of `pypy3.10`; `3.12.0rc1` and `3.12.1-debug` are not.
fn is_release_of(entry: &str, name: &str) -> bool {
    let rest = entry.strip_prefix(name).and_then(|rest| {
        let separators: &[char] = if name.starts_with("pypy") { &['.', '-'] } else { &['.'] };
        rest.strip_prefix(separators)
    });
    rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
