//! What an upgrade to another Python will do with each package, found out before anything is changed.

use std::collections::BTreeSet;

use venvwrap_core::env::distributions::{Distribution, Oddity};
use venvwrap_core::snapshot::check::admits_python;
use venvwrap_core::snapshot::manifest;
use venvwrap_core::snapshot::pins::{Pin, Pins};
use venvwrap_core::snapshot::python::Python;
use venvwrap_core::snapshot::requirement::Requirement;
use venvwrap_core::snapshot::requirements::Requirements;

use super::engine::{Call, Engine};
use super::packages::Packages;
use crate::error::{Explain, Result};

/// What happens to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The same version, from a wheel or the same place.
    Keep,
    /// The same version, built from source: the user allows it.
    Build,
    /// A newer version: the user allows it.
    Relax,
    /// The same version, as it is installed now: no index has a wheel, but this one is for the new Python too.
    Carry,
    /// It is new: a package needs it on this Python.
    Add,
    /// There is no wheel for this Python.
    NoWheel,
    /// It is not for this Python.
    NotForPython,
}

impl Action {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Build => "build",
            Self::Relax => "relax",
            Self::Carry => "carry",
            Self::Add => "add",
            Self::NoWheel => "no-wheel",
            Self::NotForPython => "not-for-python",
        }
    }

    fn stops(self) -> bool {
        matches!(self, Self::NoWheel | Self::NotForPython)
    }
}

/// A package in the plan.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What is installed now, or a requirement for what is new.
    pub(crate) pin: Pin,
    /// What happens to it.
    pub(crate) action: Action,
}

/// The plan of one upgrade.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// All packages.
    pub(crate) steps: Vec<Step>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// Nobody knows which of two versions is meant.
    #[error(transparent)]
    Unclear(Oddity),
    /// Some packages cannot be kept.
    #[error("these packages cannot be kept: {}", list(.0))]
    Stopped(Vec<Step>),
}

impl Explain for PlanError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unclear(_) => Some("remove one of them first".into()),
            Self::Stopped(steps) => {
                let option = |step: &Step| format!("`--relax {}`", step.pin.key);
                let options: Vec<_> = steps.iter().map(option).collect();
                Some(format!("{} takes newer versions; `--allow-build NAME` builds from source", options.join(" ")))
            }
        }
    }
}

fn list(steps: &[Step]) -> String {
    let one = |step: &Step| {
        let reason = if step.action == Action::NoWheel { "no wheel" } else { "not for this Python" };
        format!("`{}` ({reason})", step.pin.key)
    };
    steps.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What the user allows.
pub(crate) struct Allowed<'a> {
    /// Names of packages that may be built.
    pub(crate) build: &'a [String],
    /// Names of packages that may become newer.
    pub(crate) relax: &'a [String],
}

/// Returns what is installed, exactly. What is unclear is refused.
pub(crate) fn pins(old: &Packages) -> Result<Pins> {
    for oddity in &old.installed.oddities {
        if let Oddity::Twice { name, used, unused } = oddity {
            let (name, used, unused) = (name.clone(), used.clone(), unused.clone());
            return Err(PlanError::Unclear(Oddity::Twice { name, used, unused }).into());
        }
    }
    let text = manifest::body(&old.installed, &old.python);
    let pins = Pins::of(&Requirements::parse(text.as_bytes(), "/".as_ref(), "packages")?, None)?;
    pins.check_places()?;
    Ok(pins)
}

impl Plan {
    /// Makes the plan for a new Python. Nothing is installed.
    pub(crate) fn new(
        old: &Packages,
        pins: &Pins,
        python: &Python,
        engine: &Engine<'_>,
        allowed: &Allowed<'_>,
    ) -> Result<Self> {
        let is_in = |names: &[String], key: &str| names.iter().any(|name| normalized(name) == key);
        let mut plan = Self::default();
        for pin in pins.pins.iter().cloned().chain(seeds(old, python)) {
            let own = distribution(old, &pin.key);
            let excluded = own.and_then(Distribution::requires_python).is_some_and(|text| !admits_python(python, text));
            let action = if is_in(allowed.relax, &pin.key) {
                Action::Relax
            } else if excluded {
                Action::NotForPython
            } else if is_in(allowed.build, &pin.key) && pin.is_from_index {
                Action::Build
            } else {
                Action::Keep
            };
            plan.steps.push(Step { pin, action });
        }
        plan.look_for_wheels(old, python, engine)?;
        plan.add_what_is_new(old, python);
        Ok(plan)
    }

    /// The steps with an action.
    pub(crate) fn with(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// Fails if a package cannot be kept.
    pub(crate) fn check(&self) -> Result<()> {
        let stopped: Vec<_> = self.steps.iter().filter(|step| step.action.stops()).cloned().collect();
        if stopped.is_empty() { Ok(()) } else { Err(PlanError::Stopped(stopped).into()) }
    }

    /// Asks for all at once; one by one only if that fails, those whose wheel was for the old Python first.
    fn look_for_wheels(&mut self, old: &Packages, python: &Python, engine: &Engine<'_>) -> Result<()> {
        let is_asked = |step: &&Step| step.action == Action::Keep && step.pin.is_from_index;
        let lines: Vec<_> = self.steps.iter().filter(is_asked).map(|step| step.pin.line.clone()).collect();
        let call = |lines| Call { lines, wheels_only: true, ..Call::default() };
        if lines.is_empty() || engine.would(&call(lines))? {
            return Ok(());
        }
        let loads = |step: &Step| {
            distribution(old, &step.pin.key).map(Distribution::wheel_tags).is_some_and(|tags| python.loads(&tags))
        };
        let can_be_carried = |step: &Step| {
            loads(step) && distribution(old, &step.pin.key).is_some_and(|found| found.is_local && found.has_record())
        };
        for is_likely in [true, false] {
            for index in 0..self.steps.len() {
                let step = &self.steps[index];
                if is_asked(&step) && loads(step) != is_likely && !engine.would(&call(vec![step.pin.line.clone()]))? {
                    let is_carried = can_be_carried(step);
                    self.steps[index].action = if is_carried { Action::Carry } else { Action::NoWheel };
                }
            }
            let rest: Vec<_> = self.steps.iter().filter(is_asked).map(|step| step.pin.line.clone()).collect();
            if rest.is_empty() || engine.would(&call(rest))? {
                break;
            }
        }
        Ok(())
    }

    /// Adds what packages need on the new Python only: their markers say so.
    fn add_what_is_new(&mut self, old: &Packages, python: &Python) {
        let mut known: BTreeSet<String> = self.steps.iter().map(|step| step.pin.key.clone()).collect();
        known.extend(old.installed.distributions.iter().map(|found| found.key.clone()));
        let own = old.installed.distributions.iter().filter(|found| found.is_local);
        for requirement in own.flat_map(Distribution::requirements).filter_map(|text| Requirement::parse(&text)) {
            let holds = |python: &Python| {
                requirement.marker.as_ref().is_none_or(|marker| marker.holds(&python.markers, None).unwrap_or(false))
            };
            if holds(python) && !holds(&old.python) && known.insert(requirement.key()) {
                let line = format!("{}{}", requirement.name, requirement.specifiers);
                let (key, version) = (requirement.key(), None);
                let pin = Pin { key, version, line, has_hashes: false, is_from_index: true, path: None };
                self.steps.push(Step { pin, action: Action::Add });
            }
        }
    }
}

/// A name on the command line in the form in which names are compared.
fn normalized(name: &str) -> String {
    Requirement::parse(name).map(|requirement| requirement.key()).unwrap_or_default()
}

/// Returns the installed package of this normalised name.
pub(crate) fn distribution<'a>(packages: &'a Packages, key: &str) -> Option<&'a Distribution> {
    packages.installed.distributions.iter().find(|found| found.key == key)
}

/// What the old Python was seeded with and the new one is not: kept where it is a seed there too, or where another
/// package needs it.
fn seeds(old: &Packages, python: &Python) -> Vec<Pin> {
    let is_needed = |key: &str| {
        let others = old.installed.distributions.iter().filter(|found| found.key != key);
        let requirements = others.flat_map(Distribution::requirements).filter_map(|text| Requirement::parse(&text));
        let holds = |found: &Requirement| {
            found.marker.as_ref().is_none_or(|marker| marker.holds(&python.markers, None).unwrap_or(false))
        };
        requirements.into_iter().any(|found| found.key() == key && holds(&found))
    };
    let pin = |line: String| {
        let (key, version) = line.split_once("==")?;
        let (key, version) = (key.to_owned(), Some(version.to_owned()));
        let is_kept = python.version < (3, 12) || is_needed(&key);
        is_kept.then_some(Pin { key, version, line, has_hashes: false, is_from_index: true, path: None })
    };
    manifest::seeds(&old.installed, &old.python).filter_map(pin).collect()
}
