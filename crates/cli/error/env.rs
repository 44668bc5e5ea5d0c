//! Hints for one environment: its name and its files.

use std::ffi::OsStr;
use std::path::Path;

use venvwrap_core::env::CfgError;
use venvwrap_core::env::name::{EnvName, NameError};
use venvwrap_core::env::path_file::PathFileError;
use venvwrap_core::env::program::ProgramError;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::env::pyvenv_cfg::SetError;

use super::{Explain, Familiar, called, system};

impl Explain for NameError {
    fn hint(&self) -> Option<String> {
        Some("use a plain name, such as `web` or `api-3.12`".into())
    }
}

impl Explain for ProgramError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Elsewhere { environment, .. }
            | Self::Missing { environment, .. }
            | Self::NoConfiguration { environment, .. }
            | Self::Empty { environment, .. }
            | Self::OfAnother { environment, .. }
            | Self::NoInterpreter { environment, .. } => {
                Some(format!("`venvwrap repair {}` repairs the environment", quoted(environment)))
            }
        }
    }
}

/// What repairs an environment.
pub(super) fn repairs(name: &EnvName) -> String {
    format!("`venvwrap repair {}` repairs the environment", quoted(name))
}

/// What helps an environment of which too little is left.
pub(super) fn recreates(name: &EnvName) -> String {
    format!("`{} --clear {}` creates the environment again", called::create(), quoted(name))
}

/// The name of an environment as one word of a command line to copy.
pub(crate) fn quoted(name: &EnvName) -> String {
    quoted_word(name.as_os_str())
}

/// Any other text in the same way.
pub(crate) fn quoted_word(text: &OsStr) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-@:".contains(byte);
    if !text.is_empty() && text.as_encoded_bytes().iter().all(is_plain) {
        text.to_string_lossy().into_owned()
    } else {
        system::quoted(text.as_ref())
    }
}

impl Explain for ProjectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { file } => {
                let name = file.parent().and_then(Path::file_name).map_or_else(|| "NAME".into(), quoted_word);
                Some(format!("`{} {name} DIR` rewrites it", called::associate()))
            }
            Self::NotADirectory { .. } => {
                Some(format!("create the directory first, or use `{}`", called::create_project()))
            }
            Self::Store { .. } | Self::InEnvironment { .. } => {
                Some("choose the directory of your sources, such as `~/src/web`".into())
            }
            Self::LineBreak { .. } => Some("rename the directory".into()),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NotADirectory { directory } => Some(Familiar::NotADirectory(directory.clone())),
            Self::Malformed { .. }
            | Self::Store { .. }
            | Self::InEnvironment { .. }
            | Self::LineBreak { .. }
            | Self::Path(_) => None,
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
            Self::Missing { name } => Some(repairs(name)),
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
