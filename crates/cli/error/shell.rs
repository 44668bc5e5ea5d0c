//! Hints for activation.

use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::shell::safety::SafetyError;

use super::{Explain, Familiar};

impl Explain for ActivateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownActivator { .. } => {
                Some("the activators are bash, fish, cshell, powershell, nushell and python".into())
            }
            Self::ControlInPrompt { .. } => Some("choose another `--prompt`".into()),
            Self::RelativePath { .. }
            | Self::ColonInPath { .. }
            | Self::ControlInPath { .. }
            | Self::PathNotUtf8 { .. } => {
                Some("no shell could activate an environment there; set WORKON_HOME to another directory".into())
            }
        }
    }
}

impl Explain for SafetyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoScript { .. } => {
                Some("`mkvirtualenv` with the same name restores it and keeps the packages".into())
            }
            Self::Injection { .. } => {
                Some("`venvwrap run` works without that script; to activate the environment, rename it".into())
            }
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NoScript { env, .. } => Some(Familiar::NoScript(env.clone())),
            Self::Injection { .. } | Self::Path(_) => None,
        }
    }
}
