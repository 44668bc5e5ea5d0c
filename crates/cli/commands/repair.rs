//! `venvwrap repair`: each environment on its own; one that fails stops no other.

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::env::is_environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::rename::Followed;
use venvwrap_core::store::repair::{RepairError, Repaired};

use crate::actions::followed::{self, Outside};
use crate::actions::place::{self, Place};
use crate::actions::rebuild::tell_of_scripts;
use crate::args::RepairArgs;
use crate::error::{Context as _, Error, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::{report, table};

/// Repairs environments, or shows what that would change.
pub(crate) fn run(process: &Process, args: &RepairArgs) -> Result<ExitCode> {
    let places = if args.all {
        process.store.names()?.into_iter().map(|name| Place { process: None, name }).collect()
    } else {
        args.names.iter().map(|word| meant(process, word)).collect::<Result<Vec<_>>>()?
    };
    let (mut has_failed, mut is_idle, mut found) = (false, true, Vec::new());
    let search = process.search();
    for place in &places {
        let Place { process: own, name } = place;
        if let Some(own) = own.as_ref().filter(|_| place.has_left_over()) {
            is_idle = false;
            let was = is_environment(&own.store.path_of(name));
            if !args.dry_run {
                own.store.sweep_left_over_of(name).with_context(|| format!("could not repair `{name}`"))?;
            }
            let is_now = is_environment(&own.store.path_of(name));
            let done = if args.dry_run {
                format!("would finish or clear away what an interrupted command has left of `{name}`")
            } else if is_now && !was {
                format!("finished `{name}`, which an interrupted command had begun")
            } else {
                format!("cleared away what an interrupted command has left of `{name}`")
            };
            printer::message(&done);
            if !is_now {
                found.push(json!({"name": name.alone(), "state": "repaired", "problem": "a command was interrupted",
                    "python": null, "changed": []}));
                continue;
            }
        }
        let outcome = own.as_ref().unwrap_or(process).store.repair(name, &search, args.dry_run);
        match &outcome {
            // Another tool keeps it.
            Err(error @ RepairError::Link { .. }) if args.all => printer::message(&format!("skipped: {error}")),
            Ok(repaired) if !args.json => is_idle &= !tell(process, repaired, args),
            _ => {}
        }
        if let Ok(Repaired { followed: Some((old, followed)), .. }) = &outcome {
            tell_of_followed(process, old, followed);
        }
        if let Ok(Repaired { beside, in_the_way, .. }) = &outcome {
            tell_of_scripts(name, beside);
            for found in in_the_way {
                printer::warning(&format!(
                    "`bin/{found}` of `{name}` is a directory; a package records a script there: move the directory away, \
                     then repair `{name}` again"
                ));
                has_failed = true;
            }
        }
        found.push(value(name, &outcome));
        match outcome {
            Err(RepairError::Link { .. }) if args.all => {}
            Err(error) => {
                has_failed = true;
                let error: Error = Err::<(), _>(error)
                    .with_context(|| format!("could not repair `{name}`"))
                    .err()
                    .unwrap_or_else(|| unreachable!("it is an error"));
                let error = if own.is_none() { place::hinted(process, name.as_os_str(), error) } else { error };
                report::report(&error);
            }
            Ok(_) => {}
        }
    }
    if args.json {
        let value = json!({"schema": 1, "dry_run": args.dry_run, "environments": found});
        printer::json(&value)?;
    }
    if args.all && is_idle && !has_failed && !args.json {
        printer::remark("nothing to repair");
    }
    Ok(ExitCode::from(u8::from(has_failed)))
}

/// An environment by its name or its path.
fn meant(process: &Process, word: &OsStr) -> Result<Place> {
    if let Some(place) = place::of_any(process, word)? {
        return Ok(place);
    }
    let name = EnvName::typed(word).map_err(|error| place::hinted(process, word, error.into()))?;
    Ok(Place { process: None, name })
}

/// Returns whether there was something to repair.
fn tell(process: &Process, repaired: &Repaired, args: &RepairArgs) -> bool {
    let name = repaired.environment.name();
    let Some(problem) = problem(repaired) else {
        if !args.all && repaired.in_the_way.is_empty() {
            printer::remark(&format!("`{name}` works; nothing to repair"));
        }
        return false;
    };
    let (verb, use_it) = if args.dry_run { ("would repair", "it would use") } else { ("repaired", "it now uses") };
    let python = repaired.interpreter.as_ref().map_or(String::new(), |interpreter| {
        let executable = shown(&interpreter.executable, process.config.home.as_deref());
        format!("; {use_it} `{executable}` ({})", interpreter.version)
    });
    printer::message(&format!("{verb} `{name}`: {problem}{python}"));
    true
}

/// Says what has followed an environment that was moved by hand, and what could not.
fn tell_of_followed(process: &Process, old: &Path, found: &Followed) {
    let Followed { children, kernels, links, elsewhere, problems } = found;
    let outside = Outside { references: &[], links, kernels, children, elsewhere, problems };
    followed::tell(process, &printable(old.as_os_str()), &outside, false);
}

/// What was wrong.
fn problem(repaired: &Repaired) -> Option<String> {
    let lie = || Some(format!("its `pyvenv.cfg` says Python {}", repaired.lie.as_ref()?));
    let has_broken = repaired.changed.len() > repaired.lost.len();
    let scripts = || has_broken.then(|| "some of its scripts do not work".to_string());
    let left = || repaired.followed.as_ref().map(|_| "something had not followed it".to_string());
    let lost = match &repaired.lost[..] {
        [] => None,
        [name] => Some(format!("`{name}` is gone")),
        [first, rest @ ..] => Some(format!("`{first}` and {} more scripts are gone", rest.len())),
    };
    match (table::problem(&repaired.problem).or_else(lie).or_else(scripts).or_else(left), lost) {
        (Some(problem), Some(lost)) => Some(format!("{problem}; {lost}")),
        (problem, lost) => problem.or(lost),
    }
}

fn value(name: &EnvName, outcome: &Result<Repaired, RepairError>) -> Value {
    match outcome {
        Err(error) => json!({"name": name.alone(), "state": "failed", "error": error.to_string()}),
        Ok(repaired) => json!({
            "name": name.alone(),
            "state": if problem(repaired).is_none() { "ok" } else { "repaired" },
            "problem": problem(repaired),
            "python": repaired.interpreter.as_ref().map(|found| found.executable.to_string_lossy()),
            "changed": repaired.changed.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        }),
    }
}
