//! Whether an environment may be entered: what its activation script holds, and who may write to it.

use std::path::Path;

use venvwrap_core::env::Environment;
use venvwrap_core::project::trust::TrustStore;
use venvwrap_core::shell::safety::{self, Safety, SafetyError};

use crate::process::{self, Process};

/// Judges the script by which a shell enters an environment. Everything that sources one asks here first.
pub(crate) fn judge(process: &Process, environment: &Environment, script: &Path) -> Result<Safety, SafetyError> {
    let user = process::user();
    let safety = safety::of_activate_script(environment, script)?;
    let trust = process.config.state_dir.as_deref().map(|state| TrustStore::new(state, user));
    let is_accepted = |path: &Path| trust.as_ref().is_some_and(|trust| trust.is_shared(path));
    safety::check_owners(script, user, &is_accepted)?;
    Ok(safety)
}
