//! `venvwrap deny`: nothing of a directory is activated automatically.

use std::process::ExitCode;

use crate::args::DenyArgs;
use crate::error::Result;
use crate::process::{NoState, Process};
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
    Ok(ExitCode::SUCCESS)
}
