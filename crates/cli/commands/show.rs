//! `showvirtualenv`, `venvwrap show`.

use std::process::ExitCode;

use crate::actions::{find, hooks};
use crate::args::ShowArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;
use crate::ui::table::{self, Entry};

/// Shows one environment with everything that is known of it, also its size.
pub(crate) fn run(process: &Process, args: &ShowArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, args.name.as_deref())?;
    let entry = Entry::measured(process, &environment)?;
    if args.json {
        printer::json(&table::json_of(&entry))?;
    } else {
        printer::data(table::paragraph(process, &entry).as_bytes())?;
        hooks::show_details(process, &environment);
    }
    Ok(ExitCode::SUCCESS)
}
