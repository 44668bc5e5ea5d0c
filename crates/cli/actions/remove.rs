//! Removing an environment and its association.

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::remove::{RemoveError, RemoveOptions, Removed};

use super::associations;
use crate::process::Process;

/// Takes an environment out of the store and its project out of those that are switched to.
pub(crate) fn take_out(process: &Process, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed, RemoveError> {
    let env = process.store.home().join(name.as_os_str());
    let project = associations::project_of(process, &env);
    let removed = process.store.remove(name, options)?;
    associations::dissociate(process, &env, project);
    Ok(removed)
}
