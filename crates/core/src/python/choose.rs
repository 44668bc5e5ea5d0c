//! Which Python a new environment gets: the first wish that is there, in the order in which people express them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::context::Search;
use super::find::{FindError, find, find_known, has_candidate, query_cached};
use super::interpreter::Interpreter;
use super::names::Guess;
use super::pinned::{Pinned, Unusable, pinned};
use super::request::{Request, RequestError};
use crate::env::BIN;
use crate::env::packages::library_directories;

/// Everything that may decide.
#[derive(Clone, Copy, Debug)]
pub struct Wishes<'a> {
    /// What the command line asks for.
    pub asked: Option<&'a OsStr>,
    /// What the configuration asks for.
    pub configured: Option<&'a OsStr>,
    /// The directory whose project files may ask for a version, if any may.
    pub project: Option<&'a Path>,
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
    /// Nothing: it is the first on PATH. A file of the project may ask for something that is no version.
    Default(Option<Pinned>),
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
    #[error("`{}` asks for Python {text}, which is not installed", file.display())]
    PinnedMissing {
        /// The file.
        file: PathBuf,
        /// What it asks for.
        text: String,
        /// The versions that are there instead.
        seen: Vec<String>,
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
    for (wish, origin) in [(wishes.asked, Origin::Asked), (wishes.configured, Origin::Configured)] {
        if let Some(text) = wish {
            return requested(text, origin, search);
        }
    }
    let (pinned, unusable) = wishes.project.map_or((None, None), |project| pinned(project, search.home));
    let choice = match pinned {
        Some(pinned) if pinned.request.is_some() => of_project(pinned, search)?,
        other => default(other, wishes.fallback, search)?,
    };
    Ok(Choice { unusable, ..choice })
}

/// Returns the Python of an existing environment: its base, or where that is gone another one of its version.
pub fn choose_for_existing(environment: &Path, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let libraries = library_directories(environment);
    let chosen = |interpreter| Choice { interpreter, requested: None, origin: Origin::Environment, unusable: None };
    let own = query_cached(&environment.join(BIN).join("python"), search);
    let fits = |found: &Interpreter| libraries.is_empty() || libraries.contains(&found.lib_dir_name());
    match (own, libraries.first()) {
        (Ok(found), _) if fits(&found) => Ok(chosen(found)),
        // The packages decide, not a link that has come to mean another version.
        (_, Some(library)) => {
            let text = OsString::from(Guess::of_directory(library).to_string());
            let request = Request::parse(&text, search.cwd, search.home)?;
            Ok(chosen(find(Some(&request), search)?))
        }
        (own, None) => Ok(chosen(own.or_else(|_| find(None, search))?)),
    }
}

/// Returns a Python for an existing environment that is known already: none is started.
pub fn known_for_existing(environment: &Path, search: &Search<'_>) -> Option<Interpreter> {
    let (library, request) = request_of_existing(environment, search)?;
    find_known(&request, search).filter(|found| found.lib_dir_name() == library)
}

/// Returns whether there seems to be a Python of the version that an environment is for, by its name.
pub fn has_candidate_for_existing(environment: &Path, search: &Search<'_>) -> bool {
    request_of_existing(environment, search).is_some_and(|(_, request)| has_candidate(&request, search))
}

/// The library directory of an environment, and the request for its version; none where there are several.
fn request_of_existing(environment: &Path, search: &Search<'_>) -> Option<(String, Request)> {
    let libraries = library_directories(environment);
    let [library] = &libraries[..] else { return None };
    let text = OsString::from(Guess::of_directory(library).to_string());
    Some((library.clone(), Request::parse(&text, search.cwd, search.home).ok()?))
}

fn requested(text: &OsStr, origin: Origin, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let request = Request::parse(text, search.cwd, search.home)?;
    let interpreter = find(Some(&request), search)?;
    Ok(Choice { interpreter, requested: Some(text.to_string_lossy().into_owned()), origin, unusable: None })
}

fn of_project(mut pinned: Pinned, search: &Search<'_>) -> Result<Choice, ChooseError> {
    let (file, text) = (pinned.file.clone(), pinned.text.clone());
    let request = match pinned.request.take() {
        Some(Ok(request)) => request,
        Some(Err(source)) => return Err(ChooseError::PinnedRequest { file, text, source }),
        None => return default(Some(pinned), None, search),
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
        (Err(FindError::NotFound { seen, .. }), _) => Err(ChooseError::PinnedMissing { file, text, seen }),
        (Err(source), _) => Err(ChooseError::Pinned { file, text, source: Box::new(source) }),
    }
}

fn default(pinned: Option<Pinned>, fallback: Option<&OsStr>, search: &Search<'_>) -> Result<Choice, ChooseError> {
    match (find(None, search), fallback) {
        (Ok(interpreter), _) => {
            Ok(Choice { interpreter, requested: None, origin: Origin::Default(pinned), unusable: None })
        }
        (Err(FindError::NotFound { .. } | FindError::NoPython), Some(fallback)) => {
            requested(fallback, Origin::Fallback, search)
        }
        (Err(error), _) => Err(error.into()),
    }
}
