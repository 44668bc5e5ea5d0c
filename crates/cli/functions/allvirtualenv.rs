//! `allvirtualenv`: one command in every environment, one after the other.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::actions::inside::command_in;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

/// Runs the command in each environment's own directory, under a heading. A failure in one does not keep it from the
/// others.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode> {
    let process = &Process::take_in(None)?;
    printer::warn_of(&process.config.problems);
    for name in process.store.names()? {
        let environment = process.store.environment(name);
        let heading = environment.name().to_string();
        printer::data(format!("{heading}\n{}\n", "=".repeat(heading.chars().count())).as_bytes())?;
        match command_in(process, &environment, &words[1..]) {
            Err(error) => printer::warning(&error.to_string()),
            Ok(None) => {}
            Ok(Some(mut command)) => {
                if let Err(error) = command.current_dir(environment.path()).status() {
                    printer::warning(&format!("could not run `{}`: {error}", command.get_program().display()));
                }
            }
        }
        printer::data(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
