//! Hints for the configuration.

use venvwrap_core::config::edit::{self, ConfigFileError};
use venvwrap_core::config::{ConfigError, FileProblem};

use super::Explain;

impl Explain for ConfigError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome { variable } => Some(format!("set HOME, or {variable} to an absolute path")),
            Self::OtherUser { variable, .. } => Some(format!("set {variable} to an absolute path")),
            Self::Value { .. } => None,
            Self::Read(error) => error.hint(),
            Self::File(problem) => Some(repair_hint(problem)),
        }
    }
}

impl Explain for ConfigFileError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Key { .. } => {
                let keys: Vec<_> = edit::KEYS.iter().map(|(key, _)| *key).collect();
                Some(format!("the keys are {}", keys.join(", ")))
            }
            Self::Value { .. } => None,
            Self::Syntax(problem) => Some(repair_hint(problem)),
            Self::Odd { .. } => Some("change the file in an editor".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

fn repair_hint(problem: &FileProblem) -> String {
    match &problem.key {
        Some(key) if problem.line.is_some() => {
            format!("`venvwrap config unset {key}` removes it, `venvwrap config set {key} VALUE` replaces it")
        }
        _ if problem.line.is_some() => "change the file in an editor".into(),
        _ => "make the file readable, or remove it".into(),
    }
}
