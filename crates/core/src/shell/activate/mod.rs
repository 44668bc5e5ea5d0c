//! The activation scripts written into every environment that we create.
//!
//! The scripts are files under `templates/`, whole programs in their own language that linters can read. Rendering puts
//! values in, each quoted for that language, in the place of a word such as `__VENVWRAP_ENV__`. They start no process
//! and work without us. Each undoes what another tool's script has done before it does its own work, and leaves behind
//! the variables by which the others can undo this one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::env::activators::is_left_out;
use crate::env::pyvenv_cfg::is_line_boundary;
use crate::shell::quote;

pub mod applied;
pub mod evaluated;
pub mod known;
mod prompt;
mod self_locating;
#[cfg(test)]
mod tests;

/// How every placeholder begins; it ends in two underscores.
const MARK: &str = "__VENVWRAP_";

/// The names by which virtualenv's `--activators` chooses among the scripts.
pub const ACTIVATORS: [&str; 6] = ["bash", "fish", "cshell", "powershell", "nushell", "python"];

/// A language that activation scripts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// bash, zsh, ksh, dash and every other POSIX shell.
    Posix,
    /// fish, from 3.1 on.
    Fish,
    /// csh and tcsh.
    Csh,
    /// PowerShell.
    PowerShell,
    /// nushell, as an overlay.
    Nushell,
    /// A program that embeds Python.
    Python,
}

/// What an environment's scripts say about it.
#[derive(Clone, Copy, Debug)]
pub struct Activation<'a> {
    /// Where the environment will be when it is finished: an absolute path.
    pub env: &'a Path,
    /// The name to show in the prompt, without parentheses.
    pub prompt: &'a str,
}

/// Why no activation script can be written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivateError {
    /// The environment's path depends on the working directory.
    #[error("the environment's path `{}` is not absolute", path.display())]
    RelativePath {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The environment's path has a colon, which would end its entry in `PATH`.
    #[error("the environment's path `{}` contains a colon, which separates the entries of `PATH`", path.display())]
    ColonInPath {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The environment's path has a line break or another control character.
    #[error("the environment's path {path:?} contains a control character")]
    ControlInPath {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The environment's path is not UTF-8, and several of the languages cannot name it.
    #[error("the environment's path {path:?} is not valid UTF-8")]
    PathNotUtf8 {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The prompt has a line break or another control character.
    #[error("the prompt {prompt:?} contains a line break or another control character")]
    ControlInPrompt {
        /// The prompt as it was given.
        prompt: String,
    },
    /// No generator is known by this name.
    #[error("unknown activator `{name}`")]
    UnknownActivator {
        /// The name as it was given.
        name: String,
    },
}

impl Script {
    /// Every script, in the order in which they are written.
    pub const ALL: [Self; 6] = [Self::Posix, Self::Fish, Self::Csh, Self::PowerShell, Self::Nushell, Self::Python];

    /// Returns the script for a name that virtualenv's `--activators` takes.
    ///
    /// Nothing is returned for the names of its generators that we have no script for, so that an old configuration
    /// goes on working.
    pub fn from_activator(name: &str) -> Result<Option<Self>, ActivateError> {
        Ok(Some(match name {
            "bash" => Self::Posix,
            "fish" => Self::Fish,
            "cshell" => Self::Csh,
            "powershell" => Self::PowerShell,
            "nushell" => Self::Nushell,
            "python" => Self::Python,
            "batch" | "xonsh" => return Ok(None),
            _ => return Err(ActivateError::UnknownActivator { name: name.to_owned() }),
        }))
    }

    fn template(self) -> &'static str {
        match self {
            Self::Posix => include_str!("templates/activate.sh"),
            Self::Fish => include_str!("templates/activate.fish"),
            Self::Csh => include_str!("templates/activate.csh"),
            Self::PowerShell => include_str!("templates/activate.ps1"),
            Self::Nushell => include_str!("templates/activate.nu"),
            Self::Python => include_str!("templates/activate_this.py"),
        }
    }

    fn quote(self, value: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Posix => Some(quote::posix(value)),
            Self::Fish => Some(quote::fish(value)),
            Self::Csh => quote::csh(value),
            Self::PowerShell => quote::powershell(value),
            Self::Nushell => quote::nushell(value),
            Self::Python => Some(quote::python(value)),
        }
    }
}

/// Returns the names under which a script is installed in the environment's `bin`.
///
/// PowerShell's has one from virtualenv and one from venv; a file system that ignores case takes them for the same.
pub fn file_names(script: Script) -> &'static [&'static str] {
    match script {
        Script::Posix => &["activate"],
        Script::Fish => &["activate.fish"],
        Script::Csh => &["activate.csh"],
        Script::PowerShell => &["activate.ps1", "Activate.ps1"],
        Script::Nushell => &["activate.nu"],
        Script::Python => &["activate_this.py"],
    }
}

/// Returns the scripts to create an environment with as another one is: where the tool that made that lets its user choose,
/// those that it has not left out.
pub fn chosen(environment: &Environment) -> Vec<Script> {
    let cfg = environment.cfg();
    let is_meant =
        |script: &Script| !file_names(*script).iter().all(|name| is_left_out(environment, cfg.as_ref(), name));
    Script::ALL.into_iter().filter(is_meant).collect()
}

/// Returns the language of a script that [`file_names`] names; that of a Bourne shell for any other file.
pub(crate) fn script_of_file(path: &Path) -> Script {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    Script::ALL.into_iter().find(|script| file_names(*script).contains(&name)).unwrap_or(Script::Posix)
}

pub(crate) use self::self_locating::{is_own_self_locating, render_self_locating};

/// Returns the text of a script for one environment, or what keeps its path or prompt from being written.
pub fn render(script: Script, values: &Activation<'_>) -> Result<Vec<u8>, ActivateError> {
    render_text(script, script.template(), values)
}

/// The same for a text that has the placeholders of that script.
fn render_text(script: Script, template: &str, values: &Activation<'_>) -> Result<Vec<u8>, ActivateError> {
    check(values)?;
    Ok(render_with(script, template, values, &|_| None))
}

/// The text of a script; `special` may know other values for some placeholders.
fn render_with(
    script: Script,
    template: &str,
    values: &Activation<'_>,
    special: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let mut text = Vec::new();
    // One pass over the template: a value that looks like a placeholder stays what it is.
    for (index, piece) in template.split(MARK).enumerate() {
        if index == 0 {
            text.extend(piece.bytes());
            continue;
        }
        let (name, rest) = piece.split_once("__").unwrap_or((piece, ""));
        text.extend(special(name).unwrap_or_else(|| quoted_value(script, name, values)));
        text.extend(rest.bytes());
    }
    text
}

/// Returns whether the text of an environment's script is, byte for byte, the one that this version writes for it.
///
/// Only then is it known what the script defines. A script of another tool, of another version, with a line that the user
/// has added, or with another path than the one by which the environment was found, is not.
pub(crate) fn is_own_text(environment: &Environment, script: Script, text: &[u8]) -> bool {
    own_text(environment, script).is_some_and(|expected| text == expected)
}

fn own_text(environment: &Environment, script: Script) -> Option<Vec<u8>> {
    let cfg = environment.cfg();
    let prompt = cfg.as_ref().and_then(|cfg| cfg.prompt()).or(environment.name().as_os_str().to_str())?;
    render(script, &Activation { env: environment.path(), prompt }).ok()
}

/// Fails for a path or prompt that no script can name, or only some of them.
pub fn check(values: &Activation<'_>) -> Result<(), ActivateError> {
    let path = || values.env.to_path_buf();
    let Some(text) = values.env.to_str() else {
        return Err(ActivateError::PathNotUtf8 { path: path() });
    };
    if text.contains(char::is_control) {
        return Err(ActivateError::ControlInPath { path: path() });
    }
    if text.contains(':') {
        return Err(ActivateError::ColonInPath { path: path() });
    }
    if !values.env.is_absolute() {
        return Err(ActivateError::RelativePath { path: path() });
    }
    if values.prompt.contains(|character: char| character.is_control() || is_line_boundary(character)) {
        return Err(ActivateError::ControlInPrompt { prompt: values.prompt.to_owned() });
    }
    Ok(())
}

/// The value that takes the place of the placeholder of this name.
fn quoted_value(script: Script, name: &str, values: &Activation<'_>) -> Vec<u8> {
    let prompt = values.prompt;
    let quoted = match name {
        "ENV" => script.quote(values.env.as_os_str().as_bytes()),
        "PROMPT" => script.quote(prompt.as_bytes()),
        "PS1_BASH" => script.quote(prompt::bash(prompt).as_bytes()),
        "PS1_ZSH" => script.quote(prompt::zsh(prompt).as_bytes()),
        "PS1_POSIX" => script.quote(prompt::posix(prompt).as_bytes()),
        "PS1_CSH" => script.quote(prompt::csh(prompt).as_bytes()),
        _ => unreachable!("a template has only these placeholders"),
    };
    quoted.expect("a checked value can be quoted for every shell")
}
