//! Which tool and version wrote an activation script, byte for byte, and with which path and prompt.
//!
//! A script that is recognised holds nothing but what its generator wrote, so that it can be judged, and applied without
//! being run, by its values alone. Of each generator only a digest is kept: that of the script with its values taken out.

mod table;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Script;
use crate::env::Environment;
use crate::env::activate_path::path_in_script;
use crate::env::activators::is_left_out;
use crate::fs::{self, hex::hex};
use crate::shell::dialect::Dialect;
use crate::shell::word;

pub use table::Generator;

/// More than any of them has.
const MAX_BYTES: usize = 64 * 1024;

/// A script as a generator wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The tool.
    pub generator: Generator,
    /// One of the versions that write this script.
    pub version: &'static str,
    /// The path that it activates; none where it finds that out when it runs.
    pub path: Option<PathBuf>,
    /// The prompt that is written out; none where it is derived from the path.
    pub prompt: Option<Vec<u8>>,
    /// What else it does.
    pub effects: Effects,
    /// Whether the script keeps the shell from evaluating its prompt.
    pub escapes_prompt: bool,
}

/// What scripts of some versions do besides setting PATH and a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Whether it sets the variable of the prompt.
    pub sets_prompt_variable: bool,
    /// Whether the variable of the prompt has the parentheses and the blank that the prompt shows.
    pub is_prompt_decorated: bool,
    /// Whether it defines `pydoc`.
    pub defines_pydoc: bool,
    /// Whether it puts the environment into `PKG_CONFIG_PATH`.
    pub sets_pkg_config_path: bool,
    /// The values of `TCL_LIBRARY` and `TK_LIBRARY`; empty where they are left alone.
    pub libraries: [Vec<u8>; 2],
}

/// Recognises a script; nothing when any byte of it is not the generator's.
pub fn recognise(text: &[u8], dialect: Dialect) -> Option<Template> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let values = take_out(text, dialect);
    let digest = hex(&Sha256::digest(&values.rest));
    let (_, generator, version, escapes_prompt) = table::KNOWN.into_iter().find(|(known, ..)| *known == digest)?;
    let path = values.paths.first();
    if values.paths.iter().any(|other| Some(other) != path) {
        return None;
    }
    let path = path.map(|path| PathBuf::from(OsStr::from_bytes(path)));
    let has = |part: &[u8]| values.rest.windows(part.len()).any(|window| window == part);
    let is_decorated = |prompt: &[u8]| prompt.starts_with(b"(") && prompt.ends_with(b") ");
    let effects = Effects {
        sets_prompt_variable: has(b"VIRTUAL_ENV_PROMPT=") || has(b"set -gx VIRTUAL_ENV_PROMPT "),
        is_prompt_decorated: has(b"VIRTUAL_ENV_PROMPT=\"($(basename")
            || values.variables.iter().any(|prompt| generator == Generator::Venv && is_decorated(prompt)),
        defines_pydoc: has(b"python -m pydoc"),
        sets_pkg_config_path: has(b"/lib/pkgconfig"),
        libraries: values.libraries,
    };
    // Where nothing was chosen, some have empty parentheses in the branch that is not taken.
    let is_chosen = |prompt: &&Vec<u8>| !prompt.is_empty() && **prompt != b"() ";
    let prompt = values.variables.iter().chain(&values.prompts).find(is_chosen).cloned();
    Some(Template { generator, version, path, prompt, effects, escapes_prompt })
}

/// Recognises a script of this program where its environment was found by a link, so that the prompt can show the name of
/// that.
pub(crate) fn own_by_link(environment: &Environment, script: Script, text: &[u8]) -> Option<Template> {
    if !environment.path().is_symlink() {
        return None;
    }
    // That of fish is for the same path, and need not be understood.
    let path = path_in_script(&fs::read_limited(&environment.activate_script(), MAX_BYTES as u64).ok()?)?;
    let real = Environment::new(environment.name().clone(), path);
    if !matches!(script, Script::Posix | Script::Fish) || !super::is_own_text(&real, script, text) {
        return None;
    }
    let prompt = real.cfg().and_then(|cfg| Some(cfg.prompt()?.as_bytes().to_vec()));
    Some(of_own(Some(real.path().to_path_buf()), prompt))
}

/// What stands for the script of a shell that its environment was made without; nothing where it was not.
pub(crate) fn left_out(environment: &Environment, script: &Path) -> Option<Template> {
    let cfg = environment.cfg();
    let kind = super::script_of_file(script);
    let name = script.file_name()?.to_str()?;
    if !matches!(kind, Script::Posix | Script::Fish) || !is_left_out(environment, cfg.as_ref(), name) {
        return None;
    }
    // A link is entered by its target, as by a script there.
    let path = environment.path();
    let path = (!path.is_symlink()).then(|| path.to_path_buf());
    let prompt = cfg?.prompt().map(|prompt| prompt.as_bytes().to_vec());
    Some(of_own(path, prompt))
}

/// This program's script.
fn of_own(path: Option<PathBuf>, prompt: Option<Vec<u8>>) -> Template {
    let effects = Effects { sets_prompt_variable: true, defines_pydoc: true, ..Effects::default() };
    let version = env!("CARGO_PKG_VERSION");
    Template { generator: Generator::Venvwrap, version, path, prompt, effects, escapes_prompt: true }
}

/// What a value in a script is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Path,
    /// What the prompt shows, or the test whether something was chosen.
    Prompt,
    /// The value of `VIRTUAL_ENV_PROMPT`.
    Variable,
    /// A path of the base installation: that of Tcl, that of Tk, or either where it is only tested.
    Tcl,
    Tk,
    Library,
}

/// A line that holds one value: what is before it, what is after it, and the quote that both of these are in.
struct Slot(&'static str, &'static str, &'static str, Kind);

/// The lines of the Bourne shells. A more special one comes first.
const POSIX: [Slot; 17] = [
    Slot("export VIRTUAL_ENV=$(cygpath ", ")", "", Kind::Path),
    Slot("VIRTUAL_ENV=$(cygpath ", ")", "", Kind::Path),
    Slot("export VIRTUAL_ENV=", "", "", Kind::Path),
    Slot("VIRTUAL_ENV=", "", "", Kind::Path),
    Slot("if [ ! -d ", " ] &&", "", Kind::Path),
    Slot("if [ ! -d ", " ]; then", "", Kind::Path),
    Slot("echo \"Virtual environment directory\" ", " \"does not exist!\" >&2", "", Kind::Path),
    Slot("echo \"Virtual environment directory ", " does not exist!\" >&2", "\"", Kind::Path),
    Slot("if [ \"x\"", " != x ] ; then", "", Kind::Prompt),
    Slot("if [ \"x", "\" != x ] ; then", "\"", Kind::Prompt),
    Slot("VIRTUAL_ENV_PROMPT=", "", "", Kind::Variable),
    Slot("PS1=", "\"${PS1:-}\"", "", Kind::Prompt),
    Slot("PS1=\"", "${PS1:-}\"", "\"", Kind::Prompt),
    Slot("PS1=\"", "${PS1-}\"", "\"", Kind::Prompt),
    Slot("if [ ", " != \"\" ]; then", "", Kind::Library),
    Slot("TCL_LIBRARY=", "", "", Kind::Tcl),
    Slot("TK_LIBRARY=", "", "", Kind::Tk),
];

/// The lines of fish.
const FISH: [Slot; 8] = [
    Slot("set -gx VIRTUAL_ENV ", "", "", Kind::Path),
    Slot("set -gx VIRTUAL_ENV_PROMPT ", "", "", Kind::Variable),
    Slot("if test -n ", "", "", Kind::Prompt),
    Slot("printf \"%s%s\" ", " (set_color normal)", "", Kind::Prompt),
    Slot("printf \"%s%s%s\" (set_color 4B8BBE) ", " (set_color normal)", "", Kind::Prompt),
    Slot("printf \"%s(%s)%s \" (set_color 4B8BBE) ", " (set_color normal)", "", Kind::Prompt),
    Slot("set -gx TCL_LIBRARY ", "", "", Kind::Tcl),
    Slot("set -gx TK_LIBRARY ", "", "", Kind::Tk),
];

/// A script without its values.
#[derive(Default)]
struct Values {
    rest: Vec<u8>,
    paths: Vec<Vec<u8>>,
    prompts: Vec<Vec<u8>>,
    variables: Vec<Vec<u8>>,
    libraries: [Vec<u8>; 2],
}

fn take_out(text: &[u8], dialect: Dialect) -> Values {
    let slots = if dialect == Dialect::Fish { &FISH[..] } else { &POSIX[..] };
    let mut values = Values::default();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let content = line.trim_ascii_end();
        let indent = content.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some((slot, value)) = slots.iter().find_map(|slot| Some((slot, slot.value(&content[indent..], dialect)?)))
        else {
            values.rest.extend(line);
            continue;
        };
        let (before, after) = (slot.0.as_bytes(), slot.1.as_bytes());
        for part in [&line[..indent], before, b"\0", after, &line[content.len()..]] {
            values.rest.extend(part);
        }
        match slot.3 {
            Kind::Path => values.paths.push(value),
            Kind::Prompt => values.prompts.push(value),
            Kind::Variable => values.variables.push(value),
            Kind::Tcl => values.libraries[0] = value,
            Kind::Tk => values.libraries[1] = value,
            Kind::Library => {}
        }
    }
    values
}

impl Slot {
    /// Returns the value in a line of this form, if nothing in it is expanded.
    fn value(&self, line: &[u8], dialect: Dialect) -> Option<Vec<u8>> {
        let Self(before, after, quote, _) = self;
        let spelled = line.strip_prefix(before.as_bytes())?.strip_suffix(after.as_bytes())?;
        let word = [quote.as_bytes(), spelled, quote.as_bytes()].concat();
        let read = word::read(&word, dialect)?;
        (read.end == word.len()).then(|| read.literal().map(<[u8]>::to_vec))?
    }
}

#[cfg(test)]
mod tests;
