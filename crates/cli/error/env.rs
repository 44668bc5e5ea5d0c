//! Hints for one environment: its name and its files.

use venvwrap_core::env::CfgError;
use venvwrap_core::env::name::NameError;
use venvwrap_core::env::path_file::PathFileError;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::env::pyvenv_cfg::SetError;

use super::{Explain, Familiar};

impl Explain for NameError {
    fn hint(&self) -> Option<String> {
        Some("use a plain name, such as `web` or `api-3.12`".into())
    }
}

impl Explain for ProjectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { .. } => Some("`setvirtualenvproject NAME DIR` rewrites it".into()),
            Self::NotADirectory { .. } => Some("create the directory first, or use `mkproject`".into()),
            Self::LineBreak { .. } => Some("rename the directory".into()),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NotADirectory { directory } => Some(Familiar::NotADirectory(directory.clone())),
            Self::Malformed { .. } | Self::LineBreak { .. } | Self::Path(_) => None,
        }
    }
}

impl Explain for SetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::LineBreak { .. } | Self::BadKey { .. } => None,
        }
    }
}

impl Explain for CfgError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Path(error) => error.hint(),
            Self::Value(error) => error.hint(),
        }
    }
}

impl Explain for PathFileError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::LineBreak { .. } => Some("rename the directory".into()),
            Self::Path(error) => error.hint(),
        }
    }
}
