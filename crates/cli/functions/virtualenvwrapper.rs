//! `virtualenvwrapper`: what there is, in one screen.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::Cli;
use crate::error::Result;
use crate::process::{PROGRAM, Process, own_path};
use crate::ui::printer;
use crate::ui::prose::{beside, wrapped};

/// Prints the overview of functions, each with its aliases and its sentence.
pub(crate) fn run(process: &Process, functions: Vec<(&str, &[&str], String)>) -> Result<ExitCode> {
    let functions = list(functions);
    let home = process.config.home.as_deref();
    let projects =
        process.config.project_home.as_ref().map_or_else(|| "not set".to_string(), |path| printer::shown(path, home));
    let sentence = "venvwrap keeps Python environments by name, as virtualenvwrapper does.";
    let text = format!(
        "{}\n\n\
         Version: {}\n\n\
         program       {}\nWORKON_HOME   {}\nPROJECT_HOME  {projects}\nhooks         {}\n\n\
         Commands available; each has --help:\n\n{functions}",
        wrapped(sentence, 0, limit()),
        env!("CARGO_PKG_VERSION"),
        printer::shown(&own_path(), home),
        printer::shown(process.store.home(), home),
        printer::shown(&process.config.hook_dir, home),
    );
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn limit() -> usize {
    printer::width().map_or(usize::MAX, usize::from)
}

fn list(functions: Vec<(&str, &[&str], String)>) -> String {
    let program = Cli::command().get_about().map(ToString::to_string).unwrap_or_default();
    let mut functions = functions;
    functions.push((PROGRAM, &[], program));
    functions.sort_unstable();
    let width = functions.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let line = |(name, aliases, sentence): &(&str, &[&str], String)| {
        let aliases = if aliases.is_empty() { String::new() } else { format!(" (also: {})", aliases.join(", ")) };
        beside(&format!("  {name:width$}  "), &format!("{sentence}{aliases}"), limit()) + "\n"
    };
    functions.iter().map(line).collect()
}
