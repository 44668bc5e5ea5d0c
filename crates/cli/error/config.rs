//! Hints for the configuration.

use venvwrap_core::config::edit::{self, ConfigFileError};
use venvwrap_core::config::{ConfigError, FileProblem};

use super::Explain;

impl Explain for ConfigError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome { variable } => Some(format!("set HOME, or {variable} to an absolute path")),
            Self::OtherUser { variable, .. } => Some(format!("set {variable} to an absolute path")),
            Self::Value { variable, .. } if variable.starts_with(|c: char| c.is_ascii_lowercase()) => {
                Some(format!("`venvwrap config unset {variable}` removes it, `venvwrap config edit` opens the file"))
            }
            Self::Value { .. } => None,
            Self::Read(error) => error.hint(),
            Self::File(problem) => Some(repair_hint(problem)),
        }
    }
}

impl Explain for ConfigFileError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Key { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Key { .. } => {
                let keys: Vec<_> = edit::KEYS.iter().map(|(key, _)| *key).collect();
                Some(format!("the keys are {}", keys.join(", ")))
            }
            Self::Value { key, .. } if key == "default_packages" => {
                Some(format!("name packages: `venvwrap config set {key} ipython 'rich>=13'`"))
            }
            Self::Value { .. } => None,
            Self::Several { .. } => Some("put a value that holds blanks in quotes".into()),
            Self::Syntax(problem) => Some(repair_hint(problem)),
            Self::Odd { .. } => Some("`venvwrap config edit` opens the file".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

fn repair_hint(problem: &FileProblem) -> String {
    match &problem.key {
        // What begins with a dash would be an option.
        Some(key) if problem.is_removable && !key.starts_with('-') => {
            format!("`venvwrap config unset {key}` removes the line, `venvwrap config edit` opens the file")
        }
        _ if problem.line.is_some() => "`venvwrap config edit` opens the file".into(),
        _ => "make the file readable, or remove it".into(),
    }
}
