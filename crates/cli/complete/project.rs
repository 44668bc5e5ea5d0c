//! What a project's `pyproject.toml` names.

use std::ffi::OsStr;
use std::path::PathBuf;

use venvwrap_core::config;
use venvwrap_core::project::groups;

use super::candidates::{Candidate, candidate};
use super::situation::Situation;
use crate::process::{Process, lookup};

/// The dependency groups of the project that is named, or of the current directory.
pub(super) fn groups(process: &Process, situation: &Situation) -> Vec<Candidate> {
    let directory = situation.project.as_ref().map(|project| place(process, project.as_os_str()));
    let names = groups::names(&process.directory(directory.as_deref()));
    names.iter().filter_map(|name| candidate(OsStr::new(name), "")).collect()
}

/// A project with each of the extras that it has and that are not named yet, of `.[cli,te`.
pub(super) fn extras(process: &Process, typed: &str) -> Vec<Candidate> {
    let Some((directory, extras)) = typed.rsplit_once('[') else { return Vec::new() };
    if directory.is_empty() {
        return Vec::new();
    }
    let named = extras.rsplit_once(',').map_or("", |(named, _)| named);
    let separator = if named.is_empty() { "" } else { "," };
    let found = groups::extras(&place(process, directory.as_ref()));
    let rest = found.iter().filter(|extra| !named.split(',').any(|name| name == *extra));
    rest.filter_map(|extra| candidate(format!("{directory}[{named}{separator}{extra}]").as_ref(), "")).collect()
}

/// The directory that the shell will make of a word: it has not expanded that yet.
fn place(process: &Process, word: &OsStr) -> PathBuf {
    process.absolute(&config::expand(&lookup, process.config.home.as_deref(), word))
}
