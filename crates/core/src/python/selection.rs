//! Which versions a version manager uses in a directory: told by a variable, by files in the directory and above it,
//! or by the user's own default.

use std::path::{Path, PathBuf};

use super::context::Search;
use super::manager::{Manager, Place};
use crate::config::variables::{ASDF_PYTHON_VERSION, MISE_PYTHON_VERSION, PYENV_VERSION, XDG_CONFIG_HOME};
use crate::fs::read_limited;

/// A file that holds the names of a few versions.
const LIST_LIMIT: u64 = 4 * 1024;

/// A configuration file, which may hold other things too.
const CONFIG_LIMIT: u64 = 64 * 1024;

/// mise's configuration in a directory, the one that counts most first.
const MISE_FILES: [&str; 7] = [
    "mise.local.toml",
    "mise.toml",
    ".mise.local.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
];

/// Returns the names of the selected versions in order; none when nothing is selected.
pub(super) fn names(place: &Place, search: &Search<'_>) -> Vec<String> {
    match place.manager {
        Manager::Pyenv => pyenv(&place.root, search),
        Manager::Asdf => asdf(search),
        Manager::Mise => mise(search),
    }
    .unwrap_or_default()
}

fn pyenv(root: &Path, search: &Search<'_>) -> Option<Vec<String>> {
    if let Some(value) = search.variable(PYENV_VERSION) {
        return Some(value.to_string_lossy().split(':').map(str::to_owned).collect());
    }
    let local = search.cwd.ancestors().find_map(|directory| words(&directory.join(".python-version")));
    local.or_else(|| words(&root.join("version")))
}

fn asdf(search: &Search<'_>) -> Option<Vec<String>> {
    let variable = search.variable(ASDF_PYTHON_VERSION).map(|value| split(&value.to_string_lossy()));
    let local = || search.cwd.ancestors().find_map(|directory| tool_versions(&directory.join(".tool-versions")));
    variable.or_else(local).or_else(|| tool_versions(&search.home?.join(".tool-versions")))
}

fn mise(search: &Search<'_>) -> Option<Vec<String>> {
    if let Some(value) = search.variable(MISE_PYTHON_VERSION) {
        return Some(split(&value.to_string_lossy()));
    }
    let local = |directory: &Path| {
        let configured = MISE_FILES.iter().find_map(|name| mise_config(&directory.join(name)));
        configured.or_else(|| tool_versions(&directory.join(".tool-versions")))
    };
    search.cwd.ancestors().find_map(local).or_else(|| {
        let config = search.directory_or(XDG_CONFIG_HOME, ".config").map(|config| config.join("mise/config.toml"));
        let global = config.and_then(|config: PathBuf| mise_config(&config));
        global.or_else(|| tool_versions(&search.home?.join(".tool-versions")))
    })
}

/// The words of a `.python-version`; `None` when there is no such file or it names none.
fn words(path: &Path) -> Option<Vec<String>> {
    let text = read_text(path, LIST_LIMIT)?;
    let found: Vec<String> = text.lines().flat_map(|line| split(without_comment(line))).collect();
    (!found.is_empty()).then_some(found)
}

/// The versions after `python` in a `.tool-versions`.
fn tool_versions(path: &Path) -> Option<Vec<String>> {
    let text = read_text(path, LIST_LIMIT)?;
    text.lines().find_map(|line| {
        let mut words = split(without_comment(line)).into_iter();
        (words.next()? == "python").then(|| words.collect())
    })
}

/// `tools.python` of a mise configuration: a text, a list, or a table with a `version`.
fn mise_config(path: &Path) -> Option<Vec<String>> {
    let config: toml::Table = read_text(path, CONFIG_LIMIT)?.parse().ok()?;
    let python = config.get("tools")?.get("python")?;
    let one = |value: &toml::Value| {
        let version = value.get("version").unwrap_or(value);
        version.as_str().map(str::to_owned)
    };
    let found: Vec<String> = match python {
        toml::Value::Array(versions) => versions.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    };
    (!found.is_empty()).then_some(found)
}

fn read_text(path: &Path, limit: u64) -> Option<String> {
    String::from_utf8(read_limited(path, limit).ok()?).ok()
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default()
}

fn split(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
