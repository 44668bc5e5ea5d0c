//! `venvwrap allow`, `venvwrap deny`: which directories may bring their own code.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use venvwrap_core::switch::{self, Switcher};
use venvwrap_core::trust::Grants;

use crate::args::{AllowArgs, DenyArgs};
use crate::printer::{self, shown};
use crate::process::Process;

/// There is no place to remember anything.
#[derive(Debug, thiserror::Error)]
#[error("the directory for the state of programs is not known")]
pub(crate) struct NoState;

/// Allows a directory as it is now, or lists what was decided before.
pub(crate) fn allow(process: &Process, args: &AllowArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    if args.list {
        return list(process, &switcher);
    }
    let directory = process.directory(args.directory.as_deref());
    let candidate = switcher.candidate(&directory)?;
    let dotenv = args.dotenv || !args.variables.is_empty();
    let grants = Grants { dotenv, variables: args.variables.clone() };
    let record = switcher
        .trust
        .allow(&directory, switch::foreign(candidate.as_ref()), grants)
        .with_context(|| format!("could not allow `{}`", directory.display()))?;
    switcher.tree.touch()?;
    let what = if dotenv { " with its `.env`" } else { "" };
    let shown = shown(&record.directory, process.config.home.as_deref());
    printer::message(&format!("allowed `{shown}`{what} as it is now"));
    Ok(ExitCode::SUCCESS)
}

/// Denies a directory.
pub(crate) fn deny(process: &Process, args: &DenyArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    let directory = process.directory(args.directory.as_deref());
    let record = switcher.trust.deny(&directory)?;
    switcher.tree.touch()?;
    let shown = shown(&record.directory, process.config.home.as_deref());
    printer::message(&format!("denied `{shown}`: nothing happens there by itself"));
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, switcher: &Switcher<'_>) -> Result<ExitCode> {
    let mut text = String::new();
    for record in switcher.trust.list()? {
        let verdict = match &record.grants {
            None => "denied ".to_string(),
            Some(_) => "allowed".to_string(),
        };
        let missing = if record.directory.is_dir() { "" } else { "  (missing)" };
        let grants = record.grants.as_ref().filter(|grants| grants.dotenv).map_or(String::new(), |grants| {
            let names: Vec<_> = grants.variables.iter().map(|name| format!(" {name}")).collect();
            format!("  (.env{})", names.concat())
        });
        let _ =
            writeln!(text, "{verdict}  {}{grants}{missing}", shown(&record.directory, process.config.home.as_deref()));
    }
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
