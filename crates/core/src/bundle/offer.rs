//! What there is to download: the packages of a lock with their files.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::wheel_name::WheelName;
use crate::env::direct_url::path_of;
use crate::env::packages::normalized;
use crate::fs::absolute;
use crate::snapshot::marker::{Marker, MarkerValues};

/// A package, and where its files are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The normalised name.
    pub key: String,
    /// The version; none where only a project knows it.
    pub version: Option<String>,
    pub(super) wheels: Vec<Remote>,
    /// Wheels whose hash is none that was asked for.
    pub(super) refused: Vec<Remote>,
    /// Where it comes from, if that is no wheel.
    pub(super) source: Option<Source>,
}

/// A file that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub file: String,
    /// Where it is.
    pub place: Place,
    /// The hash that it must have.
    pub sha256: String,
    /// How large it is, if that is known.
    pub size: Option<u64>,
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a server. The URL may hold a password.
    Url(String),
    /// On this machine.
    Path(PathBuf),
}

/// What a package comes from that is no wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Archive,
    Repository,
    Directory,
}

/// A package of which there is no wheel to bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{key}` {reason}")]
pub struct Missing {
    /// The normalised name.
    pub key: String,
    /// Why.
    pub reason: MissingReason,
}

/// Why there is no wheel of a package to bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum MissingReason {
    /// There is only source code.
    #[error("has only a source archive")]
    OnlySource,
    /// It comes from a repository.
    #[error("comes from a repository")]
    Repository,
    /// It comes from a directory of this machine.
    #[error("is a project on this machine")]
    Project,
    /// There are wheels for others.
    #[error("has no wheel for {0}")]
    NotFor(String),
    /// There is nothing at all.
    #[error("has no files")]
    NoFiles,
    /// There are wheels, but with other hashes than the requirements name.
    #[error("has no wheel with a SHA-256 hash that the requirements name")]
    OtherHash,
    /// Nobody says which content is the right one.
    #[error("has no SHA-256 hash")]
    NoHash,
}

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// It is no lock.
    #[error("could not read the lock: {0}")]
    Lock(String),
    /// It is no report.
    #[error("could not read what pip has answered: {0}")]
    Report(String),
    /// The lock, or a package in it, is for other Pythons.
    #[error("{subject} is for Python {wanted}, not for {python}")]
    OtherPython {
        /// The lock, or the package in it.
        subject: String,
        /// The versions that it is for.
        wanted: String,
        /// The version that was asked for.
        python: String,
    },
    /// The lock is for other systems or Pythons.
    #[error("the lock is only for {0}")]
    NotFor(String),
    /// Two packages of one name are for the same target.
    #[error("the lock has `{0}` twice for one target")]
    Twice(String),
}

#[derive(Deserialize)]
struct Lock {
    #[serde(rename = "lock-version")]
    version: Option<String>,
    #[serde(rename = "requires-python")]
    requires_python: Option<String>,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(rename = "default-groups", default)]
    groups: Vec<String>,
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    #[serde(rename = "requires-python")]
    requires_python: Option<String>,
    vcs: Option<toml::Table>,
    directory: Option<toml::Table>,
    archive: Option<File>,
    sdist: Option<toml::Table>,
    #[serde(default)]
    wheels: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    size: Option<u64>,
    #[serde(default)]
    hashes: toml::Table,
}

/// Reads a lock for a target; `directory` is where it looks for the files that it names.
pub fn of_lock(text: &str, directory: &Path, markers: &MarkerValues) -> Result<Vec<Offer>, OfferError> {
    let fault = |error: toml::de::Error| OfferError::Lock(error.message().lines().next().unwrap_or_default().into());
    let lock: Lock = toml::from_str(text).map_err(fault)?;
    let version = lock.version.unwrap_or_default();
    if version.split('.').next() != Some("1") {
        return Err(OfferError::Lock("it is no lock of version 1".into()));
    }
    check_python("the lock", lock.requires_python.as_deref(), markers)?;
    let holds = |text: &String| Marker::parse(text).is_none_or(|marker| marker.holds(markers, None) != Ok(false));
    if !lock.environments.is_empty() && !lock.environments.iter().any(holds) {
        return Err(OfferError::NotFor(lock.environments.join(" or ")));
    }
    let mut offers: Vec<Offer> = Vec::new();
    for package in lock.packages {
        if !applies(&package, &lock.groups, markers)? {
            continue;
        }
        check_python(&format!("`{}`", package.name.escape_debug()), package.requires_python.as_deref(), markers)?;
        let offer = package.offer(directory);
        if offers.iter().any(|known| known.key == offer.key) {
            return Err(OfferError::Twice(offer.key));
        }
        offers.push(offer);
    }
    Ok(offers)
}

fn check_python(subject: &str, wanted: Option<&str>, markers: &MarkerValues) -> Result<(), OfferError> {
    let Some(wanted) = wanted else { return Ok(()) };
    // Only the first two numbers of the target are known: a lock for 3.10.4 and later is for 3.10.
    let python = &markers.python_version;
    let admits = |python: &str| {
        let version = std::str::FromStr::from_str(python).ok();
        let specifiers: Result<pep440_rs::VersionSpecifiers, _> = std::str::FromStr::from_str(wanted);
        version.is_none_or(|version| specifiers.is_ok_and(|specifiers| specifiers.contains(&version)))
    };
    if admits(&format!("{python}.0")) || admits(&format!("{python}.99")) {
        return Ok(());
    }
    Err(OfferError::OtherPython { subject: subject.to_owned(), wanted: wanted.to_owned(), python: python.clone() })
}

fn applies(package: &Package, groups: &[String], markers: &MarkerValues) -> Result<bool, OfferError> {
    let Some(text) = &package.marker else { return Ok(true) };
    let unknown = || OfferError::Lock(format!("the marker `{}` cannot be evaluated", text.escape_debug()));
    match Marker::parse(text).ok_or_else(unknown)?.in_lock(groups) {
        Ok(rest) => rest.holds(markers, None).map_err(|_| unknown()),
        Err(holds) => Ok(holds),
    }
}

impl Package {
    fn offer(self, directory: &Path) -> Offer {
        let archive = self.archive.filter(|_| self.wheels.is_empty());
        let is_wheel =
            archive.as_ref().is_some_and(|file| file.file_name().is_some_and(|name| WheelName::parse(&name).is_some()));
        let source = match (&self.directory, &self.vcs) {
            (Some(_), _) => Some(Source::Directory),
            (_, Some(_)) => Some(Source::Repository),
            _ if self.sdist.is_some() || (archive.is_some() && !is_wheel) => Some(Source::Archive),
            _ => None,
        };
        let files = self.wheels.into_iter().chain(archive.filter(|_| is_wheel));
        let wheels: Vec<Remote> = files.filter_map(|file| file.remote(directory)).collect();
        let version = self.version.or_else(|| {
            let wheel = WheelName::parse(&wheels.first()?.file)?;
            Some(wheel.version.to_string())
        });
        Offer { key: normalized(&self.name), version, wheels, source, refused: Vec::new() }
    }
}

impl File {
    fn file_name(&self) -> Option<String> {
        let place = self.url.as_deref().or(self.path.as_deref()).unwrap_or_default();
        self.name.clone().or_else(|| name_in(place))
    }

    fn remote(self, directory: &Path) -> Option<Remote> {
        let file = self.file_name()?;
        let place = match (&self.url, &self.path) {
            (Some(url), _) => place_of(url),
            (None, Some(path)) => Place::Path(absolute(directory, Path::new(path))),
            (None, None) => return None,
        };
        let sha256 = self.hashes.get("sha256").and_then(toml::Value::as_str).unwrap_or_default().to_ascii_lowercase();
        Some(Remote { file, place, sha256, size: self.size })
    }
}

impl Offer {
    /// Returns a package whose wheel is on this machine.
    pub fn of_file(path: PathBuf, sha256: String) -> Option<Self> {
        let file = path.file_name()?.to_str()?.to_owned();
        let name = WheelName::parse(&file)?;
        let size = path.metadata().ok().map(|found| found.len());
        let remote = Remote { file, place: Place::Path(path), sha256, size };
        let version = Some(name.version.to_string());
        Some(Self { key: name.key, version, wheels: vec![remote], ..Self::default() })
    }

    /// Returns whether there is no wheel, but something that one can be built of.
    pub fn is_only_source(&self) -> bool {
        self.wheels.is_empty() && self.source.is_some()
    }

    /// Keeps only wheels that have one of these hashes: `sha256:…`.
    pub fn keep(&mut self, hashes: &[String]) {
        let is_it = |hash: &String, remote: &Remote| {
            hash.strip_prefix("sha256:").is_some_and(|hash| hash.eq_ignore_ascii_case(&remote.sha256))
        };
        let wheels = std::mem::take(&mut self.wheels).into_iter();
        let (kept, refused) = wheels.partition(|remote| hashes.iter().any(|hash| is_it(hash, remote)));
        self.wheels = kept;
        self.refused.extend::<Vec<_>>(refused);
    }

    /// Returns the best wheel for a target whose tags are in order. `target` is what messages call it.
    pub(super) fn choose(&self, tags: &[String], target: &str) -> Result<(WheelName, &Remote), Missing> {
        let missing = |reason| Missing { key: self.key.clone(), reason };
        let is_own = |name: &WheelName| {
            let version = self.version.as_deref().and_then(|text| std::str::FromStr::from_str(text).ok());
            name.key == self.key && version.is_none_or(|version: pep440_rs::Version| version == name.version)
        };
        let own = self.wheels.iter().filter_map(|remote| Some((WheelName::parse(&remote.file)?, remote)));
        let own: Vec<_> = own.filter(|(name, _)| is_own(name)).collect();
        let best = own.iter().filter(|(name, _)| name.rank(tags).is_some()).min_by_key(|(name, _)| name.rank(tags));
        let Some((name, remote)) = best else {
            let refused = self.refused.iter().filter_map(|remote| WheelName::parse(&remote.file));
            let is_refused = refused.filter(is_own).any(|name| name.rank(tags).is_some());
            return Err(missing(match self.source {
                _ if is_refused => MissingReason::OtherHash,
                _ if !own.is_empty() => MissingReason::NotFor(target.to_owned()),
                Some(Source::Archive) => MissingReason::OnlySource,
                Some(Source::Repository) => MissingReason::Repository,
                Some(Source::Directory) => MissingReason::Project,
                None => MissingReason::NoFiles,
            }));
        };
        let is_hash = remote.sha256.len() == 64 && remote.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash { Ok((name.clone(), remote)) } else { Err(missing(MissingReason::NoHash)) }
    }
}

/// The name of the file at an address or path.
pub(super) fn name_in(place: &str) -> Option<String> {
    let path = place.split(['?', '#']).next().unwrap_or(place);
    let last = path.rsplit('/').next()?;
    let decoded = if place.contains("://") { percent_decode_str(last).decode_utf8().ok()? } else { last.into() };
    Some(decoded.into_owned())
}

pub(super) fn place_of(url: &str) -> Place {
    let bare = url.split('#').next().unwrap_or(url);
    path_of(bare).map_or_else(|| Place::Url(bare.to_owned()), Place::Path)
}
