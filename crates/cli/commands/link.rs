//! `venvwrap link`: writes a `.venv` file for the tools that look for one.

use std::process::ExitCode;

use venvwrap_core::project::marker;

use crate::actions::find;
use crate::args::LinkArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Writes the file.
pub(crate) fn run(process: &Process, args: &LinkArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = process.directory(args.directory.as_deref());
    let file = marker::write(&directory, environment.path())
        .with_context(|| format!("could not link `{}`", environment.name()))?;
    if let Some(switcher) = process.switcher() {
        let _ = switcher.tree.touch();
    }
    let home = process.config.home.as_deref();
    printer::message(&format!("`{}` points to `{}`", shown(&file, home), shown(environment.path(), home)));
    Ok(ExitCode::SUCCESS)
}
