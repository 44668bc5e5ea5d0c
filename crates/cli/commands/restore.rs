//! `venvwrap restore`: the packages of an environment as a snapshot, a file or another environment has them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::doctor::altered::{damaged, is_damaged, is_incomplete};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::snapshot::check::{Problem, check_own};
use venvwrap_core::snapshot::diff::{Change, Difference, Differences};
use venvwrap_core::snapshot::elsewhere::{Moved, from_repositories};
use venvwrap_core::snapshot::extras;
use venvwrap_core::snapshot::history::{HistoryError, Snapshot};
use venvwrap_core::snapshot::manifest;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::pins::{Pin, Pins};
use venvwrap_core::snapshot::requirements::is_file_name;
use venvwrap_core::snapshot::restore::{Target, kept, newest_other};
use venvwrap_core::snapshot::side::Side;
use venvwrap_core::store::create::Rebuilt;
use venvwrap_core::store::trash::Reason;

use super::diff;
use crate::actions::carried;
use crate::actions::engine::Engine;
use crate::actions::inputs::{self, Input};
use crate::actions::install;
use crate::actions::packages;
use crate::actions::rebuild::{self, Wanted, rebuild};
use crate::actions::{enter, find, interpreters, interrupt, snapshots, tool};
use crate::args::RestoreArgs;
use crate::error::{Context as _, Error, Explain, FAILED, Result, by_name, quoted};
use crate::process::Process;
use crate::ui::columns::{self, Column};
use crate::ui::{printer, report};

/// What comes before the name of a snapshot.
const SNAPSHOT: &str = "the snapshot ";

/// What `freeze` leaves out, and every installation needs.
const PIP: &str = "pip";

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
enum RestoreError {
    /// The packages are for another version of Python.
    #[error("the packages are for Python {wanted}, and `{name}` has Python {found}")]
    OtherPython {
        /// The environment.
        name: EnvName,
        /// The version that the packages are for.
        wanted: String,
        /// The version of the environment.
        found: String,
        /// What asks for the version that is wanted, of the kind of Python that the environment has.
        request: String,
        /// The snapshot.
        id: Option<String>,
        /// Whether uv uses the environment, and may delete one with another Python.
        is_linked: bool,
        /// Whether the packages are for an older version.
        is_older: bool,
    },
    /// Ctrl-C has ended what changes the environment itself.
    #[error("interrupted: some packages may have changed")]
    Interrupted,
    /// All snapshots say what is there.
    #[error("no snapshot differs from what `{name}` has now")]
    NothingElse {
        /// The environment.
        name: EnvName,
    },
}

impl Explain for RestoreError {
    fn status(&self) -> u8 {
        if matches!(self, Self::Interrupted) { interrupt::status() } else { FAILED }
    }

    fn is_interruption(&self) -> bool {
        matches!(self, Self::Interrupted)
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::OtherPython { name, id: Some(id), is_linked, is_older, found, .. } if *is_linked || *is_older => {
                let why = if *is_linked { "uv uses it; " } else { "" };
                Some(format!(
                    "{why}`venvwrap snapshot show {0} {id} | grep -v '^#' | venvwrap restore {0} -` installs them for \
                     Python {found}",
                    quoted(name)
                ))
            }
            Self::OtherPython { name, request, .. } => {
                Some(format!("run `venvwrap upgrade {} -p {request}` first", quoted(name)))
            }
            Self::Interrupted => Some("the same command again finishes it".into()),
            Self::NothingElse { name } => Some(format!("`{}` lists them", by_name("venvwrap snapshot list", name))),
        }
    }
}

/// Restores. The status is 1 if what was restored does not fit together.
pub(crate) fn run(process: &Process, args: &RestoreArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    restore(process, args, &environment).with_context(|| format!("could not restore `{}`", environment.name()))
}

fn restore(process: &Process, args: &RestoreArgs, environment: &Environment) -> Result<ExitCode> {
    let old = packages::read_rest(process, environment)?;
    packages::warn(&old.installed.oddities);
    if !args.in_place {
        enter::judge_source(process, environment.path())?;
        process.store.check_rebuild(environment)?;
    }
    let target = target(process, environment, &old, args.source.as_deref())?;
    check_python(process, environment, &old, &target)?;
    let (pins, changes) = (target.pins(&old, args.allow_empty)?, target.changes(&old)?);
    // A new environment with other packages has all files anyway.
    let found = if changes.is_empty() || args.in_place { damaged(environment) } else { BTreeSet::new() };
    // A new environment has a new pip, whatever the source names.
    let broken: Vec<_> = found.into_iter().filter(|key| key == PIP || pins.get(key).is_some()).collect();
    carried::check_places(&pins, &changes, &old, &broken)?;
    let facts = Facts { args, environment, target: &target, changes: &changes, broken: &broken };
    let is_equal = changes.is_empty() && broken.is_empty();
    let is_last = is_equal || args.dry_run;
    let lacking = if is_last { problems_of(&target, &old, &old, &changes)? } else { Vec::new() };
    if args.json && (args.dry_run || is_equal) {
        let carried = if args.dry_run { facts.carried(process, &pins, &old)? } else { Vec::new() };
        facts.print(false, &Done { carried, ..Done::default() }, &lacking, &[])?;
    } else if is_equal {
        printer::message(&format!("`{}` has exactly the packages of {}", environment.name(), target.title));
        warn(&lacking);
    } else if args.dry_run {
        if !changes.is_empty() {
            printer::data(table(&changes).as_bytes())?;
        }
        for key in &broken {
            printer::message(&format!("files of `{key}` would be put back"));
        }
        carried::tell(&facts.carried(process, &pins, &old)?, "would be");
        warn(&lacking);
    }
    if is_last {
        return Ok(ExitCode::from(if lacking.is_empty() { 0 } else { FAILED }));
    }
    if !args.force {
        match rebuild::check_users(process, environment) {
            // As an installer changes an environment that is in use.
            Err(users) if args.in_place => report::warn(&users),
            other => other?,
        }
    }
    snapshots::before(process, environment, "restore");
    let done = if args.in_place {
        let pins = with_pip(pins, &old, &broken);
        // What the installer says, or advises, is of no use then.
        let is_pip_broken = broken.iter().any(|key| key == PIP);
        let needs_pip = |error: Error| {
            let advice = "pip itself is damaged: without `--in-place` the environment gets a new one";
            if is_pip_broken { error.with_hint(advice.into()) } else { error }
        };
        in_place(process, args, environment, (&pins, &changes, &broken))
            .map_err(needs_pip)
            .map_err(|error| if interrupt::was_interrupted() { RestoreError::Interrupted.into() } else { error })?
    } else {
        beside(process, &facts, &old, &pins)?
    };
    let new = packages::read(process, environment)?;
    let problems = problems_of(&target, &new, &old, &Differences::default())?;
    if !args.json {
        let (name, what) = (environment.name(), summary(&changes, &broken));
        let with = done.installer.map(|tool| format!(" with {tool}")).unwrap_or_default();
        printer::message(&format!("restored `{name}` from {}{with}: {what}", target.title));
        done.rebuilt.iter().for_each(rebuild::tell_of_undo);
    }
    warn(&problems);
    // Who changes a file that is also in uv's cache changes it there.
    let still = if broken.is_empty() { BTreeSet::new() } else { damaged(environment) };
    let still: Vec<_> = broken.iter().filter(|key| still.contains(*key)).collect();
    for key in &still {
        printer::warning(&format!(
            "files of `{key}` are still changed, as they are where it was installed from; `uv cache clean {key}` \
             empties the cache of uv"
        ));
    }
    if args.json {
        facts.print(true, &done, &problems, &still)?;
    }
    Ok(ExitCode::from(if problems.is_empty() && still.is_empty() { 0 } else { FAILED }))
}

/// What has come of it.
#[derive(Default)]
struct Done {
    /// The new environment; none where the old one itself was changed.
    rebuilt: Option<Rebuilt>,
    /// The packages that were taken over, or would be.
    carried: Vec<String>,
    /// What has installed packages, if there were any to install.
    installer: Option<&'static str>,
}

/// What was restored, or would be.
struct Facts<'a> {
    args: &'a RestoreArgs,
    environment: &'a Environment,
    target: &'a Target,
    changes: &'a Differences,
    broken: &'a [String],
}

impl Facts<'_> {
    /// The packages that a new environment would take over. None is built to find out.
    fn carried(&self, process: &Process, pins: &Pins, old: &Packages) -> Result<Vec<String>> {
        let is_unable = !self.environment.python().exists() || self.broken.iter().any(|key| key == PIP);
        if self.args.in_place || is_unable {
            return Ok(Vec::new());
        }
        let engine = Engine::new(process, self.environment.path(), self.args.offline)?;
        match carried::find(&engine, self.environment, (pins, self.changes, old)) {
            Ok(carried) => Ok(carried.packages.iter().map(|package| package.key.clone()).collect()),
            Err(error) if interrupt::was_interrupted() => Err(error),
            // What a new environment has to install with is not known yet.
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Prints them as JSON, with what has come of it, what does not fit together and what is still damaged.
    fn print(&self, is_changed: bool, done: &Done, problems: &[Problem], still: &[&String]) -> Result<()> {
        let value = json!({
            "name": self.environment.name().as_os_str().to_string_lossy(),
            "path": self.environment.path().to_string_lossy(),
            "source": self.target.title,
            "dry_run": self.args.dry_run,
            "changed": is_changed,
            "packages": self.changes.packages.iter().map(diff::json_of).collect::<Vec<_>>(),
            "repaired": self.broken,
            "carried": done.carried,
            "installer": done.installer,
            "problems": problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "damaged": still,
        });
        printer::json(&value)
    }
}

/// Finds what to restore: a snapshot by its name, else what [`inputs::read`] finds.
fn target(process: &Process, environment: &Environment, old: &Packages, source: Option<&OsStr>) -> Result<Target> {
    let history = process.store.history(environment).ok_or(crate::process::NoState)?;
    let Some(source) = source else {
        return match newest_other(&history, old, is_incomplete(environment))? {
            Some((snapshot, text)) => of_snapshot(&snapshot, &text),
            None => Err(RestoreError::NothingElse { name: environment.name().clone() }.into()),
        };
    };
    if let Some(id) = source.to_str().filter(|_| !is_file_name(source) && source != inputs::STDIN) {
        match history.find(id) {
            Ok(snapshot) => return of_snapshot(&snapshot, &snapshot.read()?),
            Err(HistoryError::Unknown { .. } | HistoryError::Empty { .. }) if !is_number(process, source) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let title = format!("`{}`", printer::shown(source.as_ref(), process.config.home.as_deref()));
    let mut target = match inputs::read(process, Some(source))? {
        Input::Environment(packages) => {
            let Packages { installed, python } = &*packages;
            let now = std::time::SystemTime::now();
            Target::of_text(&manifest::render(installed, python, "restore", None, now), &title)?
        }
        Input::Requirements(requirements) => Target { requirements, seeds: Vec::new(), title },
        Input::Carried(_) => return Err(NotRestored { title }.into()),
    };
    for Moved { name, source, environment } in from_repositories(&mut target.requirements, environment.path(), old)? {
        let place = printer::shown(&environment, process.config.home.as_deref());
        printer::message(&format!(
            "`{name}` comes from `{source}`: its project is in `{place}`, and would be gone with that"
        ));
    }
    Ok(target)
}

/// An archive is unpacked, not restored from an index.
#[derive(Debug, thiserror::Error)]
#[error("{title} is an archive, a bundle or an image, and not a list of requirements")]
struct NotRestored {
    title: String,
}

impl Explain for NotRestored {
    fn hint(&self) -> Option<String> {
        Some("`venvwrap unpack FILE` unpacks an archive, `venvwrap create NAME --from BUNDLE` installs a bundle".into())
    }
}

/// Whether this is the number of a snapshot, rather than the name of an environment or a file.
fn is_number(process: &Process, source: &OsStr) -> bool {
    let is_other = || find::find(process, source).is_ok() || inputs::is_plain_file(process, source);
    source.as_encoded_bytes().iter().all(u8::is_ascii_digit) && !is_other()
}

fn of_snapshot(snapshot: &Snapshot, text: &str) -> Result<Target> {
    Ok(Target::of_text(text, &format!("{SNAPSHOT}`{}`", snapshot.id))?)
}

/// Warns of extras that packages do not have, and returns what does not fit together, and what the source leaves out although
/// its extras need it. Of what is still to be changed, nothing is known.
fn problems_of(target: &Target, now: &Packages, old: &Packages, changes: &Differences) -> Result<Vec<Problem>> {
    let side = Side::of_requirements(&target.requirements, Some(&now.python.markers))?;
    for extra in extras::unknown(&side, &now.installed, changes) {
        report::warn(&extra);
    }
    let mut problems = if changes.is_empty() { check_own(now, old) } else { Vec::new() };
    for lacking in extras::lacking(&side, &now.installed, &now.python, changes) {
        if !problems.contains(&lacking.problem) {
            problems.push(lacking.problem);
        }
    }
    Ok(problems)
}

fn warn(problems: &[Problem]) {
    for problem in problems {
        printer::warning(&problem.to_string());
    }
}

fn check_python(process: &Process, environment: &Environment, old: &Packages, target: &Target) -> Result<()> {
    match target.other_python(old) {
        Some(wanted) => {
            let (name, found) =
                (environment.name().clone(), format!("{}.{}", old.python.version.0, old.python.version.1));
            let is_linked = process.store.uv_links().iter().any(|link| link.leads_to(environment));
            let is_older = target.is_for_older_python(old);
            let id = target.title.strip_prefix(SNAPSHOT).map(|id| id.trim_matches('`').to_owned());
            let request = old.python.request().replace(&old.python.markers.python_version, &wanted);
            Err(RestoreError::OtherPython { name, wanted, found, request, id, is_linked, is_older }.into())
        }
        None => Ok(()),
    }
}

fn table(changes: &Differences) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let row = |found: &Difference| vec![found.name.clone(), text(&found.a), text(&found.b)];
    let columns = [Column::names("package", 16), Column::names("now", 10), Column::names("then", 10)];
    columns::plain(&columns, changes.packages.iter().map(row))
}

fn summary(differences: &Differences, broken: &[String]) -> String {
    let count = |is_it: fn(Change) -> bool| differences.packages.iter().filter(|found| is_it(found.change)).count();
    let added = count(|change| change == Change::Added);
    let removed = count(|change| change == Change::Removed);
    // One that has another version now has other files anyway.
    let is_same = |key: &&String| !differences.packages.iter().any(|found| found.name == **key);
    let repaired = broken.iter().filter(is_same).count();
    let changed = differences.packages.len() - added - removed;
    let parts = [(added, "added"), (removed, "removed"), (changed, "changed"), (repaired, "repaired")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    parts.join(", ")
}

/// Builds a new environment and exchanges it for the old one.
fn beside(
    process: &Process,
    &Facts { args, environment, changes, .. }: &Facts<'_>,
    old: &Packages,
    pins: &Pins,
) -> Result<Done> {
    let chosen = interpreters::choose_for_existing(process, environment.path())?;
    let found = (chosen.interpreter.version.major, chosen.interpreter.version.minor);
    if found != old.python.version {
        let wanted = format!("{}.{}", old.python.version.0, old.python.version.1);
        let (name, found) = (environment.name().clone(), chosen.interpreter.version.minor_text());
        let request = old.python.request();
        return Err(RestoreError::OtherPython {
            name,
            wanted,
            found,
            request,
            id: None,
            is_linked: false,
            is_older: false,
        }
        .into());
    }
    let untouched = format!("`{}` is as it was", environment.name());
    let wanted = Wanted { requested_python: None, reason: Reason::Restore, is_offline: args.offline, untouched };
    let mut done = Done::default();
    done.rebuilt = rebuild(process, environment, &chosen.interpreter, old, &wanted, &mut |staged| {
        for package in kept(pins, old).into_iter().filter(|package| !is_damaged(environment, package)) {
            staged.carry_package(package)?;
        }
        let engine = Engine::new(process, staged.environment.path(), args.offline)?;
        let new = packages::read(process, &staged.environment)?;
        let pins = pins.without_seeds_of(&new);
        let found = carried::find(&engine, environment, (&pins, changes, old))?;
        done.carried = found.packages.iter().map(|package| package.key.clone()).collect();
        if !args.json {
            carried::tell(&done.carried, "are");
        }
        found.packages.iter().try_for_each(|package| staged.carry_package(package))?;
        let rest = pins.only(|pin| !done.carried.contains(&pin.key));
        let installed = engine.install(&rest, &|pin| rebuild::line_in(staged, pin), false);
        installed.map_err(|error| found.explain(error))?;
        done.installer = engine.name();
        Ok(true)
    })?;
    Ok(done)
}

/// The pins with that of a pip which is broken: the source need not name it.
fn with_pip(mut pins: Pins, old: &Packages, broken: &[String]) -> Pins {
    let own = old.get(PIP).filter(|_| pins.get(PIP).is_none() && broken.iter().any(|key| key == PIP));
    pins.pins.extend(own.map(|pip| Pin::seed(PIP, &pip.version)));
    pins
}

/// Installs and removes only what differs or is broken.
fn in_place(
    process: &Process,
    args: &RestoreArgs,
    environment: &Environment,
    (pins, changes, broken): (&Pins, &Differences, &[String]),
) -> Result<Done> {
    let is_own = environment.path() == process.store.path_of(environment.name());
    let _lock = is_own.then(|| process.store.lock(environment.name())).transpose()?;
    let differs = |key: &String| {
        changes.packages.iter().any(|found| found.name == *key && found.change != Change::Removed)
            || broken.contains(key)
    };
    let wanted = Pins { pins: pins.pins.iter().filter(|pin| differs(&pin.key)).cloned().collect(), ..pins.clone() };
    let mut done = Done::default();
    if !wanted.pins.is_empty() {
        let engine = Engine::new(process, environment.path(), args.offline)?;
        engine.install(&wanted, &|pin| pin.line.clone(), true)?;
        done.installer = engine.name();
    }
    let removed: Vec<_> = changes.packages.iter().filter(|found| found.change == Change::Removed).collect();
    if removed.is_empty() {
        return Ok(done);
    }
    let mut command = install::uninstaller(process, environment.path())?;
    command.args(removed.iter().map(|found| &found.name)).stdout(std::io::stderr());
    if !tool::run(&mut command, b"")?.status.success() {
        report::warn(&NotRemoved);
    }
    Ok(done)
}

#[derive(Debug, thiserror::Error)]
#[error("some packages could not be removed")]
struct NotRemoved;
