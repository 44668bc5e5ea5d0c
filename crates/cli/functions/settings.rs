//! `settings SHELL`: the variables that virtualenvwrapper's entry point exports, where only the program knows their values.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;

use venvwrap_core::config::variables::{
    VENVWRAP_DEFAULTS, VIRTUALENVWRAPPER_HOOK_DIR, VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_WORKON_CD,
    Variable, WORKON_HOME,
};
use venvwrap_core::shell::Shell;

use crate::error::Result;
use crate::process::{Process, set_variable};
use crate::ui::printer;

/// Prints an `export` for each variable, and one that names those which the user has not set.
pub(crate) fn print(words: &[OsString]) -> Result<ExitCode> {
    let Some(shell) = words.first().and_then(|name| Shell::from_name(name.to_str()?)) else {
        return Ok(ExitCode::from(2));
    };
    let config = Process::take_in(None)?.config;
    let values: [(Variable, OsString); 4] = [
        (WORKON_HOME, config.workon_home.into()),
        (VIRTUALENVWRAPPER_HOOK_DIR, config.hook_dir.into()),
        (VIRTUALENVWRAPPER_PROJECT_FILENAME, config.project_filename),
        // What users set is kept: every value but 1 means no.
        (
            VIRTUALENVWRAPPER_WORKON_CD,
            set_variable(VIRTUALENVWRAPPER_WORKON_CD).unwrap_or_else(|| if config.cd { "1" } else { "0" }.into()),
        ),
    ];
    let derived = set_variable(VENVWRAP_DEFAULTS).unwrap_or_default().into_vec();
    let mut defaults = b"|".to_vec();
    let mut text = Vec::new();
    for (variable, value) in &values {
        let noted = [b"|", variable.name.as_bytes(), b"=", value.as_bytes(), b"|"].concat();
        if set_variable(*variable).is_none() || derived.windows(noted.len()).any(|part| part == noted) {
            defaults.extend([variable.name.as_bytes(), b"=", value.as_bytes(), b"|"].concat());
        }
        text.extend(export(shell, *variable, value.as_bytes()));
    }
    text.extend(export(shell, VENVWRAP_DEFAULTS, &defaults));
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// All in quotes: bash would take an assignment away from `export` under `set -k`.
fn export(shell: Shell, variable: Variable, value: &[u8]) -> Vec<u8> {
    let word = shell.quote(&[variable.name.as_bytes(), b"=", value].concat());
    [b"\\builtin export ", &word[..], b"\n"].concat()
}
