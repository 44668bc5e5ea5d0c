//! Removing an environment and its association.

use std::path::Path;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::usage;
use venvwrap_core::store::remove::{RemoveError, RemoveOptions, Removed};

use super::associations;
use crate::process::Process;
use crate::ui::printer;

/// Takes an environment out of the store and its project out of those that are switched to.
pub(crate) fn take_out(process: &Process, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed, RemoveError> {
    let env = process.store.home().join(name.as_os_str());
    let project = associations::project_of(process, &env);
    warn_of_users(name, &env);
    let removed = process.store.remove(name, options)?;
    associations::dissociate(process, &env, project);
    Ok(removed)
}

/// Says that programs run in an environment that is going to be removed: they lose their files.
fn warn_of_users(name: &EnvName, env: &Path) {
    let own = usage::ancestors(i32::try_from(std::process::id()).unwrap_or(0));
    let users: Vec<_> = usage::users(env, &own).iter().map(ToString::to_string).collect();
    if !users.is_empty() {
        let noun = if users.len() == 1 { "process" } else { "processes" };
        printer::warning(&format!("`{name}` is in use by {noun} {}", users.join(", ")));
    }
}
