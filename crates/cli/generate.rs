//! `venvwrap generate`: what is derived from the command line's own description, and the files that packagers install.

use std::process::ExitCode;

use venvwrap_core::shell::Shell;

use crate::args::{GenerateArgs, Generated};
use crate::error::Result;
use crate::reference;
use crate::shims::completion_text;
use crate::ui::printer::{self, OutputError};

/// Prints a manual page, the command reference, or completions.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode> {
    let text = match args.what {
        Generated::Man => reference::manual().map_err(OutputError)?,
        Generated::Reference => reference::markdown().into_bytes(),
        Generated::Bash => completion_text(Shell::Bash).into(),
        Generated::Zsh => completion_text(Shell::Zsh).into(),
        Generated::Fish => completion_text(Shell::Fish).into(),
    };
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}
