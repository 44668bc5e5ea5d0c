//! One installed Python: a directory with `bin` and `lib`.

use std::path::{Path, PathBuf};

use super::names::{COMMON_NAMES, Guess};
use crate::env::BIN;
use crate::fs::executable::is_executable;
use crate::fs::order::Order as _;

/// One installed Python below a directory of versions.
#[derive(Debug)]
pub(super) struct Installation {
    /// The directory that holds `bin` and `lib`.
    pub(super) prefix: PathBuf,
    pub(super) guess: Guess,
}

/// Returns the installations in one directory, newest first.
pub(super) fn installations_in(directory: &Path) -> Vec<Installation> {
    let mut found: Vec<Installation> =
        entry_names(directory).iter().filter_map(|name| installation(directory, name)).collect();
    found.order_by_key(|installation| installation.guess.newest_first());
    found
}

/// Returns the executable of an installation or environment, under its most telling name.
pub(super) fn executable_in(prefix: &Path, guess: &Guess) -> Option<PathBuf> {
    let bin = prefix.join(BIN);
    let version = guess.minor.map(|minor| format!("3.{minor}"));
    let versioned = version.iter().flat_map(|version| {
        let free_threaded = guess.is_free_threaded.then(|| format!("python{version}t"));
        free_threaded.into_iter().chain([format!("python{version}"), format!("pypy{version}")])
    });
    let names = versioned.chain(COMMON_NAMES.map(str::to_owned));
    names.map(|name| bin.join(name)).find(|path| is_executable(path)).or_else(|| newest_versioned(&bin))
}

/// Returns the names in a directory that are valid text; none when it cannot be read.
pub(super) fn entry_names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn installation(directory: &Path, name: &str) -> Option<Installation> {
    let path = directory.join(name);
    let guess = Guess::of_directory(name);
    // A link is an alias. One that names a minor version stays valid after an upgrade; `3` and `latest` do not say
    // what they will be then.
    if name.starts_with('.') || (path.is_symlink() && guess.minor.is_none()) || path.join("pyvenv.cfg").exists() {
        return None;
    }
    // Some managers unpack into a directory below the one with the version.
    let prefix = [path.clone(), path.join("python"), path.join("install")].into_iter();
    Some(Installation { prefix: prefix.into_iter().find(|prefix| prefix.join(BIN).is_dir())?, guess })
}

/// What `make altinstall` leaves: only `python3.12`.
fn newest_versioned(bin: &Path) -> Option<PathBuf> {
    let names = entry_names(bin).into_iter();
    let mut found: Vec<(Guess, String)> = names.filter_map(|name| Some((Guess::of_executable(&name)?, name))).collect();
    found.order_by_key(|(guess, _)| guess.newest_first());
    found.into_iter().map(|(_, name)| bin.join(name)).find(|path| is_executable(path))
}
