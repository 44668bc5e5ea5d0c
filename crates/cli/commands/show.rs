//! `showvirtualenv`, `venvwrap show`.

use std::process::ExitCode;

use venvwrap_core::env::{Environment, size};
use venvwrap_core::fs::PathContext as _;

use crate::actions::{find, hooks};
use crate::args::ShowArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;
use crate::ui::table::{self, Entry};

/// Shows one environment with everything that is known of it, also its size.
pub(crate) fn run(process: &Process, args: &ShowArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    if args.json {
        print_json(process, &environment)?;
    } else {
        printer::data(table::paragraph(process, &entry(process, &environment)?).as_bytes())?;
        hooks::show_details(process, &environment);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints an environment as JSON.
pub(super) fn print_json(process: &Process, environment: &Environment) -> Result<()> {
    let text = serde_json::to_string_pretty(&table::json_of(&entry(process, environment)?))?;
    printer::data((text + "\n").as_bytes())
}

fn entry(process: &Process, environment: &Environment) -> Result<Entry> {
    let description = process.store.examiner().describe(environment);
    let size = size::of_tree(&std::fs::canonicalize(environment.path()).at("resolve", environment.path())?).ok();
    Ok(Entry { description, size })
}
