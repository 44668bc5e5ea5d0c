//! Whether what is installed fits together: `pip check` without running Python, with the additional rules of uv.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::freeze::normal_version;
use super::packages::Packages;
use super::python::Python;
use super::requirement::Requirement;
use crate::env::distributions::{Distribution, Installed, Oddity};
use crate::fs::order::Order as _;
use crate::relocate::glibc;
use crate::relocate::linked::{Library, library_of};

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The normalised name of the distribution that has it.
    pub name: String,
    /// The version of that distribution.
    pub version: String,
    /// What it is.
    pub kind: ProblemKind,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A distribution that it needs is not installed.
    Missing {
        /// The normalised name of the other.
        dependency: String,
        /// The requirement.
        requirement: String,
    },
    /// A distribution that it needs has another version.
    Conflict {
        /// The normalised name of the other.
        dependency: String,
        /// The requirement.
        requirement: String,
        /// The version that is installed.
        installed: String,
    },
    /// It is for other versions of Python.
    Python {
        /// The versions that it is for.
        requirement: String,
        /// The version of the environment.
        installed: String,
    },
    /// It was built for another platform or another Python.
    Platform,
    /// Another version of it is installed in the same directory.
    Twice {
        /// The version of the other.
        other: String,
    },
    /// A requirement cannot be read.
    Unreadable {
        /// The requirement as it is written.
        requirement: String,
    },
}

/// As pip words it, where pip knows of it.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, kind } = self;
        write!(formatter, "{name} {version} ")?;
        match kind {
            ProblemKind::Missing { dependency, .. } => {
                write!(formatter, "requires {dependency}, which is not installed.")
            }
            ProblemKind::Conflict { dependency, requirement, installed } => {
                write!(formatter, "has requirement {requirement}, but you have {dependency} {installed}.")
            }
            ProblemKind::Python { requirement, installed } => {
                write!(formatter, "requires Python {requirement}, but you have Python {installed}.")
            }
            ProblemKind::Platform => formatter.write_str("is not supported on this platform"),
            ProblemKind::Twice { other } => write!(formatter, "is installed a second time, as version {other}."),
            ProblemKind::Unreadable { requirement } => {
                write!(formatter, "has a requirement that cannot be read: {requirement}")
            }
        }
    }
}

/// Returns what does not fit: first what is missing, then conflicts, then the rest, each sorted by name.
pub fn check(installed: &Installed, python: &Python) -> Vec<Problem> {
    // The last of a name counts: the standard library comes first on the import path.
    let all = installed.distributions.iter().chain(&installed.standard);
    let by_key = all.map(|found| (found.key.as_str(), found)).collect();
    let checker = Checker { python, library: OnceCell::new(), by_key };
    let mut problems: Vec<_> = installed.distributions.iter().flat_map(|found| checker.problems_of(found)).collect();
    for oddity in &installed.oddities {
        if let Oddity::Twice { name, used, unused, .. } = oddity {
            let name = crate::env::packages::normalized(name);
            problems.push(Problem { name, version: used.clone(), kind: ProblemKind::Twice { other: unused.clone() } });
        }
    }
    problems.order_by(|a, b| (rank(&a.kind), &a.name, &a.kind).cmp(&(rank(&b.kind), &b.name, &b.kind)));
    problems.dedup();
    problems
}

/// Returns what does not fit after a change: all that concerns the environment's own packages, and of those that it shows of
/// its base Python what does not fit because of the change.
pub fn check_own(new: &Packages, old: &Packages) -> Vec<Problem> {
    let (mut problems, before) = (check(&new.installed, &new.python), check(&old.installed, &old.python));
    problems.retain(|problem| is_own(new, problem) || !is_known(&before, problem));
    problems
}

/// Returns what does not fit because of a change, and which problems of the environment's own packages are older.
pub fn check_since(new: &Packages, old: &Packages) -> (Vec<Problem>, Vec<Problem>) {
    let before = check(&old.installed, &old.python);
    let all = check(&new.installed, &new.python).into_iter();
    let (mut older, newer): (Vec<_>, Vec<_>) = all.partition(|problem| is_known(&before, problem));
    older.retain(|problem| is_own(new, problem));
    (newer, older)
}

fn is_own(packages: &Packages, problem: &Problem) -> bool {
    packages.get(&problem.name).is_none_or(|found| found.is_local)
}

/// Returns whether a problem was there before, in the same words.
fn is_known(before: &[Problem], problem: &Problem) -> bool {
    let words = problem.to_string();
    before.iter().any(|older| older.to_string() == words)
}

fn rank(kind: &ProblemKind) -> u8 {
    match kind {
        ProblemKind::Missing { .. } => 0,
        ProblemKind::Conflict { .. } => 1,
        ProblemKind::Python { .. } => 2,
        ProblemKind::Platform => 3,
        ProblemKind::Twice { .. } => 4,
        ProblemKind::Unreadable { .. } => 5,
    }
}

struct Checker<'a> {
    python: &'a Python,
    /// The C library of the Python, if it is known; looked for when a wheel asks for one.
    library: OnceCell<Option<Library>>,
    by_key: HashMap<&'a str, &'a Distribution>,
}

impl Checker<'_> {
    fn problems_of(&self, distribution: &Distribution) -> Vec<Problem> {
        let requirements = distribution.requirements();
        let mut kinds: Vec<_> = requirements.iter().filter_map(|text| self.problem_with(text)).collect();
        if let Some(requirement) = distribution.requires_python().filter(|text| !admits_python(self.python, text)) {
            let installed = self.python.full_version().to_owned();
            kinds.push(ProblemKind::Python { requirement: requirement.to_owned(), installed });
        }
        // As for pip, a wheel without tags is for no platform.
        if distribution.is_wheel() && !self.is_loadable(&distribution.wheel_tags()) {
            kinds.push(ProblemKind::Platform);
        }
        let problem =
            |kind| Problem { name: distribution.key.clone(), version: normal_version(&distribution.version), kind };
        kinds.into_iter().map(problem).collect()
    }

    /// Returns whether a wheel with one of these tags can be used. An environment that comes from another machine may have
    /// wheels for a newer C library, or another one.
    fn is_loadable(&self, tags: &[String]) -> bool {
        tags.iter().any(|tag| {
            self.python.loads(std::slice::from_ref(tag))
                && tag.rsplit('-').next().unwrap_or_default().split('.').any(|platform| self.has_library_for(platform))
        })
    }

    fn has_library_for(&self, platform: &str) -> bool {
        let is_for_musl = platform.starts_with("musllinux_");
        if !is_for_musl && !platform.starts_with("manylinux") {
            return true;
        }
        match self.library.get_or_init(|| library_of(&self.python.program)) {
            None => true,
            Some(Library::Musl) => is_for_musl,
            Some(Library::Glibc(own)) => glibc::of_platform(platform).is_some_and(|needed| needed <= *own),
        }
    }

    fn problem_with(&self, text: &str) -> Option<ProblemKind> {
        let unreadable = || Some(ProblemKind::Unreadable { requirement: text.to_owned() });
        let Some(requirement) = Requirement::parse(text) else { return unreadable() };
        match requirement.marker.as_ref().map(|marker| marker.holds(&self.python.markers, None)) {
            Some(Ok(false)) => return None,
            Some(Err(_)) => return unreadable(),
            Some(Ok(true)) | None => {}
        }
        let dependency = requirement.key();
        let Some(found) = self.by_key.get(dependency.as_str()) else {
            return Some(ProblemKind::Missing { dependency, requirement: requirement.to_string() });
        };
        (!requirement.specifiers.admit_text(&found.version)).then(|| ProblemKind::Conflict {
            dependency,
            requirement: requirement.to_string(),
            installed: normal_version(&found.version),
        })
    }
}

/// Returns whether a `Requires-Python` admits a Python; one that cannot be read does.
pub fn admits_python(python: &Python, requirement: &str) -> bool {
    let version = Version::from_str(python.full_version());
    let (Ok(version), Ok(specifiers)) = (version, VersionSpecifiers::from_str(requirement)) else { return true };
    specifiers.contains(&version)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::snapshot::marker::tests::values;

    #[test]
    fn a_wheel_is_for_a_c_library() {
        let python = Python {
            markers: values(),
            version: (3, 11),
            program: PathBuf::new(),
            is_free_threaded: false,
            shows_system: false,
        };
        let is_loadable = |library, platforms: &str| {
            let checker = Checker { python: &python, library: OnceCell::from(library), by_key: HashMap::new() };
            checker.is_loadable(&[format!("cp311-cp311-{platforms}")])
        };
        let (old, new, musl) = (Some(Library::Glibc(17)), Some(Library::Glibc(36)), Some(Library::Musl));
        for (platforms, expected) in [
            ("linux_x86_64", [true; 4]),
            ("manylinux1_x86_64", [true, true, false, true]),
            ("manylinux2014_x86_64", [true, true, false, true]),
            ("manylinux_2_28_x86_64", [false, true, false, true]),
            ("manylinux_2_28_x86_64.manylinux_2_17_x86_64", [true, true, false, true]),
            ("musllinux_1_2_x86_64", [false, false, true, true]),
            ("manylinux_2_17_x86_64.musllinux_1_1_x86_64", [true, true, true, true]),
            ("win_amd64", [false; 4]),
        ] {
            assert_eq!([old, new, musl, None].map(|library| is_loadable(library, platforms)), expected, "{platforms}");
        }
    }
}
