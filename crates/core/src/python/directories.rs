//! The directories that hold one installation for each version, and those of the system.

use std::path::{Path, PathBuf};

use super::names::Guess;
use super::query::is_executable;
use super::search::Search;
use super::shims::Manager;
use crate::config::variables::UV_PYTHON_INSTALL_DIR;

/// One installed Python below a directory of versions.
#[derive(Debug)]
pub(super) struct Installation {
    /// The directory that holds `bin` and `lib`.
    pub(super) prefix: PathBuf,
    pub(super) guess: Guess,
}

/// Returns the installations of every known version manager, those of each newest first.
pub(super) fn installations(search: &Search<'_>) -> Vec<Installation> {
    version_directories(search).iter().flat_map(|directory| installations_in(directory)).collect()
}

/// Returns the installations in one directory, newest first.
pub(super) fn installations_in(directory: &Path) -> Vec<Installation> {
    let mut found: Vec<Installation> =
        entry_names(directory).iter().filter_map(|name| installation(directory, name)).collect();
    found.sort_by_key(|installation| installation.guess.newest_first());
    found
}

/// Returns the executable of an installation or environment, under its most telling name.
pub(super) fn executable_in(prefix: &Path, guess: &Guess) -> Option<PathBuf> {
    let bin = prefix.join("bin");
    let version = guess.minor.map(|minor| format!("3.{minor}"));
    let versioned = version.iter().flat_map(|version| {
        let free_threaded = guess.is_free_threaded.then(|| format!("python{version}t"));
        free_threaded.into_iter().chain([format!("python{version}"), format!("pypy{version}")])
    });
    let names = versioned.chain(super::COMMON_NAMES.map(str::to_owned));
    names.map(|name| bin.join(name)).find(|path| is_executable(path)).or_else(|| newest_versioned(&bin))
}

/// Returns the system's directories of executables, whether they exist or not.
pub(super) fn system(search: &Search<'_>) -> Vec<PathBuf> {
    let at = |path: &str| search.root.join(path);
    let mut found = vec![at("usr/bin"), at("usr/local/bin")];
    found.extend(children(&at("opt"), |_| true).map(|child| child.join("bin")));
    for homebrew in ["opt/homebrew/opt", "usr/local/opt", "home/linuxbrew/.linuxbrew/opt"] {
        found.extend(children(&at(homebrew), |name| name.starts_with("python@3.")).map(|child| child.join("bin")));
    }
    let framework = at("Library/Frameworks/Python.framework/Versions");
    found.extend(children(&framework, |name| name.starts_with("3.")).map(|child| child.join("bin")));
    found.push(at("Library/Developer/CommandLineTools/usr/bin"));
    found
}

/// Returns the directories where standard libraries of installed interpreters lie, told by their names alone.
pub(super) fn stdlibs(search: &Search<'_>) -> Vec<PathBuf> {
    let prefixes = installations(search).into_iter().map(|found| found.prefix);
    let system = ["usr", "usr/local"].map(|prefix| search.root.join(prefix));
    let mut found = Vec::new();
    for prefix in prefixes.chain(system) {
        found.extend(["lib", "lib64"].iter().flat_map(|lib| libraries_in(&prefix.join(lib))));
    }
    // Installations have aliases, and `lib64` may be a link.
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| path.canonicalize().is_ok_and(|canonical| canonical.is_dir() && seen.insert(canonical)));
    found
}

/// Returns the names in a directory that are valid text; none when it cannot be read.
pub(super) fn entry_names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn version_directories(search: &Search<'_>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Manager::ALL.iter().filter_map(|manager| manager.versions(search)).collect();
    let data = search.data_home();
    let below_data = |path: &str| data.as_ref().map(|data| data.join(path));
    let below_home = |path: &str| search.home.map(|home| home.join(path));
    let others = [
        search.directory(UV_PYTHON_INSTALL_DIR),
        below_data("uv/python"),
        below_home(".local/share/uv/python"),
        below_home("Library/Application Support/uv/python"),
        below_data("hatch/pythons"),
        below_home("Library/Application Support/hatch/pythons"),
        below_data("pdm/python"),
        below_home("Library/Application Support/pdm/python"),
        below_data("pypoetry/python"),
        below_home("Library/Application Support/pypoetry/python"),
        below_home(".rye/py"),
    ];
    for directory in others.into_iter().flatten() {
        if !found.contains(&directory) {
            found.push(directory);
        }
    }
    found
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
    Some(Installation { prefix: prefix.into_iter().find(|prefix| prefix.join("bin").is_dir())?, guess })
}

/// What `make altinstall` leaves: only `python3.12`.
fn newest_versioned(bin: &Path) -> Option<PathBuf> {
    let names = entry_names(bin).into_iter();
    let mut found: Vec<(Guess, String)> = names.filter_map(|name| Some((Guess::of_executable(&name)?, name))).collect();
    found.sort_by_key(|(guess, _)| guess.newest_first());
    found.into_iter().map(|(_, name)| bin.join(name)).find(|path| is_executable(path))
}

fn libraries_in(lib: &Path) -> Vec<PathBuf> {
    let names = entry_names(lib).into_iter().filter_map(|name| {
        let guess = Guess::of_executable(&name).filter(|guess| guess.minor.is_some() && guess.may_be_supported())?;
        Some((guess, name))
    });
    let mut found: Vec<(Guess, String)> = names.collect();
    found.sort_by_key(|(guess, _)| guess.newest_first());
    found.into_iter().map(|(_, name)| lib.join(name)).collect()
}

fn children<'d>(directory: &'d Path, accepts: impl Fn(&str) -> bool + 'd) -> impl Iterator<Item = PathBuf> + 'd {
    let mut names: Vec<String> = entry_names(directory).into_iter().filter(|name| accepts(name)).collect();
    names.sort_by_key(|name| Guess::of_directory(name).newest_first());
    names.into_iter().map(|name| directory.join(name))
}
