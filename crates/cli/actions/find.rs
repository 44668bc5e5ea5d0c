//! Finding the environment that is meant, by name or as `.`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::project::decide::{Decision, Question};
use venvwrap_core::project::of_directory::{Answer, Found};

use super::{pins, place};
use crate::error::{Context as _, Error, Explain, Familiar, Result, called, quoted_path};
use crate::process::{Process, active};
use crate::ui::{printer, sentences};

/// The name that stands for whatever belongs to the current directory.
const HERE: &str = ".";

/// An environment that somebody means, and the project that it is meant for.
pub(crate) struct Meant {
    /// The environment.
    pub(crate) environment: Environment,
    /// The project.
    pub(crate) project: ProjectOf,
}

/// Which project is meant: several directories may share an environment.
pub(crate) enum ProjectOf {
    /// The one that the environment names, if it does.
    Recorded,
    /// This directory.
    Directory(PathBuf),
    /// None: the directory names the environment of another project, and was not allowed to do more.
    None,
}

/// Finds the environment of this name with its project; `.` means the project that the current directory is in.
pub(crate) fn find_meant(process: &Process, name: &OsStr) -> Result<Meant> {
    if name != HERE {
        return Ok(Meant { environment: find(process, name)?, project: ProjectOf::Recorded });
    }
    Ok(match of_directory(process)? {
        Found::Resolved(target) => {
            let is_project = target.candidate.file.is_none() || target.grants.is_some();
            let project = if is_project { ProjectOf::Directory(target.directory) } else { ProjectOf::None };
            Meant { environment: place::called(process, target.candidate.environment), project }
        }
        Found::Hashed(environment) | Found::Named(environment) => Meant { environment, project: ProjectOf::Recorded },
    })
}

/// Finds the environment of this name; `.` is the one that belongs to the current directory.
pub(crate) fn find(process: &Process, name: &OsStr) -> Result<Environment> {
    if name == HERE {
        return Ok(place::called(process, of_directory(process)?.environment().clone()));
    }
    named(process, name).map_err(|error| or_directory(process, name, error))
}

/// A name as it was typed; a path is none.
pub(crate) fn name_of(process: &Process, word: &OsStr) -> Result<EnvName> {
    EnvName::typed(word).map_err(|error| or_directory(process, word, error.into()))
}

fn named(process: &Process, name: &OsStr) -> Result<Environment> {
    let name = EnvName::typed(name)?;
    process.store.finish_interrupted(&name);
    Ok(process.store.find(name.as_os_str())?)
}

fn or_directory(process: &Process, name: &OsStr, error: Error) -> Error {
    directory_of(process, name).map_or(error, |directory| IsDirectory(directory).into())
}

/// The environment outside of the store whose path was given as a name.
fn directory_of(process: &Process, name: &OsStr) -> Option<PathBuf> {
    let path = process.absolute(Path::new(name));
    let is_environment = path.join("pyvenv.cfg").is_file() && path.parent() != Some(process.store.home());
    is_environment.then(|| PathBuf::from(name))
}

/// A path was given instead of a name.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is a directory, not the name of an environment", .0.display())]
struct IsDirectory(PathBuf);

impl Explain for IsDirectory {
    fn hint(&self) -> Option<String> {
        Some(format!("`venvwrap adopt {} NAME` gives it a name", quoted_path(&self.0)))
    }
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
                    Ok(place::called(process, Environment::new(name, active)))
                }
            }
            None => Err(NoneActive.into()),
        },
    }
}

/// Finds an environment that keeps its place and name: also by its path.
pub(crate) fn find_at(process: &Process, name: Option<&OsStr>) -> Result<Environment> {
    find_or_active(process, name).or_else(|error| match name.map(|word| (word, place::of(process, word))) {
        Some((_, Ok(Some(place)))) => Ok(place.environment(process)),
        Some((_, Err(error))) => Err(error),
        Some((word, Ok(None))) => Err(place::hinted(process, word, error)),
        None => Err(error),
    })
}

/// The same as [`find_meant`], also by the path of the environment.
pub(crate) fn find_meant_at(process: &Process, name: &OsStr) -> Result<Meant> {
    if name == HERE {
        return find_meant(process, name);
    }
    Ok(Meant { environment: find_at(process, Some(name))?, project: ProjectOf::Recorded })
}

/// No environment was named and none is active.
#[derive(Debug, thiserror::Error)]
#[error("no environment is active")]
pub(crate) struct NoneActive;

impl Explain for NoneActive {
    fn hint(&self) -> Option<String> {
        Some(if called::is_by_shell_function() {
            "activate one first with `workon NAME`".into()
        } else {
            "name one, or activate one first".into()
        })
    }

    fn familiar(&self) -> Option<Familiar> {
        Some(Familiar::NoneActive)
    }
}

/// No environment belongs to the current directory.
#[derive(Debug, thiserror::Error)]
#[error("no environment {}belongs to `{}`", if untrusted.is_some() { "that you trust " } else { "" }, directory.display())]
struct NoneHere {
    directory: PathBuf,
    /// A directory that must be allowed first.
    untrusted: Option<PathBuf>,
}

impl Explain for NoneHere {
    fn hint(&self) -> Option<String> {
        Some(match &self.untrusted {
            Some(directory) => format!("`venvwrap allow {}` trusts the directory", quoted_path(directory)),
            None => format!("`{} -a . NAME` creates one", called::create()),
        })
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
fn of_directory(process: &Process) -> Result<Found> {
    let answer = here(process)?;
    for decision in &answer.passed_over {
        let home = process.config.home.as_deref();
        let text = match &answer.found {
            Some(found) => sentences::passed_over(decision, found, home),
            None => sentences::obstacle(decision, home),
        };
        if let Some(text) = text {
            printer::warning(&text);
        }
    }
    if let Some(found) = answer.found {
        pins::renew_here(process, found.environment());
        return Ok(found);
    }
    Err(NoneHere { directory: process.cwd.clone(), untrusted: untrusted(answer.passed_over) }.into())
}

/// Returns why a directory has no environment where what it has must be allowed first.
pub(crate) fn not_trusted(directory: &Path, passed_over: Vec<Decision>) -> Option<Error> {
    let untrusted = untrusted(passed_over)?;
    Some(NoneHere { directory: directory.to_path_buf(), untrusted: Some(untrusted) }.into())
}

fn untrusted(passed_over: Vec<Decision>) -> Option<PathBuf> {
    passed_over.into_iter().find_map(|decision| match decision {
        Decision::Denied { directory, .. } | Decision::Ask(Question { directory, .. }) => Some(directory),
        Decision::Enter(_) | Decision::Broken(_) => None,
    })
}
