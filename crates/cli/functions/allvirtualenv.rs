//! `allvirtualenv`: one command in every environment, one after the other.

use std::ffi::OsString;
use std::process::ExitCode;

use venvwrap_core::env::Environment;

use crate::actions::inside::command_in;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

/// Runs the command in each environment's own directory, under a heading. A failure in one does not keep it from the
/// others.
pub(crate) fn run(process: &Process, command: &[OsString]) -> Result<ExitCode> {
    for name in process.store.names()? {
        let path = process.store.home().join(name.as_os_str());
        let heading = name.to_string();
        printer::data(format!("{heading}\n{}\n", "=".repeat(heading.chars().count())).as_bytes())?;
        if let Some(mut command) = command_in(process, &Environment::new(name, path.clone()), command)
            && let Err(error) = command.current_dir(&path).status()
        {
            printer::warning(&format!("could not run `{}`: {error}", command.get_program().display()));
        }
        printer::data(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
