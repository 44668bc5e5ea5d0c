//! Finding the interpreter that answers a request, and asking it only when its name does not rule it out.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::base::{self, BaseError};
use super::cache::Cache;
use super::context::Search;
use super::installation::executable_in;
use super::interpreter::Interpreter;
use super::names::Guess;
use super::query::{self, QueryError, because};
use super::request::{Kind, Request};
use super::search::{self, Candidate, is_apple_stub};
use super::wanted::Wanted;
use super::{directories, shims};
use crate::env::BIN;
use crate::fs::PathError;
use crate::fs::executable::is_executable;
use crate::fs::identity::is_same_file;

/// Why no interpreter answers a request.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nothing that is installed will do.
    #[error("no Python found for `{request}`{}", because(failed.as_deref()))]
    NotFound {
        /// What was asked for.
        request: Request,
        /// The versions that are there instead: `3.11`, `3.13t`, `pypy3.9`.
        seen: Vec<String>,
        /// One that seems to be it by its name, and does not work.
        failed: Option<Box<QueryError>>,
    },
    /// Nothing was asked for, and there is no usable Python at all.
    #[error("no Python found")]
    NoPython,
    /// A directory was asked for that holds neither an environment nor an installation.
    #[error("`{}` contains no Python", directory.display())]
    NoneIn {
        /// The directory.
        directory: PathBuf,
    },
    /// A shim was asked for that does not resolve to an installed Python in the working directory.
    #[error("the shim `{}` does not resolve to an installed Python here", path.display())]
    Shim {
        /// The shim.
        path: PathBuf,
    },
    /// Permissions hide the path that was asked for.
    #[error(transparent)]
    Hidden(#[from] PathError),
    /// The base of an environment could not be told.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The executable is no usable interpreter.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl FindError {
    /// Returns what is wrong with the interpreter itself, if that is the error.
    fn broken(self) -> Option<QueryError> {
        match self {
            Self::Query(error) if error.is_broken() => Some(error),
            _ => None,
        }
    }

    /// Returns the versions that are there instead.
    pub fn seen(&self) -> &[String] {
        match self {
            Self::NotFound { seen, .. } => seen,
            _ => &[],
        }
    }
}

/// Returns the first interpreter that answers a request; without one, the first that is called `python3`, then
/// `python`, on PATH. One inside an environment is replaced by its base.
pub fn find(request: Option<&Request>, search: &Search<'_>) -> Result<Interpreter, FindError> {
    let Some(request) = request else { return find_default(search).map(|(found, _)| found) };
    match &request.kind {
        Kind::Path(path) => find_at(path, search),
        Kind::Command(name) => {
            let not_found = || Others::default().not_found(request, search);
            query_cached(&named(name, search).next().ok_or_else(not_found)?, search)
        }
        Kind::Wanted(wanted) => find_wanted(wanted, search).map_err(|others| others.not_found(request, search)),
    }
}

/// Returns what an executable is, from the cache if it has been asked before. A shim is replaced by what it would start,
/// an executable inside an environment for the environment's base.
pub fn query_cached(path: &Path, search: &Search<'_>) -> Result<Interpreter, FindError> {
    let path = crate::fs::absolute(search.cwd, path);
    let target = shims::target(&path, search).map_err(|()| FindError::Shim { path: path.clone() })?;
    let base = base::leave_environments(&target.unwrap_or(path))?;
    if is_apple_stub(&base, search) {
        return Err(QueryError::Missing { path: base }.into());
    }
    let cache = search.cache_dir.map(|directory| Cache::below(directory, search.user));
    if let Some(known) = cache.as_ref().and_then(|cache| cache.load(&base)) {
        return Ok(known);
    }
    let answer = query::query(&base, search.query_timeout)?;
    let mut interpreter = answer.interpreter;
    // A script that starts another file is not what to link to, and may start a third one tomorrow.
    if answer.reported.is_absolute() && answer.reported.exists() && !is_same_file(&answer.reported, &base) {
        interpreter.executable = base::stable_name(&base::leave_environments(&answer.reported)?, &interpreter);
        return Ok(interpreter);
    }
    interpreter.executable = base::stable_name(&base, &interpreter);
    if let Some(cache) = cache {
        cache.store(&base, &interpreter);
    }
    Ok(interpreter)
}

/// Returns the first interpreter that answers a request and is remembered from another time: none is started.
pub(super) fn find_known(request: &Request, search: &Search<'_>) -> Option<Interpreter> {
    let Kind::Wanted(wanted) = &request.kind else { return None };
    let cache = Cache::below(search.cache_dir?, search.user);
    let known = |candidate: Candidate| cache.load(&base::leave_environments(&candidate.path).ok()?);
    search::candidates(Some(wanted), search).filter_map(known).find(|found| wanted.matches(found))
}

/// Returns whether the name of an executable answers a request.
pub(super) fn has_candidate(request: &Request, search: &Search<'_>) -> bool {
    match &request.kind {
        Kind::Wanted(wanted) => search::candidates(Some(wanted), search).next().is_some(),
        Kind::Path(_) | Kind::Command(_) => false,
    }
}

/// Returns every executable that may be a supported interpreter, in the order of the search, without running any.
pub fn candidates<'s>(search: &'s Search<'_>) -> impl Iterator<Item = Candidate> + 's {
    search::candidates(None, search)
}

/// Returns the executable that a name means on PATH: what a shim stands for in the place of the shim. None is run.
pub fn on_path(name: &OsStr, search: &Search<'_>) -> Option<PathBuf> {
    named(name, search).find_map(|path| shims::followed(path, search))
}

/// Returns every usable interpreter, each base once and each asked only when it is reached; and what is wrong with those
/// that do not work.
pub fn all<'s>(search: &'s Search<'_>) -> impl Iterator<Item = Result<Interpreter, QueryError>> + 's {
    let mut seen = BTreeSet::new();
    candidates(search).filter_map(move |candidate| match query_cached(&candidate.path, search) {
        Ok(found) => seen.insert(found.executable.clone()).then_some(Ok(found)),
        Err(error) => error.broken().map(Err),
    })
}

/// Returns the directories of standard libraries that are installed, told by their names without running anything.
pub fn known_stdlibs(search: &Search<'_>) -> Vec<PathBuf> {
    directories::stdlibs(search)
}

/// Returns the interpreter that is taken where nothing is asked for; and what is wrong with one before it that does not
/// work.
pub(super) fn find_default(search: &Search<'_>) -> Result<(Interpreter, Option<QueryError>), FindError> {
    let mut errors = Vec::new();
    let broken = |errors: Vec<FindError>| errors.into_iter().find_map(FindError::broken);
    for path in ["python3", "python"].iter().flat_map(|name| named(OsStr::new(name), search)) {
        match query_cached(&path, search) {
            Ok(found) => return Ok((found, broken(errors))),
            // An old system's `python3` must not hide a newer one that follows on PATH.
            Err(error) => errors.push(error),
        }
    }
    match find_wanted(&Wanted::any(), search) {
        Ok(found) => Ok((found, broken(errors))),
        Err(_) => Err(errors.into_iter().next().unwrap_or(FindError::NoPython)),
    }
}

fn find_at(path: &Path, search: &Search<'_>) -> Result<Interpreter, FindError> {
    let is_directory = path.is_dir();
    // What permissions hide would seem to be missing, or to be in an environment that says nothing.
    let entered = if is_directory { path.join(".") } else { path.to_path_buf() };
    if let Err(source) = std::fs::symlink_metadata(entered)
        && source.kind() == std::io::ErrorKind::PermissionDenied
    {
        return Err(PathError { action: "read", path: path.to_path_buf(), source }.into());
    }
    if !is_directory {
        return query_cached(path, search);
    }
    // `bin` itself may have been given.
    let executable = executable_in(path, &Guess::default()).or_else(|| {
        let parent = path.ends_with(BIN).then(|| path.parent()).flatten();
        executable_in(parent?, &Guess::default())
    });
    query_cached(&executable.ok_or_else(|| FindError::NoneIn { directory: path.to_path_buf() })?, search)
}

/// Candidates that do not answer a request.
#[derive(Default)]
struct Others {
    /// The versions of those that were asked.
    seen: Vec<String>,
    /// Those that gave no answer.
    failed: Vec<PathBuf>,
    /// What is wrong with one of them, and whether its name tells the version.
    broken: Option<(Box<QueryError>, bool)>,
}

impl Others {
    /// The error, with the versions of all interpreters that work.
    fn not_found(self, request: &Request, search: &Search<'_>) -> FindError {
        let is_new = |candidate: &Candidate| !self.failed.iter().any(|path| is_same_file(path, &candidate.path));
        let found =
            candidates(search).filter(is_new).filter_map(|candidate| query_cached(&candidate.path, search).ok());
        let seen = found.map(|found| found.guess().to_string()).chain(self.seen.iter().cloned()).collect();
        let failed = self.broken.map(|(error, _)| error);
        FindError::NotFound { request: request.clone(), seen: newest_first(seen), failed }
    }

    fn add_failed(&mut self, candidate: Candidate, error: FindError) {
        let is_telling = candidate.guess.minor.is_some();
        if self.broken.as_ref().is_none_or(|(_, was_telling)| is_telling && !was_telling) {
            self.broken = error.broken().map(|error| (Box::new(error), is_telling)).or(self.broken.take());
        }
        self.failed.push(candidate.path);
    }
}

/// Returns the first candidate that will do, or what the others are.
fn find_wanted(wanted: &Wanted, search: &Search<'_>) -> Result<Interpreter, Others> {
    let mut others = Others::default();
    for candidate in search::candidates(Some(wanted), search) {
        match query_cached(&candidate.path, search) {
            Ok(found) if wanted.matches(&found) => return Ok(found),
            Ok(found) => others.seen.push(found.guess().to_string()),
            // One broken interpreter is no reason to give up.
            Err(error) => others.add_failed(candidate, error),
        }
    }
    Err(others)
}

/// The executables of this name on PATH.
fn named<'s>(name: &'s OsStr, search: &'s Search<'_>) -> impl Iterator<Item = PathBuf> + 's {
    let paths = search::path_directories(search).map(move |directory| directory.join(name));
    paths.filter(|path| is_executable(path))
}

/// Each version once.
fn newest_first(mut seen: Vec<String>) -> Vec<String> {
    seen.sort_by_cached_key(|text| (Guess::of_directory(text).newest_first(), text.clone()));
    seen.dedup();
    seen
}
