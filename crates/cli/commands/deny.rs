//! `venvwrap deny`: nothing of a directory is activated automatically.

use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::config::variables::VENVWRAP_AUTO_ENV;
use venvwrap_core::fs::identity::is_same_file;

use crate::args::DenyArgs;
use crate::error::Result;
use crate::process::{NoState, Process, active, set_variable};
use crate::ui::printer::{self, shown};

/// Denies a directory; what was accepted of it with `allow --shared` is withdrawn.
pub(crate) fn run(process: &Process, args: &DenyArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    let directory = process.directory(args.directory.as_deref());
    let record = switcher.trust.deny(&directory)?;
    if let Some(accepted) = process.accepted() {
        accepted.remove(&record.directory)?;
    }
    switcher.tree.touch()?;
    let shown = shown(&record.directory, process.config.home.as_deref());
    printer::message(&format!("denied `{shown}`: nothing will run there automatically"));
    // Only the shell itself can deactivate it, and that looks again at its next prompt.
    let candidate = switcher.candidate(&record.directory).ok().flatten();
    let is_of_directory = |active: &PathBuf| {
        candidate.is_some_and(|candidate| is_same_file(candidate.environment.path(), active))
            && set_variable(VENVWRAP_AUTO_ENV).is_some_and(|marked| marked == active.as_os_str())
    };
    if active().is_some_and(|active| is_of_directory(&active)) {
        printer::message("its environment is active: the shell deactivates it before the next prompt");
    }
    Ok(ExitCode::SUCCESS)
}
