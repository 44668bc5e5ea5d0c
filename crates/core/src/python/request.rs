//! What the user asked for: a version, a range, a path or the name of a command.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::interpreter::Interpreter;
use super::wanted::{Wanted, WantedError};
use crate::fs::absolute;

/// A request for an interpreter, as one would write it after `--python`.
#[derive(Clone, Debug)]
pub struct Request {
    text: OsString,
    pub(super) kind: Kind,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// By searching for an interpreter with these properties.
    Wanted(Wanted),
    /// By the executable, environment or installation at this absolute path.
    Path(PathBuf),
    /// By the first executable of this name on PATH.
    Command(OsString),
}

/// Why a request cannot be meant.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nothing was asked for.
    #[error("the request for a Python is empty")]
    Empty,
    /// Python 2 was asked for.
    #[error("`{request}` asks for Python 2, which is no longer supported")]
    Python2 {
        /// What was asked for.
        request: String,
    },
    /// A version was asked for that is older than the oldest supported one.
    #[error("`{request}` asks for a Python older than 3.8")]
    TooOld {
        /// What was asked for.
        request: String,
    },
    /// The request begins like a range of versions and is none.
    #[error("`{request}` is not a valid version range: {reason}")]
    Range {
        /// What was asked for.
        request: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The request begins with `~` and no home directory is known.
    #[error("could not resolve `{request}`: the home directory is unknown")]
    NoHome {
        /// What was asked for.
        request: String,
    },
}

impl Request {
    /// Parses what the user wrote. A text with a `/` is a path, relative to `cwd`, and a leading `~/` is `home`.
    ///
    /// What is neither a path nor any form of a version is taken for the name of a command.
    pub fn parse(text: &OsStr, cwd: &Path, home: Option<&Path>) -> Result<Self, RequestError> {
        if text.is_empty() {
            return Err(RequestError::Empty);
        }
        Ok(Self { text: text.to_owned(), kind: kind(text, cwd, home)? })
    }

    /// Parses a version or a range of versions; none when the text is neither. What a file says is parsed so: a path or a
    /// command would be run, and only the user may name what is run.
    pub fn parse_version(text: &str) -> Result<Option<Self>, RequestError> {
        match kind(OsStr::new(text), Path::new("/"), None) {
            Ok(kind @ Kind::Wanted(_)) => Ok(Some(Self { text: text.into(), kind })),
            Ok(Kind::Path(_) | Kind::Command(_)) | Err(RequestError::NoHome { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Request {
    /// Returns whether a kind of Python is named, such as PyPy, or one file: `3.13` and `python3.13` leave it open.
    pub fn names_kind(&self) -> bool {
        match &self.kind {
            Kind::Wanted(wanted) => wanted.implementation.is_some() || wanted.is_free_threaded,
            Kind::Path(_) | Kind::Command(_) => true,
        }
    }

    /// Returns whether an interpreter is what is asked for. A path or a command asks for one file only.
    pub(super) fn is_met_by(&self, found: &Interpreter) -> bool {
        match &self.kind {
            Kind::Wanted(wanted) => wanted.matches(found),
            Kind::Path(_) | Kind::Command(_) => false,
        }
    }

    /// Returns whether one release or one file is asked for, so that no other will do.
    pub(super) fn is_for_one(&self) -> bool {
        match &self.kind {
            Kind::Wanted(wanted) => wanted.is_for_one(),
            Kind::Path(_) | Kind::Command(_) => true,
        }
    }

    /// Returns the request for any patch release of the version, where this asks for a single one.
    pub(super) fn of_any_patch(&self) -> Option<Self> {
        let Kind::Wanted(wanted) = &self.kind else { return None };
        Some(Self { text: self.text.clone(), kind: Kind::Wanted(wanted.of_any_patch()?) })
    }
}

/// What the user wrote.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.to_string_lossy())
    }
}

fn kind(text: &OsStr, cwd: &Path, home: Option<&Path>) -> Result<Kind, RequestError> {
    let shown = || text.to_string_lossy().into_owned();
    let bytes = text.as_bytes();
    if bytes == b"~" || bytes.starts_with(b"~/") {
        let home = home.ok_or_else(|| RequestError::NoHome { request: shown() })?;
        return Ok(Kind::Path(absolute(home, Path::new(OsStr::from_bytes(bytes.get(2..).unwrap_or_default())))));
    }
    if bytes == b"." || bytes == b".." || looks_like_path(text) {
        return Ok(Kind::Path(absolute(cwd, Path::new(text))));
    }
    match text.to_str().map(Wanted::parse) {
        Some(Ok(Some(wanted))) => Ok(Kind::Wanted(wanted)),
        Some(Err(WantedError::Python2)) => Err(RequestError::Python2 { request: shown() }),
        Some(Err(WantedError::TooOld)) => Err(RequestError::TooOld { request: shown() }),
        Some(Err(WantedError::Range(reason))) => Err(RequestError::Range { request: shown(), reason }),
        Some(Ok(None)) | None => Ok(Kind::Command(text.to_owned())),
    }
}

/// Returns whether the text has a path separator.
fn looks_like_path(text: &OsStr) -> bool {
    text.as_bytes().contains(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Request, RequestError> {
        Request::parse(OsStr::new(text), Path::new("/srv/here"), Some(Path::new("/home/me")))
    }

    #[test]
    fn a_separator_makes_a_path() {
        let cases = [
            ("/usr/bin/python3", "/usr/bin/python3"),
            ("./python", "/srv/here/python"),
            ("../envs/a b", "/srv/envs/a b"),
            ("~/py/bin/python3", "/home/me/py/bin/python3"),
            ("~", "/home/me"),
            (".", "/srv/here"),
            ("3.12/", "/srv/here/3.12"),
        ];
        for (text, path) in cases {
            let request = parse(text).unwrap();
            assert!(matches!(&request.kind, Kind::Path(found) if found == Path::new(path)), "{text}: {request:?}");
            assert_eq!(request.to_string(), text);
        }
    }

    #[test]
    fn without_a_home_a_tilde_is_an_error() {
        let error = Request::parse(OsStr::new("~/x"), Path::new("/"), None).unwrap_err();
        assert_eq!(error.to_string(), "could not resolve `~/x`: the home directory is unknown");
    }

    #[test]
    fn a_kind_is_named_by_more_than_a_version() {
        for text in ["pypy3.10", "cpython@3.12", "3.13t", "./python", "~/py/bin/python3", "my-python"] {
            assert!(parse(text).unwrap().names_kind(), "{text}");
        }
        for text in ["3", "3.12", "312", "python3.12", ">=3.11,<3.13"] {
            assert!(!parse(text).unwrap().names_kind(), "{text}");
        }
    }

    #[test]
    fn versions_are_searched_for_and_other_words_are_commands() {
        for text in ["3", "3.12", "312", "python3.12", "pypy", ">=3.11,<3.13", "cpython@3.12"] {
            assert!(matches!(parse(text).unwrap().kind, Kind::Wanted(_)), "{text}");
        }
        for text in ["mypython", "python3.12d", "python3-dbg", "3.x", "x3.12", "$(id)", "-c"] {
            assert!(matches!(parse(text).unwrap().kind, Kind::Command(_)), "{text}");
        }
        let raw = OsStr::from_bytes(b"py\xff");
        assert!(matches!(Request::parse(raw, Path::new("/"), None).unwrap().kind, Kind::Command(_)));
    }

    #[test]
    fn python_2_and_old_versions_are_refused() {
        for text in ["2", "2.7", "27", "python2", "python2.7", "pypy2", "cpython@2.7"] {
            assert!(matches!(parse(text), Err(RequestError::Python2 { .. })), "{text}");
        }
        for text in ["3.7", "36", "python3.6", "pypy3.6", "3.7.16"] {
            assert!(matches!(parse(text), Err(RequestError::TooOld { .. })), "{text}");
        }
        assert!(matches!(parse(""), Err(RequestError::Empty)));
        assert!(matches!(parse(">=3.x,"), Err(RequestError::Range { .. })));
    }
}
