//! The empty hook scripts of virtualenvwrapper, where its entry point is in use.

use std::path::Path;
use std::process::ExitCode;

use venvwrap_core::shell::stubs;

use crate::error::Result;
use crate::process::{Process, set_variable};
use crate::ui::report::warn;
use venvwrap_core::config::variables;

/// Makes the empty hook scripts of the directory of hooks.
pub(crate) fn make_stubs(process: &Process) -> Result<ExitCode> {
    let directory = &process.config.hook_dir;
    stubs::write_global(directory, &user_shell())?;
    Ok(ExitCode::SUCCESS)
}

/// Makes those of a new environment, where the entry point of virtualenvwrapper is in use.
pub(crate) fn make_local_stubs(env: &Path) {
    if set_variable(variables::VENVWRAP_STUBS).is_some()
        && let Err(error) = stubs::write_local(env, &user_shell())
    {
        warn(&error);
    }
}

fn user_shell() -> String {
    let shell = set_variable(variables::SHELL).map(|shell| shell.to_string_lossy().into_owned());
    shell.filter(|shell| !shell.contains('\n')).unwrap_or_else(|| "/bin/sh".to_string())
}
