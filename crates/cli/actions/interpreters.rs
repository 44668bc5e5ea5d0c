//! Which Python a new environment gets, and what is said about it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use venvwrap_core::config::variables::{VIRTUALENV_PYTHON, VIRTUALENVWRAPPER_PYTHON};
use venvwrap_core::fs::text::printable;
use venvwrap_core::python::{self, Choice, Implementation, Interpreter, Origin, Wishes};
use venvwrap_core::snapshot::python::Python;

use super::defaults::Defaults;
use super::missing::{self, Installs};
use crate::error::{Context as _, Result};
use crate::process::{Process, set_variable};
use crate::ui::printer::{self, shown};

/// Chooses the Python of a new environment; `project` is the directory whose files may ask for one, if any may.
pub(crate) fn choose(
    process: &Process,
    asked: &[OsString],
    first: &[OsString],
    defaults: &Defaults,
    project: Option<&Path>,
    installs: &Installs<'_>,
) -> Result<Choice> {
    let wishes = wishes(process, asked, defaults, project);
    chosen(process, &Wishes { first, ..wishes }, defaults, installs)
}

/// Chooses the Python of an upgrade: the newest patch release of those that the command line leaves open.
pub(crate) fn choose_for_upgrade(
    process: &Process,
    asked: &[OsString],
    defaults: &Defaults,
    project: Option<&Path>,
    installs: &Installs<'_>,
) -> Result<Choice> {
    let wishes = wishes(process, asked, defaults, project);
    chosen(process, &Wishes { newest_patch: true, ..wishes }, defaults, installs)
}

fn wishes<'a>(
    process: &'a Process,
    asked: &'a [OsString],
    defaults: &'a Defaults,
    project: Option<&'a Path>,
) -> Wishes<'a> {
    let of_virtualenv = defaults.python.as_ref().map(|(python, _)| python.as_os_str());
    Wishes {
        asked,
        first: &[],
        newest_patch: false,
        configured: process.config.python.as_deref().or(of_virtualenv),
        project,
        fallback: process.config.fallback_python.as_deref(),
    }
}

fn chosen(process: &Process, wishes: &Wishes<'_>, defaults: &Defaults, installs: &Installs<'_>) -> Result<Choice> {
    let is_configured = wishes.asked.is_empty() && wishes.configured.is_some();
    let choice = match python::choose(wishes, &process.search()) {
        Ok(choice) => choice,
        Err(error) => {
            let installed = missing::install(process, error, installs);
            if is_configured {
                installed.with_context(|| configured_by(process, defaults))?;
            } else {
                installed?;
            }
            python::choose(wishes, &process.search())?
        }
    };
    warn(process, &choice);
    Ok(choice)
}

/// Chooses the Python of an environment that is only renewed.
pub(crate) fn choose_for_existing(process: &Process, environment: &Path) -> Result<Choice> {
    Ok(python::choose_for_existing(environment, &process.search())?)
}

/// The name and version of an interpreter: `Python 3.12.4`, `PyPy 3.10.14`.
pub(crate) fn title(interpreter: &Interpreter) -> String {
    let name = match interpreter.implementation {
        Implementation::CPython => "Python",
        other => other.name(),
    };
    let mark = if interpreter.is_free_threaded() { "t" } else { "" };
    format!("{name} {}{mark}", interpreter.version)
}

/// The same for the Python of an environment, as far as it is known.
pub(crate) fn title_of(python: &Python) -> String {
    let implementation = &*python.markers.platform_python_implementation;
    let name = if matches!(implementation, "" | "CPython") { "Python" } else { implementation };
    let mark = if python.is_free_threaded { "t" } else { "" };
    format!("{name} {}{mark}", python.full_version())
}

/// What decided, where it was not the command line: `` (`.python-version`)``.
pub(crate) fn reason(process: &Process, origin: &Origin, defaults: &Defaults) -> String {
    let reason = match origin {
        Origin::Asked | Origin::Default { .. } | Origin::Environment => return String::new(),
        Origin::Project { pinned, .. } => format!("`{}`", pinned.key),
        Origin::Fallback => format!("`{}`", VIRTUALENVWRAPPER_PYTHON.name),
        Origin::Configured => configured_by(process, defaults),
    };
    format!(" ({reason})")
}

/// Where the Python of every new environment is set.
fn configured_by(process: &Process, defaults: &Defaults) -> String {
    if set_variable(VIRTUALENV_PYTHON).is_some() {
        return format!("`{}`", VIRTUALENV_PYTHON.name);
    }
    match &defaults.python {
        Some((_, key)) if process.config.python.is_none() => key.clone(),
        _ => "`python` in `config.toml`".to_string(),
    }
}

/// Warns where a file of the project asks for something else, or cannot be understood, and where the Python that would be
/// taken does not work.
fn warn(process: &Process, choice: &Choice) {
    if let Some(unusable) = &choice.unusable {
        let file = shown(&unusable.file, process.config.home.as_deref());
        printer::warning(&format!("`{file}` is ignored: {}", unusable.problem));
    }
    if let Origin::Default { broken: Some(error), .. } = &choice.origin {
        printer::warning(&format!("{error}; this is {}", title(&choice.interpreter)));
    }
    let (pinned, problem) = match &choice.origin {
        Origin::Project { pinned, is_exact: false } => {
            (pinned, format!("which is not installed; this is {}", choice.interpreter.version))
        }
        Origin::Default { pinned: Some(pinned), .. } => (pinned, "which is not a version of Python".to_string()),
        _ => return,
    };
    let file = shown(&pinned.file, process.config.home.as_deref());
    printer::warning(&format!("`{file}` asks for `{}`, {problem}", printable(OsStr::new(&pinned.text))));
}
