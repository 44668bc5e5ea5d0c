//! Writing a lock (PEP 751): what is installed, with the hashes that an index has for it.
//!
//! No installed file tells which archive it came from. An installer asks the index for the files of each version; what
//! comes from elsewhere is described from what is recorded next to it.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::credentials;
use super::freeze::{is_listed, normal_version};
use super::python::Python;
use crate::env::direct_url::{DirectUrl, Kind, path_of};
use crate::env::distributions::{Distribution, Installed};
use crate::fs::order::Order as _;

/// The version of the format that is written.
const VERSION: &str = "1.0";

/// What is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct LockOptions {
    /// Of the files of an index only those whose tags are those of what is installed.
    pub this_platform: bool,
    /// Also pip, and before Python 3.12 setuptools and wheel.
    pub all: bool,
    /// Write user names and passwords in URLs.
    pub credentials: bool,
}

/// A lock, and what it leaves out.
#[derive(Clone, Debug)]
pub struct WrittenLock {
    /// The text.
    pub text: String,
    /// The names of packages with an origin for which no hash is recorded: the format forbids them.
    pub left_out: Vec<String>,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockWriteError {
    /// What the installer printed is no lock.
    #[error("the installer did not write a lock: {0}")]
    Input(String),
    /// The index has no file with a hash.
    #[error("no index has `{name}` {version} with hashes")]
    Missing {
        /// The name.
        name: String,
        /// The version.
        version: String,
    },
}

/// Returns the lines that an installer is asked about: a pin for each package from an index. One whose name or version
/// is none is not asked about: an installer might take the line for an address or an option.
pub fn questions(installed: &Installed, python: &Python, all: bool) -> Vec<String> {
    let from_index = listed(installed, python, all).filter(|found| is_from_index(found));
    from_index.filter_map(|found| question(&found.key, &normal_version(&found.version))).collect()
}

fn question(key: &str, version: &str) -> Option<String> {
    (is_name(key) && is_version(version)).then(|| format!("{key}=={version}"))
}

/// Returns whether a requirement can begin with this.
pub(super) fn is_name(name: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    let is_known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(is_end) && name.ends_with(is_end) && name.chars().all(is_known)
}

/// Returns whether this can follow `==`.
pub(super) fn is_version(version: &str) -> bool {
    !version.is_empty() && version.chars().all(|c| c.is_ascii_alphanumeric() || ".!+_-".contains(c))
}

/// Writes a lock, from what an installer has answered as a lock; an empty text if nothing was asked.
pub fn write(
    answer: &str,
    installed: &Installed,
    python: &Python,
    options: LockOptions,
) -> Result<WrittenLock, LockWriteError> {
    let answered = answers(answer)?;
    let (mut packages, mut left_out) = (Vec::new(), Vec::new());
    let mut sorted: Vec<_> = listed(installed, python, options.all).collect();
    sorted.order_by(|a, b| a.key.cmp(&b.key));
    for found in sorted {
        let package = if is_from_index(found) {
            Some(of_index(found, answered.get(&found.key), options)?)
        } else {
            of_origin(found, options)
        };
        match package {
            Some(package) => packages.push(Value::Table(package)),
            None => left_out.push(found.name.clone()),
        }
    }
    let (major, minor) = python.version;
    let mut own = Table::new();
    own.insert("python".into(), python.full_version().into());
    own.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    let mut tool = Table::new();
    tool.insert("venvwrap".into(), own.into());
    let mut lock = Table::new();
    lock.insert("lock-version".into(), VERSION.into());
    lock.insert("created-by".into(), "venvwrap".into());
    lock.insert("requires-python".into(), format!("=={major}.{minor}.*").into());
    lock.insert("packages".into(), Value::Array(packages));
    lock.insert("tool".into(), tool.into());
    let text = toml::to_string(&lock).map_err(|error| LockWriteError::Input(error.to_string()))?;
    Ok(WrittenLock { text, left_out })
}

/// What an index has of one version of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The version.
    pub version: String,
    /// The hashes of all files, as requirements write them.
    pub hashes: Vec<String>,
    /// The tags of all wheels.
    pub tags: BTreeSet<String>,
}

/// Returns the hashes of the files of each package, as requirements write them: the hashed form of a freeze.
pub fn hashes(answer: &str) -> Result<BTreeMap<String, Vec<String>>, LockWriteError> {
    Ok(files(answer)?.into_iter().map(|(key, files)| (key, files.hashes)).collect())
}

/// Returns what an index has of each package by its name.
pub fn files(answer: &str) -> Result<BTreeMap<String, Files>, LockWriteError> {
    let of = |package: &Table| {
        let wheels = || package.get("wheels").and_then(Value::as_array).into_iter().flatten();
        let hashes = wheels().chain(package.get("sdist")).filter_map(|file| file.get("hashes")?.as_table()).flatten();
        let hash = |(algorithm, hash): (&String, &Value)| Some(format!("{algorithm}:{}", hash.as_str()?));
        let version = package.get("version").and_then(Value::as_str).map(normal_version).unwrap_or_default();
        Files { version, hashes: hashes.filter_map(hash).collect(), tags: wheels().flat_map(tags_of).collect() }
    };
    Ok(answers(answer)?.iter().map(|(key, package)| (key.clone(), of(package))).collect())
}

/// The packages of an answer by name.
fn answers(answer: &str) -> Result<BTreeMap<String, Table>, LockWriteError> {
    let lock: Table = toml::from_str(answer).map_err(|error| LockWriteError::Input(error.message().to_owned()))?;
    let packages = lock.get("packages").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    let named = |package: &Table| {
        let name = package.get("name")?.as_str()?;
        Some((crate::env::packages::normalized(name), package.clone()))
    };
    Ok(packages.filter_map(named).collect())
}

fn listed<'a>(installed: &'a Installed, python: &'a Python, all: bool) -> impl Iterator<Item = &'a Distribution> {
    let own = installed.distributions.iter().filter(|found| found.is_local);
    own.filter(move |found| is_listed(&found.key, python.version, all))
}

fn is_from_index(distribution: &Distribution) -> bool {
    distribution.direct_url.is_none() && distribution.editable.is_none()
}

fn of_index(found: &Distribution, answer: Option<&Table>, options: LockOptions) -> Result<Table, LockWriteError> {
    let version = normal_version(&found.version);
    let missing = || LockWriteError::Missing { name: found.name.clone(), version: version.clone() };
    let mut package = answer.ok_or_else(missing)?.clone();
    if package.get("version").and_then(Value::as_str).map(normal_version).as_ref() != Some(&version) {
        return Err(missing());
    }
    if !options.credentials {
        package.iter_mut().for_each(|(_, value)| hide_credentials(value));
    }
    if options.this_platform
        && let Some(wheels) = package.get("wheels").and_then(Value::as_array)
    {
        let tags: BTreeSet<_> = found.wheel_tags().into_iter().collect();
        let own: Vec<_> = wheels.iter().filter(|wheel| tags_of(wheel) == tags).cloned().collect();
        if !own.is_empty() {
            package.insert("wheels".into(), Value::Array(own));
            package.remove("sdist");
        }
    }
    Ok(package)
}

/// An installer may answer with addresses as the user's settings have them.
fn hide_credentials(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(hidden) = credentials::hide(text) {
                *text = hidden;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide_credentials),
        Value::Table(values) => values.iter_mut().for_each(|(_, value)| hide_credentials(value)),
        _ => {}
    }
}

/// The tags in the name of a wheel, each alone.
fn tags_of(wheel: &Value) -> BTreeSet<String> {
    let place = ["name", "url", "path"].iter().find_map(|key| wheel.get(key)?.as_str()).unwrap_or_default();
    let stem = place.rsplit('/').next().unwrap_or_default().trim_end_matches(".whl");
    let parts: Vec<_> = stem.rsplitn(4, '-').collect();
    let [platforms, abis, pythons, _] = parts[..] else { return BTreeSet::new() };
    let each = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut tags = BTreeSet::new();
    for python in each(pythons) {
        for abi in each(abis) {
            tags.extend(each(platforms).into_iter().map(|platform| format!("{python}-{abi}-{platform}")));
        }
    }
    tags
}

/// A package that comes from elsewhere; none without a hash, where one is demanded.
fn of_origin(found: &Distribution, options: LockOptions) -> Option<Table> {
    let mut origin = Table::new();
    let text = |url: &str| credentials::hide(url).filter(|_| !options.credentials).unwrap_or_else(|| url.to_owned());
    let kind = match (&found.editable, &found.direct_url) {
        (Some(path), _) => {
            origin.insert("path".into(), path.to_string_lossy().into_owned().into());
            origin.insert("editable".into(), true.into());
            "directory"
        }
        (None, Some(DirectUrl { url, kind: Kind::Vcs { vcs, commit }, .. })) => {
            origin.insert("type".into(), vcs.clone().into());
            origin.insert("url".into(), text(url).into());
            origin.insert("commit-id".into(), commit.clone().into());
            "vcs"
        }
        (None, Some(DirectUrl { url, kind: Kind::Archive { hash }, .. })) => {
            let (algorithm, value) = hash.as_ref()?;
            let hashes = Table::from_iter([(algorithm.clone(), Value::from(value.clone()))]);
            origin.insert("url".into(), text(url).into());
            origin.insert("hashes".into(), hashes.into());
            "archive"
        }
        (None, Some(DirectUrl { url, kind: Kind::Directory { .. }, .. })) => {
            let path = path_of(url).map_or_else(|| url.clone(), |path| path.to_string_lossy().into_owned());
            origin.insert("path".into(), path.into());
            "directory"
        }
        (None, None) => return None,
    };
    let subdirectory = found.direct_url.as_ref().and_then(|origin| origin.subdirectory.clone());
    if let Some(subdirectory) = subdirectory.filter(|way| !way.is_empty()) {
        origin.insert("subdirectory".into(), subdirectory.into());
    }
    let mut package = Table::new();
    package.insert("name".into(), found.key.clone().into());
    if kind != "directory" {
        package.insert("version".into(), normal_version(&found.version).into());
    }
    package.insert(kind.into(), origin.into());
    Some(package)
}

#[cfg(test)]
mod tests;
