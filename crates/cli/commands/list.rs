//! `lsvirtualenv`, `venvwrap list`, and `workon` without a name.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::process::ExitCode;

use venvwrap_core::env::health::Health;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::pattern::Pattern;
use venvwrap_core::env::size;
use venvwrap_core::fs::order::Order as _;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::Survey;

use crate::actions::{background, find, hooks};
use crate::args::{ListArgs, SortKey};
use crate::error::{Explain, Result, called};
use crate::process::Process;
use crate::ui::table::{self, Entry};
use crate::ui::{printer, report};

/// Says why there is nothing to list.
fn tell_of_nothing(process: &Process) {
    match process.store.check_for_new() {
        Err(error) => report::warn(&error),
        Ok(_) => {
            printer::message(&format!("there are no environments yet; `{} NAME` creates one", called::create()));
        }
    }
}

/// No name matches a pattern.
#[derive(Debug, thiserror::Error)]
#[error("no environment matches `{0}`")]
struct NoMatch(String);

impl Explain for NoMatch {
    fn hint(&self) -> Option<String> {
        Some(format!("`{}` lists your environments", called::list()))
    }
}

/// Lists the environments.
pub(crate) fn run(process: &Process, args: &ListArgs) -> Result<ExitCode> {
    let patterns: Vec<_> = args.patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
    if args.brief && args.sort == SortKey::Name {
        return brief(process, &patterns);
    }
    let (entries, has_leftovers) = entries(process, args, &patterns)?;
    if args.json {
        printer::json(&table::json(&entries))?;
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
    if entries.is_empty() && !args.json && std::io::stdout().is_terminal() {
        tell_of_nothing(process);
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
        let (entries, _) = entries(process, &ListArgs::default(), &[])?;
        if entries.is_empty() {
            tell_of_nothing(process);
        } else {
            printer::data(table::table(process, &entries).as_bytes())?;
        }
    } else {
        brief(process, &[])?;
    }
    Ok(ExitCode::FAILURE)
}

/// The names, one in a line. Names of any bytes are printed as they are when a program reads them.
fn brief(process: &Process, patterns: &[Pattern]) -> Result<ExitCode> {
    let mut scan = process.store.scan()?;
    scan.names.retain(|name| is_wanted(patterns, name.as_os_str()));
    check(process, patterns, &scan.names.iter().map(EnvName::as_os_str).collect::<Vec<_>>())?;
    let for_people = std::io::stdout().is_terminal();
    if scan.names.is_empty() && for_people {
        tell_of_nothing(process);
    }
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
fn entries(process: &Process, args: &ListArgs, patterns: &[Pattern]) -> Result<(Vec<Entry>, bool)> {
    let Survey { descriptions, has_leftovers } = process.store.survey_where(&|name| is_wanted(patterns, name))?;
    let names = descriptions.iter().map(|description| description.environment.name().as_os_str());
    check(process, patterns, &names.collect::<Vec<_>>())?;
    let sizes = if args.size || args.sort == SortKey::Size {
        let paths: Vec<_> = descriptions.iter().map(|description| description.environment.path()).collect();
        size::of_trees(&paths)
    } else {
        vec![None; descriptions.len()]
    };
    let entries = descriptions.into_iter().zip(sizes);
    let mut entries: Vec<_> = entries.map(|(description, size)| Entry { description, size }).collect();
    sort(&mut entries, args.sort);
    Ok((entries, has_leftovers))
}

fn is_wanted(patterns: &[Pattern], name: &OsStr) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name))
}

/// Fails for a pattern that nothing matches.
fn check(process: &Process, patterns: &[Pattern], names: &[&OsStr]) -> Result<()> {
    let in_vain = patterns.iter().find(|pattern| !names.iter().any(|name| pattern.matches(name)));
    match in_vain {
        None => Ok(()),
        Some(pattern) if pattern.is_wild() => Err(NoMatch(printable(pattern.text())).into()),
        // Its error suggests the name that is meant.
        Some(pattern) => find::find(process, pattern.text()).map(drop),
    }
}

/// Sorts; equals stay in the order of their names.
fn sort(entries: &mut [Entry], key: SortKey) {
    match key {
        SortKey::Name => {}
        SortKey::Python => entries.order_by_key(|entry| Reverse(version_key(entry.description.python.as_deref()))),
        SortKey::Health => entries.order_by_key(|entry| entry.description.health == Health::Ok),
        SortKey::Project => entries.order_by(|a, b| {
            let key = |entry: &Entry| (entry.description.project.is_none(), entry.description.project.clone());
            key(a).cmp(&key(b))
        }),
        SortKey::Packages => entries.order_by_key(|entry| Reverse(entry.description.packages)),
        SortKey::Used => entries.order_by_key(|entry| Reverse(entry.description.last_used)),
        SortKey::Created => entries.order_by_key(|entry| Reverse(entry.description.created)),
        SortKey::Size => entries.order_by_key(|entry| Reverse(entry.size.map(|size| size.total))),
    }
}

fn version_key(version: Option<&str>) -> Vec<u32> {
    version.unwrap_or_default().split('.').map_while(|part| part.parse().ok()).collect()
}
