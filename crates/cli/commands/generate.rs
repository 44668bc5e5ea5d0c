//! `venvwrap generate`: what is derived from the command line's own description.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::{Cli, GenerateArgs, Generated};
use crate::printer;
use crate::reference;

/// Prints a manual page, the command reference, or completions.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode> {
    let text = match args.what {
        Generated::Man => reference::manual()?,
        Generated::Reference => reference::markdown().into_bytes(),
        Generated::Bash => completions(Shell::Bash),
        Generated::Zsh => completions(Shell::Zsh),
        Generated::Fish => completions(Shell::Fish),
    };
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "venvwrap", &mut text);
    text
}
