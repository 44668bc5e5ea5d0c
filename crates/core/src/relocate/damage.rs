//! What is wrong with the activation scripts of an environment: each shell has its own, and one may be wrong where the
//! others are right.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::activation::{self, Outcome, is_script, script_of};
use super::mapping::Mapping;
use crate::env::Environment;
use crate::env::activators::is_left_out;
use crate::env::packages::minor_of;
use crate::env::pyvenv_cfg::{Creator, PyvenvCfg};
use crate::fs;
use crate::fs::identity::is_same_file;
use crate::shell::activate::known::Generator;
use crate::shell::activate::{self, Activation, Script};
use crate::shell::dialect::Dialect;
use crate::shell::hooks::is_stub;
use crate::shell::safety::{SafetyError, of_activate_script};

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// What uv writes besides the script of a POSIX shell.
const OF_UV: [&str; 5] = ["activate.csh", "activate.fish", "activate.ps1", "activate.nu", "activate_this.py"];

/// The same for the standard library: the last one since Python 3.8.
const OF_VENV: [&str; 3] = ["activate.fish", "activate.csh", "Activate.ps1"];

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// The tool that made the environment has written it, and it does not exist.
    Missing,
    /// Nothing in it does anything.
    Empty,
    /// Its end is missing.
    Cut,
    /// It would run a part of the environment's path as a command.
    Unsafe,
    /// It is for another path.
    Elsewhere(PathBuf),
    /// It is for another path, and only its user can tell how the language quotes this one.
    Stale(PathBuf),
}

impl Damage {
    /// The word for a script that is not complete.
    pub(crate) fn lack(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("missing"),
            Self::Empty => Some("empty"),
            Self::Cut => Some("cut off"),
            Self::Unsafe | Self::Elsewhere(_) | Self::Stale(_) => None,
        }
    }
}

/// Returns the scripts that should be written again. That of a POSIX shell, which everybody needs, comes first.
pub(crate) fn damaged(environment: &Environment) -> Vec<(OsString, Damage)> {
    let Ok(entries) = std::fs::read_dir(environment.bin()) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name()).filter(|name| is_script(name));
    let cfg = environment.cfg();
    let prompt = cfg.as_ref().and_then(PyvenvCfg::prompt).or(environment.name().as_os_str().to_str());
    let present: Vec<_> = names.collect();
    let missing = missing(environment, cfg.as_ref(), &present).into_iter().map(|name| (name.into(), Damage::Missing));
    let judge = |name: &OsString| Some((name.clone(), damage_of(environment, name, prompt)?));
    let mut found: Vec<_> = missing.chain(present.iter().filter_map(judge)).collect();
    found.sort_by(|(a, _), (b, _)| (a != "activate", a).cmp(&(b != "activate", b)));
    found
}

/// The scripts that are missing. Only some tools always write all of theirs: of the others, who has one write only some
/// lacks the rest on purpose.
fn missing(environment: &Environment, cfg: Option<&PyvenvCfg>, present: &[OsString]) -> Vec<&'static str> {
    let Some(cfg) = cfg else { return Vec::new() };
    // A script for PowerShell has two names.
    let is_there = |name: &&str| present.iter().any(|found| found.eq_ignore_ascii_case(name));
    let mut is_complete = false;
    let others = match cfg.creator() {
        // csh cannot tell where a script is.
        Creator::Uv if cfg.is_relocatable() => &OF_UV[1..],
        Creator::Uv => &OF_UV,
        // Many tools leave no mark.
        Creator::Venv if present.iter().any(|name| name == OF_VENV[2]) => &OF_VENV,
        Creator::Venv if is_of_standard_library(environment, cfg) => {
            is_complete = true;
            let has_all = cfg.version().as_deref().and_then(minor_of).is_none_or(|version| version >= (3, 8));
            if has_all { &OF_VENV } else { &OF_VENV[..2] }
        }
        Creator::Venv | Creator::Virtualenv | Creator::Venvwrap => &[],
    };
    is_complete |= others.iter().any(is_there);
    let others = others.iter().filter(|_| is_complete);
    ["activate"]
        .iter()
        .chain(others)
        .copied()
        .filter(|name| !is_there(name) && !is_left_out(environment, Some(cfg), name))
        .collect()
}

/// Returns whether `python -m venv` has made an environment: it notes the command since Python 3.11, and its scripts are
/// known.
fn is_of_standard_library(environment: &Environment, cfg: &PyvenvCfg) -> bool {
    let is_known = |name: &str| {
        let path = environment.bin().join(name);
        let text = fs::read_limited(&path, MAX_BYTES).unwrap_or_default();
        let found = activate::known::recognise(&text, Dialect::of_script(&path));
        found.is_some_and(|found| found.generator == Generator::Venv)
    };
    cfg.get("command").is_some_and(|command| command.contains(" -m venv "))
        || is_known("activate")
        || is_known("activate.fish")
}

fn damage_of(environment: &Environment, name: &OsStr, prompt: Option<&str>) -> Option<Damage> {
    let path = environment.bin().join(name);
    let script = script_of(name);
    let Ok(text) = fs::read_limited(&path, MAX_BYTES) else {
        // A link that leads nowhere.
        return (script.is_some() && std::fs::metadata(&path).is_err()).then_some(Damage::Missing);
    };
    if text.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) || (script.is_some() && is_stub(&text)) {
        return script.is_some().then_some(Damage::Empty);
    }
    let Some(script) = script else {
        return elsewhere(environment, &text).map(|path| {
            if is_editable(environment, name, &text, &path) { Damage::Elsewhere(path) } else { Damage::Stale(path) }
        });
    };
    let values = prompt.map(|prompt| Activation { env: environment.path(), prompt });
    let own = values.and_then(|values| activate::render(script, &values).ok());
    if let Some(own) = own.filter(|own| own.starts_with(&text)) {
        return (own.len() > text.len()).then_some(Damage::Cut);
    }
    if matches!(script, Script::Nushell | Script::Python) {
        return elsewhere(environment, &text).map(Damage::Elsewhere);
    }
    match of_activate_script(environment, &path) {
        Err(SafetyError::Injection { .. }) => Some(Damage::Unsafe),
        Err(SafetyError::Elsewhere { path, .. }) => Some(Damage::Elsewhere(path)),
        _ => is_cut(script, &text).then_some(Damage::Cut),
    }
}

/// Returns whether a script of a POSIX shell activates no environment of Python, as that of nodeenv: it neither sets
/// `VIRTUAL_ENV` nor runs another script that may.
pub(crate) fn is_foreign(text: &[u8]) -> bool {
    let is_in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let sets = memmem::find_iter(text, b"VIRTUAL_ENV=").any(|at| at == 0 || !is_in_name(&text[at - 1]));
    let mut lines = text.split(|byte| b"\n;&|".contains(byte)).map(<[u8]>::trim_ascii_start);
    !sets && !lines.any(|line| [&b". "[..], b"source ", b"eval "].iter().any(|word| line.starts_with(word)))
}

/// Returns whether a script of another tool ends before what all of them end with.
fn is_cut(script: Script, text: &[u8]) -> bool {
    let (value, end): (&[u8], &[u8]) = match script {
        Script::Posix => (b"VIRTUAL_ENV=", b"hash -r"),
        Script::Fish => (b"set -gx VIRTUAL_ENV", b"set -gx _OLD_FISH_PROMPT_OVERRIDE"),
        Script::Csh => (b"setenv VIRTUAL_ENV", b"\nrehash"),
        _ => return false,
    };
    let is_complete = || memmem::find(text, value).is_some_and(|at| memmem::find(&text[at..], end).is_some());
    memmem::find(text, b"# This file must be used ").is_some() && !is_complete()
}

/// The path that a script of another shell is for, if that is another.
fn elsewhere(environment: &Environment, text: &[u8]) -> Option<PathBuf> {
    let env = environment.path();
    named(text).filter(|path| path != env && !is_same_file(path, env))
}

/// Returns whether a script that only other tools write can be for the environment instead of a path.
fn is_editable(environment: &Environment, name: &OsStr, text: &[u8], path: &Path) -> bool {
    let mapping = Mapping::new(&[path.to_path_buf()], environment.path());
    let prompt =
        activation::prompt_of(environment.cfg().as_ref(), &[path], environment.name().as_os_str(), environment.path());
    matches!(activation::script(name, text, &mapping, &prompt), Outcome::Edited(_))
}

/// The path that a script of Nushell, Python, xonsh or Windows names, if it can be read without knowing how the language
/// escapes.
fn named(text: &[u8]) -> Option<PathBuf> {
    text.split(|&byte| byte == b'\n').find_map(|line| {
        let line = line.trim_ascii();
        let lower = line.to_ascii_lowercase();
        let is_about = |name: &[u8]| {
            let end = memmem::find(&lower, name).map(|at| at + name.len());
            end.is_some_and(|end| matches!(lower.get(end), Some(b' ' | b'=')))
        };
        // The script for Python of this program, before and since it finds an environment that was moved.
        let names = is_about(b"virtual_env") || is_about(b"virtual-env");
        let is_ours = [&b"_enter("[..], b"_base = _text("].iter().any(|start| lower.starts_with(start));
        if !(names || is_ours) || line[0] == b'#' {
            return None;
        }
        let start = line.windows(2).position(|pair| matches!(pair, [b'\'' | b'"' | b'=', b'/']))? + 1;
        let value = &line[start..];
        let (value, rest) = value.split_at(value.iter().position(|byte| b"'\"".contains(byte)).unwrap_or(value.len()));
        let is_plain = !value.iter().any(|byte| b"\\$%`".contains(byte)) && !rest.contains(&b'/');
        let is_whole = !rest.get(1).is_some_and(u8::is_ascii_alphanumeric);
        (is_plain && is_whole).then(|| Path::new(OsStr::from_bytes(value)).to_path_buf())
    })
}

#[cfg(test)]
mod tests;
