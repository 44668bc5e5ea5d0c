//! Plans as text: one step after the other, every argument quoted, with a file for each family of shells.
//!
//! A step becomes a call of a function of the shell, `__venvwrap_VERB WORD..`, with the verbs and words of the JSON form.
//! The first line refuses the plan in a shell that speaks another version of the protocol.

mod bash_zsh;
mod csh;
mod fish;
mod json;
mod posix;

#[cfg(test)]
mod tests;

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub use self::csh::{CshError, render as csh};
pub use self::json::render as json;
pub use self::posix::render as posix;
use super::dialect::Dialect;
use super::plan::{Command, Enter, LeavingHooks, Plan, Step};
use super::quote;

/// What a shell says that has loaded another version of the protocol than the program speaks.
pub const OTHER_VERSION: &str = "error: this shell has loaded another version of venvwrap; start a new shell";

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

/// Returns the verb of a step and its words.
fn words(step: &Step) -> (&'static str, Vec<&[u8]>) {
    match step {
        Step::Leave => ("leave", Vec::new()),
        Step::Enter(enter) => ("enter", enter_words(enter)),
        Step::Renew(hooks) => ("renew", hook_words(hooks)),
        Step::Run(command) => ("run", command_words(command)),
        Step::Cd { directory } => ("cd", vec![bytes(directory)]),
        Step::Source { file } => ("source", vec![bytes(file)]),
        Step::Set { scope, name, value } => {
            let words = [scope.name().as_bytes(), name.as_bytes()];
            ("set", words.into_iter().chain(value.as_ref().map(|value| value.as_bytes())).collect())
        }
        Step::Tell { text } => ("tell", vec![text.as_bytes()]),
    }
}

/// `ON_FAILURE CWD PROGRAM ARGUMENT..`
fn command_words(command: &Command) -> Vec<&[u8]> {
    let words = [command.on_failure.name().as_bytes(), bytes(&command.cwd), bytes(&command.program)];
    words.into_iter().chain(command.arguments.iter().map(|argument| argument.as_bytes())).collect()
}

/// `ENVIRONMENT ACTIVATE FLAG.. -- ` and the words of the hooks.
fn enter_words(enter: &Enter) -> Vec<&[u8]> {
    let mut words = vec![bytes(&enter.environment), bytes(&enter.activate)];
    words.extend(enter.flags.iter().map(|flag| flag.name().as_bytes()));
    words.push(b"--");
    words.extend(hook_words(&enter.hooks));
    words
}

/// `CONSENT LEAVING.. -- LEFT..`, where CONSENT is empty if none is needed. Every file is an absolute path, never `--`.
fn hook_words(hooks: &LeavingHooks) -> Vec<&[u8]> {
    let mut words = vec![hooks.consent.as_deref().map(bytes).unwrap_or_default()];
    words.extend(hooks.leaving.iter().map(|file| bytes(file)));
    words.push(b"--");
    words.extend(hooks.left.iter().map(|file| bytes(file)));
    words
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}
