//! Where wheels come from: directories on this machine, in an order of preference.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::Version;

use super::metadata::WheelName;
use super::request::{SeedRequest, Sources};
use crate::fs::order::Order as _;

/// A wheel file that may serve a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) version: Version,
}

/// Returns the wheels on this machine that may serve a request, best first.
///
/// What the user pointed at comes before all else. Of the rest the newest release wins, wherever it is: pip is the same
/// for every Python that it admits, and an old one greets its user with the advice to upgrade it.
pub(super) fn candidates(request: &SeedRequest, sources: &Sources, downloads: Option<&Path>) -> Vec<Candidate> {
    let mut found = in_directories(request, sources.search_dirs.iter().cloned());
    let own = downloads.map(Path::to_path_buf).into_iter();
    let bundled = sources.stdlibs.iter().map(|stdlib| stdlib.join("ensurepip/_bundled"));
    let virtualenv = sources.virtualenv_dirs.iter().flat_map(|dir| virtualenv_directories(dir));
    let others = own.chain(sources.wheel_pkg_dirs.iter().cloned()).chain(bundled).chain(virtualenv);
    found.extend(in_directories(request, others));
    found
}

/// Where virtualenv keeps wheels, if the directory is a `site-packages` that holds it or its application data.
fn virtualenv_directories(dir: &Path) -> [PathBuf; 3] {
    ["virtualenv/seed/wheels/embed", "virtualenv/wheel/house", "wheel/house"].map(|below| dir.join(below))
}

fn in_directories(request: &SeedRequest, directories: impl Iterator<Item = PathBuf>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = directories.flat_map(|directory| in_directory(request, &directory)).collect();
    // Stable: of equals the first directory's comes first. A final release comes before any other.
    found.order_by(|a, b| (a.version.any_prerelease(), &b.version).cmp(&(b.version.any_prerelease(), &a.version)));
    found
}

fn in_directory(request: &SeedRequest, directory: &Path) -> Vec<Candidate> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<(String, Version)> = names
        .filter_map(|name| WheelName::parse(&name).filter(|wheel| serves(request, wheel)).map(|w| (name, w.version)))
        .collect();
    // The order of a directory is an accident.
    found.sort();
    found.into_iter().map(|(name, version)| Candidate { path: directory.join(name), version }).collect()
}

/// Returns whether a wheel is what was asked for, as far as its name tells.
pub(super) fn serves(request: &SeedRequest, wheel: &WheelName) -> bool {
    let wanted = request.version.as_deref();
    let version_fits = wanted.is_none_or(|wanted| Version::from_str(wanted).is_ok_and(|v| v == wheel.version));
    wheel.project == request.project.name() && wheel.is_universal && version_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::Project;

    fn touch(directory: &Path, names: &[&str]) {
        std::fs::create_dir_all(directory).unwrap();
        for name in names {
            std::fs::write(directory.join(name), "").unwrap();
        }
    }

    fn names(request: &SeedRequest, sources: &Sources, downloads: Option<&Path>) -> Vec<String> {
        let found = candidates(request, sources, downloads);
        found.iter().map(|candidate| candidate.path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn explicit_directories_first_then_the_newest() {
        let scratch = tempfile::tempdir().unwrap();
        let [explicit, stdlib, packages] = ["explicit", "stdlib", "packages"].map(|name| scratch.path().join(name));
        touch(&explicit, &["pip-9.0-py2.py3-none-any.whl", "setuptools-1-py3-none-any.whl", "notes.txt"]);
        touch(&stdlib.join("ensurepip/_bundled"), &["pip-23.0.1-py3-none-any.whl"]);
        let embedded =
            ["pip-26.3-py3-none-any.whl", "pip-27.0b1-py3-none-any.whl", "pip-99-cp39-cp39-linux_x86_64.whl"];
        touch(&packages.join("virtualenv/seed/wheels/embed"), &embedded);
        let sources = Sources {
            search_dirs: vec![scratch.path().join("missing"), explicit],
            stdlibs: vec![stdlib],
            virtualenv_dirs: vec![packages],
            ..Sources::default()
        };

        let request = SeedRequest { project: Project::Pip, version: None };
        let expected = [
            "pip-9.0-py2.py3-none-any.whl",
            "pip-26.3-py3-none-any.whl",
            "pip-23.0.1-py3-none-any.whl",
            "pip-27.0b1-py3-none-any.whl",
        ];
        assert_eq!(names(&request, &sources, None), expected);

        let exact = SeedRequest { project: Project::Pip, version: Some("23.0.1.0".into()) };
        assert_eq!(names(&exact, &sources, None), ["pip-23.0.1-py3-none-any.whl"]);
        let absent = SeedRequest { project: Project::Pip, version: Some("23.0".into()) };
        assert!(names(&absent, &sources, None).is_empty());
    }

    #[test]
    fn of_equals_the_own_download_comes_first() {
        let scratch = tempfile::tempdir().unwrap();
        let [downloads, system] = ["downloads", "system"].map(|name| scratch.path().join(name));
        touch(&downloads, &["pip-1-py3-none-any.whl"]);
        touch(&system, &["pip-1-py3-none-any.whl"]);
        let sources = Sources { wheel_pkg_dirs: vec![system], ..Sources::default() };
        let request = SeedRequest { project: Project::Pip, version: None };
        assert!(candidates(&request, &sources, Some(&downloads))[0].path.starts_with(&downloads));
    }
}
