//! Environments as a table for people, as paragraphs, and as JSON for programs.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};
use venvwrap_core::env::Environment;
use venvwrap_core::env::describe::Description;
use venvwrap_core::env::health::Health;
use venvwrap_core::env::size::{self, Size};
use venvwrap_core::fs::PathContext as _;
use venvwrap_core::fs::instead::Instead;
use venvwrap_core::fs::text::printable;

use crate::error::Result;
use crate::process::{Process, active};
use crate::ui::bar::{self, bar};
use crate::ui::columns::{self, Cell, Column};
use crate::ui::printer::{BAD, GOOD, HEADING, ODD, shown, styled, width, with_tilde};
use crate::ui::prose::wrapped;
use crate::ui::times::{ago, ago_briefly, rfc3339};

/// One environment in a list.
pub(crate) struct Entry {
    /// What is known of it.
    pub(crate) description: Description,
    /// The space it takes, where that was asked for.
    pub(crate) size: Option<Size>,
}

impl Entry {
    /// Everything that is known of one environment, also its size.
    pub(crate) fn measured(process: &Process, environment: &Environment) -> Result<Self> {
        let description = process.store.examiner().describe(environment);
        let size = size::of_tree(&std::fs::canonicalize(environment.path()).at("resolve", environment.path())?).ok();
        Ok(Self { description, size })
    }
}

/// The table: one row for each environment. On a terminal the active one is marked.
pub(crate) fn table(process: &Process, entries: &[Entry]) -> String {
    let is_terminal = width().is_some();
    let view = View {
        home: process.config.home.as_deref(),
        active: active().filter(|_| is_terminal),
        now: SystemTime::now(),
        largest: entries.iter().filter_map(|entry| entry.size).map(|size| size.total).max(),
        has_bars: is_terminal,
        bar_width: if width().is_some_and(|width| width < NARROW) { bar::NARROW } else { bar::WIDTH },
    };
    let mut columns = COLUMNS.to_vec();
    let mut least = LEAST_NAME;
    if view.largest.is_some() {
        // Who asks for sizes wants to see them compared, next to names in 40 columns.
        if width().is_some_and(|width| width < NARROW) {
            least = LEAST_NAME_WITH_SIZE;
            columns[0] = Column::names("name", least);
        }
        columns[2] = columns[2].dropped(5);
        columns.push(Column::whole("size").right());
        columns.push(Column::whole("").dropped(6));
    }
    let mut rows: Vec<_> = entries.iter().map(|entry| view.row(entry)).collect();
    if rows.iter().any(|row| row[0].text.starts_with(MARK)) {
        columns[0] = Column::names("  name", least + MARK.len());
        for row in rows.iter_mut().filter(|row| !row[0].text.starts_with(MARK)) {
            row[0].text.insert_str(0, "  ");
        }
    }
    columns::table(&columns, &rows)
}

/// What stands before the active environment.
const MARK: &str = "* ";

/// No name is cut that is as short as this, as long as anything else can be left out.
const LEAST_NAME: usize = 24;

/// The same next to sizes and bars in a narrow terminal.
const LEAST_NAME_WITH_SIZE: usize = 20;

/// In a terminal with fewer columns the bars are shorter, and names.
const NARROW: u16 = 60;

/// The columns of the table.
const COLUMNS: [Column<'static>; 6] = [
    Column::names("name", LEAST_NAME),
    Column::whole("python").dropped(4),
    Column::whole("health"),
    Column::paths("project", 20).dropped(3),
    Column::whole("packages").right().dropped(1),
    Column::whole("last used").dropped(2),
];

/// What the rows of a table depend on besides their environments.
struct View<'a> {
    home: Option<&'a Path>,
    active: Option<PathBuf>,
    now: SystemTime,
    /// The largest size; none where sizes are not shown.
    largest: Option<u64>,
    has_bars: bool,
    bar_width: u64,
}

impl View<'_> {
    fn row(&self, entry: &Entry) -> Vec<Cell> {
        let description = &entry.description;
        let mut cells = vec![
            self.name(description),
            python(description).into(),
            health_cell(description),
            project(description, self.home),
            description.packages.to_string().into(),
            description.last_used.map_or_else(|| "never".to_string(), |time| ago_briefly(time, self.now)).into(),
        ];
        if let Some(largest) = self.largest {
            let text = entry
                .size
                .map_or_else(String::new, |found| if self.has_bars { bytes(found.total) } else { size(found) });
            cells.push(text.into());
            let drawn =
                entry.size.filter(|_| self.has_bars).map(|size| bar(size.total, size.shared, largest, self.bar_width));
            cells.push(drawn.unwrap_or_default().into());
        }
        cells
    }

    fn name(&self, description: &Description) -> Cell {
        let environment = &description.environment;
        let name = environment.name().to_string();
        if self.active.as_deref() == Some(environment.path()) {
            return Cell::styled(format!("{MARK}{name}"), HEADING);
        }
        name.into()
    }
}

/// The project directory, and whether it is there.
pub(crate) fn project(description: &Description, home: Option<&Path>) -> Cell {
    match &description.project {
        Some(path) if path.is_dir() => shown(path, home).into(),
        Some(path) => Cell::styled(shown(path, home) + " (missing)", BAD),
        None => Cell::default(),
    }
}

/// The width of the labels in a paragraph.
const LABEL: usize = 10;

/// The paragraph of one environment, under its name.
pub(crate) fn paragraph(process: &Process, entry: &Entry) -> String {
    let description = &entry.description;
    let name = description.environment.name().alone();
    let mut text = format!("{name}\n{}\n", "=".repeat(columns::measure(&name)));
    for (label, value) in details(process, entry) {
        let _ = writeln!(text, "{label:<LABEL$} {value}");
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

fn details(process: &Process, entry: &Entry) -> Vec<(&'static str, String)> {
    let description = &entry.description;
    let home = process.config.home.as_deref();
    let now = SystemTime::now();
    let mut details = vec![
        ("path", shown(description.environment.path(), home)),
        ("python", python(description)),
        ("health", health(description, home)),
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

/// The state in a sentence's part, of which a terminal breaks no word.
fn health(description: &Description, home: Option<&Path>) -> String {
    let Some(problem) = problem(&description.health) else { return styled("ok", GOOD) };
    let problem = with_tilde(&problem, home);
    let text = width().map(|width| wrapped(&problem, LABEL + 1, usize::from(width)));
    styled(&text.unwrap_or(problem), BAD)
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

/// The state as the table shows it: what matters of one that works is whether it lasts, and where it is.
pub(crate) fn shown_health(description: &Description) -> (&'static str, anstyle::Style) {
    match &description.health {
        Health::Ok if description.is_temporary => ("temporary", ODD),
        Health::Ok if description.link_target.is_some() => ("link", GOOD),
        Health::Ok => ("ok", GOOD),
        Health::DanglingInterpreter { .. } | Health::LostName { .. } | Health::HomeMissing { .. } => ("no python", BAD),
        other => (health_word(other), BAD),
    }
}

fn health_cell(description: &Description) -> Cell {
    let (word, style) = shown_health(description);
    Cell::styled(word, style)
}

/// The state in one or two words, as JSON has it.
pub(crate) fn health_word(health: &Health) -> &'static str {
    match health {
        Health::Ok => "ok",
        Health::DanglingInterpreter { .. } | Health::LostName { .. } => "dangling",
        Health::WrongVersion { .. } => "wrong version",
        Health::HomeMissing { .. } => "home missing",
        Health::Moved { .. } => "moved",
        Health::NoActivateScript => "no activate",
        Health::NoHome => "empty pyvenv.cfg",
        Health::NotAnEnvironment => "no pyvenv.cfg",
    }
}

/// What is wrong, in a sentence's part; none when nothing is.
pub(crate) fn problem(health: &Health) -> Option<String> {
    match health {
        Health::Ok => None,
        Health::DanglingInterpreter { target } | Health::LostName { path: target } => {
            let what = Instead::of(target).instead_of_interpreter();
            Some(format!("the interpreter `{}` {what}", printable(target.as_os_str())))
        }
        Health::WrongVersion { packages, interpreter } => {
            Some(format!("the packages are for Python {packages}, the interpreter is {interpreter}"))
        }
        Health::HomeMissing { home } => {
            let what = Instead::of(home).instead_of_directory();
            Some(format!("the directory `{}` of the base Python {what}", printable(home.as_os_str())))
        }
        Health::Moved { from } => Some(format!("its scripts are for `{}`", printable(from.as_os_str()))),
        Health::NoActivateScript => Some("there is no activation script".to_string()),
        Health::NoHome => Some("its pyvenv.cfg names no Python".to_string()),
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
