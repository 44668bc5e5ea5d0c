//! The Python itself, for an archive that needs none on the machine that it gets to.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::scan::{self, Item, Origin};
use crate::env::BIN;
use crate::fs;
use crate::fs::PathResult;
use crate::python::{Implementation, Interpreter};
use crate::relocate::{elf, linked};

/// What of the standard library no application uses: tests, the editor, demonstrations, and what belongs to the machine.
/// What applications may import comes along: half of it is here already, as is the compiled part of `tkinter`.
const LEFT_OUT: [&str; 8] =
    ["site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo", "__pycache__", "EXTERNALLY-MANAGED"];
/// Where a Python looks for its shared library, relative to itself.
const SEARCH_PATH: &[u8] = b"$ORIGIN/../lib";
/// More than any interpreter.
const MAX_BYTES: u64 = 1 << 30;

/// Why a Python cannot come along, in words.
type Refusal = &'static str;

/// Returns whether a Python works in a directory of its own.
pub(super) fn check(interpreter: &Interpreter) -> Result<(), Refusal> {
    if interpreter.implementation != Implementation::CPython {
        Err("only CPython works in another directory")
    } else if !interpreter.framework.is_empty() || interpreter.platform == "darwin" {
        Err("a framework only works where it is")
    } else if library(interpreter).is_none() {
        Err("its standard library is not in its prefix")
    } else {
        Ok(())
    }
}

/// Where packages go for this Python when it is no environment, relative to its prefix. Debian's looks in a place of its
/// own.
pub(super) fn site_packages(interpreter: &Interpreter) -> PathBuf {
    let site = fs::read_limited(&interpreter.stdlib.join("site.py"), MAX_BYTES).unwrap_or_default();
    if memchr::memmem::find(&site, b"dist-packages").is_some() {
        return "lib/python3/dist-packages".into();
    }
    library(interpreter).unwrap_or_default().join("site-packages")
}

/// Returns the files of a Python, where they are in the archive.
pub(super) fn items(interpreter: &Interpreter) -> PathResult<Vec<Item>> {
    let mut items = executable(interpreter)?;
    let library = library(interpreter).unwrap_or_default();
    let is_wanted = |path: &Path, _: bool| {
        let name = path.file_name().unwrap_or_default();
        let is_build = name.as_bytes().starts_with(b"config-") && path.components().count() == 1;
        !is_build && !LEFT_OUT.iter().any(|left_out| name == *left_out)
    };
    let mut above = PathBuf::new();
    for part in library.components() {
        above.push(part);
        items.push(Item { path: above.clone(), origin: Origin::Directory, mode: 0o755, mtime: 0 });
    }
    for item in scan::scan(&interpreter.stdlib, &is_wanted)?.items {
        let place = library.join(&item.path);
        match item.origin {
            // Distributions link to what they configure elsewhere.
            Origin::Link(_) => items.extend(scan::file(&interpreter.stdlib.join(&item.path), place).ok()),
            _ => items.push(Item { path: place, ..item }),
        }
    }
    Ok(items)
}

/// The program, its other names, and its shared library.
fn executable(interpreter: &Interpreter) -> PathResult<Vec<Item>> {
    let name = format!("python{}", interpreter.version.minor_text());
    let place = Path::new(BIN).join(&name);
    let program = scan::file(&interpreter.executable, &place)?;
    let facts = program.source().and_then(|path| linked::facts(&File::open(path).ok()?)).unwrap_or_default();
    let shared: Vec<Item> = facts.needed.iter().filter_map(|library| shared_library(interpreter, library)).collect();
    let program = if shared.is_empty() { program } else { with_search_path(interpreter, program)? };
    let link = |name: &str, target: &str| Item::link(Path::new(BIN).join(name), target.into());
    let mut items = vec![program, link("python", &name), link("python3", &name)];
    items.extend(shared);
    Ok(items)
}

/// A library of Python itself, unless it is the system's.
fn shared_library(interpreter: &Interpreter, name: &str) -> Option<Item> {
    let directories = [interpreter.base_prefix.join("lib"), interpreter.base_prefix.join(&interpreter.platlibdir)];
    let found = directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file());
    let is_own = name.starts_with("libpython");
    found.filter(|_| is_own).and_then(|path| scan::file(&path, Path::new("lib").join(name)).ok())
}

fn with_search_path(interpreter: &Interpreter, program: Item) -> PathResult<Item> {
    let content = fs::read_limited(&interpreter.executable, MAX_BYTES)?;
    Ok(match elf::with_search_path(&content, SEARCH_PATH) {
        Some(content) => Item { origin: Origin::Made(content), ..program },
        None => program,
    })
}

/// Where its standard library is, relative to its prefix: `lib/python3.12`.
fn library(interpreter: &Interpreter) -> Option<PathBuf> {
    let real = |path: &Path| path.canonicalize().ok();
    let found = real(&interpreter.stdlib)?.strip_prefix(real(&interpreter.base_prefix)?).ok()?.to_path_buf();
    let is_usual = found.components().count() == 2 && found.components().next()?.as_os_str() == OsStr::new("lib");
    is_usual.then_some(found)
}
