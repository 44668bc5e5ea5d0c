//! The version of an environment, pinned in the directories that were linked to it: uv then fails where it would delete.

use std::path::{Path, PathBuf};

use super::demand::{PIN, Pin, Planned};
use super::request::{Python, Request};
use crate::env::name::EnvName;
use crate::env::{Environment, packages};
use crate::fs::{self, PathResult};
use crate::store::{Store, UvLink};

/// Whether a version has to be pinned.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pinning {
    /// There is no file yet; this is its content.
    New(String),
    /// The file is the one that was written for the link, and names another version.
    Renewed {
        /// What it names.
        old: String,
        /// What it is to name.
        new: String,
    },
    /// A file pins it.
    Already,
    /// Nobody wants it.
    Not,
}

impl Pinning {
    /// The minor version of an environment, where the directory itself pins none but what was pinned for the link: uv
    /// does not look above it. None where the version is not recorded.
    pub(super) fn of(directory: &Path, environment: &Environment, link: Option<&UvLink>) -> Option<Self> {
        match link.and_then(UvLink::own_pin) {
            Some(old) => {
                let new = version_of(environment, directory)?;
                Some(if old == new { Self::Already } else { Self::Renewed { old, new } })
            }
            None if Pin::of(directory).is_some() => Some(Self::Already),
            None => version_of(environment, directory).map(Self::New),
        }
    }

    /// What uv is going to find.
    pub(super) fn planned(&self) -> Planned {
        match self {
            Self::New(_) | Self::Already => Planned::Pinned,
            Self::Renewed { .. } => Planned::Repinned,
            Self::Not => Planned::Nothing,
        }
    }

    /// The version that is pinned by this.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::New(text) | Self::Renewed { new: text, .. } => Some(text),
            Self::Already | Self::Not => None,
        }
    }

    /// Writes the file, and returns it.
    pub(super) fn write(&self, directory: &Path) -> PathResult<Option<PathBuf>> {
        let file = directory.join(PIN);
        match self {
            Self::New(text) => fs::publish_new(&file, content(text).as_bytes(), 0o666)?,
            Self::Renewed { new, .. } => fs::replace_file(&file, content(new).as_bytes(), 0o666)?,
            Self::Already | Self::Not => return Ok(None),
        }
        Ok(Some(file))
    }

    /// Leaves the file as it was.
    pub(super) fn take_back(&self, directory: &Path) {
        let file = directory.join(PIN);
        match self {
            Self::New(_) => drop(std::fs::remove_file(file)),
            Self::Renewed { old, .. } => drop(fs::replace_file(&file, content(old).as_bytes(), 0o666)),
            Self::Already | Self::Not => {}
        }
    }
}

/// Pins the version that each linked environment has now wherever another one was pinned for the link, and nobody has
/// changed that. To be called whenever a name has got another environment, however that came there. Returns the files.
pub fn renew_pins(store: &Store) -> Vec<PathResult<PathBuf>> {
    renew_pins_where(store, &|_| true)
}

/// The same for the links to one environment.
pub fn renew_pins_of(environment: &Environment, store: &Store) -> Vec<PathResult<PathBuf>> {
    renew_pins_where(store, &|link| link.leads_to(environment))
}

fn renew_pins_where(store: &Store, is_meant: &dyn Fn(&UvLink) -> bool) -> Vec<PathResult<PathBuf>> {
    let renew = |link: &UvLink| {
        link.pin.as_ref().filter(|_| is_meant(link))?;
        // What uv has replaced is told, and its own word counts there.
        let environment = environment_of(link).filter(|environment| !link.is_replaced(environment))?;
        let pinning = Pinning::of(&link.directory, &environment, Some(link))?;
        // Whoever has deleted the file wants none.
        let Pinning::Renewed { new, .. } = &pinning else { return None };
        let written = pinning.write(&link.directory).transpose()?;
        Some(written.and_then(|file| {
            store.note_uv_link(&link.directory, &environment, Some(new))?;
            Ok(file)
        }))
    };
    store.uv_links().iter().filter_map(renew).collect()
}

/// What a link leads to.
fn environment_of(link: &UvLink) -> Option<Environment> {
    let name = EnvName::for_existing(link.target.file_name()?).ok()?;
    Some(Environment::new(name, link.target.clone()))
}

/// Returns the files that [`renew_pins`] would write if the environment had the Python of another one.
pub fn pins_to_renew(environment: &Environment, other: &Environment, store: &Store) -> Vec<PathBuf> {
    let links = store.uv_links().into_iter().filter(|link| link.pin.is_some() && link.leads_to(environment));
    let is_due =
        |link: &UvLink| matches!(Pinning::of(&link.directory, other, Some(link)), Some(Pinning::Renewed { .. }));
    links.filter(is_due).map(|link| link.directory.join(PIN)).collect()
}

impl UvLink {
    /// Returns whether the version that the directory pins was pinned for the link, and is unchanged.
    pub fn is_pinned(&self) -> bool {
        self.own_pin().is_some()
    }

    /// The version that was pinned for the link, if the file still is the one that was written.
    pub(super) fn own_pin(&self) -> Option<String> {
        let pin = self.pin.clone()?;
        let file = self.directory.join(PIN);
        let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file());
        let is_same = || fs::read_limited(&file, 1024).is_ok_and(|found| found == content(&pin).as_bytes());
        (is_file && is_same()).then_some(pin)
    }
}

/// The file of a directory that is there and names no Python that uv knows.
pub(super) fn without_request(directory: &Path) -> Option<PathBuf> {
    match Pin::of(directory) {
        Some(Pin { request: Some(_), .. }) => None,
        Some(Pin { file, request: None }) => Some(file),
        None => Some(directory.join(PIN)).filter(|file| file.symlink_metadata().is_ok()),
    }
}

fn content(version: &str) -> String {
    format!("{version}\n")
}

/// The minor version as uv takes it; none where uv would take another Python for it.
pub(super) fn version_of(environment: &Environment, directory: &Path) -> Option<String> {
    let python = Python::of(environment);
    let (major, minor) = packages::minor_of(&python.version)?;
    let mark = if python.is_free_threaded { "t" } else { "" };
    let text = format!("{major}.{minor}{mark}");
    let fits = Request::parse(&text, directory).is_some_and(|request| request.fits(environment, &python));
    fits.then_some(text)
}
