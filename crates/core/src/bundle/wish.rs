//! What is to be in a bundle, as a resolver is asked for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::platform::Platform;
use super::target_python::TargetPython;
use crate::env::direct_url::{file_url, path_of};
use crate::env::distributions::{Distribution, Installed};
use crate::env::packages::normalized;
use crate::snapshot::freeze::is_listed;
use crate::snapshot::manifest;
use crate::snapshot::marker::MarkerValues;
use crate::snapshot::python::Python;
use crate::snapshot::requirement::Requirement;
use crate::snapshot::requirements::{Line, LineOddity, Requirements, RequirementsError};
use crate::snapshot::specifier::Specifiers;

/// What is to be in a bundle.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    lines: Vec<Part>,
    limits: Vec<String>,
    options: Vec<String>,
    /// The values of markers for which the lines are all that there is; none if they need others.
    complete_for: Option<MarkerValues>,
    /// What the user asked for; none if that is every line.
    requested: Option<BTreeSet<String>>,
}

/// One package that is wanted.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its normalised name.
    pub key: String,
    requirement: Requirement,
    hashes: Vec<String>,
    /// Where it comes from, if from no index and no archive.
    pub source: Option<PartSource>,
    /// The URL of an editable project: an index may have another package of its name.
    editable: Option<String>,
    /// Whether no other package needs it, as far as is known.
    is_root: bool,
}

/// Where a package comes from that must be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartSource {
    /// A directory of this machine.
    Directory(PathBuf),
    /// A repository.
    Repository,
}

/// What a resolver is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The lines of a requirements file.
    pub lines: Vec<String>,
    /// The lines of a file of constraints.
    pub constraints: Vec<String>,
    /// Whether these packages are all that is wanted, without what they need.
    pub is_complete: bool,
}

/// Why nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum WishError {
    /// A line cannot be understood.
    #[error("line {} of `{}` cannot be bundled: {}", .0.line, .0.file, .0.reason)]
    Line(LineOddity),
    /// What is installed cannot be written as requirements.
    #[error(transparent)]
    Requirements(#[from] RequirementsError),
}

impl Wish {
    /// Returns what is installed in an environment: exactly that for its own Python and system. For another, what the
    /// user asked for and nothing else needs, and what that needs there, in the versions that are installed. `borrowed`
    /// are packages of the base Python that come along: nobody has asked for them.
    pub fn of_environment(
        installed: &Installed,
        python: &Python,
        borrowed: &[Distribution],
    ) -> Result<Self, WishError> {
        let own = installed.distributions.iter().filter(|found| found.is_local).cloned();
        let mut all =
            Installed { distributions: own.chain(borrowed.iter().cloned()).collect(), ..Installed::default() };
        all.distributions.iter_mut().for_each(|found| found.is_local = true);
        let listed: Vec<_> =
            all.distributions.iter().filter(|found| is_listed(&found.key, python.version, false)).collect();
        let mut needed = BTreeSet::new();
        for found in &listed {
            for requirement in found.requirements().iter().filter_map(|text| Requirement::parse(text)) {
                if requirement.is_for(Some(&python.markers)) && requirement.key() != found.key {
                    needed.insert(requirement.key());
                }
            }
        }
        // uv marks all packages as requested.
        let is_asked_for = |found: &Distribution| {
            let is_own = borrowed.iter().all(|other| other.key != found.key);
            is_own && found.is_requested() && found.installer().as_deref() != Some("uv") || !needed.contains(&found.key)
        };
        let requested: BTreeSet<_> =
            listed.iter().filter(|found| is_asked_for(found)).map(|found| found.key.clone()).collect();
        let text = manifest::body(&all, python);
        let mut found = Self::of_requirements(&Requirements::parse(text.as_bytes(), "/".as_ref(), "-")?)?;
        for part in &mut found.lines {
            part.is_root = requested.contains(&part.key);
        }
        found.complete_for = Some(python.markers.clone());
        found.requested = Some(requested);
        Ok(found)
    }

    /// Returns what requirements files name.
    pub fn of_requirements(requirements: &Requirements) -> Result<Self, WishError> {
        if let Some(oddity) = requirements.oddities.first() {
            return Err(WishError::Line(oddity.clone()));
        }
        let mut found = Self::default();
        for line in &requirements.lines {
            if line.is_constraint {
                found.limits.push(line.requirement.to_string());
            } else {
                found.lines.push(Part::of(line));
            }
        }
        let is_kept = |option: &&String| option.trim() != "--require-hashes";
        found.options = requirements.options.iter().filter(is_kept).cloned().collect();
        Ok(found)
    }

    /// Adds what another names.
    pub fn extend(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.limits.extend(other.limits);
        self.options.extend(other.options);
    }

    /// Adds a package that was built of a project, unless it is named already.
    pub fn add(&mut self, key: &str) {
        if let Some(requirement) = Requirement::parse(key).filter(|_| !self.lines.iter().any(|part| part.key == key)) {
            let (own, hashes) = (key.to_owned(), Vec::new());
            let part = Part { key: own, requirement, hashes, source: None, editable: None, is_root: true };
            self.lines.push(part);
            if let Some(requested) = &mut self.requested {
                requested.insert(key.to_owned());
            }
        }
    }

    /// Returns the packages that must be built, or left out.
    pub fn to_build(&self) -> impl Iterator<Item = &Part> {
        self.lines.iter().filter(|part| part.source.is_some())
    }

    /// Returns the packages.
    pub fn parts(&self) -> &[Part] {
        &self.lines
    }

    /// Returns the lines that say where packages come from.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// Returns the normalised names of what the user asked for; none if that is everything.
    pub fn requested(&self) -> Option<BTreeSet<String>> {
        let all = || self.lines.iter().map(|part| part.key.clone()).collect();
        Some(self.requested.clone().unwrap_or_else(all))
    }

    /// Returns the hashes of which one is demanded for a target, by name: those that all of its lines allow, as pip takes
    /// them.
    pub fn hashes(&self, python: TargetPython, platform: &Platform) -> BTreeMap<String, Vec<String>> {
        let markers = python.markers(platform);
        let holds = |part: &&Part| {
            part.requirement.marker.as_ref().is_none_or(|marker| marker.holds(&markers, None).unwrap_or(true))
        };
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for part in self.lines.iter().filter(|part| !part.hashes.is_empty()).filter(holds) {
            let known = found.entry(part.key.clone()).or_insert_with(|| part.hashes.clone());
            known.retain(|hash| part.hashes.contains(hash));
        }
        found
    }

    /// Returns what a resolver is asked for a target. `built` are the URLs of the wheels that were built on this machine:
    /// an index may have other files of the same name and version.
    pub fn question(&self, python: TargetPython, platform: &Platform, built: &BTreeMap<String, String>) -> Question {
        let is_complete = self.complete_for.as_ref().is_some_and(|own| is_same(own, &python.markers(platform)));
        let is_asked = |part: &&Part| is_complete || self.complete_for.is_none() || part.is_root;
        let text = |part: &Part| part.text(built.get(&part.key).or(part.editable.as_ref()).map(String::as_str));
        let mut lines = self.options.clone();
        lines.extend(self.lines.iter().filter(is_asked).map(text));
        let mut constraints = self.limits.clone();
        if self.complete_for.is_some() && !is_complete {
            constraints
                .extend(self.lines.iter().filter_map(|part| part.limit(built.get(&part.key).map(String::as_str))));
        }
        Question { lines, constraints, is_complete }
    }
}

impl Part {
    fn of(line: &Line) -> Self {
        let requirement = line.requirement.clone();
        let path = |text: &str| path_of(text).or_else(|| (!text.contains("://")).then(|| PathBuf::from(text)));
        let source = match (&line.editable, &requirement.url) {
            (Some(project), _) => Some(path(project).map_or(PartSource::Repository, PartSource::Directory)),
            (None, Some(url)) if is_of_repository(url) => Some(PartSource::Repository),
            (None, Some(url)) => path_of(url).filter(|path| path.is_dir()).map(PartSource::Directory),
            (None, None) => None,
        };
        let url = |project: &String| path(project).map_or_else(|| project.clone(), |path| file_url(&path));
        let editable = line.editable.as_ref().map(url);
        Self { key: requirement.key(), requirement, hashes: line.hashes.clone(), source, editable, is_root: true }
    }

    /// The line of a requirements file that builds it: with the hashes of its source.
    pub fn to_build(&self) -> String {
        let hashes = self.hashes.iter().map(|hash| format!(" --hash={hash}"));
        [self.text(self.editable.as_deref())].into_iter().chain(hashes).collect()
    }

    /// The requirement, from a URL if there is one.
    fn text(&self, url: Option<&str>) -> String {
        let Some(url) = url else { return self.requirement.to_string() };
        let (specifiers, url) = (Specifiers::default(), Some(url.to_owned()));
        Requirement { specifiers, url, ..self.requirement.clone() }.to_string()
    }

    /// The limit to its version; none where only a URL says which one it is.
    fn limit(&self, built: Option<&str>) -> Option<String> {
        let is_limit = built.is_some() || self.requirement.url.is_none() && self.source.is_none();
        let plain = Requirement { extras: Vec::new(), ..self.requirement.clone() };
        is_limit.then(|| Self { requirement: plain, ..self.clone() }.text(built))
    }
}

/// Returns whether an address is that of a repository: `git+https://…`.
fn is_of_repository(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| scheme.contains('+'))
}

/// Returns whether markers have the same values, as far as targets differ.
fn is_same(own: &MarkerValues, target: &MarkerValues) -> bool {
    own.sys_platform == target.sys_platform
        && own.platform_machine == target.platform_machine
        && own.python_version == target.python_version
        && own.implementation_name == target.implementation_name
}

/// Returns the normalised name of the package in a wheel, from the name of its file.
pub fn package_of(file: &str) -> Option<String> {
    Some(normalized(&super::wheel_name::WheelName::parse(file)?.key))
}
