//! What it takes to bring the packages of an environment back to those of a snapshot or a file.

use std::collections::BTreeSet;

use super::diff::{Change, Differences, compare};
use super::file::{self, FileError};
use super::history::{History, HistoryError, Snapshot};
use super::manifest;
use super::packages::Packages;
use super::pins::{Pin, PinError, Pins};
use super::requirements::Requirements;
use super::side::{Side, hashes_of};
use crate::env::distributions::Distribution;
use crate::env::packages::{is_same_version, minor_of};

/// What to restore.
#[derive(Debug)]
pub struct Target {
    /// The packages.
    pub requirements: Requirements,
    /// What an older Python was seeded with.
    pub seeds: Vec<String>,
    /// The words for it in a sentence.
    pub title: String,
}

impl Target {
    /// Reads the text of a snapshot.
    pub fn of_text(text: &str, title: &str) -> Result<Self, FileError> {
        let requirements = file::parse(text.as_bytes(), "/".as_ref(), title, &|_| None)?;
        Ok(Self { requirements, seeds: manifest::seeds_in(text), title: title.to_owned() })
    }

    /// Returns the version of Python that the packages are for, where it is known and not that of an environment.
    pub fn other_python(&self, now: &Packages) -> Option<String> {
        let wanted = self.requirements.python.as_deref()?;
        (minor_of(wanted) != Some(now.python.version))
            .then(|| wanted.splitn(3, '.').take(2).collect::<Vec<_>>().join("."))
    }

    /// Returns whether that version is older.
    pub fn is_for_older_python(&self, now: &Packages) -> bool {
        self.requirements.python.as_deref().and_then(minor_of).is_some_and(|wanted| wanted < now.python.version)
    }

    /// Returns what is to be installed, exactly. What an older Python is seeded with stays as it is, unless the target says
    /// something else. A lock for another Python or system is refused, also if that is said of one package. A target that names
    /// nothing is refused, unless it says so itself or `allow_empty` is set: what comes through a pipe is empty too where the
    /// program that writes it has failed.
    pub fn pins(&self, now: &Packages, allow_empty: bool) -> Result<Pins, PinError> {
        if let Some(other) = self.requirements.not_for(&now.python.markers) {
            return Err(PinError::NotFor { title: self.title.clone(), wanted: other.in_words() });
        }
        let mut pins = Pins::of(&self.requirements, Some(&now.python.markers))?;
        if pins.pins.is_empty() && !self.requirements.is_list && !allow_empty {
            return Err(PinError::Nothing { title: self.title.clone() });
        }
        let present: Vec<_> = manifest::seeds(&now.installed, &now.python).collect();
        for line in self.seeds.iter().chain(&present) {
            let Some((key, version)) = line.split_once("==") else { continue };
            if pins.get(key).is_none() {
                pins.pins.push(Pin::seed(key, version));
            }
        }
        Ok(pins)
    }

    /// Compares it with what is installed now.
    pub fn changes(&self, now: &Packages) -> Result<Differences, PinError> {
        let mut wanted = Side::of_requirements(&self.requirements, Some(&now.python.markers))?;
        wanted.python = None;
        let before = Side::of_environment(&now.installed, &now.python, false, Some(&wanted));
        let mut found = compare(&before, &wanted, &BTreeSet::new());
        // Only the environment's own packages can be removed.
        let is_own = |name: &str| now.get(name).is_some_and(|found| found.is_local);
        found.packages.retain(|difference| difference.change != Change::Removed || is_own(&difference.name));
        Ok(found)
    }
}

/// Why a package that stays as it is cannot be taken over from the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCarried {
    /// The source wants another archive, or nothing tells which one was installed.
    #[error("its hashes cannot be compared with what is installed")]
    Hashes,
    /// There is no list of its files.
    #[error("nothing tells which files it has")]
    Files,
    /// Its files are not those that were installed.
    #[error("its files were changed")]
    Changed,
}

/// Returns the packages that the source names and that stay as they are, each with what keeps a new environment from taking
/// it over. Whether its files were changed is not looked at. Projects are installed from where they are.
pub fn unchanged<'a>(
    pins: &'a Pins,
    changes: &Differences,
    now: &'a Packages,
) -> Vec<(&'a Pin, &'a Distribution, Option<NotCarried>)> {
    let is_changed = |pin: &Pin| changes.packages.iter().any(|found| found.name == pin.key);
    let same = pins.pins.iter().filter(|pin| !pin.is_seed && !is_changed(pin));
    let found = same.filter_map(|pin| Some((pin, now.get(&pin.key)?)));
    let own = found.filter(|(_, found)| found.is_local && found.editable.is_none());
    own.map(|(pin, found)| (pin, found, obstacle(pins, pin, found))).collect()
}

fn obstacle(pins: &Pins, pin: &Pin, found: &Distribution) -> Option<NotCarried> {
    let is_proven = || hashes_of(found).iter().any(|hash| pin.has_hash(hash));
    if pins.needs_hash(pin) && !is_proven() {
        return Some(NotCarried::Hashes);
    }
    let has_files = found.has_record() || found.can_be_carried(|tags| !tags.is_empty());
    (!has_files).then_some(NotCarried::Files)
}

/// Returns what an environment has from the beginning and the source does not name, in the same version: a new environment
/// takes over its files. Where the source has packages from, there need be none of it.
pub fn kept<'a>(pins: &Pins, now: &'a Packages) -> Vec<&'a Distribution> {
    let is_same = |pin: &Pin, found: &Distribution| {
        pin.version.as_deref().is_some_and(|version| is_same_version(version, &found.version))
    };
    let seeds = pins.pins.iter().filter(|pin| pin.is_seed);
    let found = seeds.filter_map(|pin| now.get(&pin.key).filter(|found| is_same(pin, found)));
    found.filter(|found| found.is_local && found.has_record() && found.editable.is_none()).collect()
}

/// Returns the newest snapshot that is not what is installed now, with its text; none if there is no such. Where packages
/// are incomplete, the newest of all: what is listed is not what is there. One for another Python only where none is for
/// this one.
pub fn newest_other(
    history: &History,
    now: &Packages,
    is_incomplete: bool,
) -> Result<Option<(Snapshot, String)>, HistoryError> {
    let present = manifest::body(&now.installed, &now.python);
    let all = history.list()?;
    if all.is_empty() {
        return Err(history.empty());
    }
    let (mut other, mut has_own) = (None, false);
    for snapshot in all {
        let text = snapshot.read()?;
        let python = manifest::head(&text).map(|head| head.python).filter(|python| !python.is_empty());
        let is_own = python.is_none_or(|python| minor_of(&python) == Some(now.python.version));
        has_own |= is_own;
        let body: String = text.lines().skip_while(|line| is_head(line)).flat_map(|line| [line, "\n"]).collect();
        if !is_incomplete && body == present {
            continue;
        }
        if is_own {
            return Ok(Some((snapshot, text)));
        }
        other.get_or_insert((snapshot, text));
    }
    Ok(other.filter(|_| !has_own))
}

fn is_head(line: &str) -> bool {
    line.starts_with("# ") && !line.starts_with("# Editable ")
}
