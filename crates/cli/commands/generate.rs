//! `venvwrap generate`: what is derived from the command line's own description.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;

use crate::args::{Cli, GenerateArgs, Generated};
use crate::printer;
use crate::reference;
use crate::shell::{Shell, completion_text};

/// Prints a manual page, the command reference, or completions.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode> {
    match args.what {
        Generated::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            printer::data(&text)?;
        }
        Generated::Reference => printer::data(reference::markdown().as_bytes())?,
        Generated::Bash => printer::data(completion_text(Shell::Bash).as_bytes())?,
        Generated::Zsh => printer::data(completion_text(Shell::Zsh).as_bytes())?,
        Generated::Fish => printer::data(completion_text(Shell::Fish).as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
