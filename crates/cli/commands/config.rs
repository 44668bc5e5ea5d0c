//! `venvwrap config`: the keys of config.toml.

use std::process::ExitCode;

use anyhow::{Result, bail};
use venvwrap_core::config::edit;

use crate::args::ConfigCommand;
use crate::process::Process;
use crate::ui::printer;

/// Runs one of the verbs. As with `git config`, the status tells whether a key is set.
pub(crate) fn run(process: &Process, command: &ConfigCommand) -> Result<ExitCode> {
    let Some(path) = &process.config.file else { bail!("the directory for configuration is not known") };
    let path = process.absolute(path);
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
    Ok(ExitCode::SUCCESS)
}
