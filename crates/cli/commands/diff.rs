//! `venvwrap diff`: how the packages of two environments differ, or of an environment and a file.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::fs::text::printable;
use venvwrap_core::snapshot::diff::{Change, Difference, Differences, compare, needed};
use venvwrap_core::snapshot::file;
use venvwrap_core::snapshot::side::Side;

use crate::actions::inputs::{self, Input};
use crate::actions::packages;
use crate::args::DiffArgs;
use crate::error::{FAILED, Result};
use crate::process::Process;
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
    sides: [Side; 2],
    found: Differences,
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
    // What was typed comes first: a wrong name is wrong whether or not an environment is active.
    let inputs = if a.is_some() {
        [read(process, a)?, read(process, Some(b))?]
    } else {
        let second = read(process, Some(b))?;
        [read(process, None)?, second]
    };
    let pythons = inputs.each_ref().map(|input| match input {
        Input::Environment(packages) => Some(&packages.python),
        Input::Requirements(_) | Input::Listing(_) => None,
    });
    let markers = pythons.iter().flatten().next().map(|python| &python.markers);
    // Files first: what they name is compared, even if `freeze` leaves it out.
    let [first, second] = inputs.each_ref().map(|input| match input {
        Input::Requirements(requirements) => Side::of_requirements(requirements, markers).map(Some),
        Input::Environment(_) | Input::Listing(_) => Ok(None),
    });
    let (first, second) = (first?, second?);
    let side = |input: &Input, file: Option<&Side>| match input {
        Input::Environment(packages) => {
            Some(Side::of_environment(&packages.installed, &packages.python, args.all, file))
        }
        Input::Listing(listing) => Some(Side::of_recorded(&listing.python, &listing.packages, args.all, file)),
        Input::Requirements(_) => None,
    };
    let (own, others) = (side(&inputs[0], second.as_ref()), side(&inputs[1], first.as_ref()));
    let sides = [own.or(first).unwrap_or_default(), others.or(second).unwrap_or_default()];
    let mut unnamed = BTreeSet::new();
    for (input, other) in [(&inputs[0], &sides[1]), (&inputs[1], &sides[0])] {
        if let Input::Environment(packages) = input {
            unnamed.extend(needed(&packages.installed, &packages.python, other));
        }
    }
    let mut found = compare(&sides[0], &sides[1], &unnamed);
    let ignored = ignored(process, args)?;
    found.packages.retain(|difference| !ignored.contains(&difference.name));
    let names = [shown(a.unwrap_or(OsStr::new("active"))), shown(b)];
    let is_read = |input: &Input| match input {
        Input::Requirements(requirements) => requirements.oddities.is_empty(),
        Input::Environment(_) | Input::Listing(_) => true,
    };
    Ok(Compared { names, sides, found, is_whole: inputs.iter().all(is_read) })
}

/// Reads one side; none is the active environment.
fn read(process: &Process, argument: Option<&OsStr>) -> Result<Input> {
    let input = inputs::read(process, argument)?;
    if let Input::Requirements(requirements) = &input {
        for oddity in &requirements.oddities {
            report::warn(oddity);
        }
    }
    Ok(input)
}

fn ignored(process: &Process, args: &DiffArgs) -> Result<HashSet<String>> {
    let mut names = HashSet::new();
    for path in &args.ignore {
        let requirements = if inputs::is_pipe(path) {
            file::parse(&inputs::read_pipe(path)?, &process.cwd, &path.display().to_string())?
        } else {
            file::read(&process.absolute(path))?
        };
        names.extend(requirements.lines.iter().map(|line| line.requirement.key()));
    }
    Ok(names)
}

fn print(args: &DiffArgs, compared: &Compared) -> Result<ExitCode> {
    let text = if args.json {
        as_json(compared)?
    } else if args.names_only {
        compared.found.packages.iter().map(|difference| difference.name.clone() + "\n").collect()
    } else if args.format.is_some() {
        as_requirements(compared)
    } else {
        as_table(compared)
    };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::from(match compared.found.is_empty() {
        // What was skipped may be the difference.
        true if !compared.is_whole => packages::COULD_NOT_LOOK,
        true => 0,
        false => FAILED,
    }))
}

fn as_table(compared: &Compared) -> String {
    let Differences { python, packages } = &compared.found;
    if compared.found.is_empty() {
        return String::new();
    }
    let columns = [
        Column::names("package", 16),
        Column::names(&compared.names[0], 10),
        Column::names(&compared.names[1], 10),
        Column::whole("change"),
    ];
    let rows = python.iter().chain(packages).map(|difference| {
        let version =
            |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), |text| shown(text.as_ref()));
        let (word, style) = worded(difference.change);
        let texts = [shown(difference.name.as_ref()), version(&difference.a), version(&difference.b)];
        texts.into_iter().map(Cell::from).chain([Cell::styled(word, style)]).collect()
    });
    columns::table(&columns, &rows.collect::<Vec<_>>())
}

/// The lines that make the first side equal to the second; what is only on the first is a comment, as no requirements
/// file can remove it.
fn as_requirements(compared: &Compared) -> String {
    let line = |difference: &Difference| match compared.sides[1].packages.get(&difference.name) {
        Some(package) => format!("{}\n", package.line),
        None => format!("# pip uninstall {}\n", difference.name),
    };
    compared.found.packages.iter().map(line).collect()
}

fn as_json(compared: &Compared) -> Result<String> {
    let value = json!({
        "a": compared.names[0],
        "b": compared.names[1],
        "equal": compared.is_equal(),
        "python": compared.found.python.iter().map(json_of).collect::<Vec<_>>(),
        "packages": compared.found.packages.iter().map(json_of).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

fn json_of(difference: &Difference) -> Value {
    let Difference { name, a, b, change } = difference;
    json!({ "name": name, "a": a, "b": b, "change": worded(*change).0 })
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
