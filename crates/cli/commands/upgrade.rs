//! `venvwrap upgrade`: environments rebuilt for another Python with the same packages.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs;
use venvwrap_core::python::Interpreter;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::pins::{Pin, Pins};
use venvwrap_core::snapshot::python::Python;
use venvwrap_core::snapshot::upgrade::{self, Action, Allowed, Plan, Step};
use venvwrap_core::store::create::{Rebuilt, Staged};

use venvwrap_core::store::trash::Reason;

use crate::actions::defaults::Defaults;
use crate::actions::engine::{Call, Engine};
use crate::actions::packages;
use crate::actions::rebuild::{self, Wanted, rebuild};
use crate::actions::{find, interpreters, interrupt, snapshots};
use crate::args::UpgradeArgs;
use crate::error::{Context as _, Explain, FAILED, Result};
use crate::process::Process;
use crate::ui::columns::{self, Column};
use crate::ui::{printer, report};

/// Where the versions of all others are written while newer ones are looked for.
const LIMITS: &str = ".venvwrap-limits.txt";

/// Why an environment is as it was.
#[derive(Debug, thiserror::Error)]
enum UpgradeError {
    /// It is a link.
    #[error("`{name}` is a link to an environment elsewhere")]
    Link {
        /// The environment.
        name: EnvName,
    },
    /// The packages would not fit together.
    #[error("the packages do not fit together on {python}: {}", .problems.join("; "))]
    Broken {
        /// The Python.
        python: String,
        /// What does not fit.
        problems: Vec<String>,
    },
}

impl Explain for UpgradeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Link { .. } => Some("upgrade it where it is".into()),
            Self::Broken { .. } => Some("the environment is as it was; `--relax NAME` takes a newer version".into()),
        }
    }
}

/// What came of one environment.
struct Upgraded {
    from: String,
    to: String,
    /// Whether the new Python is older.
    is_down: bool,
    plan: Option<Plan>,
    rebuilt: Option<Rebuilt>,
    tool: Option<&'static str>,
}

/// Upgrades environments. The status is 1 if one of them could not be upgraded.
pub(crate) fn run(process: &Process, args: &UpgradeArgs) -> Result<ExitCode> {
    let environments = environments(process, args)?;
    let (mut failed, mut values) = (0, Vec::new());
    let is_one = environments.len() == 1;
    for environment in environments {
        let name = environment.name();
        if args.all
            && let Some(reason) = skipped(&environment)
        {
            printer::message(&format!("skipped `{name}`: {reason}"));
            continue;
        }
        let context = || format!("could not upgrade `{name}`");
        match one(process, args, &environment).with_context(context) {
            Ok(upgraded) => {
                tell(args, name, &upgraded);
                values.push(json_of(name, Some(&upgraded), None));
            }
            Err(error) if (is_one && !args.json) || interrupt::was_interrupted() => return Err(error),
            Err(error) => {
                failed += 1;
                report::report(&error);
                let text = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
                values.push(json_of(name, None, Some(&text)));
                if !args.all && !args.keep_going {
                    break;
                }
            }
        }
    }
    if args.json {
        printer::data((serde_json::to_string_pretty(&values)? + "\n").as_bytes())?;
    } else if values.len() > 1 && failed > 0 {
        printer::message(&format!("{} of {} environments could not be upgraded", failed, values.len()));
    }
    Ok(ExitCode::from(if failed == 0 { 0 } else { FAILED }))
}

fn environments(process: &Process, args: &UpgradeArgs) -> Result<Vec<Environment>> {
    if args.all {
        return Ok(process.store.names()?.into_iter().map(|name| process.store.environment(name)).collect());
    }
    if args.names.is_empty() {
        return Ok(vec![find::find_or_active(process, None)?]);
    }
    args.names.iter().map(|name| find::find(process, name)).collect()
}

/// Why an environment is left out when all are meant.
fn skipped(environment: &Environment) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(environment.path()).ok()?;
    if found.is_symlink() {
        return Some("it is a link");
    }
    (found.uid() != rustix::process::geteuid().as_raw()).then_some("it belongs to another user")
}

fn one(process: &Process, args: &UpgradeArgs, environment: &Environment) -> Result<Upgraded> {
    if environment.path().is_symlink() {
        return Err(UpgradeError::Link { name: environment.name().clone() }.into());
    }
    let old = packages::read(process, environment)?;
    let project = process.store.project_of(environment).ok().flatten();
    let (asked, defaults) = (args.python.as_slice(), Defaults::default());
    let chosen = interpreters::choose(process, asked, &[], &defaults, project.as_deref(), args.install_python)?;
    let (from, to) = (format!("Python {}", old.python.full_version()), interpreters::title(&chosen.interpreter));
    if args.python.is_none() && is_same(&old.python, &chosen.interpreter) {
        return Ok(Upgraded { from, to, is_down: false, plan: None, rebuilt: None, tool: None });
    }
    let pins = upgrade::pins(&old)?;
    if !args.force && !args.dry_run {
        rebuild::check_users(process, environment)?;
    }
    if !args.dry_run {
        snapshots::before(process, environment, "upgrade");
    }
    let mut made = None;
    let wanted =
        Wanted { requested_python: chosen.requested.clone(), reason: Reason::Upgrade, is_offline: args.offline };
    let rebuilt = rebuild(process, environment, &chosen.interpreter, &old, &wanted, &mut |staged| {
        let engine = Engine::new(process, staged.environment.path(), args.offline)?;
        let (plan, is_ready) = fill(process, args, staged, &old, &pins, &engine)?;
        made = Some((plan, engine.name()));
        Ok(is_ready)
    })?;
    let (plan, tool) = made.map_or((None, None), |(plan, tool)| (Some(plan), tool));
    let new = (chosen.interpreter.version.major, chosen.interpreter.version.minor);
    Ok(Upgraded { from, to, is_down: new < old.python.version, plan, rebuilt, tool })
}

fn is_same(python: &Python, interpreter: &Interpreter) -> bool {
    python.version == (interpreter.version.major, interpreter.version.minor)
        && python.markers.platform_python_implementation == interpreter.implementation.name()
        && python.is_free_threaded == interpreter.is_free_threaded()
}

/// Plans, shows the plan, installs and checks. Returns whether the new environment may take its place.
fn fill(
    process: &Process,
    args: &UpgradeArgs,
    staged: &Staged,
    old: &Packages,
    pins: &Pins,
    engine: &Engine<'_>,
) -> Result<(Plan, bool)> {
    let python = packages::read(process, &staged.environment)?.python;
    let allowed = Allowed { build: &args.allow_build, relax: &args.relax };
    let plan = Plan::new(old, pins, &python, &allowed, &mut |lines| {
        engine.would(&Call { lines, wheels_only: true, ..Call::default() })
    })?;
    show(args, &plan)?;
    if args.dry_run {
        return Ok((plan, false));
    }
    plan.check()?;
    for step in plan.with(Action::Carry) {
        old.get(&step.pin.key).map_or(Ok(()), |package| staged.carry_package(package))?;
    }
    install(staged, &plan, engine)?;
    let (_, problems) = rebuild::checked(process, &staged.environment, old)?;
    if !problems.is_empty() {
        let problems = problems.iter().map(ToString::to_string).collect();
        return Err(UpgradeError::Broken { python: format!("Python {}", python.full_version()), problems }.into());
    }
    Ok((plan, true))
}

/// First what has wheels, then what is built, then what is newer or new, limited by all that is there.
fn install(staged: &Staged, plan: &Plan, engine: &Engine<'_>) -> Result<()> {
    let is_direct = |step: &&Step| !step.pin.is_from_index;
    let wheels = plan.with(Action::Keep).filter(|step| step.pin.is_from_index).map(|step| step.pin.line.clone());
    let wheels: Vec<_> = wheels.collect();
    if !wheels.is_empty() {
        engine.run(&Call { lines: wheels, wheels_only: true, ..Call::default() })?;
    }
    let built = plan.with(Action::Build).chain(plan.with(Action::Keep).filter(is_direct));
    let built: Vec<_> = built.map(|step| rebuild::line_in(staged, &step.pin)).collect();
    if !built.is_empty() {
        engine.run(&Call { lines: built, ..Call::default() })?;
    }
    let pins = |action| plan.with(action).map(|step| step.pin.clone()).collect::<Vec<_>>();
    let (newer, new) = (pins(Action::Relax), pins(Action::Add));
    if newer.is_empty() && new.is_empty() {
        return Ok(());
    }
    let kept = [Action::Keep, Action::Build, Action::Carry].into_iter().flat_map(|action| plan.with(action));
    let kept = kept.filter(|step| step.pin.is_from_index);
    let limits: String = kept.flat_map(|step| [&*step.pin.line, "\n"]).collect();
    let file = staged.environment.path().join(LIMITS);
    fs::write_new(&file, limits.as_bytes(), 0o600)?;
    let installed = install_within(&file, &newer, &new, engine);
    fs::remove_tree(&file)?;
    installed
}

/// Of what becomes newer the nearest versions, of what is new the newest.
fn install_within(limits: &Path, newer: &[Pin], new: &[Pin], engine: &Engine<'_>) -> Result<()> {
    if !newer.is_empty() {
        engine.install_nearest(newer, limits)?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let lines = new.iter().map(|pin| pin.line.clone()).collect();
    engine.run(&Call { lines, constraints: Some(limits.into()), wheels_only: true, ..Call::default() })
}

/// The plan for people: what is simply kept is only counted.
fn show(args: &UpgradeArgs, plan: &Plan) -> Result<()> {
    if args.json || plan.steps.is_empty() {
        return Ok(());
    }
    let noted: Vec<_> = plan.steps.iter().filter(|step| step.action != Action::Keep).collect();
    if args.dry_run || !noted.is_empty() {
        let row = |step: &&Step| {
            let version = step.pin.version.clone().unwrap_or_else(|| "-".to_owned());
            vec![step.pin.key.clone(), version, step.action.word().to_owned()]
        };
        let rows: Vec<_> = if args.dry_run { plan.steps.iter().collect() } else { noted };
        let columns = [Column::names("package", 16), Column::paths("version", 10), Column::whole("plan")];
        let text = columns::plain(&columns, rows.iter().map(row));
        if args.dry_run {
            printer::data(text.as_bytes())?;
        } else {
            printer::message(text.trim_end());
        }
    }
    Ok(())
}

fn tell(args: &UpgradeArgs, name: &EnvName, upgraded: &Upgraded) {
    let Upgraded { from, to, is_down, plan, rebuilt, tool } = upgraded;
    let upgraded = if *is_down { "downgraded" } else { "upgraded" };
    if args.json {
        return;
    }
    match plan {
        None => printer::message(&format!("`{name}` has {from} already")),
        Some(_) if rebuilt.is_none() => printer::message(&format!("`{name}` would be {upgraded} from {from} to {to}")),
        Some(plan) => {
            let what = if from == to {
                format!("rebuilt `{name}` with {to}")
            } else {
                format!("{upgraded} `{name}` from {from} to {to}")
            };
            printer::message(&format!("{what}: {}", kept(plan, *tool)));
            rebuilt.iter().for_each(rebuild::tell_of_undo);
        }
    }
}

/// How many packages are as they were.
fn kept(plan: &Plan, tool: Option<&str>) -> String {
    let count = plan.with(Action::Keep).chain(plan.with(Action::Carry)).count();
    let total = plan.steps.len();
    let noun = if total == 1 { "package" } else { "packages" };
    let with = tool.map(|tool| format!(" with {tool}")).unwrap_or_default();
    match total {
        0 => "it has no packages".into(),
        _ if count == total => format!("reinstalled {total} {noun}{with}"),
        _ => format!("reinstalled {count} of {total} {noun}{with}"),
    }
}

fn json_of(name: &EnvName, upgraded: Option<&Upgraded>, error: Option<&str>) -> Value {
    let steps = upgraded.and_then(|upgraded| upgraded.plan.as_ref()).map(|plan| {
        let step =
            |step: &Step| json!({ "name": step.pin.key, "version": step.pin.version, "action": step.action.word() });
        plan.steps.iter().map(step).collect::<Vec<_>>()
    });
    json!({
        "name": name.as_os_str().to_string_lossy(),
        "from": upgraded.map(|upgraded| &upgraded.from),
        "to": upgraded.map(|upgraded| &upgraded.to),
        "changed": upgraded.is_some_and(|upgraded| upgraded.rebuilt.is_some()),
        "packages": steps,
        "error": error,
    })
}
