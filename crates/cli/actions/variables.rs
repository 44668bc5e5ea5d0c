//! The variables that an environment sets.

use std::collections::BTreeMap;

use venvwrap_core::env::Environment;
use venvwrap_core::project::variables;

use crate::error::quoted;
use crate::process::Process;
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
                printer::warning(&format!(
                    "`{name}` does not set {names}: that would change what shells and other programs run"
                ));
            }
            found.values
        }
        Err(error) => {
            warn(&error);
            BTreeMap::new()
        }
    }
}

/// Returns whether the file of an environment counts: that of one in the store, not of one that a directory brought along.
pub(crate) fn is_read(process: &Process, environment: &Environment) -> bool {
    let path = environment.path();
    process.store.path_of(environment.name()) == path || process.store.holds(path)
}
