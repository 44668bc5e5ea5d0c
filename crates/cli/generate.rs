//! `venvwrap generate`: what is derived from the command line's own description, and the files that packagers install.

use std::process::ExitCode;

use venvwrap_core::shell::Shell;

use crate::args::{GenerateArgs, Generated};
use crate::error::{Explain, Result};
use crate::reference;
use crate::shims::completion_text;
use crate::ui::printer::{self, OutputError};

/// There is no such function.
#[derive(Debug, thiserror::Error)]
#[error("there is no shell function `{}`", .0.escape_debug())]
struct NoFunction(String);

impl Explain for NoFunction {
    fn hint(&self) -> Option<String> {
        Some("`venvwrap --help` lists them".into())
    }
}

/// Prints a manual page, the command reference, or completions.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode> {
    let text = match args.what {
        Generated::Man => match &args.function {
            None => reference::manual().map_err(OutputError)?,
            Some(name) => reference::manual_of(name).ok_or_else(|| NoFunction(name.clone()))?.map_err(OutputError)?,
        },
        Generated::Reference => reference::markdown().into_bytes(),
        Generated::Bash => completion_text(Shell::Bash).into(),
        Generated::Zsh => completion_text(Shell::Zsh).into(),
        Generated::Fish => completion_text(Shell::Fish).into(),
    };
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}
