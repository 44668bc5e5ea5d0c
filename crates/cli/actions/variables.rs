//! The variables that an environment sets.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::project::left::left_behind;
use venvwrap_core::project::variables;

use super::dotenv;
use crate::error::quoted;
use crate::process::{Process, active, lookup};
use crate::ui::printer;
use crate::ui::report::warn;

/// Returns the variables that an environment sets; what is refused, or wrong, is told.
pub(crate) fn of(process: &Process, environment: &Environment) -> BTreeMap<String, String> {
    if !is_read(process, environment) {
        return BTreeMap::new();
    }
    match variables::read(environment) {
        Ok(found) => {
            if !found.refused.is_empty() {
                let (names, name) = (found.refused.join(", "), quoted(environment.name()));
                printer::warning(&format!("`{name}` does not set {names}: environments may not set that"));
            }
            found.values
        }
        Err(error) => {
            warn(&error);
            BTreeMap::new()
        }
    }
}

/// Returns what an environment changes besides what activation does: what the active one leaves behind is unset, then what
/// the allowed `.env` file of the project sets, then its own.
pub(crate) fn changes(
    process: &Process,
    environment: &Environment,
    project: Option<&Path>,
) -> BTreeMap<String, Option<OsString>> {
    let left = of_active(process).into_iter().map(|name| (name, None));
    let switcher = process.switcher();
    let settings = switcher.zip(project).map(|(switcher, project)| dotenv::settings(process, &switcher, project));
    let set = settings.into_iter().flatten().chain(of(process, environment));
    left.chain(set.map(|(name, value)| (name, Some(value.into())))).collect()
}

/// Returns the variables that still have the value which the active environment has given them. Nothing is told: nobody
/// has asked for that environment.
pub(crate) fn of_active(process: &Process) -> BTreeSet<String> {
    let named = active().and_then(|path| Some((EnvName::for_existing(path.file_name()?).ok()?, path)));
    let Some((name, path)) = named else { return BTreeSet::new() };
    let environment = Environment::new(name, path);
    left_behind(&environment, is_read(process, &environment), process.switcher().as_ref(), &lookup)
}

/// Returns whether the file of an environment counts: that of one in the store, not of one that a directory brought along.
pub(crate) fn is_read(process: &Process, environment: &Environment) -> bool {
    let path = environment.path();
    process.store.path_of(environment.name()) == path || process.store.holds(path)
}
