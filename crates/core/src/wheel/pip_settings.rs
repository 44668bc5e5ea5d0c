//! What pip has been told, as pip itself reads it: its configuration files and its variables, by key.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::variables::{PIP, PIP_CONFIG_FILE, XDG_CONFIG_DIRS, XDG_CONFIG_HOME};
use crate::fs::{absolute, ini, read_limited};

/// The largest configuration file that is read.
const MAX_FILE: u64 = 1 << 20;

/// For which of pip's commands settings are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `pip download` and `pip install`, whichever says something about an index.
    Download,
    /// `pip install`.
    Install,
}

/// Where pip's settings are looked for.
pub(super) struct Places<'a> {
    /// Directories with files for the whole system.
    pub(super) system: &'a [&'a str],
    /// The variables.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The user's home directory.
    pub(super) home: Option<&'a Path>,
    /// The environment whose pip is asked; it can have a file of its own.
    pub(super) env: Option<&'a Path>,
}

/// The directories of pip's configuration for the whole system.
pub(super) const SYSTEM: &[&str] =
    if cfg!(target_os = "macos") { &["/Library/Application Support/pip", "/etc"] } else { &["/etc"] };

/// pip's settings for one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PipSettings {
    files: HashMap<String, String>,
    variables: HashMap<String, String>,
}

impl PipSettings {
    /// Reads the files and the variables of these keys.
    ///
    /// A file that cannot be read, and a line that cannot be understood, say nothing: they are pip's to complain about.
    pub(super) fn read(command: Command, keys: &[&str], places: &Places<'_>) -> Self {
        let text = |name: &str| text(places, name);
        let contents: Vec<String> = files(places, &text)
            .iter()
            .map(|file| String::from_utf8_lossy(&read_limited(file, MAX_FILE).unwrap_or_default()).into_owned())
            .collect();
        let sections: &[&str] = match command {
            Command::Download => &["global", "download", "install"],
            Command::Install => &["global", "install"],
        };
        let mut files = HashMap::new();
        // A section for the command counts more than the one for all commands, in whichever file it is.
        for section in sections {
            for content in &contents {
                files.extend(read_section(content, section));
            }
        }
        files.retain(|_, value| !value.trim().is_empty());
        let variable = |key: &&str| Some(((*key).to_owned(), text(&PIP.variable(key))?));
        Self { files, variables: keys.iter().filter_map(variable).collect() }
    }

    /// The value of a key; a variable counts more than any file.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.variables.get(key).or_else(|| self.files.get(key)).map(|value| value.trim())
    }

    /// The words of a key that may have several.
    pub(super) fn words(&self, key: &str) -> Vec<&str> {
        self.value(key).map(|value| value.split_whitespace().collect()).unwrap_or_default()
    }

    /// Returns whether a switch is on.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.value(key).is_some_and(is_true)
    }

    /// The value that files give to a key, whatever the variable says.
    pub(super) fn in_files(&self, key: &str) -> Option<&str> {
        self.files.get(key).map(|value| value.trim())
    }
}

/// A path as pip takes it: `~` is the home directory, and what is relative is so to the current one.
pub(super) fn expand(path: &str, home: Option<&Path>, current_dir: &Path) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => absolute(current_dir, Path::new(path)),
    }
}

/// Returns whether pip takes this for yes.
pub(super) fn is_true(value: &str) -> bool {
    ["1", "true", "yes", "on", "y", "t"].contains(&value.to_lowercase().as_str())
}

/// The configuration file that counts most, of those that are there.
pub(super) fn last_file(places: &Places<'_>) -> Option<PathBuf> {
    files(places, &|name| text(places, name)).into_iter().rev().find(|file| file.is_file())
}

fn text(places: &Places<'_>, name: &str) -> Option<String> {
    (places.lookup)(name).and_then(|value| value.into_string().ok()).filter(|text| !text.is_empty())
}

/// pip's configuration files, the least important first.
fn files(places: &Places<'_>, text: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let named = text(PIP_CONFIG_FILE.name);
    if named.as_deref() == Some("/dev/null") {
        return Vec::new();
    }
    let shared = text(XDG_CONFIG_DIRS.name).unwrap_or_else(|| "/etc/xdg".into());
    let mut directories: Vec<PathBuf> = shared.split(':').rev().map(|dir| Path::new(dir).join("pip")).collect();
    directories.extend(places.system.iter().map(PathBuf::from));
    // A named file takes the place of the user's.
    if !named.as_ref().is_some_and(|file| Path::new(file).exists()) {
        directories.extend(user_directories(places.home, text));
    }
    directories.extend(places.env.map(Path::to_path_buf));
    let files = directories.into_iter().filter(|directory| directory.is_absolute()).map(|dir| dir.join("pip.conf"));
    files.chain(named.map(PathBuf::from)).collect()
}

fn user_directories(home: Option<&Path>, text: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = home.iter().map(|home| home.join(".pip")).collect();
    let configuration = text(XDG_CONFIG_HOME.name).map(PathBuf::from).or_else(|| home.map(|home| home.join(".config")));
    directories.extend(configuration.map(|directory| directory.join("pip")));
    if let Some(home) = home.filter(|_| cfg!(target_os = "macos")) {
        directories.push(home.join("Library/Application Support/pip"));
    }
    directories
}

fn read_section(content: &str, wanted: &str) -> Vec<(String, String)> {
    let normalized = |key: &str| key.trim_start_matches("--").to_lowercase().replace('_', "-");
    ini::section(content, wanted).into_iter().map(|(key, value)| (normalized(&key), value)).collect()
}
