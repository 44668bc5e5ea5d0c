//! What pip has been told, as pip itself reads it: its configuration files and its variables, by key.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::pip_refusal::{Origin, PipRefusal};
use super::pip_values::{self, names, switch};
use crate::config::variables::{PIP, PIP_CONFIG_FILE, XDG_CONFIG_DIRS, XDG_CONFIG_HOME};
use crate::fs::ini::{Ini, IniError, IniProblem, is_blank};
use crate::fs::order::Order as _;
use crate::fs::{absolute, read_limited};

#[cfg(test)]
mod tests;

/// The largest configuration file that is read.
const MAX_FILE: u64 = 1 << 20;

/// The section of a file that counts as much as variables do.
const VARIABLES: &str = ":env:";

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
    /// The names of all variables.
    pub(super) names: &'a dyn Fn() -> Vec<OsString>,
    /// The variables.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The user's home directory.
    pub(super) home: Option<&'a Path>,
    /// The environment whose pip is asked; it can have a file of its own.
    pub(super) env: Option<&'a Path>,
    /// The directory in which pip runs.
    pub(super) current_dir: &'a Path,
    /// Variables that pip will not get, by their keys.
    pub(super) without: &'a [&'a str],
}

/// The directories of pip's configuration for the whole system.
pub(super) const SYSTEM: &[&str] =
    if cfg!(target_os = "macos") { &["/Library/Application Support/pip", "/etc"] } else { &["/etc"] };

/// pip's settings for one command.
#[derive(Clone, Debug, Default)]
pub(super) struct PipSettings {
    /// Those that say something, in the order in which pip reads them: the last one counts.
    settings: Vec<Setting>,
    /// A file that is there, and that only pip can read.
    pub(super) unread: bool,
    /// A key that a file spells in two ways: of these older versions of pip take the last, and newer ones refuse the file.
    pub(super) respelt: Option<String>,
}

#[derive(Clone, Debug)]
struct Setting {
    key: String,
    value: String,
    origin: Origin,
}

impl PipSettings {
    /// Reads the files and the variables. Fails where pip would.
    pub(super) fn read(command: Command, places: &Places<'_>) -> Result<Self, PipRefusal> {
        let sections: &[&str] = match command {
            Command::Download => &["global", "download", "install", VARIABLES],
            Command::Install => &["global", "install", VARIABLES],
        };
        let mut levels = vec![Vec::new(); sections.len()];
        let (mut unread, mut respelt) = (has_relative(places), None);
        for file in files(places) {
            let Some(content) = content(&file, &mut unread)? else { continue };
            let (ini, error) = Ini::read(&content, &normalized);
            if let Some(error) = error {
                return Err(PipRefusal::File { file, error });
            }
            respelt = respelt.or_else(|| ini.respelt.clone());
            // A section for the command counts more than the one for all commands, in whichever file it is.
            for (level, section) in levels.iter_mut().zip(sections) {
                for entry in ini.entries(section) {
                    let origin = Origin::File { file: file.clone(), line: entry.line };
                    set(level, Setting { key: normalized(&entry.key), value: entry.value.clone(), origin });
                }
            }
        }
        if let Some(level) = levels.last_mut() {
            for setting in variables(places) {
                set(level, setting);
            }
        }
        // An empty value takes back what is said on the same level, and says nothing itself.
        let settings: Vec<Setting> = levels.into_iter().flatten().filter(|found| !found.value.is_empty()).collect();
        let refused = settings.iter().find_map(|found| Some((found, pip_values::expected(&found.key, &found.value)?)));
        if let Some((Setting { key, origin, .. }, expected)) = refused {
            return Err(PipRefusal::Value { origin: origin.clone(), key: key.clone(), expected });
        }
        Ok(Self { settings, unread, respelt })
    }

    /// The value of a setting, with all its blanks.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.last(key).map(|found| found.value.as_str())
    }

    /// The words of a setting that may have several.
    pub(super) fn words(&self, key: &str) -> Vec<&str> {
        self.value(key).map(|value| pip_values::words(value).collect()).unwrap_or_default()
    }

    /// Returns whether a switch is on.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.value(key).and_then(switch) == Some(true)
    }

    /// Returns whether files say something about a setting, whatever the variable says.
    pub(super) fn is_in_files(&self, key: &str) -> bool {
        let is_of = |found: &&Setting| names(&key).contains(&found.key.as_str());
        self.settings.iter().filter(is_of).any(|found| matches!(found.origin, Origin::File { .. }))
    }

    /// The refusal of a switch that is on, and has to be `expected`.
    pub(super) fn refusal_of_switch(&self, key: &str, expected: &'static str) -> Option<PipRefusal> {
        let found = self.last(key).filter(|found| is_true(&found.value))?;
        Some(PipRefusal::Value { origin: found.origin.clone(), key: found.key.clone(), expected })
    }

    /// All keys and values, in the order in which pip reads them.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|found| (found.key.as_str(), found.value.as_str()))
    }

    fn last(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|found| names(&key).contains(&found.key.as_str()))
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
    switch(value) == Some(true)
}

/// The configuration file that counts most, of those that are there.
pub(super) fn last_file(places: &Places<'_>) -> Option<PathBuf> {
    files(places).into_iter().rev().find(|file| file.is_file())
}

/// The variables by which pip is told one of these settings, in whichever case they are written.
pub(super) fn variables_of(keys: &[&str], names: &dyn Fn() -> Vec<OsString>) -> Vec<String> {
    let texts = names().into_iter().filter_map(|name| name.into_string().ok());
    texts.filter(|name| key_of(name).is_some_and(|key| keys.contains(&key.as_str()))).collect()
}

/// What pip makes of a key.
fn normalized(key: &str) -> String {
    let key = key.to_lowercase().replace('_', "-");
    key.strip_prefix("--").map(str::to_owned).unwrap_or(key)
}

fn key_of(variable: &str) -> Option<String> {
    let key = variable.strip_prefix(&PIP.variable(""))?.to_lowercase();
    (!["version", "help"].contains(&key.as_str())).then(|| normalized(&key))
}

/// Adds a setting in the place of an earlier one.
fn set(level: &mut Vec<Setting>, new: Setting) {
    match level.iter_mut().find(|known| known.key == new.key) {
        Some(known) => *known = new,
        None => level.push(new),
    }
}

/// What variables say, in the order in which a program that is started here gets them.
fn variables(places: &Places<'_>) -> Vec<Setting> {
    let mut names: Vec<String> = (places.names)().into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.order_by(Ord::cmp);
    let setting = |name: String| {
        let key = key_of(&name).filter(|key| !places.without.contains(&key.as_str()))?;
        let value = (places.lookup)(&name)?.to_string_lossy().into_owned();
        Some(Setting { key, value, origin: Origin::Variable(name) })
    };
    names.into_iter().filter_map(setting).collect()
}

/// The text of a file; none if pip passes over it, too.
fn content(file: &Path, unread: &mut bool) -> Result<Option<String>, PipRefusal> {
    let Ok(bytes) = read_limited(file, MAX_FILE) else {
        // pip reads a pipe or a huge file, and passes over a directory and what is hidden from the user.
        *unread |= std::fs::metadata(file).is_ok_and(|found| !found.is_dir() && is_readable(file, &found));
        return Ok(None);
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = String::from_utf8_lossy(sound).replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
        PipRefusal::File { file: file.to_path_buf(), error: IniError { line, problem: IniProblem::NotText } }
    })
}

/// Returns whether there is a file in a relative directory: older versions of pip read it, newer ones pass over it.
fn has_relative(places: &Places<'_>) -> bool {
    let text = |name: &str| (places.lookup)(name).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
    if text(PIP_CONFIG_FILE.name) == "/dev/null" {
        return false;
    }
    let (own, shared) = (text(XDG_CONFIG_HOME.name), text(XDG_CONFIG_DIRS.name));
    let own = [own.as_str()].into_iter().filter(|own| !own.trim_matches(is_blank).is_empty());
    let shared = shared.split(':').filter(|_| !shared.trim_matches(is_blank).is_empty());
    let mut relative = own.chain(shared).filter(|directory| !directory.starts_with('/'));
    relative.any(|directory| places.current_dir.join(directory).join("pip/pip.conf").is_file())
}

fn is_readable(file: &Path, found: &std::fs::Metadata) -> bool {
    !found.is_file() || std::fs::File::open(file).is_ok()
}

/// pip's configuration files, the least important first.
fn files(places: &Places<'_>) -> Vec<PathBuf> {
    let text = |name: &str| (places.lookup)(name).filter(|text| !text.is_empty());
    let named = text(PIP_CONFIG_FILE.name);
    if named.as_ref().is_some_and(|named| named == "/dev/null") {
        return Vec::new();
    }
    let named = named.map(|file| places.current_dir.join(file));
    let shared = text(XDG_CONFIG_DIRS.name).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
    let shared = shared.split(':').map(|dir| dir.trim_matches(is_blank)).filter(|dir| dir.starts_with('/'));
    let mut directories: Vec<PathBuf> = shared.map(|dir| Path::new(dir).join("pip")).collect();
    if directories.is_empty() {
        directories.push("/etc/xdg/pip".into());
    }
    directories.extend(places.system.iter().map(PathBuf::from));
    // A named file takes the place of the user's.
    if !named.as_ref().is_some_and(|file| file.exists()) {
        let own = text(XDG_CONFIG_HOME.name).map(PathBuf::from).filter(|own| own.is_absolute());
        directories.extend(user_directories(places.home, own));
    }
    directories.extend(places.env.map(Path::to_path_buf));
    let files = directories.into_iter().filter(|directory| directory.is_absolute()).map(|dir| dir.join("pip.conf"));
    files.chain(named).collect()
}

fn user_directories(home: Option<&Path>, own: Option<PathBuf>) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = home.iter().map(|home| home.join(".pip")).collect();
    let configuration = own.or_else(|| home.map(|home| home.join(".config")));
    directories.extend(configuration.map(|directory| directory.join("pip")));
    if let Some(home) = home.filter(|_| cfg!(target_os = "macos")) {
        directories.push(home.join("Library/Application Support/pip"));
    }
    directories
}
