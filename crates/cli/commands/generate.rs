//! `venvwrap generate`: what is derived from the command line's own description.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;

use crate::args::{Cli, GenerateArgs, Generated};
use crate::printer;
use crate::reference;

/// Prints a manual page, the command reference, or completions.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode> {
    let mut command = Cli::command();
    let mut text = Vec::new();
    let shell = match args.what {
        Generated::Man => {
            clap_mangen::Man::new(command).render(&mut text)?;
            printer::data(&text)?;
            return Ok(ExitCode::SUCCESS);
        }
        Generated::Reference => {
            printer::data(reference::markdown().as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        Generated::Bash => clap_complete::Shell::Bash,
        Generated::Zsh => clap_complete::Shell::Zsh,
        Generated::Fish => clap_complete::Shell::Fish,
    };
    clap_complete::generate(shell, &mut command, "venvwrap", &mut text);
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}
