//! `venvwrap snapshot`: the packages of an environment, remembered outside of it.

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::{Value, json};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::snapshot::credentials;
use venvwrap_core::snapshot::file;
use venvwrap_core::snapshot::history::{Kept, Snapshot};

use super::diff;
use crate::actions::snapshots::AFTER;
use crate::actions::{find, inputs, packages};
use crate::args::{
    DiffArgs, SnapshotArgs, SnapshotCommand, SnapshotDiffArgs, SnapshotListArgs, SnapshotPruneArgs, SnapshotShowArgs,
};
use crate::error::{Context as _, Result};
use crate::process::{NoState, Process};
use crate::ui::columns::{self, Column};
use crate::ui::{printer, times};

/// Takes a snapshot, or shows those that there are.
pub(crate) fn run(process: &Process, args: &SnapshotArgs) -> Result<ExitCode> {
    match &args.command {
        None => take(process, args),
        Some(SnapshotCommand::List(args)) => list(process, args),
        Some(SnapshotCommand::Show(args)) => show(process, args),
        Some(SnapshotCommand::Diff(args)) => compare(process, args),
        Some(SnapshotCommand::Prune(args)) => prune(process, args),
    }
}

fn take(process: &Process, args: &SnapshotArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let name = environment.name();
    let packages = packages::read(process, &environment)?;
    let taken = process.store.take_snapshot(&environment, &packages, args.message.as_deref());
    let kept = taken.with_context(|| format!("could not take a snapshot of `{name}`"))?.ok_or(NoState)?;
    let (Kept::New(snapshot) | Kept::Noted(snapshot) | Kept::Same(snapshot)) = &kept;
    if args.json {
        let mut value = json_of(snapshot);
        value["taken"] = json!(matches!(kept, Kept::New(_)));
        printer::json(&value)?;
        return Ok(ExitCode::SUCCESS);
    }
    let id = &snapshot.id;
    printer::message(&match kept {
        Kept::New(_) => format!("took the snapshot `{id}` of `{name}`"),
        Kept::Noted(_) => format!("`{name}` has not changed since the snapshot `{id}`, which has this message now"),
        Kept::Same(_) => format!("`{name}` has not changed since the snapshot `{id}`"),
    });
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, args: &SnapshotListArgs) -> Result<ExitCode> {
    let environment = named(process, args.name.as_deref())?;
    let all = process.store.history(&environment).ok_or(NoState)?.list()?;
    if all.is_empty() && !args.json {
        printer::remark(&format!("there are no snapshots of `{}`", environment.name()));
    }
    let text = if args.json { as_json(&all)? } else { as_table(&all) };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The environment of a name, which may have been removed.
fn named(process: &Process, name: Option<&OsStr>) -> Result<Environment> {
    match name {
        Some(name) if name != "." => {
            let environment = process.store.environment(EnvName::typed(name)?);
            let is_known = process.store.history(&environment).is_some_and(|history| history.path().is_dir());
            if is_known { Ok(environment) } else { find::find(process, name) }
        }
        other => find::find_or_active(process, other),
    }
}

/// The columns of the table. What names a snapshot is never cut.
const COLUMNS: [Column<'static>; 6] = [
    Column::whole("").right(),
    Column::whole("snapshot"),
    Column::whole("taken").dropped(3),
    Column::whole("python").dropped(2),
    Column::whole("packages").right().dropped(1),
    Column::texts("", 12),
];

fn as_table(all: &[Snapshot]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let rows = all.iter().enumerate().map(|(index, snapshot)| {
        let head = snapshot.head();
        let ago = humantime::parse_rfc3339(&head.created).map(|time| times::ago_briefly(time, SystemTime::now()));
        let text = |text: &str| printable(OsStr::new(text));
        vec![
            (index + 1).to_string(),
            snapshot.id.clone(),
            ago.unwrap_or_default(),
            text(&head.python),
            count(snapshot).to_string(),
            text(head.message.as_deref().unwrap_or(&before(&head.reason))),
        ]
    });
    columns::plain(&COLUMNS, rows)
}

fn before(reason: &str) -> String {
    match reason {
        "" | "snapshot" => String::new(),
        reason if reason.starts_with(AFTER) => reason.to_owned(),
        reason => format!("before {reason}"),
    }
}

fn count(snapshot: &Snapshot) -> usize {
    file::read(&snapshot.path, &|_| None).map_or(0, |found| found.lines.len())
}

fn as_json(all: &[Snapshot]) -> Result<String> {
    Ok(serde_json::to_string_pretty(&all.iter().map(json_of).collect::<Vec<_>>())? + "\n")
}

fn json_of(snapshot: &Snapshot) -> Value {
    let head = snapshot.head();
    json!({
        "snapshot": snapshot.id,
        "path": snapshot.path.to_string_lossy(),
        "created": head.created,
        "python": head.python,
        "reason": head.reason,
        "message": head.message,
        "packages": count(snapshot),
    })
}

fn show(process: &Process, args: &SnapshotShowArgs) -> Result<ExitCode> {
    let snapshot = inputs::find_snapshot(process, &args.name, args.snapshot.as_deref().unwrap_or("1"))?;
    let text = snapshot.read()?;
    let text = if args.credentials { text } else { text.lines().map(|line| hidden(line) + "\n").collect() };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A line without passwords.
fn hidden(line: &str) -> String {
    let words: Vec<_> =
        line.split(' ').map(|word| credentials::hide(word).unwrap_or_else(|| word.to_owned())).collect();
    words.join(" ")
}

fn prune(process: &Process, args: &SnapshotPruneArgs) -> Result<ExitCode> {
    let environment = named(process, Some(&args.name))?;
    let name = environment.name();
    let history = process.store.history(&environment).ok_or(NoState)?;
    let deleted = history.prune(args.keep, args.dry_run);
    let deleted = deleted.with_context(|| format!("could not delete snapshots of `{name}`"))?;
    if args.json {
        let ids: Vec<_> = deleted.iter().map(|snapshot| &snapshot.id).collect();
        printer::json(&json!({"dry_run": args.dry_run, "deleted": ids}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let verb = if args.dry_run { "would delete" } else { "deleted" };
    printer::message(&match &deleted[..] {
        [] => format!("nothing to delete: `{name}` has no older snapshots"),
        [one] => format!("{verb} the snapshot `{}` of `{name}`", one.id),
        [newest, .., oldest] => {
            format!("{verb} {} snapshots of `{name}`: `{}` to `{}`", deleted.len(), oldest.id, newest.id)
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn compare(process: &Process, args: &SnapshotDiffArgs) -> Result<ExitCode> {
    let mut a = OsString::from(&args.name);
    a.push("@");
    a.push(args.snapshot.as_deref().unwrap_or("1"));
    let args = DiffArgs {
        names_only: false,
        json: args.json,
        format: None,
        all: false,
        ignore: Vec::new(),
        a,
        b: Some(args.name.clone()),
    };
    diff::run(process, &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::columns::{Cell, table_in};

    #[test]
    fn what_names_a_snapshot_is_never_cut() {
        let message = "before something that takes many words to describe";
        let row = ["12", "20261127T120102Z", "11m ago", "3.12.1", "149", message];
        let row = row.map(|text| Cell::from(text.to_string())).to_vec();
        for limit in [40, 60, 80] {
            let text = table_in(&COLUMNS, std::slice::from_ref(&row), Some(limit), false);
            assert!(text.contains("\n12  20261127T120102Z  "), "{limit}: {text}");
            assert!(text.lines().all(|line| line.chars().count() <= limit), "{limit}: {text}");
        }
    }
}
