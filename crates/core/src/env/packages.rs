//! The packages of an environment, read from the names in its site-packages.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use pep440_rs::Version;

use super::view::View;

/// Where Debian's Python looks for packages when it has come along in an archive, and so is no environment.
const OF_DEBIAN: &str = "lib/python3/dist-packages";

/// The directories `lib/pythonX.Y/site-packages` of an environment; normally one.
///
/// `lib64` is a link to `lib` wherever it exists, so that looking at `lib` alone counts nothing twice.
pub fn site_packages(env: &Path) -> Vec<PathBuf> {
    site_packages_of(env, &library_directories(env))
}

/// The same, for library directories that are known already.
pub(crate) fn site_packages_of(env: &Path, libraries: &[String]) -> Vec<PathBuf> {
    let mut found: Vec<_> = libraries.iter().map(|name| env.join("lib").join(name).join("site-packages")).collect();
    // PyPy before 3.8 has it directly below the environment.
    found.push(env.join("site-packages"));
    found.retain(|path| path.is_dir());
    if found.is_empty() {
        found.extend(Some(env.join(OF_DEBIAN)).filter(|path| path.is_dir()));
    }
    found
}

/// Returns whether an environment's Python can run pip, whatever became of the script of that name.
pub fn has_pip(env: &Path) -> bool {
    site_packages(env).iter().any(|directory| directory.join("pip").is_dir())
}

/// The names of the interpreter directories below `lib` of an environment that is held open.
fn libraries_in(view: &View) -> Vec<String> {
    let mut names = Vec::new();
    view.each_entry("lib", |name| {
        names.extend(name.to_str().filter(|name| version_of(name).is_some()).map(ToString::to_string));
    });
    names.sort();
    names
}

/// The interpreter directories below `lib` of an environment that is held open, and the number of distributions
/// installed in them. `version` is what `pyvenv.cfg` says: where the directory of this version is the only one, `lib`
/// need not be listed.
pub(super) fn contents(view: &View, version: Option<&str>) -> (Vec<String>, usize) {
    if let Some(library) = version.and_then(Library::of)
        && view.has_one_subdirectory(c"lib")
        && let Some(count) = count(view, library.site_packages())
    {
        return (vec![library.name().to_string()], count);
    }
    let libraries = libraries_in(view);
    let counts: Vec<_> =
        libraries.iter().filter_map(|name| count(view, &format!("lib/{name}/site-packages"))).collect();
    // PyPy before 3.8 has no directory of its own below `lib`.
    let others = || ["site-packages", OF_DEBIAN].into_iter().find_map(|directory| count(view, directory));
    let packages = if counts.is_empty() { others().unwrap_or_default() } else { counts.iter().sum() };
    (libraries, packages)
}

/// Returns the first two numbers of a version such as `3.12.1`.
pub(crate) fn minor_of(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Returns whether two texts are the same version: `1.0` and `1.0.0` are.
pub(crate) fn is_same_version(a: &str, b: &str) -> bool {
    a == b || Version::from_str(a).is_ok_and(|a| Version::from_str(b).is_ok_and(|b| a == b))
}

/// The directory of CPython's libraries for a version: one text, of which both paths are parts.
pub(super) struct Library {
    site_packages: String,
}

impl Library {
    /// The library of a version such as `3.12.1`.
    pub(super) fn of(version: &str) -> Option<Self> {
        let (major, rest) = version.split_once('.')?;
        let library =
            Self { site_packages: ["lib/python", major, ".", rest.split('.').next()?, "/site-packages"].concat() };
        version_of(library.name()).map(|_| library)
    }

    /// Its name below `lib`: `python3.12`.
    pub(super) fn name(&self) -> &str {
        &self.site_packages["lib/".len()..self.site_packages.len() - "/site-packages".len()]
    }

    /// The directory of its packages, from the environment on.
    pub(super) fn site_packages(&self) -> &str {
        &self.site_packages
    }
}

/// The number of distributions in a directory; none where it cannot be listed.
fn count(view: &View, directory: &str) -> Option<usize> {
    let mut names = Vec::new();
    let is_listed = view.each_entry(directory, |entry| names.extend(distribution_name(entry)));
    names.sort_unstable();
    names.dedup();
    is_listed.then_some(names.len())
}

/// The names of the interpreter directories below `lib`: `python3.12`, `pypy3.9`.
pub fn library_directories(env: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(env.join("lib")).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| version_of(name).is_some())
        .collect();
    names.sort();
    names
}

/// The language version in the name of a library directory or an executable: `3.12` for `python3.12`, `pypy3.12` and
/// `python3.12t`.
pub fn version_of(name: &str) -> Option<(u32, u32)> {
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let (major, rest) = digits.split_once('.')?;
    let minor = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let known = ["python", "pypy", "graalpy"].iter().any(|known| name.strip_suffix(digits) == Some(known));
    known.then_some((major.parse().ok()?, minor.parse().ok()?))
}

/// The normalised names of the distributions that are recorded in one site-packages directory.
///
/// Left-overs of interrupted removals, whose names begin with `~` or `-`, are no distributions. Names are compared as
/// the packaging specifications say ("name normalization"), because old metadata may be next to new.
pub fn names(site_packages: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(site_packages).into_iter().flatten().flatten();
    entries.filter_map(|entry| distribution_name(&entry.file_name())).collect()
}

fn distribution_name(entry: &OsStr) -> Option<String> {
    let bytes = entry.as_bytes();
    // Most entries are something else, and decided by one byte.
    if !matches!(bytes.last(), Some(b'o' | b'k')) || bytes.starts_with(b"~") || bytes.starts_with(b"-") {
        return None;
    }
    let stem =
        [".dist-info", ".egg-info", ".egg-link"].iter().find_map(|suffix| bytes.strip_suffix(suffix.as_bytes()))?;
    let stem = String::from_utf8_lossy(stem);
    let name = match stem.rsplit_once("-py") {
        Some((rest, python)) if python.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => &stem,
    };
    let name = match name.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => name,
    };
    Some(normalized(name))
}

/// Returns a project's name in the one form in which names may be compared: lower case, runs of `-_.` as one `-`.
pub fn normalized(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    let mut is_separated = false;
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            is_separated = !result.is_empty();
            continue;
        }
        if is_separated {
            result.push('-');
            is_separated = false;
        }
        result.push(character.to_ascii_lowercase());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_counted_once_and_left_overs_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let entries = [
            "pip-24.0.dist-info",
            "pip",
            "~ip-23.0.dist-info",
            "-x-1.dist-info",
            "ruamel.yaml-0.1.dist-info",
            "ruamel_yaml-0.1-py3.11.egg-info",
            "my-old-name-1.0-py3.8.egg-info",
            "dev.egg-link",
            "distutils-precedence.pth",
        ];
        for entry in entries {
            std::fs::create_dir(directory.path().join(entry)).unwrap();
        }
        let found: Vec<_> = names(directory.path()).into_iter().collect();
        assert_eq!(found, ["dev", "my-old-name", "pip", "ruamel-yaml"]);
    }

    #[test]
    fn the_packages_of_a_packed_python_of_debian_are_found() {
        let env = tempfile::tempdir().unwrap();
        let make = |path: &str| std::fs::create_dir_all(env.path().join("lib").join(path)).unwrap();
        make("python3.11/json");
        make("python3/dist-packages/pip-24.0.dist-info");
        assert_eq!(site_packages(env.path()), [env.path().join(OF_DEBIAN)]);
        assert_eq!(contents(&View::open(env.path()), None), (vec!["python3.11".to_owned()], 1));
        make("python3.11/site-packages");
        assert_eq!(site_packages(env.path()), [env.path().join("lib/python3.11/site-packages")]);
        assert_eq!(contents(&View::open(env.path()), None).1, 0);
    }

    #[test]
    fn the_library_of_the_recorded_version_is_the_only_one_unless_there_are_others() {
        let env = tempfile::tempdir().unwrap();
        let make = |path: &str| std::fs::create_dir_all(env.path().join("lib").join(path)).unwrap();
        let found = |version: Option<&str>| {
            let (libraries, count) = contents(&View::open(env.path()), version);
            (libraries.join(" "), count)
        };
        assert_eq!(found(Some("3.12.1")), (String::new(), 0));
        make("python3.12/site-packages/pip-1.dist-info");
        for version in [None, Some("3.12.1"), Some("3.12"), Some("3.11.0"), Some("../3.12"), Some("3")] {
            assert_eq!(found(version), ("python3.12".into(), 1), "{version:?}");
        }
        make("python3.11/site-packages/tool-1.dist-info");
        make("python3.11/site-packages/pip-1.dist-info");
        for version in [None, Some("3.12.1")] {
            assert_eq!(found(version), ("python3.11 python3.12".into(), 3), "{version:?}");
        }
    }

    #[test]
    fn names_are_compared_in_one_form() {
        for (name, form) in
            [("Zope.Interface", "zope-interface"), ("a-_.b", "a-b"), ("-x_", "x"), ("..", ""), ("É", "É")]
        {
            assert_eq!(normalized(name), form);
        }
    }

    #[test]
    fn versions_in_names() {
        assert_eq!(version_of("python3.12"), Some((3, 12)));
        assert_eq!(version_of("python3.13t"), Some((3, 13)));
        assert_eq!(version_of("pypy3.9"), Some((3, 9)));
        assert_eq!(version_of("python3"), None);
        assert_eq!(version_of("node3.9"), None);
    }
}
