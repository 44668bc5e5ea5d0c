//! What a new environment is seeded with, and when an index is asked for it.

use std::str::FromStr;

use pep440_rs::Version;

use super::{Download, Project, SeedRequest};
use crate::python::PythonVersion;

/// The first Python whose standard library does without setuptools: 3.12.
const FIRST_WITHOUT_SETUPTOOLS: u32 = 12;

/// What the user asked for. Without anything pip is installed, and setuptools where Python needs it.
#[derive(Clone, Debug, Default)]
pub struct SeedChoice {
    /// Whether nothing is installed.
    pub no_seed: bool,
    /// Whether pip is not installed.
    pub no_pip: bool,
    /// Whether setuptools is not installed.
    pub no_setuptools: bool,
    /// The version of pip: one of its own, or `bundle`, `embed`, `latest` or `none` as virtualenv has them.
    pub pip: Option<String>,
    /// The version of setuptools, in the same way. Naming one asks for setuptools.
    pub setuptools: Option<String>,
    /// Whether an index is asked first.
    pub download: bool,
    /// Whether no index is asked.
    pub no_download: bool,
}

impl SeedChoice {
    /// Returns what to install into an environment of this Python.
    pub fn requests(&self, python: &PythonVersion) -> Vec<SeedRequest> {
        self.requests_with(python.minor < FIRST_WITHOUT_SETUPTOOLS || self.setuptools.is_some())
    }

    /// Returns what is installed whatever the Python is.
    pub fn certain(&self) -> Vec<SeedRequest> {
        self.requests_with(self.setuptools.is_some())
    }

    fn requests_with(&self, needs_setuptools: bool) -> Vec<SeedRequest> {
        let mut requests = Vec::new();
        if self.wants_pip() {
            requests.push(SeedRequest { project: Project::Pip, version: exact(self.pip.as_deref()) });
        }
        if !self.no_seed && !self.no_setuptools && needs_setuptools && self.setuptools.as_deref() != Some("none") {
            requests.push(SeedRequest { project: Project::Setuptools, version: exact(self.setuptools.as_deref()) });
        }
        requests
    }

    /// Returns whether pip is installed.
    pub fn wants_pip(&self) -> bool {
        !self.no_seed && !self.no_pip && self.pip.as_deref() != Some("none")
    }

    /// Returns when an index is asked.
    pub fn download(&self) -> Download {
        let wants_latest = [&self.pip, &self.setuptools].iter().any(|version| version.as_deref() == Some("latest"));
        if self.download || wants_latest {
            Download::Always
        } else if self.no_download {
            Download::Never
        } else {
            Download::IfMissing
        }
    }
}

/// Returns whether a package of this normalised name is a part of the environment itself: what some tool seeds, or once
/// seeded, new environments with.
pub fn is_seed(name: &str) -> bool {
    [Project::Pip, Project::Setuptools, Project::Wheel].iter().any(|seed| seed.name() == name) || name == "distribute"
}

/// Returns the version of pip for an environment that is rebuilt: the one that it has, unless that cannot run on the new
/// Python. pip before 23.1.2 needs a class that Python 3.12 removed.
pub fn kept_pip(installed: &str, python: &PythonVersion) -> Option<String> {
    let version = Version::from_str(installed).ok()?;
    let is_too_old = python.minor >= FIRST_WITHOUT_SETUPTOOLS && version < Version::new([23, 1, 2]);
    (!is_too_old).then(|| installed.to_string())
}

/// Returns whether pip of this version tells the hashes of packages: the first with `pip lock` is 25.1.
pub fn tells_hashes(installed: &str) -> bool {
    Version::from_str(installed).is_ok_and(|version| version >= Version::new([25, 1]))
}

/// virtualenv takes three words instead of a version, for what it brings along; here they mean whatever is there.
fn exact(version: Option<&str>) -> Option<String> {
    version.filter(|version| !matches!(*version, "bundle" | "embed" | "latest")).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::testing::imaginary_interpreter;

    fn names(choice: &SeedChoice, minor: u32) -> Vec<String> {
        let requests = choice.requests(&imaginary_interpreter(minor).version);
        requests.iter().map(|request| request.project.to_string()).collect()
    }

    #[test]
    fn setuptools_comes_along_before_python_3_12_or_when_asked_for() {
        let nothing = SeedChoice::default();
        assert_eq!(names(&nothing, 11), ["pip", "setuptools"]);
        assert_eq!(names(&nothing, 12), ["pip"]);
        assert_eq!(
            names(&SeedChoice { setuptools: Some("bundle".into()), ..nothing.clone() }, 12),
            ["pip", "setuptools"]
        );
        assert_eq!(names(&SeedChoice { no_setuptools: true, ..nothing.clone() }, 11), ["pip"]);
        assert_eq!(names(&SeedChoice { no_pip: true, ..nothing.clone() }, 11), ["setuptools"]);
        assert_eq!(names(&SeedChoice { pip: Some("none".into()), ..nothing.clone() }, 11), ["setuptools"]);
        assert_eq!(names(&SeedChoice { setuptools: Some("none".into()), ..nothing.clone() }, 11), ["pip"]);
        assert!(names(&SeedChoice { no_seed: true, ..nothing }, 11).is_empty());
    }

    #[test]
    fn a_word_of_virtualenv_is_no_version() {
        let version = |text: &str| {
            let choice = SeedChoice { pip: Some(text.into()), ..SeedChoice::default() };
            (choice.requests(&imaginary_interpreter(12).version)[0].version.clone(), choice.download())
        };
        assert_eq!(version("24.0"), (Some("24.0".into()), Download::IfMissing));
        assert_eq!(version("embed"), (None, Download::IfMissing));
        assert_eq!(version("latest"), (None, Download::Always));
        let never = SeedChoice { no_download: true, ..SeedChoice::default() };
        assert_eq!(never.download(), Download::Never);
        assert_eq!(SeedChoice { download: true, ..never }.download(), Download::Always);
    }

    #[test]
    fn pip_keeps_its_version_where_it_runs() {
        let kept = |version: &str, minor| kept_pip(version, &imaginary_interpreter(minor).version);
        assert_eq!(kept("23.1.1", 11).as_deref(), Some("23.1.1"));
        assert_eq!(kept("23.1.1", 12), None);
        assert_eq!(kept("23.1.2", 12).as_deref(), Some("23.1.2"));
        assert_eq!(kept("20.0.2+local", 13), None);
        assert_eq!(kept("evil", 11), None);
    }

    #[test]
    fn only_a_newer_pip_tells_hashes() {
        for (version, tells) in [("25.1", true), ("26.3", true), ("25.0.1", false), ("9", false), ("evil", false)] {
            assert_eq!(tells_hashes(version), tells, "{version}");
        }
    }

    #[test]
    fn seeds_are_known_by_name() {
        assert!(["pip", "setuptools", "wheel", "distribute"].iter().all(|name| is_seed(name)));
        assert!(!is_seed("uv"));
    }
}
