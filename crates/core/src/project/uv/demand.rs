//! Whether uv keeps an environment: what asks for another Python than it has.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::Version;

use super::files::{MAX_BYTES, Source};
use super::request::{Python, Request, excludes};
use super::settings::{Only, Settings};
use super::workspace::{Requirement, Workspace};
use crate::env::{Environment, packages};
use crate::fs;

/// The file with the version that uv, pyenv and others take.
pub(super) const PIN: &str = ".python-version";

/// The same with several, of which uv uses the first.
const PINS: &str = ".python-versions";

/// Why uv would not keep an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What excludes its Python.
    pub source: Source,
    /// What is asked for.
    pub wanted: String,
    /// The version that the environment has.
    pub version: String,
    /// Whether it is deleted; else uv fails, because the project pins the version of the environment.
    pub is_deleted: bool,
}

/// A file that pins a version, or does not: uv looks no further where it names none.
pub(super) struct Pin {
    pub(super) file: PathBuf,
    pub(super) request: Option<(String, Request)>,
}

impl Pin {
    /// Reads the file of a directory: of two, the first.
    pub(super) fn of(directory: &Path) -> Option<Self> {
        let file = [PIN, PINS].map(|name| directory.join(name)).into_iter().find(|file| file.is_file())?;
        let content = fs::read_limited(&file, MAX_BYTES).unwrap_or_default();
        let content = String::from_utf8_lossy(&content);
        let mut lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let request = lines.find_map(|line| Some((line.to_owned(), Request::parse(line, directory)?)));
        Some(Self { file, request })
    }
}

/// What is going to be pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// Nothing: what is there counts.
    Nothing,
    /// The version of the environment, or a file of the directory does already.
    Pinned,
    /// The version of the environment, in the place of another one.
    Repinned,
}

/// Returns why uv would not keep an environment as that of a workspace; none where it fits.
pub(super) fn unfit(
    environment: &Environment,
    workspace: &Workspace,
    settings: &Settings,
    planned: Planned,
) -> Option<Unfit> {
    let python = Python::of(environment);
    let of = |source: Source, wanted: &str, version: String, is_deleted: bool| {
        Some(Unfit { source, wanted: wanted.to_owned(), version, is_deleted })
    };
    let named = || format!("{} ({})", python.version, python.implementation);
    if let Some((source, wanted)) = settings.python() {
        let fits = |request: Request| request.fits(environment, &python);
        if !Request::parse(&wanted, settings.cwd()).is_some_and(fits) {
            return of(source, &wanted, named(), true);
        }
    }
    if let Some((source, only)) = settings.only(&workspace.root, workspace.document()) {
        let is_managed = settings.is_managed(environment);
        match only {
            Only::Managed if !is_managed => return of(source, "only those of uv", named(), true),
            Only::System if is_managed => return of(source, "none of uv", named(), true),
            _ => {}
        }
    }
    let requirements = workspace.requirements();
    let pin = if !settings.reads_files() || planned == Planned::Repinned {
        None
    } else if planned == Planned::Pinned {
        // The user's own does not count then.
        Pin::of(&workspace.root)
    } else {
        pin_of(workspace, settings, &requirements)
    };
    if let Some(Pin { file, request: Some((wanted, request)) }) = &pin
        && !request.fits(environment, &python)
    {
        return of(Source::File(file.clone()), wanted, named(), true);
    }
    let has_pin = planned != Planned::Nothing || pin.is_some_and(|pin| pin.request.is_some());
    let is_pinned = has_pin && settings.reads_files();
    let counts = |it: &&Requirement| !(it.is_optional && is_pinned) && excludes(&it.versions, &python.version);
    let it = requirements.iter().find(counts)?;
    let is_deleted = !is_pinned || has_other_patch(&it.versions, &python.version);
    of(Source::File(it.file.clone()), &it.versions, python.version.clone(), is_deleted)
}

/// The file that pins: that of the root, or the user's own for all projects, unless the project excludes its version.
fn pin_of(workspace: &Workspace, settings: &Settings, requirements: &[Requirement]) -> Option<Pin> {
    Pin::of(&workspace.root).or_else(|| {
        let pin = Pin::of(settings.user_directory()?)?;
        let version = pin.request.as_ref().and_then(|(text, _)| Version::from_str(text).ok());
        let is_excluded = |it: &Requirement| {
            !it.is_optional && version.as_ref().is_some_and(|version| excludes(&it.versions, &version.to_string()))
        };
        (!requirements.iter().any(is_excluded)).then_some(pin)
    })
}

/// Returns whether another version of the same minor one fits, which uv could then use in its place.
fn has_other_patch(wanted: &str, version: &str) -> bool {
    let Some((major, minor)) = packages::minor_of(version) else { return true };
    // More than any release.
    (0..=99).any(|patch| !excludes(wanted, &format!("{major}.{minor}.{patch}")))
}
