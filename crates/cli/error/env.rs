//! Hints for one environment: its name and its files.

use std::ffi::OsStr;
use std::path::Path;

use venvwrap_core::env::CfgError;
use venvwrap_core::env::name::{EnvName, NameError};
use venvwrap_core::env::path_file::PathFileError;
use venvwrap_core::env::program::ProgramError;
use venvwrap_core::env::project_file::ProjectError;
use venvwrap_core::env::pyvenv_cfg::SetError;
use venvwrap_core::fs::identity::{is_same_entry, is_same_file};
use venvwrap_core::store::create::is_replaceable;

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

/// What says what is wrong with an environment.
pub(crate) fn examines(name: &EnvName) -> String {
    format!("`venvwrap doctor {}` says what is wrong", quoted(name))
}

/// What repairs an environment.
pub(super) fn repairs(name: &EnvName) -> String {
    format!("`venvwrap repair {}` repairs the environment", quoted(name))
}

/// What helps an environment of which too little is left.
pub(crate) fn recreates(name: &EnvName) -> String {
    match name.path() {
        None => format!("`{} --clear {}` creates the environment again", called::create(), quoted(name)),
        Some(path) => recreates_at(path),
    }
}

/// The same for one outside of the store, where other files would go with it.
pub(crate) fn recreates_at(path: &Path) -> String {
    if let Some(hint) = renames(path) {
        hint
    } else if is_replaceable(path) {
        format!("`venvwrap venv --clear {}` creates it again", quoted_path(path))
    } else {
        "create an environment in another directory".into()
    }
}

/// What helps first where a path is one that no activate script can hold.
pub(super) fn renames(path: &Path) -> Option<String> {
    let is_hard = |text: &OsStr| text.to_str().is_none_or(|text| text.contains(|c: char| c.is_control() || c == ':'));
    if !is_hard(path.as_os_str()) {
        return None;
    }
    Some(match name_at(path).filter(|name| is_hard(name.as_os_str())) {
        Some(name) if name.path().is_none() => {
            format!("`venvwrap rename {} NEW` gives it a name that shells can use", quoted(&name))
        }
        Some(_) => "rename the directory".into(),
        None => "create an environment in another directory".into(),
    })
}

/// What names an environment, as one word of a command line to copy: its path where it is outside of the store, and the
/// command must be one that takes paths.
pub(crate) fn quoted(name: &EnvName) -> String {
    name.path().map_or_else(|| quoted_word(name.as_os_str()), quoted_path)
}

/// A command that takes no paths, for an environment. Such a command reaches one outside of the store only where it is
/// active, or belongs to the current directory.
pub(crate) fn by_name(command: &str, name: &EnvName) -> String {
    match name.path() {
        None => format!("{command} {}", quoted(name)),
        Some(_) if is_active(name) => command.to_owned(),
        Some(_) => format!("{command} ."),
    }
}

/// Returns whether an environment outside of the store is the active one.
pub(crate) fn is_active(name: &EnvName) -> bool {
    name.path().is_some_and(|path| called::active().is_some_and(|active| is_same_file(active, path)))
}

/// The name of the environment at a path.
pub(crate) fn name_at(path: &Path) -> Option<EnvName> {
    let name = EnvName::for_existing(path.file_name()?).ok()?;
    let is_own = called::store().is_none_or(|home| is_same_entry(path, &home.join(name.as_os_str())));
    Some(if is_own { name } else { name.called_by(path) })
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

/// A path as it was typed: one that begins like an option is none.
fn quoted_path(path: &Path) -> String {
    let path = if path.as_os_str().as_encoded_bytes().starts_with(b"-") { &Path::new(".").join(path) } else { path };
    let is_plain = |part: &OsStr| part == "/" || quoted_word(part) == part.to_string_lossy();
    if path.iter().all(is_plain) { path.display().to_string() } else { system::quoted(path) }
}

impl Explain for ProjectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { file } => {
                let name = file.parent().and_then(name_at);
                Some(match name {
                    Some(name) if name.path().is_some() => "write the path of one directory into it".into(),
                    name => {
                        let name = name.as_ref().map_or_else(|| "NAME".into(), quoted);
                        format!("`{} {name} DIR` rewrites it", called::associate())
                    }
                })
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
