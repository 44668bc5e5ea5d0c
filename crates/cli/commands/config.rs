//! `venvwrap config`: the keys of config.toml.

use std::process::ExitCode;

use venvwrap_core::config::edit;

use crate::args::ConfigCommand;
use crate::error::{Explain, Result};
use crate::process;
use crate::ui::printer;

/// There is no place for the file.
#[derive(Debug, thiserror::Error)]
#[error("could not find a configuration directory")]
struct NoConfigDirectory;

impl Explain for NoConfigDirectory {
    fn hint(&self) -> Option<String> {
        Some("set HOME, or VENVWRAP_CONFIG to a file".into())
    }
}

/// Runs one of the verbs. As with `git config`, the status tells whether a key is set.
///
/// The file is read for this alone, so that a wrong one can be repaired.
pub(crate) fn run(command: &ConfigCommand) -> Result<ExitCode> {
    let path = process::config_file().ok_or(NoConfigDirectory)?;
    match command {
        ConfigCommand::Get(args) => match edit::get(&path, &args.key)? {
            Some(value) => printer::foreign((value + "\n").as_bytes())?,
            None => return Ok(ExitCode::FAILURE),
        },
        ConfigCommand::Set(args) => edit::set(&path, &args.key, &args.value)?,
        ConfigCommand::Unset(args) => edit::unset(&path, &args.key)?,
        ConfigCommand::List => {
            for (key, value) in edit::list(&path)? {
                printer::foreign(format!("{key} = {value}\n").as_bytes())?;
            }
        }
    }
    printer::warn_of(&venvwrap_core::config::problems_of(&path));
    Ok(ExitCode::SUCCESS)
}
