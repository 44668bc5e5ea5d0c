//! An environment at a path, which need not be in the store: what is done to it is done where it is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use venvwrap_core::env::health::has_lost_marks;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::{Environment, is_environment};

use crate::error::{Error, Explain, Result, quoted_path, quoted_word};
use crate::process::Process;

/// An environment at a path.
pub(crate) struct Place {
    /// The process with its directory as the store; none for one of the user's store.
    pub(crate) process: Option<Process>,
    /// Its name there.
    pub(crate) name: EnvName,
}

/// A path leads to something else.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not an environment", .0.display())]
struct NotAnEnvironment(PathBuf);

impl Place {
    /// The environment.
    pub(crate) fn environment(self, process: &Process) -> Environment {
        let path = self.process.as_ref().unwrap_or(process).store.path_of(&self.name);
        Environment::new(self.name, path)
    }

    /// Returns whether something is left of a command that was interrupted, outside of the store.
    pub(crate) fn has_left_over(&self) -> bool {
        self.process.as_ref().is_some_and(|own| !own.store.left_over_of(&self.name).is_empty())
    }
}

impl Explain for NotAnEnvironment {
    fn hint(&self) -> Option<String> {
        let path = &self.0;
        let is_within = |above: &&Path| !above.as_os_str().is_empty() && is_environment(above);
        Some(match path.ancestors().skip(1).find(is_within) {
            Some(environment) => format!("it is in the environment `{}`", environment.display()),
            None if is_free(path) => format!(
                "give a name, or the directory of an environment, as `venvwrap venv {}` makes it",
                quoted_path(path)
            ),
            None => {
                "give a name, or the directory of an environment; `venvwrap list` shows those that have a name".into()
            }
        })
    }
}

/// Returns whether an environment can be made at a path without a thought for what is there.
fn is_free(path: &Path) -> bool {
    path.symlink_metadata().is_err() || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Returns the place of an environment that is named by its path: a word with a slash, which no name has. A slash at the
/// end, as completion leaves it, may follow a name, too. A symlink stands for what it leads to.
pub(crate) fn of(process: &Process, word: &OsStr) -> Result<Option<Place>> {
    find(process, word, false)
}

/// The same, also of a directory that is none yet, or none any more, because a command was interrupted there. Dots are a
/// path, and not what belongs to the current directory.
pub(crate) fn of_any(process: &Process, word: &OsStr) -> Result<Option<Place>> {
    find(process, word, true)
}

fn find(process: &Process, word: &OsStr, is_any: bool) -> Result<Option<Place>> {
    let is_dots = is_any && (word == "." || word == "..");
    let path = process.absolute(Path::new(word));
    let is_name = || EnvName::typed(word).is_ok_and(|name| process.store.path_of(&name).is_dir());
    if !(is_dots || word.as_bytes().contains(&b'/')) || (!is_environment(&path) && is_name()) {
        return Ok(None);
    }
    let not_one = || NotAnEnvironment(PathBuf::from(word));
    let path = if path.is_symlink() || path.file_name().is_none() {
        path.canonicalize().map_err(|_| not_one())?
    } else {
        path
    };
    let place = at(process, &path, &if is_dots { PathBuf::from(word) } else { shown(word) })?;
    let is_left_over = || is_any && place.has_left_over();
    if !is_environment(&path) && !is_left_over() && !has_lost_marks(&Environment::new(place.name.clone(), path)) {
        return Err(not_one().into());
    }
    Ok(Some(place))
}

/// Adds to the error about a word that names nothing the path of the environment of this name in the current directory.
pub(crate) fn hinted(process: &Process, word: &OsStr, error: Error) -> Error {
    let is_own = || EnvName::typed(word).is_ok_and(|name| process.store.path_of(&name).is_dir());
    if !word.as_bytes().contains(&b'/') && is_environment(&process.absolute(Path::new(word))) && !is_own() {
        return error.with_hint(format!("`./{}` is the environment in this directory", quoted_word(word)));
    }
    error
}

/// A path was given where only the store has what is meant.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is a directory, not the name of an environment", .0.display())]
struct NotInStore(PathBuf, &'static str);

impl Explain for NotInStore {
    fn hint(&self) -> Option<String> {
        Some(self.1.into())
    }
}

/// Returns a name as it was typed; the path of an environment gets this hint.
pub(crate) fn name_in_store(process: &Process, word: &OsStr, hint: &'static str) -> Result<EnvName> {
    let is_path = word.as_bytes().contains(&b'/') && is_environment(&process.absolute(Path::new(word)));
    EnvName::typed(word).map_err(|error| if is_path { NotInStore(word.into(), hint).into() } else { error.into() })
}

/// Returns the place of an environment that was found: the active one and that of a directory need not be in the store,
/// where another one may have their name.
pub(crate) fn of_environment(process: &Process, environment: &Environment) -> Result<Place> {
    let (name, path) = (environment.name(), environment.path());
    if path == process.store.path_of(name) {
        return Ok(Place { process: None, name: name.clone() });
    }
    at(process, path, name.path().unwrap_or(path))
}

/// Returns an environment that was found, called by its path unless it is one of the store: another one there may have
/// its name.
pub(crate) fn called(process: &Process, environment: Environment) -> Environment {
    let (name, path) = (environment.name(), environment.path());
    if name.path().is_some() || path == process.store.path_of(name) || process.store.keeps(&environment) {
        return environment;
    }
    Environment::new(name.clone().called_by(path), path.to_path_buf())
}

/// A path as it was typed, but for the slashes at its end. One without any other would be a name.
fn shown(word: &OsStr) -> PathBuf {
    let end = word.as_bytes().iter().rposition(|&byte| byte != b'/').map_or(word.len(), |last| last + 1);
    let path = Path::new(OsStr::from_bytes(&word.as_bytes()[..end]));
    if path.as_os_str().as_bytes().contains(&b'/') { path.to_path_buf() } else { Path::new(".").join(path) }
}

/// The place of what is at a path, which is shown as it was written.
fn at(process: &Process, path: &Path, shown: &Path) -> Result<Place> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(NotAnEnvironment(shown.to_path_buf()).into());
    };
    let name = EnvName::for_existing(name)?;
    if path.canonicalize().is_ok_and(|real| process.store.holds(&real)) {
        return Ok(Place { process: None, name });
    }
    Ok(Place { process: Some(process.anywhere(directory.to_path_buf())), name: name.called_by(shown) })
}
