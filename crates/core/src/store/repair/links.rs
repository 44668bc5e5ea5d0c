//! The names of the interpreter in `bin`.

use std::path::{Path, PathBuf};

use super::configuration::{completed, configuration};
use super::error::RepairError;
use crate::env::health::is_program;
use crate::env::{BIN, Environment};
use crate::fs::PathContext;
use crate::fs::entry::Entry;
use crate::python::{self, Interpreter};
use crate::store::create::{copied_names, link_names, renew};

/// Makes every link that leads to a Python outside lead to this one and every copy one of it, adds links that are missing
/// or lead nowhere, and has `pyvenv.cfg` name it. Returns what has changed.
pub(super) fn relink(
    environment: &Environment,
    interpreter: &Interpreter,
    dry_run: bool,
) -> Result<Vec<PathBuf>, RepairError> {
    let mut names = outward_names(environment)?;
    let copies = copied_names(environment)?;
    let others = link_names(interpreter);
    let mut dead = dead_names(environment, &others, &names);
    // The others lead to it.
    if !dead_names(environment, &["python"], &names).is_empty() {
        names.push("python".into());
        dead.retain(|name| !leads_to(environment, name, &names));
    }
    let mut changed: Vec<_> = copies.iter().map(|name| Path::new(BIN).join(name)).collect();
    if !dry_run && !copies.is_empty() {
        renew(environment, interpreter, &copies)?;
    }
    for name in names {
        let path = Path::new(BIN).join(name);
        if !dry_run {
            Entry::below(environment.path(), &path)?.replace_by_link(&interpreter.executable)?;
        }
        changed.push(path);
    }
    changed.extend(complete(environment, dead, dry_run)?);
    if !dry_run {
        environment.update_cfg(|old| configuration(completed(old)?, interpreter))?;
    }
    changed.push("pyvenv.cfg".into());
    Ok(changed)
}

/// Has these names lead to the interpreter of the environment.
pub(super) fn complete(
    environment: &Environment,
    names: Vec<String>,
    dry_run: bool,
) -> Result<Vec<PathBuf>, RepairError> {
    let paths: Vec<_> = names.into_iter().map(|name| Path::new(BIN).join(name)).collect();
    for path in paths.iter().filter(|_| !dry_run) {
        Entry::below(environment.path(), path)?.replace_by_link(Path::new("python"))?;
    }
    Ok(paths)
}

/// The links to a Python outside.
pub(super) fn outward_names(environment: &Environment) -> Result<Vec<String>, RepairError> {
    let bin = environment.bin();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let Ok(name) = entry.at("list", &bin)?.file_name().into_string() else { continue };
        // Links to each other stay as they are.
        let leads_out = |target: PathBuf| target.parent() != Some(Path::new(""));
        if python::Guess::of_executable(&name).is_some() && std::fs::read_link(bin.join(&name)).is_ok_and(leads_out) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Those of the names that are missing or lead nowhere, also once others lead to a Python.
pub(super) fn dead_names(environment: &Environment, names: &[impl AsRef<str>], alive: &[String]) -> Vec<String> {
    let is_dead = |name: &&str| !is_program(&environment.bin().join(name)) && !leads_to(environment, name, alive);
    names.iter().map(AsRef::as_ref).filter(is_dead).map(str::to_owned).collect()
}

/// Returns whether a name is one of others, or a link to one of them.
pub(super) fn leads_to(environment: &Environment, name: &str, others: &[String]) -> bool {
    let mut name = PathBuf::from(name);
    // Links inside an environment are at most a few; more mean a loop.
    for _ in 0..8 {
        if others.iter().any(|other| name == Path::new(other)) {
            return true;
        }
        match std::fs::read_link(environment.bin().join(&name)) {
            Ok(target) if target.parent() == Some(Path::new("")) => name = target,
            _ => return false,
        }
    }
    false
}
