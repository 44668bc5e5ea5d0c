//! `venvwrap gc`: environments that no one seems to need, removed only when the user says so.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use venvwrap_core::doctor::disposable::{Candidate, Wish};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::python;
use venvwrap_core::store::remove::RemoveOptions;

use super::kernel::other_directories;
use crate::actions::find;
use crate::actions::remove::Removal;
use crate::args::GcArgs;
use crate::error::Result;
use crate::process::{Process, active};
use crate::ui::columns::{self, Column};
use crate::ui::printer;
use crate::ui::table::bytes;
use crate::ui::times::{ago_briefly, rfc3339};

/// What counts as unused unless the user says otherwise.
const UNUSED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Lists what may be removed, and removes it if the user agrees.
pub(crate) fn run(process: &Process, args: &GcArgs) -> Result<ExitCode> {
    let candidates = candidates(process, args)?;
    let is_agreed = !candidates.is_empty() && !args.dry_run && (args.yes || (!args.json && agrees(&candidates)?));
    if !args.json && !candidates.is_empty() && (args.yes || args.dry_run || !printer::can_ask()) {
        printer::data(table(&candidates).as_bytes())?;
    } else if !args.json && candidates.is_empty() {
        printer::remark("every environment seems to be needed");
    }
    if !is_agreed && !args.json && !args.dry_run && !candidates.is_empty() && !printer::can_ask() {
        printer::message("removed nothing: `--yes` removes what is listed");
    }
    let removed = if is_agreed { remove(process, &candidates) } else { Ok(()) };
    if args.json {
        let is_gone = |name: &EnvName| is_agreed && process.store.path_of(name).symlink_metadata().is_err();
        let values: Vec<_> = candidates.iter().map(|found| as_json(found, is_gone(&found.name))).collect();
        printer::json(&values)?;
    }
    removed.map(|()| ExitCode::SUCCESS)
}

fn remove(process: &Process, candidates: &[Candidate]) -> Result<()> {
    let options = RemoveOptions { cwd: Some(&process.cwd), ..RemoveOptions::default() };
    let removal = Removal { options, may_be_missing: true, announce: &|_| Ok(()), is_told: true };
    removal.all(process, candidates.iter().map(|candidate| &candidate.name))
}

fn candidates(process: &Process, args: &GcArgs) -> Result<Vec<Candidate>> {
    process.store.check()?;
    // A name that is misspelled keeps nothing.
    let kept = args.keep.iter().map(|name| find::find(process, name));
    let mut keep = kept.map(|found| Ok(found?.name().clone())).collect::<Result<Vec<_>>>()?;
    keep.extend(process.config.keep.iter().filter_map(|name| EnvName::typed(name.as_ref()).ok()));
    let has_named_none = args.unused.is_none() && !args.orphaned && !args.broken;
    let installed: Vec<_> = python::candidates(&process.search()).map(|found| found.guess.to_string()).collect();
    let has_python = |(major, minor): (u32, u32)| {
        let version = format!("{major}.{minor}");
        installed.iter().any(|guess| *guess == version || guess.starts_with(&format!("{version}.")))
    };
    let (active, kernels) = (active(), other_directories());
    let wish = Wish {
        unused: if has_named_none { Some(UNUSED) } else { args.unused },
        is_orphaned: args.orphaned || has_named_none,
        is_broken: args.broken || has_named_none,
        keep: &keep,
        kernel_directories: &kernels,
        active: active.as_deref(),
        now: SystemTime::now(),
        has_python: &has_python,
    };
    Ok(process.store.disposable(&wish)?)
}

fn agrees(candidates: &[Candidate]) -> Result<bool> {
    if !printer::can_ask() {
        return Ok(false);
    }
    printer::data(table(candidates).as_bytes())?;
    let noun = if candidates.len() == 1 { "this environment" } else { "these environments" };
    Ok(printer::asks(&format!("remove {noun}? [y/N] ")).unwrap_or(false))
}

/// The columns of the table.
const COLUMNS: [Column<'static>; 5] = [
    Column::names("name", 16),
    Column::texts("why", 12),
    Column::texts("last used", 20).dropped(2),
    Column::whole("size").right().dropped(1),
    Column::whole("reclaimable").right(),
];

fn table(candidates: &[Candidate]) -> String {
    let now = SystemTime::now();
    let row = |candidate: &Candidate| {
        let used = candidate.last_used.map_or_else(|| "unknown".to_string(), |time| ago_briefly(time, now));
        vec![
            candidate.name.to_string(),
            words(candidate).join(", "),
            if candidate.is_recorded { used } else { format!("changed {used} (no record of use)") },
            bytes(candidate.size.total),
            bytes(reclaimable(candidate)),
        ]
    };
    columns::plain(&COLUMNS, candidates.iter().map(row))
}

fn as_json(candidate: &Candidate, is_removed: bool) -> Value {
    json!({
        "name": candidate.name.as_os_str().to_string_lossy(),
        "path": candidate.path.to_string_lossy(),
        "reasons": words(candidate),
        "last_used": candidate.last_used.and_then(rfc3339),
        "recorded": candidate.is_recorded,
        "size": { "total": candidate.size.total, "shared": candidate.size.shared },
        "reclaimable": reclaimable(candidate),
        "removed": is_removed,
    })
}

fn words(candidate: &Candidate) -> Vec<&'static str> {
    candidate.reasons.iter().map(|reason| reason.word()).collect()
}

/// What is shared with the cache or with other environments stays.
fn reclaimable(candidate: &Candidate) -> u64 {
    candidate.size.total.saturating_sub(candidate.size.shared)
}
