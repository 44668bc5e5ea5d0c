//! `venvwrap diff`: how the packages of two environments differ, or of an environment and a file.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::bundle::Carried;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::manifest::machine;
use venvwrap_core::snapshot::by_platform::{Part, compare_parts, position_for};
use venvwrap_core::snapshot::diff::{Change, Difference, Differences, needed};
use venvwrap_core::snapshot::extras::{self, add_lacking};
use venvwrap_core::snapshot::file;
use venvwrap_core::snapshot::side::Side;

use crate::actions::inputs::{self, Input};
use crate::actions::packages;
use crate::args::DiffArgs;
use crate::error::{FAILED, Result};
use crate::process::{Process, lookup};
use crate::ui::columns::{Cell, Column};
use crate::ui::printer::{BAD, GOOD, ODD};
use crate::ui::{columns, printer, report};

/// Compares. The status is 1 if there is a difference, and 2 if there could be no comparison, as for `diff`.
pub(crate) fn run(process: &Process, args: &DiffArgs) -> Result<ExitCode> {
    differences(process, args).and_then(|found| print(args, &found)).map_err(packages::could_not_look)
}

/// The two sides with their names, and how they differ.
struct Compared {
    names: [String; 2],
    /// The second side.
    second: Vec<Part>,
    found: Differences,
    /// The systems that were compared, if a side names some.
    platforms: Vec<String>,
    /// Those of which only one side says something.
    skipped: Vec<String>,
    /// Whether every line of the files was compared.
    is_whole: bool,
}

impl Compared {
    fn is_equal(&self) -> bool {
        self.found.is_empty() && self.is_whole
    }
}

fn differences(process: &Process, args: &DiffArgs) -> Result<Compared> {
    let (a, b) = match &args.b {
        Some(b) => (Some(args.a.as_os_str()), b.as_os_str()),
        None => (None, args.a.as_os_str()),
    };
    let inputs = read_both(process, a, b)?;
    let here = machine().to_ascii_lowercase();
    let [first, second] = parts_of(&inputs, &here, args.all)?;
    let unnamed = |one: &Side, other: &Side| {
        let mut unnamed = BTreeSet::new();
        for (input, other) in [(&inputs[0], other), (&inputs[1], one)] {
            if let Input::Environment(packages) = input {
                unnamed.extend(needed(&packages.installed, &packages.python, other));
            }
        }
        unnamed
    };
    let compared = compare_parts(&first, &second, &here, &unnamed);
    let mut found = compared.found;
    let ignored = ignored(process, args)?;
    found.packages.retain(|difference| !ignored.contains(&difference.name));
    let names = [shown(a.unwrap_or(OsStr::new("active"))), shown(b)];
    let is_whole = inputs.iter().all(|input| match input {
        Input::Requirements(requirements) => requirements.oddities.is_empty(),
        Input::Environment(_) | Input::Carried(_) => true,
    });
    let (platforms, skipped) = (compared.platforms, compared.skipped);
    if !skipped.is_empty() {
        printer::message(&format!("compared what is for {}, not for {}", platforms.join(", "), skipped.join(", ")));
    }
    Ok(Compared { names, second, found, platforms, skipped, is_whole })
}

/// Reads both sides. What was typed comes first: a wrong name is wrong whether or not an environment is active.
fn read_both(process: &Process, a: Option<&OsStr>, b: &OsStr) -> Result<[Input; 2]> {
    if a.is_some() {
        return Ok([read(process, a)?, read(process, Some(b))?]);
    }
    let second = read(process, Some(b))?;
    Ok([read(process, None)?, second])
}

/// What is compared of each side: lines of a file that are for another system count where the other side is one.
fn parts_of(inputs: &[Input; 2], here: &str, all: bool) -> Result<[Vec<Part>; 2]> {
    let markers = inputs.iter().find_map(|input| match input {
        Input::Environment(packages) => Some(packages.python.markers.clone()),
        Input::Requirements(_) => None,
        Input::Carried(carried) => {
            let systems = carried.iter().map(|own| own.listing.python.platform.as_str());
            carried.get(position_for(here, systems))?.markers()
        }
    });
    // Files first: what they name is compared, even if `freeze` leaves it out.
    let [first, second] = inputs.each_ref().map(|input| match input {
        Input::Requirements(requirements) => Side::of_requirements(requirements, markers.as_ref()).map(Some),
        Input::Environment(_) | Input::Carried(_) => Ok(None),
    });
    let (mut first, mut second) = (first?, second?);
    for (own, other) in [(&mut first, &inputs[1]), (&mut second, &inputs[0])] {
        if let (Some(side), Input::Environment(packages)) = (own, other) {
            for extra in extras::unknown(side, &packages.installed, &Differences::default()) {
                report::warn(&extra);
            }
            add_lacking(side, &packages.installed, &packages.python);
        }
    }
    let parts = |input: &Input, own: &Option<Side>, other: &Option<Side>| match input {
        Input::Environment(packages) => {
            vec![Part::only(Side::of_environment(&packages.installed, &packages.python, all, other.as_ref()))]
        }
        Input::Requirements(_) => vec![Part::only(own.clone().unwrap_or_default())],
        Input::Carried(carried) => carried.iter().map(|own| part(own, all, other.as_ref())).collect(),
    };
    Ok([parts(&inputs[0], &first, &second), parts(&inputs[1], &second, &first)])
}

fn part(carried: &Carried, all: bool, file: Option<&Side>) -> Part {
    Part {
        platform: carried.platform.clone(),
        marker: carried.marker.clone(),
        side: Side::of_recorded(&carried.listing.python, &carried.listing.packages, all, file),
    }
}

/// Reads one side; none is the active environment.
fn read(process: &Process, argument: Option<&OsStr>) -> Result<Input> {
    Ok(match inputs::read(process, argument)? {
        Input::Requirements(requirements) => {
            for oddity in &requirements.oddities {
                report::warn(oddity);
            }
            Input::Requirements(requirements)
        }
        other => other,
    })
}

fn ignored(process: &Process, args: &DiffArgs) -> Result<HashSet<String>> {
    let mut names = HashSet::new();
    for path in &args.ignore {
        let requirements = if inputs::is_pipe(path) {
            file::parse(&inputs::read_pipe(path)?, &process.cwd, &path.display().to_string(), &lookup)?
        } else {
            file::read(&process.absolute(path), &lookup)?
        };
        names.extend(requirements.lines.iter().map(|line| line.requirement.key()));
    }
    Ok(names)
}

fn print(args: &DiffArgs, compared: &Compared) -> Result<ExitCode> {
    let text = if args.json {
        as_json(compared)?
    } else if args.names_only {
        names_of(compared).into_iter().map(|name| name.to_owned() + "\n").collect()
    } else if args.format.is_some() {
        as_requirements(compared)
    } else {
        as_table(compared, printer::width().map(usize::from), printer::colour_on_stdout())
    };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::from(match compared.found.is_empty() {
        // What was skipped may be the difference.
        true if !compared.is_whole => packages::COULD_NOT_LOOK,
        true => 0,
        false => FAILED,
    }))
}

/// Each name once, though it may differ in several ways on several systems.
fn names_of(compared: &Compared) -> Vec<&str> {
    let mut names: Vec<&str> = compared.found.packages.iter().map(|difference| difference.name.as_str()).collect();
    names.dedup();
    names
}

fn as_table(compared: &Compared, limit: Option<usize>, has_colour: bool) -> String {
    let Differences { python, packages } = &compared.found;
    if compared.found.is_empty() {
        return String::new();
    }
    let has_platforms = python.iter().chain(packages).any(|difference| !difference.platforms.is_empty());
    let mut columns = vec![
        Column::names("package", 16),
        Column::names(&compared.names[0], 10),
        Column::names(&compared.names[1], 10),
        Column::whole("change"),
    ];
    columns.extend(has_platforms.then(|| Column::whole("platforms")));
    let rows = python.iter().chain(packages).map(|difference| {
        let version =
            |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), |text| shown(text.as_ref()));
        let (word, style) = worded(difference.change);
        let texts = [shown(difference.name.as_ref()), version(&difference.a), version(&difference.b)];
        let platforms = match &difference.platforms[..] {
            [] => "all".to_owned(),
            platforms => shown(platforms.join(", ").as_ref()),
        };
        let platforms = has_platforms.then(|| Cell::from(platforms));
        texts.into_iter().map(Cell::from).chain([Cell::styled(word, style)]).chain(platforms).collect()
    });
    columns::table_in(&columns, &rows.collect::<Vec<_>>(), limit, has_colour)
}

/// The lines that make the first side equal to the second; what is only on the first is a comment, as no requirements
/// file can remove it.
fn as_requirements(compared: &Compared) -> String {
    let line = |difference: &Difference| {
        let is_here = |part: &&Part| {
            let all = difference.platforms.is_empty();
            all || part.platform.as_ref().is_some_and(|own| difference.platforms.contains(own))
        };
        let mut parts = compared.second.iter().filter(is_here);
        let markers: Vec<&str> = parts.clone().filter_map(|part| part.marker.as_deref()).collect();
        let marker = match &markers[..] {
            [] => String::new(),
            _ if difference.platforms.is_empty() => String::new(),
            markers => format!(" ; {}", markers.join(" or ")),
        };
        match parts.find_map(|part| part.side.packages.get(&difference.name)) {
            Some(package) => format!("{}{marker}\n", package.line),
            None => format!("# pip uninstall {}{marker}\n", difference.name),
        }
    };
    compared.found.packages.iter().map(line).collect()
}

fn as_json(compared: &Compared) -> Result<String> {
    let mut value = json!({
        "a": compared.names[0],
        "b": compared.names[1],
        "equal": compared.is_equal(),
        "python": compared.found.python.iter().map(json_of).collect::<Vec<_>>(),
        "packages": compared.found.packages.iter().map(json_of).collect::<Vec<_>>(),
    });
    // Only bundles name systems.
    if !compared.platforms.is_empty() {
        value["platforms"] = json!(compared.platforms);
        value["skipped"] = json!(compared.skipped);
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

pub(super) fn json_of(difference: &Difference) -> Value {
    let Difference { name, a, b, change, platforms } = difference;
    let mut value = json!({ "name": name, "a": a, "b": b, "change": worded(*change).0 });
    if !platforms.is_empty() {
        value["platforms"] = json!(platforms);
    }
    value
}

fn worded(change: Change) -> (&'static str, anstyle::Style) {
    match change {
        Change::Added => ("added", GOOD),
        Change::Removed => ("removed", BAD),
        Change::Upgraded => ("upgraded", GOOD),
        Change::Downgraded => ("downgraded", BAD),
        Change::Changed => ("changed", ODD),
        Change::Violated => ("violated", BAD),
        Change::Source => ("source", ODD),
        Change::Editable => ("editable", ODD),
        Change::Hash => ("hash", BAD),
    }
}

fn shown(text: &OsStr) -> String {
    printable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_whole_in_a_narrow_terminal() {
        let difference = |name: &str, a: &str, b: &str, change| Difference {
            name: name.into(),
            a: Some(a.into()),
            b: Some(b.into()),
            change,
            platforms: Vec::new(),
        };
        let packages = vec![
            difference("requests", "2.31.0", "2.32.3", Change::Upgraded),
            difference("typing-extensions", "4.9.0", "4.12.2", Change::Downgraded),
        ];
        let compared = Compared {
            names: ["api".into(), "/srv/a/long/path/production.txt".into()],
            second: Vec::new(),
            found: Differences { python: Vec::new(), packages },
            platforms: Vec::new(),
            skipped: Vec::new(),
            is_whole: true,
        };
        let text = as_table(&compared, Some(40), false);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        for version in ["2.31.0", "2.32.3", "4.9.0", "4.12.2"] {
            assert!(text.contains(version), "{text}");
        }
    }
}
