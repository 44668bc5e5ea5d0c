//! Whether an activation script may be sourced: what its own text would make a shell run.
//!
//! Other tools write an environment's path and prompt between double quotes as they are, or into a prompt that the shell
//! expands each time it draws it. A directory with a name that another person chose is then enough to run code. The lines with
//! these values are read here, before the shell reads them. Everything else in a script is its generator's or the
//! user's, and is not judged; nor is this a boundary against someone who may edit the script.

mod benign;
mod lines;
mod programs;
mod values;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::fs::exposure::{Exposure, Vetting};
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathContext, PathError};
use crate::shell::activate::{self, Script, known};
use crate::shell::dialect::Dialect;
use crate::shell::event::Event;
use crate::shell::hooks::is_stub;

pub use self::programs::check_owners_of_programs;

/// More than any activation script.
const MAX_BYTES: u64 = 1 << 20;

/// How to source a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    /// Whether the script must not touch the prompt, because the shell would evaluate a name in it at each prompt.
    pub hide_prompt: bool,
    /// Who has written it.
    pub origin: Origin,
    /// Whether it can activate anything: it says more than comments.
    pub does_something: bool,
}

/// Who has written a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This version of venvwrap, for this very environment.
    Own,
    /// Another tool, byte for byte.
    Known(known::Template),
    /// Nobody knows, or it was changed.
    Other,
}

/// Why a script must not be sourced.
#[derive(Debug, thiserror::Error)]
pub enum SafetyError {
    /// There is no script.
    #[error("`{}` has no activation script `{}`", env.display(), script.display())]
    NoScript {
        /// The environment.
        env: PathBuf,
        /// The script that is missing.
        script: PathBuf,
    },
    /// It would run a part of the environment's path or prompt as a command.
    #[error(
        "the activation script `{}` would run a part of the environment's path or prompt as a command, in line {line}",
        script.display()
    )]
    Injection {
        /// The script.
        script: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Its script was made for another path, and would activate that.
    #[error("`{}` was moved or copied: its activation script is for `{}`", env.display(), path.display())]
    Elsewhere {
        /// The environment.
        env: PathBuf,
        /// What it would activate.
        path: PathBuf,
    },
    /// Someone else could change it, or put another in its place.
    #[error("the activation script `{}` is not used: {exposure}", script.display())]
    Exposed {
        /// The script.
        script: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// Someone else could have changed what would be code of the user in a copy.
    #[error("it is not safe to copy, pack or rebuild `{}`: {exposure}", env.display())]
    Foreign {
        /// The environment.
        env: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// Someone else could have put a program into an environment.
    #[error("no program of `{}` is run: {exposure}", env.display())]
    Programs {
        /// The environment.
        env: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// Someone else could have written the archive of an environment.
    #[error("it is not safe to unpack `{}`: {exposure}", archive.display())]
    Archive {
        /// The archive.
        archive: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Judges the script that activates an environment. One that its environment was made without is known: what it would do
/// can be applied without it.
pub fn of_activate_script(environment: &Environment, script: &Path) -> Result<Safety, SafetyError> {
    let text = match fs::read_limited(script, MAX_BYTES) {
        Err(_) if !script.is_file() => {
            let (env, path) = (environment.path().to_path_buf(), script.to_path_buf());
            let template = known::left_out(environment, script).ok_or(SafetyError::NoScript { env, script: path })?;
            return of_known_script(environment, template, Dialect::of_script(script));
        }
        other => other?,
    };
    let dialect = Dialect::of_script(script);
    let name = environment.name().as_os_str().as_bytes();
    let kind = activate::script_of_file(script);
    if activate::is_own_text(environment, kind, &text) {
        // It says the name to each shell in a way that drawing the prompt does not change.
        return Ok(Safety { hide_prompt: false, origin: Origin::Own, does_something: true });
    }
    if let Some(template) = known::own_by_link(environment, kind, &text) {
        return of_known_script(environment, template, dialect);
    }
    if activate::is_own_self_locating(environment, kind, &text) {
        return Ok(Safety { hide_prompt: false, origin: Origin::Other, does_something: true });
    }
    if matches!(kind, Script::Csh | Script::PowerShell) {
        return of_other_shell(environment, script, kind, &text);
    }
    if let Some(template) = known::recognise(&text, dialect) {
        return of_known_script(environment, template, dialect);
    }
    let real = environment.path().canonicalize().unwrap_or_else(|_| environment.path().to_path_buf());
    let is_odd = is_odd(environment.path()) || is_odd(&real);
    let injection = |line| SafetyError::Injection { script: script.to_path_buf(), line };
    let findings = lines::read(&text, dialect, is_odd).map_err(injection)?;
    if findings.is_generated || is_odd {
        check_target(environment, &findings)?;
    }
    // A line break in a prompt may end its line, and then what follows looks like any other line.
    if let Some(line) = broken_prompt(environment, &text) {
        return Err(injection(line));
    }
    let targets = findings.environments.iter().map(|path| lines::file_name(path));
    let prompts = findings.prompts.iter().map(Vec::as_slice).chain(targets).chain([name]);
    // fish draws what a function prints, and expands nothing in it.
    let hide_prompt = dialect == Dialect::Posix && prompts.into_iter().any(is_evaluated);
    Ok(Safety { hide_prompt, origin: Origin::Other, does_something: !is_stub(&text) })
}

/// Judges a script of csh or PowerShell.
fn of_other_shell(environment: &Environment, script: &Path, kind: Script, text: &[u8]) -> Result<Safety, SafetyError> {
    let injection = |line| SafetyError::Injection { script: script.to_path_buf(), line };
    let findings = values::read(text, kind, environment).map_err(injection)?;
    check_target(environment, &findings)?;
    if let Some(line) = broken_prompt(environment, text) {
        return Err(injection(line));
    }
    let hide_prompt = is_evaluated(environment.name().as_os_str().as_bytes());
    Ok(Safety { hide_prompt, origin: Origin::Other, does_something: !is_stub(text) })
}

/// Judges a script that is its generator's, byte for byte: nothing in it is expanded that should be a value.
fn of_known_script(
    environment: &Environment,
    template: known::Template,
    dialect: Dialect,
) -> Result<Safety, SafetyError> {
    if let Some(path) = template.path.as_ref().filter(|path| !is_same_file(path, environment.path())) {
        return Err(SafetyError::Elsewhere { env: environment.path().to_path_buf(), path: path.clone() });
    }
    let target = template.path.as_deref().and_then(Path::file_name).map(OsStr::as_bytes);
    let values = [Some(environment.name().as_os_str().as_bytes()), target, template.prompt.as_deref()];
    let is_shown = dialect == Dialect::Posix && values.into_iter().flatten().any(is_evaluated);
    let hide_prompt = is_shown && !template.escapes_prompt;
    Ok(Safety { hide_prompt, origin: Origin::Known(template), does_something: true })
}

/// Returns the line in which a recorded prompt begins that has line breaks, if the script holds it as it is.
fn broken_prompt(environment: &Environment, text: &[u8]) -> Option<usize> {
    let cfg = environment.cfg()?;
    let written_out = cfg.prompt().and_then(with_line_breaks);
    let as_it_is = cfg.from_prompt().and_then(beginning_of_lines).map(<[u8]>::to_vec);
    let is_there = |prompt: Vec<u8>| text.windows(prompt.len()).position(|part| part == prompt);
    let at = [written_out, as_it_is].into_iter().flatten().find_map(is_there)?;
    Some(text[..at].split(|byte| *byte == b'\n').count())
}

/// Returns a prompt that was recorded in one line, with its line breaks if it has any.
fn with_line_breaks(recorded: &str) -> Option<Vec<u8>> {
    let mut prompt = Vec::new();
    let mut bytes = recorded.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => prompt.push(match bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => other,
            }),
            _ => prompt.push(byte),
        }
    }
    prompt.contains(&b'\n').then_some(prompt)
}

/// Returns a text up to the second of its lines that says something; nothing where it has no more than one.
fn beginning_of_lines(text: &[u8]) -> Option<&[u8]> {
    let first = text.iter().position(|byte| *byte == b'\n')?;
    let second = first + text[first..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    let length = text[second..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - second);
    Some(&text[..second + length])
}

/// Fails where someone other than the user and root could change the script that activates an environment: the script
/// itself, the environment, the store, or any directory on the way.
pub fn check_owners(script: &Path, vetting: &Vetting) -> Result<(), SafetyError> {
    match vetting.find(script).at("read", script)? {
        None => Ok(()),
        Some(exposure) => Err(SafetyError::Exposed { script: script.to_path_buf(), exposure }),
    }
}

/// Fails where someone other than the user and root could change what an environment's activation runs: a script, a hook,
/// or the way to them. In a copy all of it would belong to the user, and nobody could tell any more whose it was.
pub fn check_owners_of_source(root: &Path, vetting: &Vetting) -> Result<(), SafetyError> {
    let bin = root.join("bin");
    let scripts = Script::ALL.iter().flat_map(|script| activate::file_names(*script)).map(|name| bin.join(name));
    let hooks = Event::all().flat_map(Event::file_names).map(|name| bin.join(name));
    for path in [bin.clone()].into_iter().chain(scripts).chain(hooks) {
        if path.symlink_metadata().is_err() {
            continue;
        }
        if let Some(exposure) = vetting.find_before_it_is_there(&path).at("read", &path)? {
            return Err(SafetyError::Foreign { env: root.to_path_buf(), exposure });
        }
    }
    Ok(())
}

/// Fails where someone other than the user and root could have written the archive of an environment: what is unpacked
/// belongs to the user. What is missing is found by whoever reads it.
pub fn check_owners_of_archive(archive: &Path, vetting: &Vetting) -> Result<(), SafetyError> {
    match vetting.find_of_file(archive).at("read", archive)? {
        None => Ok(()),
        Some(exposure) => Err(SafetyError::Archive { archive: archive.to_path_buf(), exposure }),
    }
}

/// A script that was made for another path cannot activate this environment; and where a path holds a quote, what looks
/// like a shorter path may be the beginning of a line that goes on with commands.
fn check_target(environment: &Environment, findings: &lines::Findings) -> Result<(), SafetyError> {
    let is_here = |path: &Vec<u8>| is_same_file(Path::new(OsStr::from_bytes(path)), environment.path());
    match findings.environments.first() {
        Some(path) if !findings.is_relocatable && !findings.environments.iter().any(is_here) => {
            let env = environment.path().to_path_buf();
            Err(SafetyError::Elsewhere { env, path: PathBuf::from(OsStr::from_bytes(path)) })
        }
        _ => Ok(()),
    }
}

/// Whether a shell would change the text when it draws it as a part of its prompt.
fn is_evaluated(prompt: &[u8]) -> bool {
    prompt.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\' | b'%' | b'!'))
}

/// Whether a path holds what is expanded, or ends the quotes or the line, in a script.
fn is_odd(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().any(|byte| matches!(byte, b'$' | b'`' | b'"' | b'\'' | b'\\' | b';' | b'(' | b')') || *byte < b' ')
}

#[cfg(test)]
mod tests;
