//! All activation scripts of an environment: each shell has its own, and one may be wrong where the others are right.

use std::path::PathBuf;

use super::{SafetyError, of_activate_script};
use crate::env::{BIN, Environment};
use crate::shell::activate::{self, Script};

/// Those that would run a part of the environment's path, or are for another one, with the reason: no shell is to source
/// them. Nushell's and Python's are not judged.
pub(crate) fn unusable(environment: &Environment) -> Vec<(PathBuf, SafetyError)> {
    let judged = [Script::Posix, Script::Fish, Script::Csh, Script::PowerShell];
    let names = judged.into_iter().flat_map(activate::file_names);
    let judge = |name: &&str| {
        let script = environment.path().join(BIN).join(name);
        let error = of_activate_script(environment, &script).err()?;
        let is_wrong = matches!(error, SafetyError::Injection { .. } | SafetyError::Elsewhere { .. });
        is_wrong.then_some((script, error))
    };
    names.filter_map(|name| judge(&name)).collect()
}
