//! Environments as a table for people, as paragraphs, and as JSON for programs.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::time::SystemTime;

use serde_json::{Value, json};
use venvwrap_core::env::describe::Description;
use venvwrap_core::env::health::Health;
use venvwrap_core::env::size::Size;
use venvwrap_core::fs::text::printable;

use crate::process::Process;
use crate::ui::columns;
use crate::ui::paint::marked;
use crate::ui::printer::{BAD, GOOD, shown, styled};
use crate::ui::times::{ago, rfc3339};

/// One environment in a list.
pub(crate) struct Entry {
    /// What is known of it.
    pub(crate) description: Description,
    /// The space it takes, where that was asked for.
    pub(crate) size: Option<Size>,
}

/// The table: one row for each environment.
pub(crate) fn table(process: &Process, entries: &[Entry]) -> String {
    let has_sizes = entries.iter().any(|entry| entry.size.is_some());
    let mut headings = vec!["name", "python", "health", "project", "packages", "last used"];
    if has_sizes {
        headings.push("size");
    }
    let now = SystemTime::now();
    columns::table(&headings, entries.iter().map(|entry| row(process, entry, now, has_sizes)))
}

/// The paragraph of one environment, under its name.
pub(crate) fn paragraph(process: &Process, entry: &Entry) -> String {
    let description = &entry.description;
    let name = description.environment.name().to_string();
    let mut text = format!("{name}\n{}\n", "=".repeat(name.chars().count()));
    for (label, value) in details(process, entry) {
        let _ = writeln!(text, "{label:<10} {value}");
    }
    text
}

/// Everything as JSON: an array of objects.
pub(crate) fn json(entries: &[Entry]) -> Value {
    Value::Array(entries.iter().map(json_of).collect())
}

/// One environment as JSON.
pub(crate) fn json_of(entry: &Entry) -> Value {
    let description = &entry.description;
    let environment = &description.environment;
    let mut value = json!({
        "name": environment.name().as_os_str().to_string_lossy(),
        "path": environment.path().to_string_lossy(),
        "python": description.python,
        "implementation": description.implementation,
        "health": health_word(&description.health),
        "problem": problem(&description.health),
        "project": description.project.as_ref().map(|path| path.to_string_lossy()),
        "packages": description.packages,
        "created": description.created.and_then(rfc3339),
        "last_used": description.last_used.and_then(rfc3339),
        "temporary": description.is_temporary,
        "system_site_packages": description.system_site_packages,
        "link": description.link_target.as_ref().map(|path| path.to_string_lossy()),
    });
    if let Some(size) = entry.size {
        value["size"] = json!({ "total": size.total, "shared": size.shared });
    }
    value
}

fn row(process: &Process, entry: &Entry, now: SystemTime, has_sizes: bool) -> Vec<String> {
    let description = &entry.description;
    let mut cells = vec![
        description.environment.name().to_string(),
        python(description),
        health_cell(&description.health),
        description.project.as_deref().map_or_else(String::new, |path| shown(path, process.config.home.as_deref())),
        description.packages.to_string(),
        description.last_used.map_or_else(|| "never".to_string(), |time| ago(time, now)),
    ];
    if has_sizes {
        cells.push(entry.size.map_or_else(String::new, size));
    }
    cells
}

fn details(process: &Process, entry: &Entry) -> Vec<(&'static str, String)> {
    let description = &entry.description;
    let home = process.config.home.as_deref();
    let now = SystemTime::now();
    let mut details = vec![
        ("path", shown(description.environment.path(), home)),
        ("python", python(description)),
        ("health", problem(&description.health).map_or_else(|| styled("ok", GOOD), |problem| styled(&problem, BAD))),
    ];
    if let Some(target) = &description.link_target {
        details.push(("link to", shown(target, home)));
    }
    if let Some(project) = &description.project {
        let missing = if project.is_dir() { "" } else { " (missing)" };
        details.push(("project", shown(project, home) + missing));
    }
    let system = if description.system_site_packages { ", plus those of the base Python" } else { "" };
    details.push(("packages", format!("{}{system}", description.packages)));
    if let Some(created) = description.created {
        details.push(("created", ago(created, now)));
    }
    details.push(("last used", description.last_used.map_or_else(|| "never".to_string(), |time| ago(time, now))));
    if let Some(total) = entry.size {
        details.push(("size", size(total)));
    }
    if description.is_temporary {
        details.push(("temporary", "removed on `deactivate`".to_string()));
    }
    details
}

/// The version of its Python, and which Python it is unless it is the usual one.
pub(crate) fn python(description: &Description) -> String {
    let version = description.python.as_deref().unwrap_or("unknown");
    let text = match description.implementation.as_str() {
        "CPython" => version.to_string(),
        other => format!("{version} ({other})"),
    };
    // Both come from a file that anybody may have written.
    printable(OsStr::new(&text))
}

fn health_cell(health: &Health) -> String {
    let style = if *health == Health::Ok { GOOD } else { BAD };
    marked(health_word(health), style)
}

/// The state in one or two words.
pub(crate) fn health_word(health: &Health) -> &'static str {
    match health {
        Health::Ok => "ok",
        Health::DanglingInterpreter { .. } => "dangling",
        Health::WrongVersion { .. } => "wrong version",
        Health::HomeMissing { .. } => "home missing",
        Health::Moved { .. } => "moved",
        Health::NoActivateScript => "no activate",
        Health::NotAnEnvironment => "no pyvenv.cfg",
    }
}

/// What is wrong, in a sentence's part; none when nothing is.
pub(crate) fn problem(health: &Health) -> Option<String> {
    match health {
        Health::Ok => None,
        Health::DanglingInterpreter { target } => {
            Some(format!("the interpreter `{}` no longer exists", printable(target.as_os_str())))
        }
        Health::WrongVersion { packages, interpreter } => {
            Some(format!("the packages are for Python {packages}, the interpreter is {interpreter}"))
        }
        Health::HomeMissing { home } => {
            Some(format!("the directory `{}` of the base Python no longer exists", printable(home.as_os_str())))
        }
        Health::Moved { from } => Some(format!("its scripts are for `{}`", printable(from.as_os_str()))),
        Health::NoActivateScript => Some("there is no activation script".to_string()),
        Health::NotAnEnvironment => Some("there is no pyvenv.cfg".to_string()),
    }
}

fn size(size: Size) -> String {
    let shared =
        if size.shared > size.total / 100 { format!(" ({} shared)", bytes(size.shared)) } else { String::new() };
    bytes(size.total) + &shared
}

/// A number of bytes in the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(crate) fn bytes(count: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", units[unit]) } else { format!("{value:.0} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_or_three_digits() {
        assert_eq!(bytes(1_234), "1.2 kB");
        assert_eq!(bytes(153_000_000), "153 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(size(Size { total: 10_000_000, shared: 9_000_000 }), "10 MB (9.0 MB shared)");
    }
}
