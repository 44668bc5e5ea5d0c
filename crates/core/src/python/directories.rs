//! The directories that hold one installation for each version, and those of the system.

use std::path::{Path, PathBuf};

use super::context::Search;
use super::installation::{Installation, entry_names, installations_in};
use super::manager::Place;
use super::names::Guess;
use super::shims;
use crate::config::variables::UV_PYTHON_INSTALL_DIR;
use crate::env::BIN;
use crate::fs::order::Order as _;

/// Returns the installations of every known version manager, those of each newest first.
pub(super) fn installations(search: &Search<'_>) -> Vec<Installation> {
    version_directories(search).iter().flat_map(|directory| installations_in(directory)).collect()
}

/// Returns the system's directories of executables, whether they exist or not.
pub(super) fn system(search: &Search<'_>) -> Vec<PathBuf> {
    let at = |path: &str| search.root.join(path);
    let mut found = vec![at("usr/bin"), at("usr/local/bin")];
    found.extend(children(&at("opt"), |_| true).map(|child| child.join(BIN)));
    for homebrew in ["opt/homebrew/opt", "usr/local/opt", "home/linuxbrew/.linuxbrew/opt"] {
        found.extend(children(&at(homebrew), |name| name.starts_with("python@3.")).map(|child| child.join(BIN)));
    }
    let framework = at("Library/Frameworks/Python.framework/Versions");
    found.extend(children(&framework, |name| name.starts_with("3.")).map(|child| child.join(BIN)));
    found.push(at("Library/Developer/CommandLineTools/usr/bin"));
    found
}

/// Returns the directories of the standard libraries of installed interpreters, by their names alone.
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

fn version_directories(search: &Search<'_>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Place::configured(search).map(|place| place.versions()).collect();
    let unconfigured = shims::unconfigured(&search.path_entries(), search);
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
    let unconfigured = unconfigured.iter().map(Place::versions);
    for directory in unconfigured.chain(others.into_iter().flatten()) {
        if !found.contains(&directory) {
            found.push(directory);
        }
    }
    found
}

fn libraries_in(lib: &Path) -> Vec<PathBuf> {
    let names = entry_names(lib).into_iter().filter_map(|name| {
        let guess = Guess::of_executable(&name).filter(|guess| guess.minor.is_some() && guess.may_be_supported())?;
        Some((guess, name))
    });
    let mut found: Vec<(Guess, String)> = names.collect();
    found.order_by_key(|(guess, _)| guess.newest_first());
    found.into_iter().map(|(_, name)| lib.join(name)).collect()
}

fn children<'d>(directory: &'d Path, accepts: impl Fn(&str) -> bool + 'd) -> impl Iterator<Item = PathBuf> + 'd {
    let mut names: Vec<String> = entry_names(directory).into_iter().filter(|name| accepts(name)).collect();
    names.order_by_key(|name| Guess::of_directory(name).newest_first());
    names.into_iter().map(|name| directory.join(name))
}
