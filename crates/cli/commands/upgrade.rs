//! `venvwrap upgrade`: environments rebuilt for another Python with the same packages.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::snapshot::python::Python;
use venvwrap_core::snapshot::upgrade::{Action, Plan, Step};

use crate::actions::due::{self, Due, Sorted, Targets};
use crate::actions::place::{self, Place};
use crate::actions::rebuild::Interrupted;
use crate::actions::upgrade::{self, Upgraded};
use crate::actions::{find, followed, interpreters, interrupt, rebuild};
use crate::args::UpgradeArgs;
use crate::error::{Context as _, FAILED, Result, by_name};
use crate::process::Process;
use crate::ui::columns::{self, Column};
use crate::ui::{printer, report};

/// Upgrades environments. The status is 1 if one of them could not be upgraded.
pub(crate) fn run(process: &Process, args: &UpgradeArgs) -> Result<ExitCode> {
    let is_for_all = args.all || args.broken;
    let watch = interrupt::end_with(process, untouched(&[]));
    // A Python that is missing may be installed for them: they are looked for first.
    let named = if is_for_all { None } else { Some(environments(process, args)?) };
    let (Sorted { due, current }, mut targets) = match named {
        Some(due) => {
            let targets = Targets::for_named(process, args, &due)?;
            (Sorted { due, current: Vec::new() }, targets)
        }
        None => due::sorted(process, args)?,
    };
    if is_for_all && !args.json && !agrees(args, &mut targets, &due) {
        return Ok(ExitCode::SUCCESS);
    }
    let (mut values, mut planned, mut failed) = (Vec::new(), Vec::new(), 0);
    let is_one = due.len() == 1 && !is_for_all;
    let (mut done, silence) = (Vec::new(), OnceCell::new());
    for found in &due {
        if interrupt::was_interrupted() {
            return Err(Interrupted { untouched: untouched(&done) }.into());
        }
        let environment = &found.environment;
        let name = environment.name();
        let upgraded = targets.for_due(found).and_then(|target| {
            let own = found.process_or(process);
            upgrade::upgrade(own, args, environment, &target, found.must(), &untouched(&done), &silence)
        });
        match upgraded.with_context(|| format!("could not upgrade `{name}`")) {
            Ok(upgraded) => {
                if upgraded.rebuilt.is_some() {
                    done.push(name);
                    interrupt::say(&watch, process, untouched(&done));
                }
                let obstacle = upgraded.obstacle();
                failed += usize::from(obstacle.is_some());
                let error = obstacle.map(|error| report::one_line(error.chain()));
                values.push(json_of(name, Some(&upgraded), error.as_deref()));
                if is_one {
                    show(args, &[(name, &upgraded)])?;
                }
                tell(process, args, name, &upgraded);
                planned.push((name, upgraded));
            }
            Err(error) if (is_one && !args.json) || interrupt::was_interrupted() => return Err(error),
            Err(error) => {
                failed += 1;
                report::report(&error);
                values.push(json_of(name, None, Some(&report::one_line(error.chain()))));
                if !is_for_all && !args.keep_going {
                    break;
                }
            }
        }
    }
    if !is_one {
        show(args, &planned.iter().map(|(name, upgraded)| (*name, upgraded)).collect::<Vec<_>>())?;
    }
    if args.json {
        let left =
            current.iter().map(|(name, python)| json_of(name, Some(&Upgraded::not_at_all(python.clone())), None));
        values.extend(left);
        printer::json(&values)?;
    } else if values.len() > 1 && failed > 0 {
        let verb = if args.dry_run { "would not" } else { "could not" };
        printer::message(&format!("{failed} of {} environments {verb} be upgraded", values.len()));
    }
    Ok(ExitCode::from(if failed == 0 { 0 } else { FAILED }))
}

/// What an interruption leaves, once these environments are upgraded.
fn untouched(done: &[&EnvName]) -> String {
    if done.is_empty() {
        return "nothing was changed".to_owned();
    }
    let names: Vec<_> = done.iter().map(|name| format!("`{name}`")).collect();
    let verb = if done.len() == 1 { "was" } else { "were" };
    format!("{} {verb} upgraded, all others are as they were", names.join(", "))
}

/// What is named, or the active environment.
fn environments(process: &Process, args: &UpgradeArgs) -> Result<Vec<Due>> {
    let found: Vec<_> = if args.names.is_empty() {
        vec![due::named(process, None, find::find_or_active(process, None)?)]
    } else {
        args.names.iter().map(|word| meant(process, word)).collect::<Result<_>>()?
    };
    if let [only] = &found[..] {
        upgrade::check(only.process_or(process), &only.environment)
            .with_context(|| format!("could not upgrade `{}`", only.environment.name()))?;
    }
    Ok(found)
}

/// An environment by its name or its path.
fn meant(process: &Process, word: &OsStr) -> Result<Due> {
    let Some(Place { process: own, name }) = place::of(process, word)? else {
        let found = find::find(process, word).map_err(|error| place::hinted(process, word, error))?;
        return Ok(due::named(process, None, found));
    };
    let found = find::find(own.as_ref().unwrap_or(process), name.as_os_str())?;
    Ok(due::named(process, own, Environment::new(name, found.path().to_path_buf())))
}

/// The columns of what is about to be done. A Python without its environment says nothing.
const AGREED: [Column<'static>; 3] =
    [Column::names("environment", 16), Column::texts("from", 26), Column::texts("to", 26)];

/// The columns of the plans of several environments.
const PLANS: [Column<'static>; 4] = {
    let [package, version, plan] = upgrade::COLUMNS;
    [Column::names("environment", 16), package, version.dropped(1), plan]
};

/// Shows which environments get which Python, and asks a person once for all of them.
fn agrees(args: &UpgradeArgs, targets: &mut Targets<'_>, due: &[Due]) -> bool {
    if due.is_empty() {
        printer::remark("nothing to upgrade");
        return false;
    }
    if args.dry_run {
        return true;
    }
    let mut row = |due: &Due| {
        let Due { environment, is_gone, is_outdated, .. } = due;
        let from =
            Python::of(environment).map_or_else(|| "Python ?".to_owned(), |python| interpreters::title_of(&python));
        let to = targets.for_due(due).map(|target| interpreters::title(&target.interpreter));
        vec![
            environment.name().to_string(),
            match (is_gone, is_outdated) {
                (true, _) if !environment.bin().is_dir() => format!("{from} (no `bin`)"),
                (true, _) => format!("{from} (gone)"),
                (false, true) => format!("{from} (outdated copy)"),
                (false, false) => from,
            },
            // Why it cannot be chosen is told when its turn comes.
            to.unwrap_or_else(|_| "?".into()),
        ]
    };
    let rows: Vec<_> = due.iter().map(&mut row).collect();
    columns::message(&AGREED, rows.into_iter());
    if args.yes || !printer::can_ask() {
        return true;
    }
    let noun = if due.len() == 1 { "this environment" } else { "these environments" };
    printer::asks(&format!("upgrade {noun}? [y/N] ")).unwrap_or(false)
}

/// Shows what would happen with the packages; of several environments in one table.
fn show(args: &UpgradeArgs, upgraded: &[(&EnvName, &Upgraded)]) -> Result<()> {
    if args.json || !args.dry_run {
        return Ok(());
    }
    let rows = upgraded.iter().flat_map(|(name, upgraded)| {
        let steps = upgraded.plan.iter().flat_map(|plan| &plan.steps);
        steps.map(|step| [vec![name.to_string()], upgrade::row(step)].concat())
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let text = if args.names.len() < 2 && !args.all && !args.broken {
        columns::plain(&upgrade::COLUMNS, rows.into_iter().map(|row| row[1..].to_vec()))
    } else {
        columns::plain(&PLANS, rows.into_iter())
    };
    printer::data(text.as_bytes())
}

fn tell(process: &Process, args: &UpgradeArgs, name: &EnvName, upgraded: &Upgraded) {
    let obstacle = upgraded.obstacle();
    let Upgraded { from, to, is_down, plan, rebuilt, tool, problems, pins } = upgraded;
    let upgraded = if *is_down { "downgraded" } else { "upgraded" };
    if args.json {
        return;
    }
    match plan {
        None => printer::message(&format!("`{name}` has {from} already")),
        Some(plan) if rebuilt.is_none() => {
            if let Some(obstacle) = obstacle {
                printer::message(&format!("`{name}` would not be upgraded: {}", report::one_line(obstacle.chain())));
                report::report_hint(&obstacle);
                return;
            }
            let change =
                if from == to { format!("rebuilt with {to}") } else { format!("{upgraded} from {from} to {to}") };
            printer::message(&format!("`{name}` would be {change}"));
            if plan.with(Action::Relax).next().is_some() {
                printer::message("the installer chooses the newer versions; the upgrade names them");
            }
            for file in pins {
                let file = printer::shown(file, process.config.home.as_deref());
                printer::message(&format!("`{file}` would pin its version, so that uv keeps the environment"));
            }
        }
        Some(plan) => {
            let what = if from == to {
                format!("rebuilt `{name}` with {to}")
            } else {
                format!("{upgraded} `{name}` from {from} to {to}")
            };
            printer::message(&format!("{what}: {}", kept(plan, *tool)));
            let newer: Vec<_> = plan.newer().map(|(name, old, new)| format!("`{name}` {old} → {new}")).collect();
            if !newer.is_empty() {
                printer::message(&format!("newer: {}", newer.join(", ")));
            }
            let replaced: Vec<_> = plan.exchanged().map(|(name, old, new)| format!("`{name}` {old} → {new}")).collect();
            if !replaced.is_empty() {
                printer::message(&format!("replaced: {}", replaced.join(", ")));
            }
            let dropped: Vec<_> = plan.with(Action::Drop).map(|step| format!("`{}`", step.pin.key)).collect();
            if !dropped.is_empty() {
                printer::message(&format!("left out, as no package needs it: {}", dropped.join(", ")));
            }
            if !problems.is_empty() {
                let (count, check) = (problems.len(), by_name("venvwrap check", name));
                let (are, them) = if count == 1 { (" is", "it") } else { ("s are", "them") };
                printer::warning(&format!("{count} problem{are} older than this: `{check}` names {them}"));
            }
            if let Some(rebuilt) = rebuilt {
                followed::tell_of_titles(&rebuilt.kernels);
                rebuild::tell_of_undo(rebuilt);
            }
        }
    }
}

/// How many packages have the version that they had.
fn kept(plan: &Plan, tool: Option<&str>) -> String {
    let count = plan.kept().count();
    let total = plan.count();
    let noun = if total == 1 { "package" } else { "packages" };
    let with = tool.map(|tool| format!(" with {tool}")).unwrap_or_default();
    let newer = match plan.with(Action::Relax).count() {
        0 => String::new(),
        1 => ", 1 in the nearest version that fits".into(),
        newer => format!(", {newer} in the nearest versions that fit"),
    };
    match total {
        0 => "it has no packages".into(),
        _ if count == total => format!("reinstalled {total} {noun}{with}"),
        _ => format!("reinstalled {count} of {total} {noun}{newer}{with}"),
    }
}

fn json_of(name: &EnvName, upgraded: Option<&Upgraded>, error: Option<&str>) -> Value {
    let steps = upgraded.and_then(|upgraded| upgraded.plan.as_ref()).map(|plan| {
        let step = |step: &Step| {
            json!({
                "name": step.pin.key,
                "version": step.pin.version,
                "installed": step.installed,
                "action": step.action.word(),
            })
        };
        plan.steps.iter().map(step).collect::<Vec<_>>()
    });
    let pins = upgraded.into_iter().flat_map(|upgraded| &upgraded.pins);
    let problems = upgraded.into_iter().flat_map(|upgraded| &upgraded.problems);
    json!({
        "name": name.as_os_str().to_string_lossy(),
        "from": upgraded.map(|upgraded| &upgraded.from),
        "to": upgraded.map(|upgraded| &upgraded.to),
        "changed": upgraded.is_some_and(|upgraded| upgraded.rebuilt.is_some()),
        "packages": steps,
        "installer": upgraded.and_then(|upgraded| upgraded.tool),
        "problems": problems.map(ToString::to_string).collect::<Vec<_>>(),
        "pins": pins.map(|file| file.to_string_lossy()).collect::<Vec<_>>(),
        "error": error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::columns::{Cell, table_in};

    #[test]
    fn a_narrow_terminal_shows_which_environment_gets_what() {
        let shown = |columns: &[Column<'_>], rows: &[&[&str]]| {
            let cells = |row: &&[&str]| row.iter().map(|text| Cell::from((*text).to_owned())).collect::<Vec<_>>();
            table_in(columns, &rows.iter().map(cells).collect::<Vec<_>>(), Some(40), false)
        };
        let agreed = shown(
            &AGREED,
            &[
                &["api", "Python 3.9.18 (outdated copy)", "Python 3.12.1"],
                &["data-loader", "Python 3.11.7", "Python 3.12.1"],
            ],
        );
        let plans = shown(
            &PLANS,
            &[&["api", "requests", "2.31.0.post1", "not-for-python"], &["data-loader", "urllib3", "2.0.7", "keep"]],
        );
        for text in [&agreed, &plans] {
            assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
            assert!(text.contains("\napi ") && text.contains("\ndata-"), "{text}");
        }
        assert!(agreed.contains("Python 3.9"), "{agreed}");
    }
}
