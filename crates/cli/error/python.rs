//! Hints for interpreters that are not found or do not work.

use venvwrap_core::python::{BaseError, ChooseError, FindError, QueryError, RequestError};

use super::Explain;

/// Where the interpreters are that work.
const LISTED: &str = "`venvwrap pythons` lists the interpreters that `--python` can name";

/// What can be asked for.
const SUPPORTED: &str = "venvwrap creates environments for Python 3.8 and later";

impl Explain for RequestError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome { .. } => Some("write the path in full".into()),
            Self::Python2 { .. } | Self::TooOld { .. } => Some(SUPPORTED.into()),
            Self::Empty | Self::Range { .. } => {
                Some("give a version (`3.12`), a range (`>=3.11`), a command (`python3.12`) or a path".into())
            }
        }
    }
}

impl Explain for ChooseError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Request(error) => error.hint(),
            Self::Find(error) => error.hint(),
            Self::PinnedMissing { seen, .. } if !seen.is_empty() => {
                Some(format!("found: {}; `--python` overrides the file", seen.join(", ")))
            }
            Self::PinnedRequest { .. } | Self::PinnedMissing { .. } | Self::Pinned { .. } => {
                Some("`--python` overrides the file".into())
            }
        }
    }
}

impl Explain for FindError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { seen, .. } if !seen.is_empty() => Some(format!("found: {}", seen.join(", "))),
            Self::NoneIn { .. } => Some(LISTED.into()),
            Self::NotFound { .. } | Self::NoPython => {
                Some("install Python 3.8 or later, or name one with `--python PATH`".into())
            }
            Self::Shim { .. } => Some("select a version in the version manager, or name the interpreter itself".into()),
            Self::Hidden(error) => error.hint(),
            Self::Base(error) => error.hint(),
            Self::Query(error) => error.hint(),
        }
    }
}

impl Explain for BaseError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Gone { .. } => Some("install that Python again, or select another with `--python`".into()),
            Self::Unknown { .. } | Self::Endless { .. } => Some(LISTED.into()),
        }
    }
}

impl Explain for QueryError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Python2 { .. } | Self::TooOld { .. } => Some(SUPPORTED.into()),
            Self::Missing { .. }
            | Self::NotExecutable { .. }
            | Self::Start { .. }
            | Self::NotPython { .. }
            | Self::UnknownKind { .. }
            | Self::TimedOut { .. }
            | Self::Failed { .. } => Some(LISTED.into()),
        }
    }
}
