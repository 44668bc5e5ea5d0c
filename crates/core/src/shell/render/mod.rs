//! Plans as text: one step after the other, every argument quoted, with a file for each family of shells.
//!
//! A step becomes a call of a function of the shell, `__venvwrap_VERB WORD..`, with the verbs and words of the JSON form.
//! The first line refuses the plan in a shell that speaks another version of the protocol.

mod bash_zsh;
mod csh;
mod fish;
mod json;
mod posix;
mod words;

#[cfg(test)]
mod tests;

pub use self::csh::{CshError, render as csh};
pub use self::json::render as json;
pub use self::posix::render as posix;
pub use self::words::OTHER_VERSION;
use super::dialect::Dialect;
use super::plan::Plan;
use super::quote;

/// A shell that has a shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash, from 3.2 on.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// Every shell that has a shim.
    pub const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// Returns the name of the shell, which is also its program's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// Returns the shell with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shell| shell.name() == name)
    }

    /// Returns the language of the hooks that this shell sources.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Bash | Self::Zsh => Dialect::Posix,
            Self::Fish => Dialect::Fish,
        }
    }

    /// Returns the value as one word of this shell.
    pub fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Self::Bash | Self::Zsh => quote::bash_zsh(value),
            Self::Fish => quote::fish(value),
        }
    }

    /// Returns the line that refuses what follows in a shell that speaks another version.
    pub fn version_guard(self) -> String {
        match self {
            Self::Bash | Self::Zsh => bash_zsh::guard(),
            Self::Fish => fish::guard(),
        }
    }

    /// Returns a plan as lines for the shim of this shell to evaluate.
    pub fn render(self, plan: &Plan) -> Vec<u8> {
        match self {
            Self::Bash | Self::Zsh => bash_zsh::render(plan),
            Self::Fish => fish::render(plan),
        }
    }
}
