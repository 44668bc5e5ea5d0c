//! What in an environment is its interpreter, by name, and what only has such a name.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::scan::{Item, Origin};
use crate::env::BIN;
use crate::env::packages::version_of;

/// Returns whether a path is that of the library of which an interpreter consists for the most part, where a copy of it
/// has that: `lib/libpython3.12.so.1.0`, `bin/libpypy3.10-c.so`.
pub(super) fn is_library_of_python(path: &Path) -> bool {
    let (directory, name) = (path.parent(), path.file_name().unwrap_or_default().to_string_lossy());
    let is_of = |place: &str, start| directory == Some(Path::new(place)) && name.starts_with(start);
    (is_of("lib", "libpython3") || is_of(BIN, "libpypy3")) && [".so", ".dylib"].iter().any(|end| name.contains(end))
}

/// Returns whether a file is a script, as somebody writes one who wraps an interpreter.
pub(super) fn is_script(item: &Item) -> bool {
    let Origin::File(source) = &item.origin else { return false };
    starts_as_script(source.open().ok())
}

/// Returns whether a path is that of a script, and not of a link to one.
pub(super) fn is_script_at(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file()) && starts_as_script(File::open(path).ok())
}

fn starts_as_script(file: Option<File>) -> bool {
    let mut start = [0; 2];
    file.is_some_and(|mut file| file.read_exact(&mut start).is_ok() && &start == b"#!")
}

/// Returns whether a name in `bin` is one of the interpreter whose library directory has this name: `python`, `python3`,
/// `python3.13t`.
pub(super) fn is_interpreter_of(name: &str, library: &str) -> bool {
    let Some((major, minor)) = version_of(library).filter(|_| is_interpreter(name)) else { return false };
    let version = name.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches(['t', 'd']);
    let has_none = ["python", "pypy", "graalpy"].contains(&name);
    has_none || version == major.to_string() || version == format!("{major}.{minor}")
}

/// Returns whether a name in `bin` is one of an interpreter.
pub(super) fn is_interpreter(name: &str) -> bool {
    let digits = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.' || c == 't' || c == 'd');
    ["python", "pypy", "graalpy"].iter().any(|known| name.strip_prefix(known).is_some_and(digits))
}
