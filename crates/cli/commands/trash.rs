//! `venvwrap trash`: what is kept of removed environments, and its end.

use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::store::Emptied;

use crate::args::{TrashArgs, TrashCommand, TrashEmptyArgs, TrashListArgs};
use crate::error::{Context as _, Result, kept_by_others};
use crate::process::Process;
use crate::ui::{printer, report, trash};

/// Runs one of the verbs; without one it lists.
pub(crate) fn run(process: &Process, args: &TrashArgs) -> Result<ExitCode> {
    match &args.command {
        None => list(process, &TrashListArgs { json: args.json }),
        Some(TrashCommand::List(args)) => list(process, args),
        Some(TrashCommand::Empty(args)) => empty(process, args),
    }
}

/// Lists what can be brought back, newest first.
pub(super) fn list(process: &Process, args: &TrashListArgs) -> Result<ExitCode> {
    let (entries, keep) = (process.store.trashed(), process.trash().keep);
    if args.json {
        printer::json(&trash::json(&entries, keep))?;
    } else if !entries.is_empty() {
        printer::data(trash::table(&entries, keep).as_bytes())?;
    } else {
        printer::remark("nothing is kept of removed environments");
    }
    if let Some(others) = kept_by_others(&process.store.trashed_by_others()).filter(|_| !args.json) {
        printer::message(&others);
    }
    Ok(ExitCode::SUCCESS)
}

/// Deletes, and waits for it: who empties a trash wants the space.
fn empty(process: &Process, args: &TrashEmptyArgs) -> Result<ExitCode> {
    process.store.check()?;
    let Emptied { deleted, failed } = process.store.empty_trash(args.older);
    if args.json {
        let failed: Vec<_> = failed.iter().map(|(entry, _)| entry.clone()).collect();
        let keep = process.trash().keep;
        let value = json!({ "deleted": trash::json(&deleted, keep), "failed": trash::json(&failed, keep) });
        printer::json(&value)?;
    }
    let noun = if deleted.len() == 1 { "environment" } else { "environments" };
    if !args.json && (failed.is_empty() || !deleted.is_empty()) {
        printer::remark(&format!("deleted {} removed {noun}", deleted.len()));
    }
    let is_done = failed.is_empty();
    for (entry, error) in failed {
        let failed: Result<()> = Err(error).with_context(|| format!("could not delete the removed `{}`", entry.name));
        if let Err(error) = failed {
            report::report(&error);
        }
    }
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
