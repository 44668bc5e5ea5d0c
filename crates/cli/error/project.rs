//! Hints for directories and what they bring along.

use venvwrap_core::project::dotenv::DotenvError;
use venvwrap_core::project::marker::{MarkerError, WriteError};
use venvwrap_core::project::trust::TrustError;

use super::Explain;
use super::system::quoted;

impl Explain for TrustError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::WritableByOthers { path } => Some(format!("run `chmod go-w {}`", quoted(path))),
            Self::ForeignOwner { .. } => Some("you can only trust what belongs to you".into()),
            Self::Variable { .. } => Some("a name consists of letters, digits and `_`".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for MarkerError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty { file } | Self::Missing { file, .. } | Self::NotAnEnvironment { file, .. } => {
                Some(format!("remove `{}`, and write it again with `venvwrap link NAME`", file.display()))
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for WriteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("nothing was replaced; move it away first".into()),
            Self::LineBreak { .. } => Some("rename the directory".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for DotenvError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax { .. } => None,
            Self::Path(error) => error.hint(),
        }
    }
}
