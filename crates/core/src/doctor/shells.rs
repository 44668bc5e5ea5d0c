//! The shell that asks: its variables and start-up files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::check::{PATH_SHADOW, SHELL_ACTIVE, SHELL_PATH, SHELL_TWICE};
use super::finding::{Finding, text};
use crate::env;
use crate::fs;
use crate::shell::{Shell, start_up};
use crate::store::Store;

/// More than any start-up file.
const MAX_BYTES: u64 = 1 << 20;

/// What is known of the shell that asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The active environment, by `VIRTUAL_ENV`.
    pub active: Option<&'a Path>,
    /// The current directory.
    pub cwd: Option<&'a Path>,
    /// The directories of PATH.
    pub path: &'a [PathBuf],
    /// The start-up files that a shell may read.
    pub start_up_files: &'a [PathBuf],
}

/// Examines the surroundings.
pub(super) fn examine(store: &Store, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(surroundings.start_up_files.iter().filter_map(|file| loads_twice(file)));
    let active = surroundings.active;
    if let Some(active) = active.filter(|active| !active.is_dir()) {
        let message = format!("the active environment `{}` does not exist", active.display());
        findings.push(Finding::new(SHELL_ACTIVE, message).fixed_by(["deactivate"]).path("path", active));
    }
    let is_dead = |directory: &&PathBuf| {
        let environment = directory.parent().unwrap_or(directory);
        environment.parent() == Some(store.home()) && directory.ends_with(env::BIN) && !directory.is_dir()
    };
    let dead = surroundings.path.iter().filter(|directory| directory.starts_with(store.home()));
    findings.extend(dead.filter(is_dead).map(|directory| {
        let message = format!("PATH contains `{}`, which does not exist", directory.display());
        Finding::new(SHELL_PATH, message).path("path", directory)
    }));
    findings.extend(active.filter(|active| active.is_dir()).and_then(|active| shadow(active, surroundings.path)));
    findings
}

/// What comes before the programs of the active environment.
fn shadow(active: &Path, path: &[PathBuf]) -> Option<Finding> {
    let bin = active.join(env::BIN);
    let first = path.first().filter(|first| **first != bin)?;
    let message = if path.contains(&bin) {
        // Only what has a Python of its own changes what `python` means.
        let before = path.iter().take_while(|directory| **directory != bin);
        let shadowing: Vec<_> = before.filter(|directory| has_python(directory)).collect();
        format!("`{}` comes before the active environment on PATH", shadowing.first()?.display())
    } else {
        format!("`{}` is active but not on PATH; the first directory there is `{}`", active.display(), first.display())
    };
    Some(Finding::new(PATH_SHADOW, message).path("path", &bin))
}

fn has_python(directory: &Path) -> bool {
    ["python", "python3", "pip"].iter().any(|name| directory.join(name).exists())
}

fn loads_twice(file: &Path) -> Option<Finding> {
    let content = fs::read_limited(file, MAX_BYTES).ok()?;
    let is_twice = Shell::ALL
        .iter()
        .any(|shell| start_up::loads(&content, *shell) && !start_up::entry_scripts(&content, *shell).is_empty());
    let name = file.file_name().unwrap_or(OsStr::new("")).to_string_lossy();
    let message = format!("`{name}` loads virtualenvwrapper and venvwrap; remove the line with virtualenvwrapper");
    is_twice.then(|| Finding::new(SHELL_TWICE, message).detail("file", [text(file)]))
}
