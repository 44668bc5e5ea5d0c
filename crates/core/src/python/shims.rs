//! Shims of pyenv, asdf and mise, resolved without running them: a shim takes longer than everything else that
//! creating an environment needs, and what it stands for depends on the directory it is run in.

use std::path::{Path, PathBuf};

use super::context::Search;
use super::installation::{entry_names, executable_in, installations_in};
use super::manager::{Place, SHIMS};
use super::names::{COMMON_NAMES, Guess};
use super::selection;
use crate::env::BIN;
use crate::fs::executable::is_executable;
use crate::fs::identity::is_same_file;
use crate::fs::order::Order as _;

mod maker;
#[cfg(test)]
mod tests;

use maker::{Maker, maker_of};

/// Returns the directories of executables that a directory of shims resolves to; `None` when it holds no shims.
pub(super) fn behind(directory: &Path, search: &Search<'_>) -> Option<Vec<PathBuf>> {
    let maker = maker_of_directory(directory, search)?;
    Some(selected(&maker, search).into_iter().map(|prefix| prefix.join(BIN)).collect())
}

/// Returns the executable that a shim resolves to: `Ok(None)` when the path is no shim, `Err` when nothing is selected
/// that has such an executable.
pub(super) fn target(path: &Path, search: &Search<'_>) -> Result<Option<PathBuf>, ()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
    let maker = maker_of_directory(directory, search).or_else(|| maker_of_linked(path, search));
    let Some(maker) = maker else { return Ok(None) };
    let selected = selected(&maker, search);
    let exact = selected.iter().map(|prefix| prefix.join(BIN).join(name)).find(|path| is_executable(path));
    let is_general = name == "python" || name == "python3";
    let found =
        exact.or_else(|| selected.iter().filter(|_| is_general).find_map(|p| executable_in(p, &Guess::default())));
    found.map(Some).ok_or(())
}

/// Returns the file that a link to a shim stands for here, `None` if nothing; any other file as it is.
pub(super) fn followed(file: PathBuf, search: &Search<'_>) -> Option<PathBuf> {
    match maker_of_linked(&file, search) {
        Some(_) => target(&file, search).ok().flatten(),
        None => Some(file),
    }
}

/// Returns the managers whose shims are on PATH in a place that their settings do not name. A shim of pyenv has its place
/// in itself, so that it works there.
pub(super) fn unconfigured(entries: &[PathBuf], search: &Search<'_>) -> Vec<Place> {
    let found = entries.iter().filter_map(|entry| match maker_of_directory(entry, search)? {
        Maker::Known(place) => Some(place),
        Maker::Other => None,
    });
    found.filter(|place| Place::configured(search).all(|configured| configured != *place)).collect()
}

/// Returns the installations that are selected in the working directory, in order. `system` selects none: the search
/// then goes on along PATH, as the shim itself would.
fn selected(maker: &Maker, search: &Search<'_>) -> Vec<PathBuf> {
    let Maker::Known(place) = maker else { return Vec::new() };
    let versions = place.versions();
    selection::names(place, search).iter().filter_map(|name| installed(&versions, name)).collect()
}

/// Returns the manager whose shims a directory holds: told by the settings, else by one of the shims.
fn maker_of_directory(directory: &Path, search: &Search<'_>) -> Option<Maker> {
    let target = directory.is_symlink().then(|| directory.canonicalize().ok()).flatten();
    let directory = target.as_deref().unwrap_or(directory);
    if !directory.ends_with(SHIMS) {
        return None;
    }
    let configured = Place::configured(search).find(|place| is_same_file(directory, &place.shims()));
    configured.map(Maker::Known).or_else(|| {
        let common = COMMON_NAMES.iter().map(|name| (*name).to_owned());
        let listed = std::iter::once_with(|| entry_names(directory)).flatten();
        let names = common.chain(listed.filter(|name| Guess::of_executable(name).is_some()));
        maker_of(&names.map(|name| directory.join(name)).find(|path| is_executable(path))?, search)
    })
}

/// Returns the manager of a shim that a link in another directory leads to.
fn maker_of_linked(path: &Path, search: &Search<'_>) -> Option<Maker> {
    if !path.is_symlink() {
        return None;
    }
    let target = path.canonicalize().ok()?;
    maker_of_directory(target.parent()?, search).or_else(|| Maker::of_program(&target, search))
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
