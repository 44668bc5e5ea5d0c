//! One side of a comparison: what an environment holds, or what a file asks for.

use std::collections::BTreeMap;

use super::constraints;
use super::credentials;
use super::freeze::{freeze_these, is_listed, normal_version};
use super::marker::MarkerValues;
use super::pins::PinError;
use super::python::Python;
use super::requirement::Requirement;
use super::requirements::{Line, NotFor, Requirements};
use super::specifier::Specifiers;
use crate::env::direct_url::{DirectUrl, Kind};
use crate::env::distributions::{Distribution, Installed};
use crate::env::packages::{is_same_version, minor_of, normalized};

/// What is compared.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The Python, as far as it is known.
    pub python: Option<Facts>,
    /// The packages by their normalised names.
    pub packages: BTreeMap<String, Package>,
    /// Whether the packages are all that there should be. A file with versions left open names only what the user wants,
    /// not what that needs.
    pub is_complete: bool,
    /// Why a lock is not for the Python that it is compared with.
    pub not_for: Option<NotFor>,
}

/// What is compared of a Python; an empty text is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The version in full.
    pub version: String,
    /// `CPython`, `PyPy`.
    pub implementation: String,
    /// The system and the machine: `linux x86_64`.
    pub platform: String,
    /// Whether the packages of the base Python are shown: `shown` or `hidden`.
    pub system_packages: String,
}

/// A package on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name as it is written.
    pub name: String,
    /// The version, if there is only one.
    pub version: Option<String>,
    /// The versions that will do.
    pub specifiers: Specifiers,
    /// Where it comes from.
    pub source: Source,
    /// The same with the values of variables, where it names any: only for comparing, since they may be secrets.
    pub(super) expanded: Option<Source>,
    /// Where the files of a project are, which may have another source: a repository.
    pub project: Option<String>,
    /// The hashes of its archives: `sha256:…`.
    pub hashes: Vec<String>,
    /// The extras that are asked for.
    pub extras: Vec<String>,
    /// Whether it need not be there.
    pub is_optional: bool,
    /// The line of a requirements file that installs it.
    pub line: String,
    /// The Python that a lock has it for, if that is not the one that it is compared with.
    pub not_for: Option<String>,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An index.
    Index,
    /// A URL, without secrets.
    Url(String),
    /// The files of a project: a path or URL.
    Editable(String),
    /// That is not recorded.
    Unknown,
}

/// A package as an archive, an image or a bundle lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The name as it is written.
    pub name: String,
    /// The version.
    pub version: String,
    /// Where it comes from.
    pub source: Source,
    /// The hashes of its archives: `sha256:…`.
    pub hashes: Vec<String>,
}

impl Source {
    /// Returns whether both are one place: installers record no user names and passwords.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Url(a), Self::Url(b)) | (Self::Editable(a), Self::Editable(b)) => credentials::is_same(a, b),
            (a, b) => a == b,
        }
    }

    /// Takes the source out of a line of a requirements file that `freeze` has written.
    pub fn parse(line: &str) -> Self {
        match (line.strip_prefix("-e "), line.split_once(" @ ")) {
            (Some(project), _) => Self::Editable(project.to_owned()),
            (None, Some((_, url))) => Self::Url(without_hash(url).0),
            (None, None) => Self::Index,
        }
    }
}

impl Side {
    /// Returns what an environment holds. What `freeze` leaves out is left out, unless `all` is set or the file on the
    /// other side names it.
    pub fn of_environment(installed: &Installed, python: &Python, all: bool, file: Option<&Self>) -> Self {
        let by_key: BTreeMap<_, _> = installed.distributions.iter().map(|found| (&found.key, found)).collect();
        let compared =
            installed.distributions.iter().filter(|found| is_compared(&found.key, python.version, all, file));
        let lines = freeze_these(compared, false).lines;
        let package = |frozen: super::freeze::Frozen| {
            let requirement = String::from_utf8_lossy(&frozen.requirement).into_owned();
            let distribution = by_key[&frozen.key];
            let source = match (frozen.is_editable, requirement.split_once(" @ ")) {
                (true, _) => Source::Editable(requirement.clone()),
                (false, Some((_, url))) => Source::Url(without_hash(url).0),
                (false, None) => Source::Index,
            };
            let package = Package {
                name: frozen.name,
                version: Some(frozen.version),
                specifiers: Specifiers::default(),
                source,
                project: distribution.editable.as_ref().map(|project| project.display().to_string()),
                hashes: hashes_of(distribution),
                extras: Vec::new(),
                is_optional: false,
                not_for: None,
                expanded: None,
                line: if frozen.is_editable { format!("-e {requirement}") } else { requirement },
            };
            (frozen.key, package)
        };
        let packages = lines.into_iter().map(package).collect();
        Self { python: Some(facts(python)), packages, is_complete: true, not_for: None }
    }

    /// Returns what a requirements file asks for in a Python; without one every marker holds. It is an error if two lines
    /// ask for different things.
    pub fn of_requirements(requirements: &Requirements, markers: Option<&MarkerValues>) -> Result<Self, PinError> {
        let mut side = Self { is_complete: true, ..Self::default() };
        side.not_for = markers.and_then(|values| requirements.not_for(values));
        side.python = requirements.python.clone().map(|version| Facts { version, ..Facts::default() });
        for line in &requirements.lines {
            let marker = line.requirement.marker.as_ref().zip(markers);
            if marker.is_none_or(|(marker, values)| marker.holds(values, None).unwrap_or(true)) {
                side.add(line, markers)?;
            }
        }
        constraints::check(requirements, markers)?;
        side.packages.values().try_for_each(Package::check_version)?;
        Ok(side)
    }

    /// Returns what an archive, an image or a bundle holds. What `freeze` leaves out is left out, unless `all` is set or the
    /// file on the other side names it.
    pub fn of_recorded(python: &Facts, packages: &[Recorded], all: bool, file: Option<&Self>) -> Self {
        let version = minor_of(&python.version).unwrap_or_default();
        let listed = packages.iter().map(|own| (normalized(&own.name), own));
        let package = |own: &Recorded| Package {
            name: own.name.clone(),
            version: Some(normal_version(&own.version)),
            specifiers: Specifiers::default(),
            source: own.source.clone(),
            project: None,
            hashes: own.hashes.clone(),
            extras: Vec::new(),
            is_optional: false,
            not_for: None,
            expanded: None,
            line: match &own.source {
                Source::Index | Source::Unknown => format!("{}=={}", own.name, own.version),
                Source::Url(url) => format!("{} @ {url}", own.name),
                Source::Editable(project) => format!("-e {project}"),
            },
        };
        let packages = listed
            .filter(|(key, _)| is_compared(key, version, all, file))
            .map(|(key, own)| (key, package(own)))
            .collect();
        Self { python: Some(python.clone()), packages, is_complete: true, not_for: None }
    }

    /// Adds a package that a named one needs.
    pub(super) fn add_needed(&mut self, requirement: &Requirement) {
        let requirement = Requirement { marker: None, ..requirement.clone() };
        let line = Line::new(requirement);
        self.packages.entry(line.requirement.key()).or_insert_with(|| package_of(&line));
    }

    fn add(&mut self, line: &Line, markers: Option<&MarkerValues>) -> Result<(), PinError> {
        let new = Package { not_for: markers.and_then(|values| line.not_for(values)), ..package_of(line) };
        let is_open = new.version.is_none() && new.source == Source::Index && !new.is_optional;
        self.is_complete &= !is_open;
        let Some(known) = self.packages.get_mut(&line.requirement.key()) else {
            self.packages.insert(line.requirement.key(), new);
            return Ok(());
        };
        known.check_other(&new)?;
        // Several lines about one package limit each other.
        known.specifiers.extend(new.specifiers);
        known.version = known.version.take().or(new.version);
        known.extras.extend(new.extras);
        known.extras.sort();
        known.extras.dedup();
        known.hashes.extend(new.hashes);
        known.is_optional &= new.is_optional;
        known.not_for = known.not_for.take().or(new.not_for);
        if known.source == Source::Index {
            known.source = new.source;
            known.expanded = new.expanded;
            known.project = new.project;
        }
        Ok(())
    }
}

fn is_compared(key: &str, python: (u32, u32), all: bool, file: Option<&Side>) -> bool {
    is_listed(key, python, all) || file.is_some_and(|file| file.packages.contains_key(key))
}

impl Package {
    /// Fails if another line asks for something else. Lines that only limit versions are compared later.
    fn check_other(&self, other: &Self) -> Result<(), PinError> {
        let is_exact = |package: &Self| package.version.is_some() || package.source != Source::Index;
        let is_same_version = match (&self.version, &other.version) {
            (Some(own), Some(other)) => is_same_version(own, other),
            (own, other) => own == other,
        };
        let is_same = is_same_version && self.source == other.source;
        if is_same || self.is_optional || other.is_optional || !is_exact(self) || !is_exact(other) {
            return Ok(());
        }
        let shown = |package: &Self| package.version.clone().unwrap_or_else(|| package.line.clone());
        Err(PinError::twice(normalized(&self.name), &shown(self), &shown(other)))
    }

    /// Fails if the version is one that the same or other lines exclude. Constraints alone install nothing.
    fn check_version(&self) -> Result<(), PinError> {
        match self.specifiers.pinned() {
            Some(version) if !self.is_optional && !self.specifiers.admit_text(version) => Err(PinError::Excluded {
                name: normalized(&self.name),
                version: version.to_owned(),
                specifiers: self.specifiers.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Where it comes from, for comparing.
    pub(super) fn origin(&self) -> &Source {
        self.expanded.as_ref().unwrap_or(&self.source)
    }

    /// What a table shows of it: its version, or what is known instead, and the Python that it is for if that is another.
    pub fn shown(&self) -> String {
        match &self.not_for {
            Some(python) => format!("{} ({python})", self.shown_version()),
            None => self.shown_version(),
        }
    }

    fn shown_version(&self) -> String {
        let version = self
            .version
            .clone()
            .unwrap_or_else(|| if self.specifiers.is_empty() { "any".to_owned() } else { self.specifiers.to_string() });
        match (&self.source, &self.version) {
            (Source::Index | Source::Unknown, _) => version,
            (Source::Editable(_), Some(_)) => format!("{version} (editable)"),
            (Source::Editable(project), None) => format!("editable {project}"),
            (Source::Url(_), Some(_)) => format!("{version} (URL)"),
            (Source::Url(url), None) => url.clone(),
        }
    }
}

fn package_of(line: &Line) -> Package {
    let requirement = &line.requirement;
    let hidden = |url: &str| credentials::hide(url).unwrap_or_else(|| url.to_owned());
    let source = match (&line.editable, &requirement.url) {
        (Some(project), _) => Source::Editable(hidden(project)),
        (None, Some(url)) => Source::Url(without_hash(&hidden(url)).0),
        (None, None) => Source::Index,
    };
    let expanded = line.expanded.as_ref().map(|url| match &line.editable {
        Some(_) => Source::Editable(hidden(url)),
        None => Source::Url(without_hash(&hidden(url)).0),
    });
    let mut hashes = line.hashes.clone();
    hashes.extend(requirement.url.as_ref().and_then(|url| without_hash(url).1));
    Package {
        name: requirement.name.clone(),
        version: requirement.specifiers.pinned().map(normal_version),
        specifiers: requirement.specifiers.clone(),
        source,
        project: line.editable.clone().filter(|project| project.starts_with('/')),
        hashes,
        extras: requirement.extras.clone(),
        is_optional: line.is_constraint,
        not_for: None,
        expanded,
        line: match &line.editable {
            Some(project) => format!("-e {}", hidden(project)),
            None => requirement.to_string(),
        },
    }
}

/// Takes the hash out of the fragment of a URL: it says nothing about where that leads.
fn without_hash(url: &str) -> (String, Option<String>) {
    const ALGORITHMS: [&str; 6] = ["md5=", "sha1=", "sha224=", "sha256=", "sha384=", "sha512="];
    let Some((place, fragment)) = url.split_once('#') else { return (url.to_owned(), None) };
    let is_hash = |part: &&str| ALGORITHMS.iter().any(|algorithm| part.starts_with(algorithm));
    let (hashes, rest): (Vec<_>, Vec<_>) = fragment.split('&').partition(is_hash);
    let rest = if rest.is_empty() { String::new() } else { format!("#{}", rest.join("&")) };
    (place.to_owned() + &rest, hashes.first().map(|hash| hash.replacen('=', ":", 1)))
}

pub(super) fn hashes_of(distribution: &Distribution) -> Vec<String> {
    match &distribution.direct_url {
        Some(DirectUrl { kind: Kind::Archive { hash: Some((algorithm, value)) }, .. }) => {
            vec![format!("{algorithm}:{value}")]
        }
        _ => Vec::new(),
    }
}

fn facts(python: &Python) -> Facts {
    let markers = &python.markers;
    Facts {
        version: python.full_version().to_owned(),
        implementation: markers.platform_python_implementation.clone(),
        platform: format!("{} {}", markers.sys_platform, markers.platform_machine),
        system_packages: if python.shows_system { "shown" } else { "hidden" }.to_owned(),
    }
}
