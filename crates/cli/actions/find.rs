//! Finding the environment that is meant, by name or as `.`.

use std::ffi::OsStr;
use std::path::PathBuf;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::project::of_directory::Answer;

use crate::error::{Context as _, Explain, Familiar, Result};
use crate::process::{Process, active};
use crate::ui::{printer, sentences};

/// Finds the environment of this name; `.` is the one that belongs to the current directory.
pub(crate) fn find(process: &Process, name: &OsStr) -> Result<Environment> {
    if name == "." {
        return of_directory(process);
    }
    Ok(process.store.find(EnvName::typed(name)?.as_os_str())?)
}

/// Finds the environment that is named, else the active one. One that is gone is not active any more.
pub(crate) fn find_or_active(process: &Process, name: Option<&OsStr>) -> Result<Environment> {
    match (name, active()) {
        (Some(name), _) => find(process, name),
        (None, Some(active)) if !active.is_dir() => Err(ActiveIsGone(active).into()),
        (None, None) => Err(NoneActive.into()),
        (None, Some(active)) => match active.file_name() {
            Some(name) => {
                let name = EnvName::typed(name)?;
                if process.store.path_of(&name) == active {
                    find(process, name.as_os_str())
                } else {
                    Ok(Environment::new(name, active))
                }
            }
            None => Err(NoneActive.into()),
        },
    }
}

/// No environment was named and none is active.
#[derive(Debug, thiserror::Error)]
#[error("no environment is active")]
pub(crate) struct NoneActive;

impl Explain for NoneActive {
    fn hint(&self) -> Option<String> {
        Some("name one, or activate it first with `workon NAME`".into())
    }

    fn familiar(&self) -> Option<Familiar> {
        Some(Familiar::NoneActive)
    }
}

/// No environment belongs to the current directory, and none can have its name.
#[derive(Debug, thiserror::Error)]
#[error("no environment belongs to `{}`", .0.display())]
struct NoneHere(PathBuf);

impl Explain for NoneHere {
    fn hint(&self) -> Option<String> {
        Some("`mkvirtualenv -a . NAME` creates one".into())
    }
}

/// The environment that `VIRTUAL_ENV` names is gone.
#[derive(Debug, thiserror::Error)]
#[error("the active environment `{}` no longer exists", .0.display())]
pub(crate) struct ActiveIsGone(PathBuf);

impl Explain for ActiveIsGone {
    fn hint(&self) -> Option<String> {
        Some("run `deactivate`, or name an environment".into())
    }

    fn familiar(&self) -> Option<Familiar> {
        Some(Familiar::NoneActive)
    }
}

/// Returns what belongs to the current directory; nothing where this program has no state directory.
pub(crate) fn here(process: &Process) -> Result<Answer> {
    let Some(switcher) = process.switcher() else { return Ok(Answer::default()) };
    process.store.refresh_mirror().with_context(|| "could not update the associations".into())?;
    Ok(switcher.of_directory(&process.cwd))
}

/// Finds the environment that belongs to the current directory. What could not be used is reported.
fn of_directory(process: &Process) -> Result<Environment> {
    let answer = here(process)?;
    for decision in &answer.passed_over {
        if let Some(text) = sentences::obstacle(decision, process.config.home.as_deref()) {
            printer::warning(&text);
        }
    }
    match answer.found {
        Some(found) => Ok(found.environment().clone()),
        // The error names what people expect to find: the environment of the directory's name.
        None => match process.cwd.file_name().filter(|name| EnvName::typed(name).is_ok()) {
            Some(name) => Ok(process.store.find(name)?),
            None => Err(NoneHere(process.cwd.clone()).into()),
        },
    }
}
