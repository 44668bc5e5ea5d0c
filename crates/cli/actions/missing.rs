//! A Python that is missing: uv or pyenv can install it, if the user wants that.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use venvwrap_core::config::InstallPython;
use venvwrap_core::config::variables::PYENV_ROOT;
use venvwrap_core::python::{ChooseError, Missing, PythonInstaller};

use super::interrupt;
use crate::error::{Explain, Result, quoted_word};
use crate::process::{Process, is_executable, on_path, set_variable};
use crate::ui::printer;

/// How a Python that is missing could be had.
struct Offer {
    program: PathBuf,
    arguments: Vec<String>,
    /// The command as people type it.
    text: String,
}

/// When a Python that is missing is installed.
pub(crate) struct Installs<'a> {
    /// Whether the user has agreed.
    pub(crate) is_asked_for: bool,
    /// Whether nothing may be changed, or no index asked.
    pub(crate) is_forbidden: bool,
    /// Fails for what would be refused with any Python that is meant: it would be installed for nothing.
    pub(crate) check: &'a dyn Fn(&Missing) -> Result<()>,
}

/// A Python is missing that a program could install, this one if it is on this machine.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
struct Installable {
    source: ChooseError,
    command: Option<String>,
}

impl Explain for Installable {
    fn hint(&self) -> Option<String> {
        let seen = match &self.source {
            ChooseError::Find(error) => error.seen(),
            ChooseError::PinnedMissing { seen, .. } => seen,
            _ => &[],
        };
        let found = if seen.is_empty() { String::new() } else { format!("found: {}; ", seen.join(", ")) };
        Some(match &self.command {
            Some(command) => format!("{found}`{command}` installs it, as does the option `--install-python`"),
            None => format!("{found}install uv (https://docs.astral.sh/uv) or pyenv, which install Pythons"),
        })
    }
}

/// The program that should have installed a Python has not.
#[derive(Debug, thiserror::Error)]
enum InstallError {
    #[error("`{0}` did not install the Python")]
    Failed(String),
    #[error("could not run `{0}`")]
    Start(String, #[source] std::io::Error),
}

impl Explain for InstallError {
    fn hint(&self) -> Option<String> {
        Some("`venvwrap pythons` lists those that are there".into())
    }
}

/// Installs a Python that could not be found, if the user has agreed or agrees now; fails if not.
pub(crate) fn install(process: &Process, error: ChooseError, installs: &Installs<'_>) -> Result<()> {
    let Some(missing) = Missing::of(&error) else { return Err(error.into()) };
    let Some(offer) = offer(process, &missing) else {
        let is_wanted = installs.is_asked_for || process.config.install_python == InstallPython::Always;
        return Err(if is_wanted { Installable { source: error, command: None }.into() } else { error.into() });
    };
    (installs.check)(&missing)?;
    let agrees = match process.config.install_python {
        _ if installs.is_forbidden => false,
        _ if installs.is_asked_for => true,
        InstallPython::Always => true,
        InstallPython::Never => false,
        InstallPython::Ask if has_declined(&offer.text) => false,
        InstallPython::Ask => agrees(&error, &offer.text),
    };
    if !agrees {
        return Err(Installable { source: error, command: Some(offer.text) }.into());
    }
    let mut command = Command::new(&offer.program);
    // Its output is no result of ours. The directory that we are in could name another place to get it from.
    command.args(&offer.arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr()));
    match interrupt::status_of(&mut command) {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(InstallError::Failed(offer.text).into()),
        Err(error) => Err(InstallError::Start(offer.text, error).into()),
    }
}

/// The first program that is here and can install it.
fn offer(process: &Process, missing: &Missing) -> Option<Offer> {
    PythonInstaller::ALL.into_iter().find_map(|installer| {
        let program = on_path(installer.program()).or_else(|| beside(process, installer))?;
        let arguments = installer.arguments(missing)?;
        let words = arguments.iter().map(|word| quoted_word(OsStr::new(word)));
        let text = std::iter::once(installer.program().to_string()).chain(words).collect::<Vec<_>>().join(" ");
        Some(Offer { program, arguments, text })
    })
}

/// pyenv is a function in many shells, and its program is not on PATH.
fn beside(process: &Process, installer: PythonInstaller) -> Option<PathBuf> {
    let root = set_variable(PYENV_ROOT).map(PathBuf::from);
    let root = root.or_else(|| Some(process.config.home.as_ref()?.join(".pyenv")))?;
    let program = root.join("bin/pyenv");
    (installer == PythonInstaller::Pyenv && is_executable(&program)).then_some(program)
}

fn agrees(error: &ChooseError, command: &str) -> bool {
    if !printer::can_ask() {
        return false;
    }
    printer::message(&error.to_string());
    let agrees = printer::asks(&format!("run `{command}` to install it? [y/N] ")).unwrap_or(false);
    if !agrees {
        declined().push(command.to_owned());
    }
    agrees
}

/// What the user has said no to: a command for many environments asks once.
static DECLINED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn has_declined(command: &str) -> bool {
    declined().iter().any(|declined| declined == command)
}

fn declined() -> MutexGuard<'static, Vec<String>> {
    DECLINED.lock().unwrap_or_else(PoisonError::into_inner)
}
