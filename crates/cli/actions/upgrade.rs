//! Rebuilding one environment for another Python with the same packages.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::uv;
use venvwrap_core::python::{self, Implementation, Interpreter, Request};
use venvwrap_core::snapshot::check::{Problem, check_since};
use venvwrap_core::snapshot::due::{self, is_same};
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::pins::{Pin, Pins, is_download};
use venvwrap_core::snapshot::upgrade::{self, Action, Allowed, Plan, PlanError, Step};
use venvwrap_core::store::create::{Rebuilt, Staged};
use venvwrap_core::store::trash::Reason;

use super::engine::{Call, Engine};
use super::rebuild::{self, Wanted, rebuild};
use super::{enter, interpreters, packages, pins, snapshots};
use crate::args::UpgradeArgs;
use crate::error::{Error, Explain, Result, quoted, quoted_path};
use crate::process::Process;
use crate::ui::columns::{self, Column};
use crate::ui::printer;

/// Why an environment is as it was.
#[derive(Debug, thiserror::Error)]
enum UpgradeError {
    /// It is a link.
    #[error("`{name}` is a link to an environment elsewhere")]
    Link {
        /// The environment.
        name: EnvName,
        /// Where it leads.
        target: PathBuf,
    },
    /// A package that is to be treated otherwise is not there.
    #[error("`{name}` has no package `{package}`")]
    Unknown {
        /// The environment.
        name: EnvName,
        /// The package.
        package: String,
    },
    /// Another kind of Python, such as PyPy, is for those who ask for it.
    #[error("`{name}` has {from}, and would get another kind of Python: {to}")]
    OtherKind {
        /// The environment.
        name: EnvName,
        /// The Python that it has.
        from: String,
        /// The Python that it would get.
        to: String,
        /// What asks for that.
        request: String,
    },
    /// An index does not answer, and not all packages can do without it.
    #[error("an index does not answer: {0}")]
    Silent(String),
    /// Packages are not in the new environment although all was installed.
    #[error("these packages did not get into the new environment: {}", .names.join(", "))]
    Lost {
        /// The packages.
        names: Vec<String>,
    },
    /// The packages would not fit together.
    #[error("the packages do not fit together on {python}: {}", .problems.join("; "))]
    Broken {
        /// The Python.
        python: String,
        /// What does not fit.
        problems: Vec<String>,
        /// The packages that it does not fit.
        names: Vec<String>,
        /// Whether the new Python is older: newer versions of a package are not for that.
        is_down: bool,
    },
}

impl Explain for UpgradeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Link { target, .. } => {
                let there = quoted_path(target);
                Some(format!("`venvwrap upgrade {there}` rebuilds it there, unless another tool manages it"))
            }
            Self::Unknown { name, .. } => Some(format!("`venvwrap freeze {}` lists its packages", quoted(name))),
            Self::OtherKind { request, .. } => Some(format!("`-p` with `{request}` or a path asks for that")),
            Self::Silent(_) => Some("the environment is as it was; try again when the index answers".into()),
            Self::Lost { .. } => {
                Some("the environment is as it was; install these again, or uninstall them, and then upgrade".into())
            }
            Self::Broken { is_down: true, .. } => Some("the environment is as it was; take a newer Python".into()),
            Self::Broken { names, .. } => {
                let options: Vec<_> = names.iter().map(|name| format!("--relax {name}")).collect();
                Some(format!("the environment is as it was; `{}` takes newer versions", options.join(" ")))
            }
        }
    }
}

/// The Python that an environment is to have.
#[derive(Clone)]
pub(crate) struct Target {
    /// The interpreter.
    pub(crate) interpreter: Interpreter,
    /// The words that asked for it; none for the default.
    pub(crate) requested: Option<String>,
    /// The same, unless they are the default for new environments.
    pub(crate) demand: Option<String>,
}

/// What came of one environment.
pub(crate) struct Upgraded {
    /// The Python that it had, in words.
    pub(crate) from: String,
    /// The Python that it has, or would have.
    pub(crate) to: String,
    /// Whether the new Python is older.
    pub(crate) is_down: bool,
    /// What happens with each package; none where the environment stays as it is.
    pub(crate) plan: Option<Plan>,
    /// The new environment, if it was built.
    pub(crate) rebuilt: Option<Rebuilt>,
    /// What has installed the packages.
    pub(crate) tool: Option<&'static str>,
    /// What did not fit together before the upgrade, and does not now.
    pub(crate) problems: Vec<Problem>,
    /// The files of linked directories that pin the new version for uv, or would.
    pub(crate) pins: Vec<PathBuf>,
}

impl Upgraded {
    /// Why an upgrade that was only asked for would stop.
    pub(crate) fn obstacle(&self) -> Option<Error> {
        let plan = self.plan.as_ref().filter(|_| self.rebuilt.is_none())?;
        plan.check().err().map(Error::from)
    }

    /// What is about to be done.
    fn in_words(name: &EnvName, from: &str, to: &str, is_down: bool) -> String {
        match (from == to, is_down) {
            (true, _) => format!("rebuilding `{name}` with {to}"),
            (_, true) => format!("downgrading `{name}` from {from} to {to}"),
            (_, false) => format!("upgrading `{name}` from {from} to {to}"),
        }
    }

    /// Nothing came of it: the environment has the Python that it is to have.
    pub(crate) fn not_at_all(python: String) -> Self {
        Self {
            from: python.clone(),
            to: python,
            is_down: false,
            plan: None,
            rebuilt: None,
            tool: None,
            problems: Vec::new(),
            pins: Vec::new(),
        }
    }
}

/// Fails for what cannot be rebuilt here, whatever the Python is.
pub(crate) fn check(process: &Process, environment: &Environment) -> Result<()> {
    if environment.path().is_symlink() {
        let target = environment.path().canonicalize().unwrap_or_else(|_| environment.path().to_path_buf());
        // Where it cannot be rebuilt there, either, that is what is to be said.
        process.store.check_rebuild(&Environment::new(environment.name().clone(), target.clone()))?;
        return Err(UpgradeError::Link { name: environment.name().clone(), target }.into());
    }
    enter::judge_source(process, environment.path())?;
    Ok(process.store.check_rebuild(environment)?)
}

/// Fails for all that is refused whatever the Python is: one that is missing would be installed for nothing.
pub(crate) fn check_before_python(process: &Process, args: &UpgradeArgs, environment: &Environment) -> Result<()> {
    check(process, environment)?;
    process.config.require(&["installer"])?;
    pins_of(process, args, environment, &packages::read_rest(process, environment)?).map(drop)
}

/// Returns what is installed, unless something about it is in the way.
fn pins_of(process: &Process, args: &UpgradeArgs, environment: &Environment, old: &Packages) -> Result<Pins> {
    let pins = upgrade::pins(old).map_err(|error| {
        let is_unclear = matches!(error, PlanError::Unclear(_));
        let name = quoted(environment.name());
        let hint = || format!("`venvwrap doctor {name}` names the command that removes one of them");
        let error = Error::from(error);
        if is_unclear { error.with_hint(hint()) } else { error }
    })?;
    // Of several, each may have other packages.
    let is_only = args.names.len() < 2 && !args.all && !args.broken;
    if let Some(package) = allowed(args).unknown(old).filter(|_| is_only) {
        return Err(
            UpgradeError::Unknown { name: environment.name().clone(), package: printable(package.as_ref()) }.into()
        );
    }
    if !args.force && !args.dry_run {
        rebuild::check_users(process, environment)?;
    }
    Ok(pins)
}

/// Upgrades an environment. One whose Python is as good an answer stays as it is, unless that is gone: an older one is for
/// those who name it. `untouched` are the words for what an interruption leaves, `silence` those about an index that does not
/// answer.
pub(crate) fn upgrade(
    process: &Process,
    args: &UpgradeArgs,
    environment: &Environment,
    target: &Target,
    is_gone: bool,
    untouched: &str,
    silence: &OnceCell<String>,
) -> Result<Upgraded> {
    check(process, environment)?;
    let old = packages::read_rest(process, environment)?;
    let Target { interpreter, requested, demand } = target;
    let (from, to) = (interpreters::title_of(&old.python), interpreters::title(interpreter));
    if args.python.is_none() && !is_gone && is_same(&old.python, interpreter) {
        return Ok(Upgraded::not_at_all(from));
    }
    if args.python.is_none() && !is_gone && !due::is_alike(&old.python, interpreter) {
        return Err(other_kind(environment, from, to, interpreter).into());
    }
    let own = python::answers_already(environment.path(), demand.as_deref(), interpreter, &process.search());
    if let Some(own) = own.filter(|_| !is_gone) {
        return Ok(Upgraded::not_at_all(interpreters::title(&own)));
    }
    // Who names a version may not think of what else changes.
    if !is_gone && !due::is_of_same_kind(&old.python, interpreter) && !names_kind(process, args)? {
        return Err(other_kind(environment, from, to, interpreter).into());
    }
    let pins = pins_of(process, args, environment, &old)?;
    if !args.dry_run {
        snapshots::before(process, environment, "upgrade");
    }
    let is_down = due::is_older(interpreter, &old.python);
    let what = Upgraded::in_words(environment.name(), &from, &to, is_down);
    let (mut made, mut pins_due, mut problems) = (None, Vec::new(), Vec::new());
    let wanted = Wanted {
        requested_python: requested.clone(),
        reason: Reason::Upgrade,
        is_offline: args.offline,
        untouched: untouched.to_owned(),
    };
    let rebuilt = rebuild(process, environment, interpreter, &old, &wanted, &mut |staged| {
        pins::warn_before(process, environment, &staged.environment);
        pins_due = uv::pins_to_renew(environment, &staged.environment, &process.store);
        if args.dry_run {
            pins::warn_of_lost(process, environment, &staged.environment);
        }
        let engine = Engine::new(process, staged.environment.path(), args.offline)?.for_dry_run(args.dry_run);
        // Its own settings may name another index.
        let engine = if environment.path().join("pip.conf").exists() { engine } else { engine.after(silence) };
        let filled = fill(process, args, staged, (&old, &pins), &engine, &what, &mut problems);
        if let Some(words) = engine.silence() {
            let _ = silence.set(words.clone());
        }
        let (plan, is_ready) = filled?;
        made = Some((plan, engine.name()));
        Ok(is_ready)
    })?;
    let (plan, tool) = made.map_or((None, None), |(plan, tool)| (Some(plan), tool));
    Ok(Upgraded { from, to, is_down, plan, rebuilt, tool, problems, pins: pins_due })
}

/// Returns whether the command line names a kind of Python.
fn names_kind(process: &Process, args: &UpgradeArgs) -> Result<bool> {
    let home = process.config.home.as_deref();
    let requests = args.python.iter().map(|text| Request::parse(text, &process.cwd, home));
    Ok(requests.collect::<std::result::Result<Vec<_>, _>>()?.iter().any(Request::names_kind))
}

fn other_kind(environment: &Environment, from: String, to: String, interpreter: &Interpreter) -> UpgradeError {
    let version = interpreter.version.minor_text();
    let request = match interpreter.implementation {
        Implementation::CPython if !interpreter.is_free_threaded() => format!("cpython{version}"),
        _ => interpreter.guess().to_string(),
    };
    UpgradeError::OtherKind { name: environment.name().clone(), from, to, request }
}

fn allowed(args: &UpgradeArgs) -> Allowed<'_> {
    Allowed { build: &args.allow_build, relax: &args.relax }
}

/// Plans, shows the plan, installs and checks. Returns whether the new environment may take its place. `older` becomes what
/// did not fit before either.
fn fill(
    process: &Process,
    args: &UpgradeArgs,
    staged: &Staged,
    (old, pins): (&Packages, &Pins),
    engine: &Engine<'_>,
    what: &str,
    older: &mut Vec<Problem>,
) -> Result<(Plan, bool)> {
    let new = packages::read(process, &staged.environment)?;
    let python = &new.python;
    let mut plan = Plan::new(old, pins, python, &allowed(args), &mut |lines| {
        if lines.iter().any(|line| is_download(line)) {
            return engine.answer_of_url(lines);
        }
        // What is to have any version may need others, which limits it.
        let is_open = lines.iter().any(|line| is_name(line));
        let constraints = is_open.then(|| PathBuf::from("/dev/null"));
        engine.answer(&Call { lines, constraints, wheels_only: true, ..Call::default() })
    })?;
    plan.note_pip(old, &new);
    plan.add_what_the_base_had(old, &new);
    if let Some(words) = engine.silence() {
        if plan.waits_for_index() && !args.dry_run {
            return Err(UpgradeError::Silent(words.clone()).into());
        }
        printer::warning(&format!("an index does not answer: {words}"));
    }
    show(args, &plan, what);
    if args.dry_run {
        plan.is_unresolved = plan.check().is_ok() && !fits(staged, &plan, engine)?;
        return Ok((plan, false));
    }
    plan.check()?;
    for step in plan.with(Action::Carry) {
        old.get(&step.pin.key).map_or(Ok(()), |package| staged.carry_package(package))?;
    }
    install(staged, &plan, engine).map_err(|error| match engine.silence() {
        Some(words) => UpgradeError::Silent(words.clone()).into(),
        None if args.offline && error.hint().is_none() => {
            error.with_hint("the environment is as it was; leave out `--offline` to download what is missing".into())
        }
        None => error,
    })?;
    let new = packages::read(process, &staged.environment)?;
    let problems;
    (problems, *older) = check_since(&new, old);
    if !problems.is_empty() {
        let mut names: Vec<_> = problems.iter().map(|problem| problem.name.clone()).collect();
        names.dedup();
        let problems = problems.iter().map(ToString::to_string).collect();
        let python = format!("Python {}", python.full_version());
        return Err(UpgradeError::Broken { python, problems, names, is_down: plan.is_down }.into());
    }
    plan.note(&new);
    let lost: Vec<_> = plan.lost().map(|name| format!("`{}`", printable(name.as_ref()))).collect();
    if !lost.is_empty() {
        return Err(UpgradeError::Lost { names: lost }.into());
    }
    Ok((plan, true))
}

fn is_name(line: &str) -> bool {
    !line.contains(|c: char| matches!(c, '=' | '@') || c.is_whitespace())
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
    let newer: Vec<_> = plan.with(Action::Relax).map(|step| step.pin.clone()).collect();
    let new: Vec<_> = plan.with(Action::Add).chain(plan.replaced()).map(any_version).collect();
    if newer.is_empty() && new.is_empty() {
        return Ok(());
    }
    staged.with_limits(&plan.limits(), |file| install_within(file, &newer, &new, engine))?
}

/// Returns whether there are versions of what becomes newer or is new that fit what is kept, as far as that can be asked.
fn fits(staged: &Staged, plan: &Plan, engine: &Engine<'_>) -> Result<bool> {
    let chosen: Vec<_> = plan.chosen().map(any_version).collect();
    if chosen.is_empty() || !plan.is_from_index() {
        return Ok(true);
    }
    staged.with_limits(&plan.limits(), |file| engine.would_fit(&chosen, file))?
}

/// The pin of what comes in the version that fits best: what is replaced has had another.
fn any_version(step: &Step) -> Pin {
    match step.action {
        Action::Replace => Pin { version: None, line: step.pin.key.clone(), ..step.pin.clone() },
        _ => step.pin.clone(),
    }
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

/// The plan for people: what is simply kept is only counted. One that is only asked for is shown by the command.
fn show(args: &UpgradeArgs, plan: &Plan, what: &str) {
    if args.json || args.dry_run {
        return;
    }
    if plan.check().is_ok() && plan.count() > 0 {
        match plan.kept().count() {
            0 => {}
            1 => printer::message(&format!("{what}: 1 package keeps its version")),
            count => printer::message(&format!("{what}: {count} packages keep their versions")),
        }
    }
    let noted: Vec<_> = plan.steps.iter().filter(|step| step.action != Action::Keep).collect();
    if !noted.is_empty() {
        columns::message(&COLUMNS, noted.into_iter().map(row));
    }
}

/// The columns of a plan.
pub(crate) const COLUMNS: [Column<'static>; 3] =
    [Column::names("package", 16), Column::names("version", 10), Column::whole("plan")];

/// A row of a plan.
pub(crate) fn row(step: &Step) -> Vec<String> {
    let version = step.pin.version.clone().unwrap_or_else(|| "-".to_owned());
    vec![step.pin.key.clone(), version, step.action.word().to_owned()]
}
