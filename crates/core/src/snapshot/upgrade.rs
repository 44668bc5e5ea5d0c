//! What an upgrade to another Python will do with each package, found out before anything is changed.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use pep440_rs::Version;

use super::check::admits_python;
use super::freeze::normal_version;
use super::manifest;
use super::packages::Packages;
use super::pins::{Pin, PinError, Pins};
use super::python::Python;
use super::requirement::Requirement;
use super::requirements::{Requirements, RequirementsError};
use crate::env::distributions::{Distribution, Oddity};
use crate::env::packages::is_same_version;
use crate::fs::text::printable;
use crate::wheel::policy::is_seed;

/// What a new environment has before anything is installed into it.
const PIP: &str = "pip";

/// What happens to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The same version, from a wheel or the same place.
    Keep,
    /// The same version, built from source: the user allows it.
    Build,
    /// A newer version: the user allows it.
    Relax,
    /// The same version, as it is installed now, which is for the new Python too: no index has a wheel, or the archive is
    /// gone.
    Carry,
    /// It is new: a package needs it on this Python.
    Add,
    /// What environments begin with, in a version for this Python: no package needs the one that is installed.
    Replace,
    /// What environments begin with, and no package needs: there is no version for this Python.
    Drop,
    /// There is no wheel for this Python.
    NoWheel,
    /// An index did not answer, and the package cannot be carried.
    Unanswered,
    /// No index was asked, and the package cannot be carried.
    NotAsked,
    /// It is not for this Python.
    NotForPython,
    /// It was installed from a directory or an archive that does not exist any more, or from a URL that has nothing.
    Gone,
}

impl Action {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Build => "build",
            Self::Relax => "relax",
            Self::Carry => "carry",
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Drop => "drop",
            Self::NoWheel => "no-wheel",
            Self::Unanswered => "unanswered",
            Self::NotAsked => "not-asked",
            Self::NotForPython => "not-for-python",
            Self::Gone => "gone",
        }
    }

    /// Returns whether the package has the same version afterwards, wherever that comes from.
    pub fn keeps_version(self) -> bool {
        matches!(self, Self::Keep | Self::Build | Self::Carry)
    }

    fn stops(self) -> bool {
        matches!(self, Self::NoWheel | Self::Unanswered | Self::NotAsked | Self::NotForPython | Self::Gone)
    }
}

/// Whether an installer has wheels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has all of them.
    Yes,
    /// It has not.
    No,
    /// It does not know: an index did not answer.
    Unanswered,
    /// It does not know: it may not ask an index.
    NotAsked,
}

impl From<bool> for Answer {
    fn from(has_all: bool) -> Self {
        if has_all { Self::Yes } else { Self::No }
    }
}

/// A package in the plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is installed now, or a requirement for what is new.
    pub pin: Pin,
    /// What happens to it.
    pub action: Action,
    /// The version that was installed, once that is done; an installer chooses it for what is newer or new.
    pub installed: Option<String>,
}

impl Step {
    /// Whether an index has to have a wheel for it.
    fn is_asked_for(&self) -> bool {
        self.action == Action::Keep && self.pin.is_from_index
    }
}

/// The plan of one upgrade.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// All packages.
    pub steps: Vec<Step>,
    /// Whether the new Python is older than the old one.
    pub is_down: bool,
    /// Whether the installer, asked before anything is changed, finds no newer and new versions that fit the others.
    pub is_unresolved: bool,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// There are two versions of a package, and either may be meant.
    #[error("{0}")]
    Unclear(String),
    /// What is installed cannot be written as requirements.
    #[error(transparent)]
    Requirements(#[from] RequirementsError),
    /// What is installed cannot be installed again.
    #[error(transparent)]
    Pins(#[from] PinError),
    /// Some packages cannot be kept.
    #[error("these packages cannot be kept: {}", list(steps))]
    Stopped {
        /// The packages.
        steps: Vec<Step>,
        /// Whether the new Python is older: newer versions of a package are not for that.
        is_down: bool,
    },
    /// No versions fit.
    #[error("the installer finds no versions of these that fit the others: {}", names(steps))]
    Unresolved {
        /// The packages that become newer, or are new.
        steps: Vec<Step>,
    },
}

fn names(steps: &[Step]) -> String {
    steps.iter().map(|step| format!("`{}`", step.pin.key)).collect::<Vec<_>>().join(", ")
}

fn list(steps: &[Step]) -> String {
    let one = |step: &Step| {
        let reason = match (step.action, &step.pin.path) {
            (Action::NoWheel, _) => "no wheel".to_owned(),
            (Action::Unanswered, _) => "no answer from the index".to_owned(),
            (Action::NotAsked, _) => "no index was asked".to_owned(),
            (Action::Gone, None) => "its URL is dead, or has nothing for this Python".to_owned(),
            (Action::Gone, Some(path)) => format!("`{}` does not exist", printable(path.as_os_str())),
            _ => "not for this Python".to_owned(),
        };
        format!("`{}` ({reason})", step.pin.key)
    };
    steps.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What the user allows.
pub struct Allowed<'a> {
    /// Names of packages that may be built.
    pub build: &'a [String],
    /// Names of packages that may become newer.
    pub relax: &'a [String],
}

impl Allowed<'_> {
    /// Returns a name that is of no package of the environment.
    pub fn unknown(&self, old: &Packages) -> Option<&str> {
        let is_known = |name: &str| old.get(&normalized(name)).is_some();
        self.build.iter().chain(self.relax).map(String::as_str).find(|name| !is_known(name))
    }
}

/// Returns what is installed, exactly. What is unclear is refused.
pub fn pins(old: &Packages) -> Result<Pins, PlanError> {
    for oddity in &old.installed.oddities {
        if let Oddity::Twice { .. } = oddity {
            return Err(PlanError::Unclear(oddity.to_string()));
        }
    }
    let text = manifest::body(&old.installed, &old.python);
    Ok(Pins::of(&Requirements::parse(text.as_bytes(), "/".as_ref(), "packages")?, None)?)
}

impl Plan {
    /// Makes the plan for a new Python. Nothing is installed; `has_wheels` asks an installer whether it has wheels for all
    /// of these requirements, which are exact, or a name for any version, or whether it can install one from its URL. Once
    /// an index has not answered, it asks none.
    pub fn new<E>(
        old: &Packages,
        pins: &Pins,
        python: &Python,
        allowed: &Allowed<'_>,
        has_wheels: &mut dyn FnMut(Vec<String>) -> Result<Answer, E>,
    ) -> Result<Self, E> {
        let is_in = |names: &[String], key: &str| names.iter().any(|name| normalized(name) == key);
        let mut plan = Self { is_down: is_older(python, &old.python), ..Self::default() };
        for mut pin in pins.pins.iter().cloned().chain(seeds(old, python)) {
            let own = old.get(&pin.key);
            let is_carried =
                |own: &Distribution| own.editable.is_none() && own.can_be_carried(|tags| python.loads(tags));
            let excluded = own.and_then(Distribution::requires_python).is_some_and(|text| !admits_python(python, text));
            let may_carry = own.is_some_and(is_carried);
            let action = if is_in(allowed.relax, &pin.key) {
                if let Some(own) = own.filter(|own| pin.is_gone() || (own.editable.is_none() && pin.is_remote())) {
                    pin = Pin { is_seed: false, ..Pin::seed(&pin.key, &own.version) };
                }
                Action::Relax
            } else if excluded {
                Action::NotForPython
            } else if pin.is_gone() {
                if may_carry { Action::Carry } else { Action::Gone }
            } else if is_in(allowed.build, &pin.key) && pin.is_from_index {
                Action::Build
            } else if pin.is_remote() {
                match has_wheels(vec![pin.line.clone()])? {
                    Answer::Yes => Action::Keep,
                    _ if may_carry => Action::Carry,
                    Answer::No => Action::Gone,
                    Answer::Unanswered => Action::Unanswered,
                    Answer::NotAsked => Action::NotAsked,
                }
            } else {
                Action::Keep
            };
            plan.steps.push(Step { pin, action, installed: None });
        }
        plan.look_for_wheels(old, python, has_wheels)?;
        plan.replace_seeds(old, python, has_wheels)?;
        plan.add_what_is_new(old, python);
        Ok(plan)
    }

    /// The steps with an action.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// The steps whose versions stay.
    pub fn kept(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action.keeps_version())
    }

    /// The steps whose versions the installer chooses.
    pub fn chosen(&self) -> impl Iterator<Item = &Step> {
        self.with(Action::Relax).chain(self.with(Action::Add)).chain(self.replaced())
    }

    /// What an installer is to find another version of, for this Python.
    pub fn replaced(&self) -> impl Iterator<Item = &Step> {
        self.with(Action::Replace).filter(|step| step.pin.key != PIP)
    }

    /// Notes that a new environment has begun with another pip.
    pub fn note_pip(&mut self, old: &Packages, new: &Packages) {
        let own = |packages: &Packages| packages.get(PIP).filter(|found| found.is_local).map(|pip| pip.version.clone());
        if let (Some(old), Some(new)) = (own(old), own(new))
            && !is_same_version(&old, &new)
        {
            let pin = Pin::seed(PIP, &old);
            self.steps.push(Step { pin, action: Action::Replace, installed: Some(new) });
        }
    }

    /// The lines that limit what the installer chooses.
    pub fn limits(&self) -> String {
        self.kept().filter(|step| step.pin.is_from_index).flat_map(|step| [&*step.pin.line, "\n"]).collect()
    }

    /// Returns whether everything that is kept comes from an index as a wheel, so that the installer can be asked for all
    /// versions before anything is installed.
    pub fn is_from_index(&self) -> bool {
        let is_elsewhere =
            |step: &Step| !step.pin.is_from_index || matches!(step.action, Action::Build | Action::Carry);
        !self.steps.iter().any(is_elsewhere)
    }

    /// How many packages there are, without the pip that every environment has.
    pub fn count(&self) -> usize {
        self.steps.iter().filter(|step| step.pin.key != PIP).count()
    }

    /// Notes which versions were installed.
    pub fn note(&mut self, new: &Packages) {
        for step in &mut self.steps {
            step.installed = new.get(&step.pin.key).map(|found| normal_version(&found.version));
        }
    }

    /// The packages that should have been kept and are not there, or in another version; known once [`Plan::note`] has
    /// read what is installed. What comes from elsewhere than an index may call itself otherwise.
    pub fn lost(&self) -> impl Iterator<Item = &str> {
        let is_lost = |step: &&Step| {
            let is_other = |new: &str| {
                step.pin.is_from_index && step.pin.version.as_deref().is_some_and(|old| !is_same_version(old, new))
            };
            step.installed.as_deref().is_none_or(is_other)
        };
        self.kept().filter(is_lost).map(|step| &*step.pin.key)
    }

    /// The packages that have another version now: their names, the old versions and the new ones.
    pub fn newer(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.others(|step| step.action != Action::Replace)
    }

    /// The same of what environments begin with.
    pub fn exchanged(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.others(|step| step.action == Action::Replace)
    }

    fn others(&self, is_meant: fn(&Step) -> bool) -> impl Iterator<Item = (&str, &str, &str)> {
        self.steps.iter().filter(move |step| is_meant(step)).filter_map(|step| {
            let (old, new) = (step.pin.version.as_deref()?, step.installed.as_deref()?);
            (!is_same_version(old, new)).then_some((&*step.pin.key, old, new))
        })
    }

    /// Returns whether nothing stops the upgrade but an index that does not answer.
    pub fn waits_for_index(&self) -> bool {
        let mut stopped = self.steps.iter().filter(|step| step.action.stops()).peekable();
        stopped.peek().is_some() && stopped.all(|step| step.action == Action::Unanswered)
    }

    /// Fails if a package cannot be kept.
    pub fn check(&self) -> Result<(), PlanError> {
        let stopped: Vec<_> = self.steps.iter().filter(|step| step.action.stops()).cloned().collect();
        if !stopped.is_empty() {
            return Err(PlanError::Stopped { steps: stopped, is_down: self.is_down });
        }
        if self.is_unresolved {
            return Err(PlanError::Unresolved { steps: self.chosen().cloned().collect() });
        }
        Ok(())
    }

    /// Asks for all at once; one by one only if that fails, those whose wheel was for the old Python first.
    fn look_for_wheels<E>(
        &mut self,
        old: &Packages,
        python: &Python,
        has_wheels: &mut dyn FnMut(Vec<String>) -> Result<Answer, E>,
    ) -> Result<(), E> {
        let loads =
            |step: &Step| old.get(&step.pin.key).map(Distribution::wheel_tags).is_some_and(|tags| python.loads(&tags));
        let can_be_carried =
            |step: &Step| old.get(&step.pin.key).is_some_and(|found| found.can_be_carried(|tags| python.loads(tags)));
        match self.ask_for_the_rest(has_wheels)? {
            Answer::Yes => return Ok(()),
            Answer::Unanswered => return self.go_without_index(&can_be_carried, has_wheels),
            Answer::No | Answer::NotAsked => {}
        }
        for is_likely in [true, false] {
            for index in 0..self.steps.len() {
                let step = &self.steps[index];
                if !step.is_asked_for() || loads(step) == is_likely {
                    continue;
                }
                let action = match has_wheels(vec![step.pin.line.clone()])? {
                    Answer::Yes => continue,
                    Answer::Unanswered => return self.go_without_index(&can_be_carried, has_wheels),
                    _ if can_be_carried(step) => Action::Carry,
                    Answer::No => Action::NoWheel,
                    Answer::NotAsked => Action::NotAsked,
                };
                self.steps[index].action = action;
            }
            if self.ask_for_the_rest(has_wheels)? == Answer::Yes {
                break;
            }
        }
        Ok(())
    }

    /// Asks for all that is to be kept so far.
    fn ask_for_the_rest<E>(&self, has_wheels: &mut dyn FnMut(Vec<String>) -> Result<Answer, E>) -> Result<Answer, E> {
        let steps = self.steps.iter().filter(|step| step.is_asked_for());
        let lines: Vec<_> = steps.map(|step| step.pin.line.clone()).collect();
        if lines.is_empty() { Ok(Answer::Yes) } else { has_wheels(lines) }
    }

    /// Plans without an index that has not answered, for which each question would wait again: what can be carried is, and
    /// the rest is on this machine, or not to be had.
    fn go_without_index<E>(
        &mut self,
        can_be_carried: &dyn Fn(&Step) -> bool,
        has_wheels: &mut dyn FnMut(Vec<String>) -> Result<Answer, E>,
    ) -> Result<(), E> {
        self.turn_asked(Action::Carry, can_be_carried);
        if self.ask_for_the_rest(has_wheels)? != Answer::Yes {
            self.turn_asked(Action::Unanswered, &|_| true);
        }
        Ok(())
    }

    fn turn_asked(&mut self, action: Action, is_meant: &dyn Fn(&Step) -> bool) {
        for step in self.steps.iter_mut().filter(|step| step.is_asked_for() && is_meant(step)) {
            step.action = action;
        }
    }

    /// What environments begin with is of any version, unless a package needs it.
    fn replace_seeds<E>(
        &mut self,
        old: &Packages,
        python: &Python,
        has_wheels: &mut dyn FnMut(Vec<String>) -> Result<Answer, E>,
    ) -> Result<(), E> {
        for step in &mut self.steps {
            let is_free = is_seed(&step.pin.key) && step.pin.is_from_index && !is_needed(&step.pin.key, old, python);
            if step.action.stops() && is_free {
                step.action = match has_wheels(vec![step.pin.key.clone()])? {
                    Answer::Yes => Action::Replace,
                    Answer::No => Action::Drop,
                    // There may be one.
                    Answer::Unanswered | Answer::NotAsked => continue,
                };
            }
        }
        Ok(())
    }

    /// Adds what packages need and only the base of the old environment had.
    pub fn add_what_the_base_had(&mut self, old: &Packages, new: &Packages) {
        let own = old.installed.distributions.iter().filter(|found| found.is_local);
        for requirement in own.flat_map(Distribution::requirements).filter_map(|text| Requirement::parse(&text)) {
            let key = requirement.key();
            let is_needed = requirement.is_for(Some(&new.python.markers));
            let is_gone = || old.get(&key).is_some_and(|found| !found.is_local) && new.get(&key).is_none();
            if is_needed && is_gone() && self.steps.iter().all(|step| step.pin.key != key) {
                self.add(&requirement);
            }
        }
    }

    fn add(&mut self, requirement: &Requirement) {
        let line = format!("{}{}", requirement.name, requirement.specifiers);
        let pin = Pin::open(requirement.key(), line);
        self.steps.push(Step { pin, action: Action::Add, installed: None });
    }

    /// Adds what packages need on the new Python only: their markers say so.
    fn add_what_is_new(&mut self, old: &Packages, python: &Python) {
        let mut known: BTreeSet<String> = self.steps.iter().map(|step| step.pin.key.clone()).collect();
        known.extend(old.installed.distributions.iter().map(|found| found.key.clone()));
        let own = old.installed.distributions.iter().filter(|found| found.is_local);
        for requirement in own.flat_map(Distribution::requirements).filter_map(|text| Requirement::parse(&text)) {
            let holds = |python: &Python| requirement.is_for(Some(&python.markers));
            if holds(python) && !holds(&old.python) && known.insert(requirement.key()) {
                self.add(&requirement);
            }
        }
    }
}

/// Returns whether another package needs one on a Python.
fn is_needed(key: &str, old: &Packages, python: &Python) -> bool {
    let others = old.installed.distributions.iter().filter(|found| found.key != key);
    let mut requirements = others.flat_map(Distribution::requirements).filter_map(|text| Requirement::parse(&text));
    requirements.any(|found| found.key() == key && found.is_for(Some(&python.markers)))
}

fn is_older(new: &Python, old: &Python) -> bool {
    let version = |python: &Python| Version::from_str(python.full_version()).ok();
    match (version(new), version(old)) {
        (Some(new), Some(old)) => new < old,
        _ => new.version < old.version,
    }
}

/// A name on the command line in the form in which names are compared.
fn normalized(name: &str) -> String {
    Requirement::parse(name).map(|requirement| requirement.key()).unwrap_or_default()
}

/// What the old Python was seeded with and the new one is not: kept where it is a seed there too, or where another
/// package needs it.
fn seeds(old: &Packages, python: &Python) -> Vec<Pin> {
    let pin = |line: String| {
        let (key, version) = line.split_once("==")?;
        let is_kept = python.version < (3, 12) || is_needed(key, old, python);
        is_kept.then(|| Pin::seed(key, version))
    };
    manifest::seeds(&old.installed, &old.python).filter_map(pin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Environment;
    use crate::env::name::EnvName;

    /// An environment of a Python 3.11 with these packages, each with the tag of its wheel.
    fn packages(place: &tempfile::TempDir, found: &[(&str, &str, &str)]) -> Packages {
        let root = place.path().join("api");
        let site = root.join("lib/python3.11/site-packages");
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(
            root.join("pyvenv.cfg"),
            "home = /nonexistent\ninclude-system-site-packages = false\nversion = 3.11.2\n",
        )
        .unwrap();
        for (name, needs, tag) in found {
            let info = site.join(format!("{name}-1.0.dist-info"));
            std::fs::create_dir(&info).unwrap();
            let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}");
            std::fs::write(info.join("METADATA"), metadata).unwrap();
            std::fs::write(info.join("WHEEL"), format!("Tag: {tag}\n")).unwrap();
            std::fs::write(info.join("RECORD"), format!("{name}-1.0.dist-info/METADATA,,\n")).unwrap();
        }
        let name = EnvName::for_existing("api".as_ref()).unwrap();
        Packages::read(&Environment::new(name, root), None).unwrap()
    }

    const ANY: &str = "py3-none-any";

    fn newer(old: &Packages) -> Python {
        let mut python = old.python.clone();
        python.version = (3, 13);
        python.markers.python_version = "3.13".into();
        python.markers.python_full_version = "3.13.0".into();
        python
    }

    #[test]
    fn what_only_the_old_base_had_is_added() {
        let needs = "Requires-Dist: six>=1.5\nRequires-Dist: both\nRequires-Dist: no; python_version < '3.13'\n";
        let [place, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let mut old = packages(&place, &[("alpha", needs, ANY), ("six", "", ANY), ("both", "", ANY), ("no", "", ANY)]);
        for found in old.installed.distributions.iter_mut().filter(|found| found.key != "alpha") {
            found.is_local = false;
        }
        let python = newer(&old);
        let mut new = packages(&other, &[("both", "", ANY)]);
        new.python = python;
        let mut plan = Plan::default();
        plan.add_what_the_base_had(&old, &new);
        plan.add_what_the_base_had(&old, &new);
        let steps: Vec<_> = plan.with(Action::Add).map(|step| &*step.pin.line).collect();
        assert_eq!((steps, plan.steps.len()), (vec!["six>=1.5"], 1));
    }

    #[test]
    fn each_package_is_kept_carried_added_or_in_the_way() {
        let place = tempfile::tempdir().unwrap();
        let old = packages(
            &place,
            &[
                ("alpha", "", "py3-none-any"),
                ("beta", "", "cp311-cp311-linux_x86_64"),
                ("gamma", "Requires-Dist: delta>=2; python_version >= '3.13'\n", "py3-none-any"),
                ("old", "Requires-Python: <3.12\n", "py3-none-any"),
                ("slow", "", "py3-none-any"),
            ],
        );
        let allowed = Allowed { build: &["Slow".into()], relax: &[] };
        let mut asked = Vec::new();
        let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |lines| {
            let has_all = lines.iter().all(|line| line.starts_with("gamma"));
            asked.push(lines);
            Ok::<Answer, std::convert::Infallible>(has_all.into())
        })
        .unwrap();
        let found: Vec<_> = plan.steps.iter().map(|step| (step.pin.key.as_str(), step.action.word())).collect();
        let expected = [
            ("alpha", "carry"),
            ("beta", "no-wheel"),
            ("gamma", "keep"),
            ("old", "not-for-python"),
            ("slow", "build"),
            ("delta", "add"),
        ];
        assert_eq!(found, expected);
        assert_eq!(asked[0], ["alpha==1.0", "beta==1.0", "gamma==1.0"], "all at once first");
        let error = plan.check().unwrap_err();
        assert!(matches!(error, PlanError::Stopped { is_down: false, .. }));
        assert_eq!(error.to_string(), "these packages cannot be kept: `beta` (no wheel), `old` (not for this Python)");
        let mut older = newer(&old);
        older.markers.python_full_version = "3.11.1".into();
        let plan = Plan::new(&old, &pins(&old).unwrap(), &older, &allowed, &mut |_| {
            Ok::<_, std::convert::Infallible>(Answer::Yes)
        });
        assert!(plan.unwrap().is_down);
    }

    #[test]
    fn what_came_from_an_archive_that_is_gone_is_carried_or_may_come_from_an_index() {
        let place = tempfile::tempdir().unwrap();
        packages(
            &place,
            &[("pure", "", "py3-none-any"), ("fast", "", "cp311-cp311-linux_x86_64"), ("mine", "", "py3-none-any")],
        );
        for (name, url) in [
            ("pure", r#"{"url": "file:///gone/pure.whl", "archive_info": {}}"#),
            ("fast", r#"{"url": "file:///gone/fast.whl", "archive_info": {}}"#),
            ("mine", r#"{"url": "file:///gone/mine", "dir_info": {"editable": true}}"#),
        ] {
            let info = format!("api/lib/python3.11/site-packages/{name}-1.0.dist-info/direct_url.json");
            std::fs::write(place.path().join(info), url).unwrap();
        }
        let name = EnvName::for_existing("api".as_ref()).unwrap();
        let old = Packages::read(&Environment::new(name, place.path().join("api")), None).unwrap();
        let plan = |relax: &[String]| {
            let allowed = Allowed { build: &["fast".into()], relax };
            let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |_| {
                Ok::<_, std::convert::Infallible>(Answer::Yes)
            });
            plan.unwrap()
        };
        let stopped = plan(&[]);
        let mut found: Vec<_> = stopped.steps.iter().map(|step| (&*step.pin.key, step.action.word())).collect();
        found.sort_unstable();
        assert_eq!(found, [("fast", "gone"), ("mine", "gone"), ("pure", "carry")]);
        assert_eq!(
            stopped.check().unwrap_err().to_string(),
            "these packages cannot be kept: `fast` (`/gone/fast.whl` does not exist), `mine` (`/gone/mine` does not exist)"
        );
        let relaxed = plan(&["fast".into(), "mine".into()]);
        let chosen: Vec<_> = relaxed.chosen().map(|step| (&*step.pin.line, step.pin.is_from_index)).collect();
        assert_eq!(chosen, [("fast==1.0", true), ("mine==1.0", true)]);
        assert!(relaxed.check().is_ok());
    }

    #[test]
    fn what_came_from_a_url_is_carried_where_that_is_dead_or_comes_from_an_index() {
        let place = tempfile::tempdir().unwrap();
        let native = "cp311-cp311-linux_x86_64";
        packages(&place, &[("pure", "", ANY), ("fast", "", native), ("alive", "", native), ("repo", "", ANY)]);
        for (name, url, info) in [
            ("pure", "https://h/pure-1.0-py3-none-any.whl?token=x", r#""archive_info": {}"#),
            ("fast", "http://h/fast-1.0.tar.gz", r#""archive_info": {}"#),
            ("alive", "http://h/alive.zip", r#""archive_info": {}"#),
            ("repo", "https://h/r", r#""vcs_info": {"vcs": "git", "commit_id": "a1"}"#),
        ] {
            let file = format!("api/lib/python3.11/site-packages/{name}-1.0.dist-info/direct_url.json");
            std::fs::write(place.path().join(file), format!("{{\"url\": \"{url}\", {info}}}")).unwrap();
        }
        let name = EnvName::for_existing("api".as_ref()).unwrap();
        let old = Packages::read(&Environment::new(name, place.path().join("api")), None).unwrap();
        let plan = |relax: &[String], answer: Answer| {
            let allowed = Allowed { build: &[], relax };
            let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |lines| {
                let is_alive = lines.len() == 1 && (lines[0].contains("alive") || lines[0].contains("=="));
                Ok::<_, std::convert::Infallible>(if is_alive { Answer::Yes } else { answer })
            });
            plan.unwrap()
        };
        for (answer, word, reason) in [
            (Answer::No, "gone", "its URL is dead, or has nothing for this Python"),
            (Answer::NotAsked, "not-asked", "no index was asked"),
            (Answer::Unanswered, "unanswered", "no answer from the index"),
        ] {
            let stopped = plan(&[], answer);
            let mut found: Vec<_> = stopped.steps.iter().map(|step| (&*step.pin.key, step.action.word())).collect();
            found.sort_unstable();
            assert_eq!(found, [("alive", "keep"), ("fast", word), ("pure", "carry"), ("repo", "carry")]);
            let told = format!("these packages cannot be kept: `fast` ({reason})");
            assert_eq!(stopped.check().unwrap_err().to_string(), told);
        }
        let relaxed = plan(&["fast".into(), "alive".into(), "repo".into()], Answer::No);
        let mut chosen: Vec<_> = relaxed.chosen().map(|step| (&*step.pin.line, step.pin.is_from_index)).collect();
        chosen.sort_unstable();
        assert_eq!(chosen, [("alive==1.0", true), ("fast==1.0", true), ("repo==1.0", true)]);
        assert!(relaxed.check().is_ok());
    }

    #[test]
    fn what_environments_begin_with_is_replaced_unless_a_package_needs_it() {
        for (needs, setuptools, wheel) in [
            ("", "replace", "drop"),
            ("Requires-Dist: setuptools\n", "not-for-python", "drop"),
            ("Requires-Dist: setuptools; python_version >= '3.9'\n", "replace", "drop"),
            ("Requires-Dist: wheel<1; extra == 'x'\n", "replace", "drop"),
        ] {
            let place = tempfile::tempdir().unwrap();
            let newer_only = "Requires-Python: >=3.10\n";
            let old = packages(
                &place,
                &[
                    ("alpha", needs, "py3-none-any"),
                    ("setuptools", newer_only, "py3-none-any"),
                    ("wheel", newer_only, "py3-none-any"),
                ],
            );
            let mut older = newer(&old);
            older.version = (3, 8);
            older.markers.python_version = "3.8".into();
            older.markers.python_full_version = "3.8.1".into();
            let allowed = Allowed { build: &[], relax: &[] };
            let plan = Plan::new(&old, &pins(&old).unwrap(), &older, &allowed, &mut |lines| {
                Ok::<Answer, std::convert::Infallible>(
                    lines.iter().all(|line| line == "alpha==1.0" || line == "setuptools").into(),
                )
            });
            let plan = plan.unwrap();
            let mut found: Vec<_> = plan.steps.iter().map(|step| (&*step.pin.key, step.action.word())).collect();
            found.sort_unstable();
            assert_eq!(found, [("alpha", "keep"), ("setuptools", setuptools), ("wheel", wheel)], "{needs}");
            assert_eq!(plan.check().is_ok(), setuptools == "replace");
        }
    }

    #[test]
    fn without_a_list_of_its_files_a_package_is_carried_by_its_names() {
        let place = tempfile::tempdir().unwrap();
        packages(&place, &[("own", "", "cp311-cp311-linux_x86_64"), ("fast", "", "cp311-cp311-linux_x86_64")]);
        let site = place.path().join("api/lib/python3.11/site-packages");
        std::fs::write(site.join("fast.so"), "").unwrap();
        std::fs::write(site.join("own.py"), "").unwrap();
        std::fs::remove_file(site.join("fast-1.0.dist-info/RECORD")).unwrap();
        std::fs::write(site.join("own-1.0.dist-info/RECORD"), "").unwrap();
        let name = EnvName::for_existing("api".as_ref()).unwrap();
        let old = Packages::read(&Environment::new(name, place.path().join("api")), None).unwrap();
        let allowed = Allowed { build: &[], relax: &[] };
        let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |_| {
            Ok::<_, std::convert::Infallible>(Answer::No)
        });
        let plan = plan.unwrap();
        let mut found: Vec<_> = plan.steps.iter().map(|step| (&*step.pin.key, step.action.word())).collect();
        found.sort_unstable();
        assert_eq!(found, [("fast", "no-wheel"), ("own", "carry")]);
    }

    #[test]
    fn silence_is_no_lack_of_wheels() {
        for (answer, word, words) in [
            (Answer::Unanswered, "unanswered", "`native` (no answer from the index)"),
            (Answer::NotAsked, "not-asked", "`native` (no index was asked)"),
        ] {
            let place = tempfile::tempdir().unwrap();
            let old = packages(&place, &[("native", "", "cp311-cp311-linux_x86_64"), ("pure", "", "py3-none-any")]);
            let allowed = Allowed { build: &[], relax: &[] };
            let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |_| {
                Ok::<_, std::convert::Infallible>(answer)
            })
            .unwrap();
            let found: Vec<_> = plan.steps.iter().map(|step| (&*step.pin.key, step.action.word())).collect();
            assert_eq!(found, [("native", word), ("pure", "carry")]);
            assert!(plan.check().unwrap_err().to_string().ends_with(words));
            assert_eq!(plan.waits_for_index(), answer == Answer::Unanswered);
        }
    }

    #[test]
    fn an_index_that_has_not_answered_is_asked_no_more() {
        let native = "cp311-cp311-linux_x86_64";
        for (silent_at, has_rest, words) in [
            (0, false, ["unanswered", "unanswered", "carry", "carry"]),
            (0, true, ["keep", "keep", "carry", "carry"]),
            (2, false, ["unanswered", "unanswered", "carry", "carry"]),
        ] {
            let place = tempfile::tempdir().unwrap();
            let found = [("fast", "", native), ("native", "", native), ("pure", "", ANY), ("simple", "", ANY)];
            let (old, mut asked) = (packages(&place, &found), Vec::new());
            let allowed = Allowed { build: &[], relax: &[] };
            let plan = Plan::new(&old, &pins(&old).unwrap(), &newer(&old), &allowed, &mut |lines| {
                asked.push(lines);
                Ok::<_, std::convert::Infallible>(match asked.len() - 1 {
                    at if at == silent_at => Answer::Unanswered,
                    at if at > silent_at => {
                        if has_rest {
                            Answer::Yes
                        } else {
                            Answer::Unanswered
                        }
                    }
                    0 => Answer::No,
                    _ => Answer::Yes,
                })
            })
            .unwrap();
            assert_eq!(plan.steps.iter().map(|step| step.action.word()).collect::<Vec<_>>(), words);
            assert_eq!(asked.len(), silent_at + 2, "{asked:?}");
            assert_eq!(asked.last().unwrap(), &["fast==1.0", "native==1.0"], "the rest, at once");
        }
    }
}
