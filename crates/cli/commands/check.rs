//! `venvwrap check`: whether the packages of environments fit together.

use std::ffi::OsStr;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::env::Environment;
use venvwrap_core::fs::text::printable;
use venvwrap_core::snapshot::check::{Problem, ProblemKind, check};

use crate::actions::{find, packages};
use crate::args::CheckArgs;
use crate::error::{FAILED, Result};
use crate::process::Process;
use crate::ui::{printer, report};

/// Checks environments. The status is 1 if something does not fit, and 2 if an environment could not be read.
pub(crate) fn run(process: &Process, args: &CheckArgs) -> Result<ExitCode> {
    let environments = environments(process, args).map_err(packages::could_not_look)?;
    let mut status = 0;
    let mut checked = Vec::new();
    for environment in environments {
        match problems_of(process, &environment) {
            Ok(problems) => {
                status = status.max(if problems.is_empty() { 0 } else { FAILED });
                checked.push((environment, problems));
            }
            Err(error) => {
                report::report(&error);
                status = packages::COULD_NOT_LOOK;
            }
        }
    }
    let text = if args.json { as_json(&checked)? } else { as_lines(&checked, args) };
    printer::sentences(&text)?;
    Ok(ExitCode::from(status))
}

fn environments(process: &Process, args: &CheckArgs) -> Result<Vec<Environment>> {
    if args.all {
        return Ok(process.store.names()?.into_iter().map(|name| process.store.environment(name)).collect());
    }
    if args.names.is_empty() {
        return Ok(vec![find::find_or_active(process, None)?]);
    }
    args.names.iter().map(|name| find::find_at(process, Some(name))).collect()
}

fn problems_of(process: &Process, environment: &Environment) -> Result<Vec<Problem>> {
    let packages = packages::read(process, environment)?;
    packages::warn(&packages.installed.oddities);
    Ok(check(&packages.installed, &packages.python))
}

/// As pip prints it; with the name of the environment in front where there may be several.
fn as_lines(checked: &[(Environment, Vec<Problem>)], args: &CheckArgs) -> String {
    let is_one = !args.all && args.names.len() < 2;
    let mut text = String::new();
    for (environment, problems) in checked {
        let lines = problems.iter().map(Problem::to_string);
        let nothing = problems.is_empty().then(|| "No broken requirements found.".to_owned());
        for line in lines.chain(nothing) {
            // Both come from files that anybody may have written.
            let line = printable(OsStr::new(&line));
            let name = if is_one { String::new() } else { format!("{}: ", environment.name()) };
            text.extend([&name, &line, "\n"]);
        }
    }
    text
}

fn as_json(checked: &[(Environment, Vec<Problem>)]) -> Result<String> {
    let values: Vec<_> = checked
        .iter()
        .map(|(environment, problems)| {
            json!({
                "name": environment.name().as_os_str().to_string_lossy(),
                "path": environment.path().to_string_lossy(),
                "problems": problems.iter().map(json_of).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&values)? + "\n")
}

fn json_of(problem: &Problem) -> Value {
    let (kind, dependency, requirement, installed) = match &problem.kind {
        ProblemKind::Missing { dependency, requirement } => ("missing", Some(dependency), Some(requirement), None),
        ProblemKind::Conflict { dependency, requirement, installed } => {
            ("conflict", Some(dependency), Some(requirement), Some(installed))
        }
        ProblemKind::Python { requirement, installed } => ("python", None, Some(requirement), Some(installed)),
        ProblemKind::Platform => ("platform", None, None, None),
        ProblemKind::Twice { other } => ("twice", None, None, Some(other)),
        ProblemKind::Unreadable { requirement } => ("unreadable", None, Some(requirement), None),
    };
    json!({
        "package": problem.name,
        "version": problem.version,
        "kind": kind,
        "dependency": dependency,
        "requirement": requirement,
        "installed": installed,
        "message": problem.to_string(),
    })
}
