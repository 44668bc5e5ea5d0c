//! Finding the environment that is meant, by name or as `.`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::project_file;
use venvwrap_core::store::FindError;

use crate::error::{Explain, Familiar, Result};
use crate::process::{Process, active};

/// Finds the environment of this name; `.` is the one that belongs to the current directory.
pub(crate) fn find(process: &Process, name: &OsStr) -> Result<Environment> {
    if name == "." {
        return of_directory(process);
    }
    Ok(process.store.find(existing_name(name)?.as_os_str())?)
}

/// Finds the environment that is named, else the active one. One that is gone is not active any more.
pub(crate) fn find_or_active(process: &Process, name: Option<&OsStr>) -> Result<Environment> {
    match (name, active().filter(|path| path.is_dir())) {
        (Some(name), _) => find(process, name),
        (None, None) => Err(NoneActive.into()),
        (None, Some(active)) => match active.file_name() {
            Some(name) if process.store.home().join(name) == active => find(process, name),
            Some(name) => Ok(Environment::new(existing_name(name)?, active)),
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

/// The environment named like the current directory, else the only one whose project it is, or the nearest directory
/// above it.
fn of_directory(process: &Process) -> Result<Environment> {
    let name = process.cwd.file_name().unwrap_or(OsStr::new("/"));
    let by_name = process.store.find(name);
    match by_name {
        Ok(environment) => Ok(environment),
        Err(FindError::NotFound { .. } | FindError::NotAnEnvironment { .. } | FindError::Name(_)) => {
            match by_project(process)? {
                Some(environment) => Ok(environment),
                None => Ok(by_name?),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn by_project(process: &Process) -> Result<Option<Environment>> {
    let mut best: Option<(usize, Environment)> = None;
    for name in process.store.names()? {
        let path = process.store.home().join(name.as_os_str());
        let environment = Environment::new(name, path);
        let file = environment.project_file(&process.config.project_filename);
        let Ok(Some(directory)) = project_file::read(&file) else { continue };
        let depth = directory.components().count();
        if is_within(&process.cwd, &directory) && best.as_ref().is_none_or(|(other, _)| depth > *other) {
            best = Some((depth, environment));
        }
    }
    Ok(best.map(|(_, environment)| environment))
}

/// Tells whether a path lies in a directory, also by its real path.
pub(crate) fn is_within(path: &Path, directory: &Path) -> bool {
    path.starts_with(directory) || directory.canonicalize().is_ok_and(|real| path.starts_with(real))
}

/// The name of an environment as people type it: completion may have left a slash behind it.
pub(crate) fn existing_name(text: &OsStr) -> Result<EnvName, venvwrap_core::env::name::NameError> {
    let bytes = text.as_bytes();
    EnvName::for_existing(OsStr::from_bytes(bytes.strip_suffix(b"/").unwrap_or(bytes)))
}
