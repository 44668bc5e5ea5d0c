//! Hints for the configuration.

use venvwrap_core::config::ConfigError;
use venvwrap_core::config::edit::{self, ConfigFileError};

use super::Explain;

impl Explain for ConfigError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome { variable } => Some(format!("set HOME, or {variable} to an absolute path")),
            Self::OtherUser { variable, .. } => Some(format!("set {variable} to an absolute path")),
            Self::Value { .. } => None,
            Self::Read(error) => error.hint(),
            Self::Syntax { .. } => Some("docs/configuration.md lists all keys".into()),
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
            Self::Syntax { .. } | Self::Odd { .. } => Some("change the file in an editor".into()),
            Self::Path(error) => error.hint(),
        }
    }
}
