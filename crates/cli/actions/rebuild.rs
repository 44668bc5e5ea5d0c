//! Building an environment again: its options read from what it is, and what stands in the way.

use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::env::direct_url::file_url;
use venvwrap_core::env::health;
use venvwrap_core::env::metadata::Metadata;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::usage::User;
use venvwrap_core::env::{packages, usage};
use venvwrap_core::python::Interpreter;
use venvwrap_core::shell::activate;
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::snapshot::pins::Pin;
use venvwrap_core::store::create::{self, CreateError, CreateOptions, OnExisting, RebuildError, Rebuilt, Staged};
use venvwrap_core::store::trash::{Put, Reason};
use venvwrap_core::wheel::Download;
use venvwrap_core::wheel::policy::{self, SeedChoice};

use super::{background, interrupt, pins, place, sources};
use crate::error::{Error, Explain, Result, quoted, quoted_path};
use crate::process::Process;
use crate::ui::progress::Progress;
use crate::ui::{printer, trash};

/// How many names of files are told.
const NAMED: usize = 5;

/// How an environment is rebuilt.
pub(crate) struct Wanted {
    /// The Python that was asked for, as it was written.
    pub(crate) requested_python: Option<String>,
    /// Why the old one is in the trash.
    pub(crate) reason: Reason,
    /// Whether no index is asked.
    pub(crate) is_offline: bool,
    /// What an interruption leaves, in words.
    pub(crate) untouched: String,
}

/// Ctrl-C has ended what fills the new environment.
#[derive(Debug, thiserror::Error)]
#[error("interrupted: {untouched}")]
pub(crate) struct Interrupted {
    /// What is as it was, in words.
    pub(crate) untouched: String,
}

impl Explain for Interrupted {
    fn status(&self) -> u8 {
        interrupt::status()
    }

    fn hint(&self) -> Option<String> {
        None
    }
}

/// Builds an environment with an interpreter, fills it, and puts it in the place of the old one. Returns none if `fill`
/// wants nothing to change.
pub(crate) fn rebuild(
    process: &Process,
    environment: &Environment,
    interpreter: &Interpreter,
    old: &Packages,
    wanted: &Wanted,
    fill: &mut dyn FnMut(&Staged) -> Result<bool>,
) -> Result<Option<Rebuilt>> {
    let place = place::of_environment(process, environment)?;
    let process = place.process.as_ref().unwrap_or(process);
    let mut sources = sources::known(process, interpreter);
    if wanted.is_offline {
        sources.download = Download::Never;
    }
    let mut progress = Progress::new(false);
    let mut failure: Option<Error> = None;
    let watch = interrupt::end_with(process, wanted.untouched.clone());
    let mut build = |pip: Option<String>| {
        let options = options(environment, interpreter, wanted.requested_python.clone(), pip);
        let request = create::CreateRequest { interpreter, sources: &sources, options };
        let mut fill = |staged: &Staged| {
            let is_filled = fill(staged).unwrap_or_else(|error| {
                failure = Some(error);
                false
            });
            if is_filled {
                // From here on it may be the new one.
                interrupt::postpone(&watch);
            }
            is_filled
        };
        process.store.rebuild(&place.name, &request, wanted.reason, &mut |event| progress.show(&event), &mut fill)
    };
    let pip = pip_of(old).and_then(|version| policy::kept_pip(version, &interpreter.version));
    let rebuilt = match build(pip.clone()) {
        // That version is nowhere to be had: any other will do.
        Err(RebuildError::Create(CreateError::Seed(_))) if pip.is_some() => build(None),
        other => other,
    };
    drop(watch);
    background::sweep_left_overs(process);
    if let Some(failure) = failure {
        let untouched = wanted.untouched.clone();
        return Err(if interrupt::was_interrupted() { Interrupted { untouched }.into() } else { failure });
    }
    let rebuilt = rebuilt?;
    if let Some(rebuilt) = &rebuilt {
        tell_of_the_rest(process, rebuilt);
        tell_of_directory(process, environment.path());
        pins::follow(process, environment);
        background::sweep(process);
    }
    Ok(rebuilt)
}

/// The version of pip in an environment; none where it is not an ordinary one.
fn pip_of(old: &Packages) -> Option<&str> {
    let found = old.installed.distributions.iter().find(|found| found.key == "pip" && found.is_local)?;
    (found.direct_url.is_none() && found.editable.is_none()).then_some(&*found.version)
}

/// The options that would create an environment as it is; with this version of pip, if there is one.
fn options(
    environment: &Environment,
    interpreter: &Interpreter,
    requested_python: Option<String>,
    pip: Option<String>,
) -> CreateOptions {
    let root = environment.path();
    let cfg = environment.cfg().unwrap_or_default();
    let has = |name: &str| packages::site_packages(root).iter().any(|site| packages::names(site).contains(name));
    // Where the packages are lost, its program still says that it was there.
    let has_pip = has("pip") || environment.bin().join("pip").exists();
    let seeds = SeedChoice { no_pip: !has_pip, no_setuptools: true, pip, ..SeedChoice::default() };
    let link = environment.python();
    let is_old = health::is_of_old_virtualenv(environment);
    CreateOptions {
        prompt: cfg.prompt().map(str::to_owned),
        system_site_packages: if is_old {
            health::shows_system_by_old_virtualenv(environment)
        } else {
            cfg.include_system_site_packages()
        },
        copies: !is_old && link.exists() && !link.is_symlink() && interpreter.framework.is_empty(),
        existing: OnExisting::Replace,
        seeds: seeds.requests(&interpreter.version),
        activators: activate::chosen(environment),
        vcs_ignore: root.join(".gitignore").exists(),
        requested_python: requested_python.or_else(|| Metadata::read(root).requested_python),
        ..CreateOptions::default()
    }
}

/// The environment is used by others, who would lose their files.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is in use {}", by(.users))]
pub(crate) struct InUse {
    name: EnvName,
    /// Those that can be seen from here.
    users: Vec<User>,
}

impl Explain for InUse {
    fn hint(&self) -> Option<String> {
        Some("deactivate it there first; with `--force`, programs that run there may lose their packages".into())
    }
}

fn by(users: &[User]) -> String {
    if users.is_empty() { "on another machine or in a container".into() } else { format!("by {}", usage::list(users)) }
}

/// Refuses what would take files from programs that run; those that lead to this one do not count.
pub(crate) fn check_users(process: &Process, environment: &Environment) -> Result<(), InUse> {
    let own = usage::own(i32::try_from(std::process::id()).unwrap_or(0));
    let survey = process.store.users_in([environment.path()], &own);
    let users = survey.users_of(environment.path());
    if users.is_empty() && !survey.is_in_use(environment.path()) {
        return Ok(());
    }
    Err(InUse { name: environment.name().clone(), users })
}

/// The line that installs a package into a new environment: a project inside the old one is installed from where it has
/// been taken over to.
pub(crate) fn line_in(staged: &Staged, pin: &Pin) -> String {
    match pin.path.as_deref().and_then(|path| staged.path_of(path)) {
        Some(path) if pin.line.starts_with("-e ") => format!("-e {}", file_url(&path)),
        _ => pin.line.clone(),
    }
}

/// Says how the old environment comes back, after what was done is said.
pub(crate) fn tell_of_undo(rebuilt: &Rebuilt) {
    if matches!(rebuilt.replaced, Put::Kept) {
        let name = quoted(rebuilt.environment.name());
        printer::remark(&format!("`venvwrap undo {name}` brings back the environment as it was"));
    }
}

/// Says how to go on in a shell that was in an environment which has been replaced: it is in the old one.
pub(super) fn tell_of_directory(process: &Process, env: &Path) {
    let cwd = &process.cwd;
    if cwd.starts_with(env) || env.canonicalize().is_ok_and(|real| cwd.starts_with(real)) {
        let there = quoted_path(if cwd.is_dir() { cwd } else { env });
        printer::warning(&format!(
            "the current directory belongs to the environment that was replaced; `cd {there}` leads into the new one"
        ));
    }
}

/// Says where activation scripts are that were written anew.
pub(crate) fn tell_of_scripts(name: &EnvName, beside: &[PathBuf]) {
    for old in beside {
        let (new, old) = (printer::shown(&old.with_extension(""), None), printer::shown(old, None));
        printer::warning(&format!("`{new}` of `{name}` is a new one; the old one, which may have changes, is `{old}`"));
    }
}

fn tell_of_the_rest(process: &Process, rebuilt: &Rebuilt) {
    trash::tell_of_loss(&process.store, &rebuilt.replaced);
    tell_of_scripts(rebuilt.environment.name(), &rebuilt.carried.beside);
    let left = &rebuilt.carried.left;
    if !left.is_empty() {
        let shown: Vec<_> = left.iter().take(NAMED).map(|path| format!("`{}`", printer::shown(path, None))).collect();
        let more = if left.len() > NAMED { format!(" and {} more", left.len() - NAMED) } else { String::new() };
        let place = match rebuilt.replaced {
            Put::Kept => {
                let (name, until) = (quoted(rebuilt.environment.name()), trash::until(process.trash().keep));
                format!("`venvwrap undo {name}` brings back the old environment, which has them, {until}")
            }
            Put::Aside(_) | Put::NotKept(_) => "they are deleted with the old environment".into(),
        };
        printer::warning(&format!(
            "these were compiled for the old Python, belong to no package and were not taken over: {}{more}; {place}",
            shown.join(", ")
        ));
    }
}
