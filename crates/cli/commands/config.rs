//! `venvwrap config`: the keys of config.toml.

use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::config::edit;

use crate::args::ConfigCommand;
use crate::error::{Explain, Result};
use crate::process::{Process, set_variable};
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
pub(crate) fn run(process: &Process, command: &ConfigCommand) -> Result<ExitCode> {
    let path = path(process)?;
    match command {
        ConfigCommand::Get(args) => match edit::get(&path, &args.key)? {
            Some(value) => printer::data((value + "\n").as_bytes())?,
            None => return Ok(ExitCode::FAILURE),
        },
        ConfigCommand::Set(args) => edit::set(&path, &args.key, &args.value)?,
        ConfigCommand::Unset(args) => edit::unset(&path, &args.key)?,
        ConfigCommand::List => {
            for (key, value) in edit::list(&path)? {
                printer::data(format!("{key} = {value}\n").as_bytes())?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that is read, whether or not it exists.
fn path(process: &Process) -> Result<PathBuf, NoConfigDirectory> {
    let named = set_variable("VENVWRAP_CONFIG").map(|path| process.absolute(&PathBuf::from(path)));
    match named.or_else(|| process.config.config_dir.as_ref().map(|directory| directory.join("config.toml"))) {
        Some(path) => Ok(path),
        None => Err(NoConfigDirectory),
    }
}
