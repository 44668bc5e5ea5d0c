//! Whose shim a file is, told by what it contains: it is not run.

use std::path::{Path, PathBuf};

use crate::fs::read_limited;
use crate::python::context::Search;
use crate::python::manager::{Manager, Place};

/// Shims have a few hundred bytes; asdf writes one line more for each version.
const SHIM_LIMIT: u64 = 16 * 1024;

/// What made a shim.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// A manager whose selection can be read.
    Known(Place),
    /// Another one: what its shims stand for cannot be told without running them.
    Other,
}

/// Returns what made a shim; `None` if the file is something else, such as an interpreter or a script of the user.
pub(super) fn maker_of(file: &Path, search: &Search<'_>) -> Option<Maker> {
    let above = file.parent()?.parent()?;
    let known = |manager, root: &Path| Some(Maker::Known(Place { manager, root: root.to_path_buf() }));
    if let Ok(target) = file.canonicalize()
        && let Some(maker) = Maker::of_program(&target, search)
    {
        return match maker {
            Maker::Known(place) => known(place.manager, above),
            Maker::Other => Some(Maker::Other),
        };
    }
    let text = String::from_utf8(read_limited(file, SHIM_LIMIT).ok()?).ok()?;
    if !text.starts_with("#!") {
        return None;
    }
    let command = text.lines().find_map(|line| line.trim().strip_prefix("exec "))?;
    let mut words = command.split([' ', '"']).filter(|word| !word.is_empty());
    let (program, verb) = (Path::new(words.next()?), words.next()?);
    match program.file_name()?.to_str()? {
        "pyenv" if verb == "exec" => known(Manager::Pyenv, &pyenv_root(&text).unwrap_or_else(|| above.to_path_buf())),
        "asdf" if verb == "exec" => known(Manager::Asdf, above),
        "mise" | "rtx" if matches!(verb, "x" | "exec") => known(Manager::Mise, above),
        _ => None,
    }
}

impl Maker {
    /// Returns the manager whose shims are links to this program.
    pub(super) fn of_program(program: &Path, search: &Search<'_>) -> Option<Self> {
        match program.file_name()?.to_str()? {
            "mise" | "rtx" => Manager::Mise.place(search).map(Self::Known),
            "rye" | "proto" | "proto-shim" | "vfox" => Some(Self::Other),
            _ => None,
        }
    }
}

/// The directory that a shim of pyenv names itself.
fn pyenv_root(text: &str) -> Option<PathBuf> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("export PYENV_ROOT="))?;
    let root = PathBuf::from(value.trim_matches('"'));
    root.is_absolute().then_some(root)
}
