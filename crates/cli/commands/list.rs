//! `lsvirtualenv`, `venvwrap list`, and `workon` without a name.

use std::cmp::Reverse;
use std::io::IsTerminal;
use std::process::ExitCode;

use venvwrap_core::env::health::Health;
use venvwrap_core::env::size;
use venvwrap_core::store::Survey;

use crate::actions::{background, hooks};
use crate::args::{ListArgs, SortKey};
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;
use crate::ui::table::{self, Entry};

/// Lists the environments.
pub(crate) fn run(process: &Process, args: &ListArgs) -> Result<ExitCode> {
    if args.brief && args.sort == SortKey::Name {
        return brief(process);
    }
    let (entries, has_leftovers) = entries(process, args)?;
    if args.json {
        let text = serde_json::to_string_pretty(&table::json(&entries))?;
        printer::data((text + "\n").as_bytes())?;
    } else if args.brief {
        for entry in &entries {
            printer::line(entry.description.environment.name().as_os_str())?;
        }
    } else if args.long {
        for entry in &entries {
            printer::data(table::paragraph(process, entry).as_bytes())?;
            hooks::show_details(process, &entry.description.environment);
            printer::data(b"\n")?;
        }
    } else if !entries.is_empty() {
        printer::data(table::table(process, &entries).as_bytes())?;
    }
    if has_leftovers {
        background::sweep(process);
    }
    Ok(ExitCode::SUCCESS)
}

/// What `workon` shows when no name was given: names alone for programs, a table for people. As in virtualenvwrapper
/// the status says that nothing was activated.
pub(crate) fn choices(process: &Process) -> Result<ExitCode> {
    if std::io::stdout().is_terminal() {
        let (entries, _) =
            entries(process, &ListArgs { brief: false, long: false, json: false, sort: SortKey::Name, size: false })?;
        if entries.is_empty() {
            printer::message("there are no environments yet; `mkvirtualenv NAME` creates one");
        } else {
            printer::data(table::table(process, &entries).as_bytes())?;
        }
    } else {
        brief(process)?;
    }
    Ok(ExitCode::FAILURE)
}

/// The names, one in a line. Names of any bytes are printed as they are when a program reads them.
fn brief(process: &Process) -> Result<ExitCode> {
    let scan = process.store.scan()?;
    let for_people = std::io::stdout().is_terminal();
    let mut text = Vec::new();
    for name in &scan.names {
        if for_people {
            text.extend_from_slice(name.to_string().as_bytes());
        } else {
            text.extend_from_slice(name.as_os_str().as_encoded_bytes());
        }
        text.push(b'\n');
    }
    printer::data(&text)?;
    if scan.has_leftovers {
        background::sweep(process);
    }
    Ok(ExitCode::SUCCESS)
}

/// The environments in the order that was asked for, and whether something is left to be deleted.
fn entries(process: &Process, args: &ListArgs) -> Result<(Vec<Entry>, bool)> {
    let Survey { descriptions, has_leftovers } = process.store.survey()?;
    let measures = args.size || args.sort == SortKey::Size;
    let mut entries: Vec<Entry> = descriptions
        .into_iter()
        .map(|description| {
            let size = if measures { size::of_tree(description.environment.path()).ok() } else { None };
            Entry { description, size }
        })
        .collect();
    sort(&mut entries, args.sort);
    Ok((entries, has_leftovers))
}

/// Sorts; equals stay in the order of their names.
fn sort(entries: &mut [Entry], key: SortKey) {
    match key {
        SortKey::Name => {}
        SortKey::Python => entries.sort_by_key(|entry| Reverse(version_key(entry.description.python.as_deref()))),
        SortKey::Health => entries.sort_by_key(|entry| entry.description.health == Health::Ok),
        SortKey::Project => entries.sort_by(|a, b| {
            let key = |entry: &Entry| (entry.description.project.is_none(), entry.description.project.clone());
            key(a).cmp(&key(b))
        }),
        SortKey::Packages => entries.sort_by_key(|entry| Reverse(entry.description.packages)),
        SortKey::Used => entries.sort_by_key(|entry| Reverse(entry.description.last_used)),
        SortKey::Created => entries.sort_by_key(|entry| Reverse(entry.description.created)),
        SortKey::Size => entries.sort_by_key(|entry| Reverse(entry.size.map(|size| size.total))),
    }
}

fn version_key(version: Option<&str>) -> Vec<u32> {
    version.unwrap_or_default().split('.').map_while(|part| part.parse().ok()).collect()
}
