//! Which Python a new environment gets: the first wish that is there, in the order in which people express them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::context::Search;
use super::find::{FindError, find, find_default, find_known, has_candidate, query_cached};
use super::interpreter::Interpreter;
use super::kin::{executables, newest_kin};
use super::names::Guess;
use super::newer::newest_patch;
use super::pinned::{Pinned, Unusable, pinned};
use super::query::{QueryError, because};
use super::request::{Request, RequestError};
use crate::env::BIN;
use crate::env::packages::library_directories;

/// Everything that may decide.
#[derive(Clone, Copy, Debug)]
pub struct Wishes<'a> {
    /// What the command line asks for: the first of these that is found.
    pub asked: &'a [OsString],
    /// What the configuration asks for; several are separated by commas or lines, as virtualenv has them.
    pub configured: Option<&'a OsStr>,
    /// Interpreters that come before all others, where they are what is asked for.
    pub first: &'a [OsString],
    /// The directory whose project files may ask for a version, if any may.
    pub project: Option<&'a Path>,
    /// Whether the newest patch release is taken instead of the first, of those that the command line leaves open.
    pub newest_patch: bool,
    /// What is used where PATH has no Python.
    pub fallback: Option<&'a OsStr>,
}

/// The Python of a new environment.
#[derive(Debug)]
pub struct Choice {
    /// The interpreter.
    pub interpreter: Interpreter,
    /// The words that asked for it; none for the default.
    pub requested: Option<String>,
    /// Whose words they are.
    pub origin: Origin,
    /// A file of the project that would have been asked, and cannot be understood.
    pub unusable: Option<Unusable>,
}

/// What decided.
#[derive(Debug)]
pub enum Origin {
    /// The command line.
    Asked,
    /// The configuration.
    Configured,
    /// A file of the project.
    Project {
        /// What it asks for.
        pinned: Pinned,
        /// Whether this is the release that it asks for, not only the same minor version.
        is_exact: bool,
    },
    /// Nothing: it is the first on PATH.
    Default {
        /// A file of the project that asks for something that is no version.
        pinned: Option<Pinned>,
        /// What is wrong with one that would come before it.
        broken: Option<QueryError>,
    },
    /// Nothing, and PATH has none.
    Fallback,
    /// The environment, which exists already.
    Environment,
}

/// Why no Python could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// What is asked for cannot be meant.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What is asked for is not there.
    #[error(transparent)]
    Find(#[from] FindError),
    /// What a file asks for cannot be meant.
    #[error("`{}` asks for Python {text}", file.display())]
    PinnedRequest {
        /// The file.
        file: PathBuf,
        /// What it asks for.
        text: String,
        /// What is wrong with it.
        #[source]
        source: RequestError,
    },
    /// What a file asks for is not installed.
    #[error("`{}` asks for Python {text}, which is not installed{}", file.display(), because(failed.as_deref()))]
    PinnedMissing {
        /// The file.
        file: PathBuf,
        /// What it asks for.
        text: String,
        /// The versions that are there instead.
        seen: Vec<String>,
        /// One that seems to be it by its name, and does not work.
        failed: Option<Box<QueryError>>,
    },
    /// What a file asks for is not usable.
    #[error("`{}` asks for Python {text}", file.display())]
    Pinned {
        /// The file.
        file: PathBuf,
        /// What it asks for.
        text: String,
        /// Why it was not found.
        #[source]
        source: Box<FindError>,
    },
}

/// Chooses the Python of a new environment. The active environment has no say in it.
pub fn choose(wishes: &Wishes<'_>, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let configured = wishes.configured.map(alternatives).unwrap_or_default();
    for (texts, origin) in [(wishes.asked, Origin::Asked), (&configured[..], Origin::Configured)] {
        if let Some((last, others)) = texts.split_last() {
            let found = others.iter().find_map(|text| requested(text, wishes, search).ok());
            let found = found.map_or_else(|| requested(last, wishes, search), Ok)?;
            return Ok(Choice { origin, ..found });
        }
    }
    if let Some(interpreter) = wishes.first.iter().find_map(|text| find_named(text, search)) {
        return Ok(Choice { interpreter, requested: None, origin: Origin::Asked, unusable: None });
    }
    let (pinned, unusable) = wishes.project.map_or((None, None), |project| pinned(project, search.home));
    let choice = match pinned {
        Some(pinned) if pinned.request.is_some() => of_project(pinned, wishes, search)?,
        other => default(other, wishes, search)?,
    };
    Ok(Choice { unusable, ..choice })
}

/// Returns the Python of an existing environment: its base, or where that is gone another one of its version.
pub fn choose_for_existing(environment: &Path, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let libraries = library_directories(environment);
    let chosen = |interpreter| Choice { interpreter, requested: None, origin: Origin::Environment, unusable: None };
    let mut python = environment.join(BIN).join("python");
    // Nothing else says what it leads to where `pyvenv.cfg` is lost.
    if !environment.join("pyvenv.cfg").exists() {
        python = python.canonicalize().unwrap_or(python);
    }
    let own = query_cached(&python, search);
    // A copy of a Python is none without the library that it was copied from.
    let is_copy = |found: &Interpreter| {
        found.executable.starts_with(environment) && !Path::new(&found.stdlib).starts_with(environment)
    };
    let fits =
        |found: &Interpreter| !is_copy(found) && (libraries.is_empty() || libraries.contains(&found.lib_dir_name()));
    match (own, libraries.first()) {
        (Ok(found), _) if fits(&found) => Ok(chosen(found)),
        // The packages decide, not a link that has come to mean another version.
        (_, Some(library)) => {
            if let Some(found) = newest_kin(environment, library, search) {
                return Ok(chosen(found));
            }
            let text = OsString::from(Guess::of_directory(library).to_string());
            let request = Request::parse(&text, search.cwd, search.home)?;
            Ok(chosen(find(Some(&request), search)?))
        }
        (own, None) => Ok(chosen(own.or_else(|_| find(None, search))?)),
    }
}

/// Returns a Python for an existing environment that takes no search: another patch release in the place of its own, or
/// one that is known already.
pub fn known_for_existing(environment: &Path, search: &Search<'_>) -> Option<Interpreter> {
    let (library, request) = request_of_existing(environment, search)?;
    let known = || find_known(&request, search).filter(|found| found.lib_dir_name() == library);
    newest_kin(environment, &library, search).or_else(known)
}

/// Returns whether there seems to be a Python of the version that an environment is for, by its name.
pub fn has_candidate_for_existing(environment: &Path, search: &Search<'_>) -> bool {
    let request = request_of_existing(environment, search);
    request.is_some_and(|(library, request)| {
        has_candidate(&request, search) || !executables(environment, &library).is_empty()
    })
}

/// The library directory of an environment, and the request for its version; none where there are several.
fn request_of_existing(environment: &Path, search: &Search<'_>) -> Option<(String, Request)> {
    let libraries = library_directories(environment);
    let [library] = &libraries[..] else { return None };
    let text = OsString::from(Guess::of_directory(library).to_string());
    Some((library.clone(), Request::parse(&text, search.cwd, search.home).ok()?))
}

fn requested(text: &OsStr, wishes: &Wishes<'_>, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let request = Request::parse(text, search.cwd, search.home)?;
    let mut first = wishes.first.iter().filter_map(|text| find_named(text, search));
    let interpreter = match first.find(|found| request.is_met_by(found)) {
        Some(interpreter) => interpreter,
        None if wishes.newest_patch => newest_patch(&request, find(Some(&request), search)?, search),
        None => find(Some(&request), search)?,
    };
    let requested = Some(text.to_string_lossy().into_owned());
    Ok(Choice { interpreter, requested, origin: Origin::Asked, unusable: None })
}

/// The interpreter that a text names, if there is one.
fn find_named(text: &OsStr, search: &Search<'_>) -> Option<Interpreter> {
    let request = Request::parse(text, search.cwd, search.home).ok()?;
    find(Some(&request), search).ok()
}

/// The alternatives in a setting. A range has commas, too: what begins with an operator goes on with it.
fn alternatives(text: &OsStr) -> Vec<OsString> {
    let Some(text) = text.to_str().filter(|text| text.contains([',', '\n'])) else { return vec![text.to_owned()] };
    if Path::new(text).exists() {
        return vec![text.into()];
    }
    let mut all: Vec<String> = Vec::new();
    for part in text.split('\n').flat_map(|line| line.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
        match all.last_mut() {
            Some(range) if part.starts_with(['<', '>', '=', '!', '~']) && range.contains(['<', '>', '=']) => {
                *range = format!("{range},{part}");
            }
            _ => all.push(part.to_owned()),
        }
    }
    all.into_iter().map(OsString::from).collect()
}

fn of_project(mut pinned: Pinned, wishes: &Wishes<'_>, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let (file, text) = (pinned.file.clone(), pinned.text.clone());
    let request = match pinned.request.take() {
        Some(Ok(request)) => request,
        Some(Err(source)) => return Err(ChooseError::PinnedRequest { file, text, source }),
        None => return default(Some(pinned), &Wishes { fallback: None, ..*wishes }, search),
    };
    let requested = Some(text.clone());
    let choice = |interpreter, is_exact| Choice {
        interpreter,
        requested,
        origin: Origin::Project { pinned, is_exact },
        unusable: None,
    };
    match (find(Some(&request), search), request.of_any_patch()) {
        (Ok(interpreter), _) => Ok(choice(interpreter, true)),
        // Another patch release of the same version runs the same packages.
        (Err(FindError::NotFound { .. }), Some(patch)) if let Ok(found) = find(Some(&patch), search) => {
            Ok(choice(found, false))
        }
        (Err(FindError::NotFound { seen, failed, .. }), _) => {
            Err(ChooseError::PinnedMissing { file, text, seen, failed })
        }
        (Err(source), _) => Err(ChooseError::Pinned { file, text, source: Box::new(source) }),
    }
}

fn default(pinned: Option<Pinned>, wishes: &Wishes<'_>, search: &Search<'_>) -> Result<Choice, ChooseError> {
    match (find_default(search), wishes.fallback) {
        (Ok((interpreter, broken)), _) => {
            Ok(Choice { interpreter, requested: None, origin: Origin::Default { pinned, broken }, unusable: None })
        }
        (Err(FindError::NotFound { .. } | FindError::NoPython), Some(fallback)) => {
            Ok(Choice { origin: Origin::Fallback, ..requested(fallback, &Wishes { first: &[], ..*wishes }, search)? })
        }
        (Err(error), _) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_alternatives_where_it_is_no_range() {
        let of = |text: &str| {
            alternatives(OsStr::new(text)).into_iter().map(|one| one.into_string().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of("3.12"), ["3.12"]);
        assert_eq!(of("3.99,pypy3, 3.11"), ["3.99", "pypy3", "3.11"]);
        assert_eq!(of("3.99\n /a b/python\n"), ["3.99", "/a b/python"]);
        assert_eq!(of(">=3.9,<3.12"), [">=3.9,<3.12"]);
        assert_eq!(of("cpython>=3.9,!=3.10,pypy3"), ["cpython>=3.9,!=3.10", "pypy3"]);
        assert_eq!(of(","), Vec::<String>::new());
    }
}
