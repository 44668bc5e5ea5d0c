//! `showvirtualenv`, `venvwrap show`.

use std::process::ExitCode;

use venvwrap_core::env::size;
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
    let description = process.store.examiner().describe(&environment);
    let size = size::of_tree(&std::fs::canonicalize(environment.path()).at("resolve", environment.path())?).ok();
    let entry = Entry { description, size };
    if args.json {
        let text = serde_json::to_string_pretty(&table::json_of(&entry))?;
        printer::data((text + "\n").as_bytes())?;
    } else {
        printer::data(table::paragraph(process, &entry).as_bytes())?;
        hooks::show_details(process, &environment);
    }
    Ok(ExitCode::SUCCESS)
}
