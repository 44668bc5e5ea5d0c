//! Which executable to link an environment to: never one inside another environment, and the name that lives longest.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::interpreter::Interpreter;
use super::names::{COMMON_NAMES, Guess};
use super::version::Implementation;
use crate::fs::identity::is_same_file;
use crate::fs::instead::Instead;
use crate::fs::{PathError, absolute, read_limited};

/// Environments made from environments name one another as their base, but hardly as deep as this.
const DEEPEST_CHAIN: usize = 16;

/// As many as the kernel follows before it speaks of a loop.
const MOST_LINKS: usize = 40;

/// No `pyvenv.cfg` that any tool writes comes near this size.
const CONFIG_LIMIT: u64 = 64 * 1024;

/// Why the base of an environment could not be told.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// The interpreter that the environment was made from is gone.
    #[error(
        "the environment `{}` was made from a Python in `{}`, which {}",
        environment.display(),
        home.display(),
        state(home)
    )]
    Gone {
        /// The environment.
        environment: PathBuf,
        /// The directory that held its base.
        home: PathBuf,
    },
    /// The environment does not say what it was made from.
    #[error("the environment `{}` does not say which Python it was made from", environment.display())]
    Unknown {
        /// The environment.
        environment: PathBuf,
    },
    /// Environments name one another as their base without end.
    #[error("the environment of `{}` is its own base, directly or through others", path.display())]
    Endless {
        /// The executable that was asked for.
        path: PathBuf,
    },
}

/// Says what is wrong with the directory that held a base.
fn state(home: &Path) -> &'static str {
    match Instead::of(home) {
        Instead::Nothing => "no longer exists",
        Instead::Directory => "contains no Python",
        Instead::Empty | Instead::Other => "is a file",
    }
}

/// Returns the executable outside every environment that this one comes from: itself when it is in none.
///
/// An interpreter's own answer cannot be used for this: up to CPython 3.10, and in PyPy, an environment made from an
/// environment takes the latter for its base.
pub(super) fn leave_environments(path: &Path) -> Result<PathBuf, BaseError> {
    let mut seen = HashSet::new();
    let mut current = path.to_path_buf();
    while let Some(config) = Config::around(&current) {
        if seen.len() == DEEPEST_CHAIN || !seen.insert(current.clone()) {
            return Err(BaseError::Endless { path: path.to_path_buf() });
        }
        current = config.base_of(&current)?;
    }
    Ok(current)
}

/// Returns the name to link to for a queried interpreter: resolved only as far as is needed to reach its standard
/// library from its directory, and with the version in the file name where there is such a name.
///
/// Resolving everything would turn a package manager's stable path into that of one patch release, which dies at the
/// next upgrade; and a link to `python3` starts another version without a word once the system's `python3` moves on.
pub(super) fn stable_name(path: &Path, interpreter: &Interpreter) -> PathBuf {
    let reached = first_that_reaches(path, interpreter);
    let found = reached.or_else(|| path.canonicalize().ok()).unwrap_or_else(|| path.to_path_buf());
    versioned_sibling(&found, interpreter).unwrap_or(found)
}

/// What `pyvenv.cfg` tells about an environment's base.
pub(super) struct Config {
    environment: PathBuf,
    pub(super) home: Option<PathBuf>,
    version: Option<String>,
}

impl Config {
    /// Reads the file next to the executable or one directory up, where the interpreter itself looks for it.
    fn around(executable: &Path) -> Option<Self> {
        let directory = executable.parent()?;
        let places = [Some(directory), directory.parent()];
        places.into_iter().flatten().find_map(|environment| {
            match read_limited(&environment.join("pyvenv.cfg"), CONFIG_LIMIT) {
                Ok(content) => Some(Self::parse(environment, &content)),
                Err(error) if is_absence(&error) => None,
                // Still an environment, though one that says nothing: its Python must not pass for a base.
                Err(_) => Some(Self::parse(environment, b"")),
            }
        })
    }

    pub(super) fn parse(environment: &Path, content: &[u8]) -> Self {
        let value = |wanted: &str| {
            content.split(|&byte| byte == b'\n').find_map(|line| {
                let split = line.iter().position(|&byte| byte == b'=')?;
                let key = line[..split].trim_ascii();
                key.eq_ignore_ascii_case(wanted.as_bytes()).then(|| line[split + 1..].trim_ascii())
            })
        };
        let home = value("home").map(|bytes| PathBuf::from(OsString::from_vec(bytes.to_vec())));
        let version = value("version").or_else(|| value("version_info"));
        let version = version.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let minor = version.and_then(|text| {
            let mut parts = text.split('.');
            Some(format!("{}.{}", parts.next()?, parts.next()?))
        });
        Self { environment: environment.to_path_buf(), home: home.filter(|home| home.is_absolute()), version: minor }
    }

    fn base_of(&self, executable: &Path) -> Result<PathBuf, BaseError> {
        let target = link_out(executable);
        let Some(home) = &self.home else {
            return target.ok_or_else(|| BaseError::Unknown { environment: self.environment.clone() });
        };
        // The link names the very file; the file says only the directory.
        if let Some(target) = target
            && target.parent().is_some_and(|parent| parent == home || is_same_file(parent, home))
            && target.is_file()
        {
            return Ok(target);
        }
        let mut candidates = self.names(executable).into_iter().map(|name| home.join(name));
        let gone = || BaseError::Gone { environment: self.environment.clone(), home: home.clone() };
        candidates.find(|candidate| candidate.is_file()).ok_or_else(gone)
    }

    /// The file names to look for in `home`, those that name a version first.
    fn names(&self, executable: &Path) -> Vec<OsString> {
        let own = executable.file_name().unwrap_or_default();
        let is_versioned = own.to_str().and_then(Guess::of_executable).is_some_and(|guess| guess.minor.is_some());
        let mut names: Vec<OsString> = Vec::new();
        names.extend(is_versioned.then(|| own.to_owned()));
        names.extend(self.version.iter().map(|version| OsString::from(format!("python{version}"))));
        names.push(own.to_owned());
        names.extend(COMMON_NAMES.map(OsString::from));
        names
    }
}

fn is_absence(error: &PathError) -> bool {
    matches!(error.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Follows links inside the environment's directory of executables and returns the first target outside.
fn link_out(executable: &Path) -> Option<PathBuf> {
    let mut current = executable.to_path_buf();
    for _ in 0..MOST_LINKS {
        current = follow_once(&current)?;
        if current.parent() != executable.parent() {
            return Some(current);
        }
    }
    None
}

/// The first of a path and the targets of its links from whose directory the standard library is found by walking up,
/// which is how the interpreter finds it from `home` in `pyvenv.cfg`.
fn first_that_reaches(path: &Path, interpreter: &Interpreter) -> Option<PathBuf> {
    let below_prefix = interpreter.stdlib.strip_prefix(&interpreter.base_prefix).ok()?;
    let mut current = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        // The root is left out: `/lib/python3.11` is found from everywhere where `/lib` is a link to `/usr/lib`.
        let ancestors = current.parent()?.ancestors().filter(|ancestor| ancestor.parent().is_some());
        if ancestors.into_iter().any(|ancestor| is_same_file(&ancestor.join(below_prefix), &interpreter.stdlib)) {
            return Some(current);
        }
        current = follow_once(&current)?;
    }
    None
}

/// Follows one link; `None` when the path is not a link.
fn follow_once(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    let target = std::fs::read_link(path).ok()?;
    let by_text = absolute(parent, &target);
    // `..` after a link to a directory is not what the text says.
    if is_same_file(&by_text, path) || !path.exists() {
        return Some(by_text);
    }
    Some(absolute(&parent.canonicalize().ok()?, &target))
}

/// The same file under a name with the version in it, in the same directory.
fn versioned_sibling(path: &Path, interpreter: &Interpreter) -> Option<PathBuf> {
    let version = interpreter.version.minor_text();
    let file_name = path.file_name().map(OsStr::as_bytes)?;
    if memchr::memmem::find(file_name, version.as_bytes()).is_some() {
        return None;
    }
    let names = match interpreter.implementation {
        Implementation::CPython if interpreter.is_free_threaded() => vec![format!("python{version}t")],
        Implementation::CPython => vec![],
        Implementation::PyPy => vec![format!("pypy{version}")],
        Implementation::GraalPy => vec![format!("graalpy{version}")],
    };
    let names = names.into_iter().chain([format!("python{version}")]);
    names.map(|name| path.with_file_name(name)).find(|sibling| is_same_file(sibling, path))
}

#[cfg(test)]
mod tests;
