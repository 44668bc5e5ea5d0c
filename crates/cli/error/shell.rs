//! Hints for activation.

use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::shell::safety::SafetyError;

use super::{Explain, Familiar};
use crate::ui::printer::shown;

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
            Self::Elsewhere { .. } => {
                Some("if it was moved or renamed, `mkvirtualenv` with the same name restores the script".into())
            }
            Self::Exposed { path, .. } => Some(format!(
                "take the right to write from others (`chmod go-w`), or accept it: `venvwrap allow --shared {}`",
                shown(path, None)
            )),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NoScript { env, .. } => Some(Familiar::NoScript(env.clone())),
            Self::Injection { .. } | Self::Elsewhere { .. } | Self::Exposed { .. } | Self::Path(_) => None,
        }
    }
}
