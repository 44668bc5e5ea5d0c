//! Which environments are upgraded, and to which Python.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use venvwrap_core::doctor;
use venvwrap_core::env::Environment;
use venvwrap_core::env::health::Health;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::enumerated;
use venvwrap_core::python::{self, Interpreter, Missing, Origin, Remedy};
use venvwrap_core::snapshot::due::{self, LeftOut, Standing, Wish};
use venvwrap_core::snapshot::python::Python;
use venvwrap_core::store::repair::RepairError;

use super::defaults::Defaults;
use super::missing::Installs;
use super::upgrade::Target;
use super::{interpreters, upgrade};
use crate::args::UpgradeArgs;
use crate::error::{Context as _, Explain, Result, quoted};
use crate::process::{self, Process};
use crate::ui::{printer, report};

/// An environment that is to be upgraded.
pub(crate) struct Due {
    /// The environment.
    pub(crate) environment: Environment,
    /// The process with its directory as the store, where that is not the user's.
    process: Option<Process>,
    /// Whether its own Python is gone.
    pub(crate) is_gone: bool,
    /// Whether it is to be rebuilt for the version that it has, too: its interpreter is not what it should be.
    pub(crate) is_outdated: bool,
}

impl Due {
    /// Whether it is rebuilt whatever its Python is.
    pub(crate) fn must(&self) -> bool {
        self.is_gone || self.is_outdated
    }

    /// Fails for what is refused whatever the Python is.
    fn check(&self, process: &Process, args: &UpgradeArgs) -> Result<()> {
        let own = self.process_or(process);
        upgrade::check_before_python(own, args, &self.environment)
    }

    /// The process in which it is changed.
    pub(crate) fn process_or<'a>(&'a self, process: &'a Process) -> &'a Process {
        self.process.as_ref().unwrap_or(process)
    }
}

/// The Pythons that environments are to have; each question about one is asked once.
pub(crate) struct Targets<'a> {
    process: &'a Process,
    args: &'a UpgradeArgs,
    known: HashMap<Option<PathBuf>, Target>,
}

impl<'a> Targets<'a> {
    /// Finds the Python that the command line asks for, if it does. `check` fails where one that is missing is for nothing.
    fn new(process: &'a Process, args: &'a UpgradeArgs, check: &dyn Fn(&Missing) -> Result<()>) -> Result<Self> {
        let mut targets = Self { process, args, known: HashMap::new() };
        if args.python.is_some() {
            targets.choose(None, check)?;
        }
        Ok(targets)
    }

    /// The same for environments that are named.
    pub(crate) fn for_named(process: &'a Process, args: &'a UpgradeArgs, due: &[Due]) -> Result<Self> {
        Self::new(process, args, &|_| check_all(process, args, due.iter(), args.keep_going))
    }

    /// The Python for an environment: its project may ask for one if the command line does not.
    pub(crate) fn of(&mut self, due: &Due) -> Result<Target> {
        let (process, args, environment) = (self.process, self.args, &due.environment);
        let asks = self.args.python.is_none();
        let project = asks.then(|| self.process.store.project_of(environment).ok().flatten()).flatten();
        self.choose(project, &|_| due.check(process, args))
    }

    /// The Python that one is upgraded to. Where nobody has asked for one, it is neither older nor of another kind than that
    /// of the environment: its own is taken, or another one of that version.
    pub(crate) fn for_due(&mut self, due: &Due) -> Result<Target> {
        let (target, environment) = (self.of(due)?, &due.environment);
        let python = Python::of(environment).or_else(|| Python::inside(environment));
        let Some(python) = python.filter(|_| self.args.python.is_none()) else { return Ok(target) };
        let is_unasked = if due::is_alike(&python, &target.interpreter) {
            target.demand.is_none() && due::is_older(&target.interpreter, &python)
        } else {
            due.must()
        };
        if !is_unasked {
            return Ok(target);
        }
        let search = self.process.search();
        let interpreter = due::own(environment, &python, &search).ok_or_else(|| RepairError::NoPython {
            name: environment.name().clone(),
            version: python.request(),
            nearest: match python::remedy(environment.path(), &search) {
                Remedy::Upgrade(nearest) => nearest,
                Remedy::Repair => None,
            },
        })?;
        Ok(Target { interpreter, requested: None, demand: None })
    }

    fn choose(&mut self, project: Option<PathBuf>, check: &dyn Fn(&Missing) -> Result<()>) -> Result<Target> {
        if let Some(target) = self.known.get(&project) {
            return Ok(target.clone());
        }
        let (args, defaults, directory) = (self.args, Defaults::default(), project.as_deref());
        let asked = args.python.as_slice();
        let is_forbidden = args.dry_run || args.offline;
        let installs = Installs { is_asked_for: args.install_python, is_forbidden, check };
        let chosen = interpreters::choose_for_upgrade(self.process, asked, &defaults, directory, &installs)?;
        let is_demand = matches!(chosen.origin, Origin::Asked | Origin::Project { .. });
        let demand = chosen.requested.clone().filter(|_| is_demand);
        let target = Target { interpreter: chosen.interpreter, requested: chosen.requested, demand };
        self.known.insert(project, target.clone());
        Ok(target)
    }
}

/// Fails where environments are refused: at the first of them, or with `keep_going` where none is left.
fn check_all<'a>(
    process: &Process,
    args: &UpgradeArgs,
    all: impl Iterator<Item = &'a Due>,
    keep_going: bool,
) -> Result<()> {
    let mut refusals = Vec::new();
    for due in all {
        let checked = due.check(process, args);
        match checked.with_context(|| format!("could not upgrade `{}`", due.environment.name())) {
            Ok(()) if keep_going => return Ok(()),
            Ok(()) => {}
            Err(error) if keep_going => refusals.push(error),
            Err(error) => return Err(error),
        }
    }
    let Some(last) = refusals.pop() else { return Ok(()) };
    for error in &refusals {
        report::report(error);
    }
    Err(last)
}

/// A Python that is missing would be for no environment.
#[derive(Debug, thiserror::Error)]
#[error("nothing to upgrade")]
struct NothingDue;

impl Explain for NothingDue {
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Returns an environment that is named, or the active one; with a process of its own for one at a path.
pub(crate) fn named(process: &Process, own: Option<Process>, environment: Environment) -> Due {
    let is_gone = due::is_gone(&own.as_ref().unwrap_or(process).store.examiner().describe(&environment).health);
    let is_outdated = doctor::needs_rebuild(&environment);
    Due { environment, process: own, is_gone, is_outdated }
}

/// What an upgrade of all takes and leaves.
#[derive(Default)]
pub(crate) struct Sorted {
    /// What it takes.
    pub(crate) due: Vec<Due>,
    /// What has the version or a newer one, and its Python in words.
    pub(crate) current: Vec<(EnvName, String)>,
}

/// The environments that may be taken, with their health; says which are skipped whatever the Python is.
fn candidates(process: &Process, args: &UpgradeArgs) -> Result<Vec<(Due, Health)>> {
    let mut candidates = Vec::new();
    let mut examiner = process.store.examiner();
    for name in process.store.names()? {
        let environment = process.store.environment(name.clone());
        let health = examiner.describe(&environment).health;
        let is_gone = due::is_gone(&health);
        if args.broken && !is_gone {
            continue;
        }
        if let Some(reason) = due::left_out(&environment, process::user()) {
            let reason = match reason {
                LeftOut::Link => "it is a link",
                LeftOut::OfAnother => "it belongs to another user",
            };
            printer::message(&format!("skipped `{name}`: {reason}"));
            continue;
        }
        candidates.push((Due { environment, process: None, is_gone, is_outdated: false }, health));
    }
    Ok(candidates)
}

/// Finds the Pythons for candidates; none where one that is missing would be for none of them.
fn targets_for<'a>(
    process: &'a Process,
    args: &'a UpgradeArgs,
    candidates: &[(Due, Health)],
) -> Result<Option<Targets<'a>>> {
    let is_for_nothing = Cell::new(candidates.is_empty());
    if is_for_nothing.get() {
        return Ok(None);
    }
    let targets = Targets::new(process, args, &|missing| {
        let may_be_due = |due: &&Due| {
            let python = Python::of(&due.environment).filter(|_| !due.is_gone);
            let is_newer = python.is_none_or(|python| missing.is_newer(python.version));
            is_newer || doctor::has_outdated_copy(&due.environment)
        };
        let mut may_be_due = candidates.iter().map(|(due, _)| due).filter(may_be_due).peekable();
        if may_be_due.peek().is_none() {
            is_for_nothing.set(true);
            return Err(NothingDue.into());
        }
        check_all(process, args, may_be_due, true)
    });
    if is_for_nothing.get() { Ok(None) } else { targets.map(Some) }
}

/// Looks at all environments, and says which are left alone.
pub(crate) fn sorted<'a>(process: &'a Process, args: &'a UpgradeArgs) -> Result<(Sorted, Targets<'a>)> {
    let (mut sorted, mut repairable) = (Sorted::default(), Vec::new());
    let candidates = candidates(process, args)?;
    let Some(mut targets) = targets_for(process, args, &candidates)? else {
        let title = |due: &Due| Some(interpreters::title_of(&Python::of(&due.environment)?));
        let current = candidates.iter().filter_map(|(due, _)| Some((due.environment.name().clone(), title(due)?)));
        sorted.current = current.collect();
        return Ok((sorted, Targets { process, args, known: HashMap::new() }));
    };
    // By the version that they have or surpass.
    let mut counts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for (due, health) in candidates {
        // What cannot be read or chosen is told when its turn comes.
        let (Some(python), Ok(target)) = (Python::of(&due.environment), targets.of(&due)) else {
            sorted.due.push(due);
            continue;
        };
        let (wanted, name) = (&target.interpreter, due.environment.name());
        let wish = Wish { interpreter: wanted, is_asked: args.python.is_some(), is_for_broken: args.broken };
        match due::standing(&due.environment, &python, &health, wish, &process.search()) {
            Standing::Due { is_gone } => sorted.due.push(Due { is_gone, ..due }),
            // None gets an older Python.
            Standing::Current if due::is_same(&python, wanted) && doctor::has_outdated_copy(&due.environment) => {
                sorted.due.push(Due { is_gone: false, is_outdated: true, ..due });
            }
            Standing::Current => {
                *counts.entry((wanted.version.major, wanted.version.minor)).or_default() += 1;
                sorted.current.push((name.clone(), interpreters::title_of(&python)));
            }
            Standing::Repairable => repairable.push(quoted(name)),
            Standing::Unlike => {
                let kind = kind(&python, wanted);
                let gone = if due.is_gone { ", which is gone" } else { "" };
                printer::message(&format!("skipped `{name}`: it is for {kind}{gone}"));
            }
        }
    }
    tell(args, &counts, &repairable);
    Ok((sorted, targets))
}

/// In what a Python is of another kind than one that would take its place.
fn kind(python: &Python, wanted: &Interpreter) -> String {
    let implementation = &*python.markers.platform_python_implementation;
    match (python.is_free_threaded, wanted.is_free_threaded()) {
        (true, _) => "free-threaded Python".to_owned(),
        _ if implementation != wanted.implementation.name() => implementation.to_owned(),
        (false, true) => "Python that is not free-threaded".to_owned(),
        (false, false) => "Python of another processor".to_owned(),
    }
}

fn tell(args: &UpgradeArgs, counts: &BTreeMap<(u32, u32), usize>, repairable: &[String]) {
    if !repairable.is_empty() {
        let names: Vec<_> = repairable.iter().map(|name| format!("`{name}`")).collect();
        let (noun, verb) = if names.len() == 1 { ("environment", "works") } else { ("environments", "work") };
        let (names, words) = (enumerated(&names, "and"), repairable.join(" "));
        printer::message(&format!("the {noun} {names} {verb} again after `venvwrap repair {words}`: left alone"));
    }
    for ((major, minor), count) in counts.iter().filter(|_| !args.json) {
        let verb = if *count == 1 { "has" } else { "have" };
        printer::message(&format!("{count} {verb} Python {major}.{minor} or newer: left alone"));
    }
}
