//! Lock files (PEP 751): `pylock.toml`, read as the requirements that they amount to.

use std::path::Path;

use serde::Deserialize;

use super::marker::Marker;
use super::requirement::Requirement;
use super::requirements::{Line, LineOddity, LineProblem, Requirements};
use crate::env::direct_url::file_url;
use crate::env::packages::normalized;
use crate::fs;

/// Why a text is no lock that can be used.
#[derive(Debug, thiserror::Error)]
pub enum PylockError {
    /// It is no TOML.
    #[error("{0}")]
    Toml(String),
    /// It is TOML of another kind.
    #[error("it has no `lock-version`, so it is no `pylock.toml`")]
    NotALock,
    /// It is of a version that nobody knew when this was written.
    #[error("its version {0} is not supported")]
    Version(String),
    /// A package is not described as the format demands.
    #[error("package `{name}` {problem}")]
    Package {
        /// The name of the package.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
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
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    venvwrap: Option<Own>,
}

#[derive(Deserialize)]
struct Own {
    python: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<String>,
    marker: Option<String>,
    #[serde(rename = "requires-python")]
    requires_python: Option<String>,
    vcs: Option<Vcs>,
    directory: Option<Directory>,
    archive: Option<File>,
    sdist: Option<File>,
    #[serde(default)]
    wheels: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Vcs {
    r#type: String,
    url: Option<String>,
    path: Option<String>,
    commit_id: String,
    subdirectory: Option<String>,
}

#[derive(Deserialize)]
struct Directory {
    path: String,
    #[serde(default)]
    editable: bool,
    subdirectory: Option<String>,
}

#[derive(Deserialize)]
struct File {
    url: Option<String>,
    path: Option<String>,
    subdirectory: Option<String>,
    #[serde(default)]
    hashes: toml::Table,
}

/// Returns whether a text is a lock, whatever its name.
pub fn is_one(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("lock-version"))
        && toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("lock-version"))
}

/// Parses a lock; `directory` is where it looks for the files that it names.
pub fn parse(text: &str, directory: &Path) -> Result<Requirements, PylockError> {
    let table: toml::Table = toml::from_str(text).map_err(|error| PylockError::Toml(first_line(&error)))?;
    if !table.contains_key("lock-version") {
        return Err(PylockError::NotALock);
    }
    let lock: Lock = toml::from_str(text).map_err(|error| PylockError::Toml(first_line(&error)))?;
    let version = lock.version.unwrap_or_default();
    if version.split('.').next() != Some("1") {
        return Err(PylockError::Version(version));
    }
    let mut found = Requirements {
        python: lock.tool.and_then(|tool| tool.venvwrap?.python),
        // One that was cut off, or misspells the key, does not say that there are none.
        is_list: table.contains_key("packages"),
        requires_python: lock.requires_python,
        environments: lock.environments,
        ..Requirements::default()
    };
    for package in &lock.packages {
        found.lines.extend(line_of(package, &lock.groups, directory, &mut found.oddities)?);
    }
    Ok(found)
}

fn line_of(
    package: &Package,
    groups: &[String],
    directory: &Path,
    oddities: &mut Vec<LineOddity>,
) -> Result<Option<Line>, PylockError> {
    let fault = |problem| PylockError::Package { name: package.name.clone(), problem };
    let kinds = [package.vcs.is_some(), package.directory.is_some(), package.archive.is_some()];
    let is_from_index = package.sdist.is_some() || !package.wheels.is_empty();
    if kinds.iter().filter(|is_set| **is_set).count() + usize::from(is_from_index) != 1 {
        return Err(fault("must come from exactly one of `vcs`, `directory`, `archive`, or `sdist` and `wheels`"));
    }
    let mut hashes = Vec::new();
    let (mut url, mut editable) = (None, None);
    if let Some(vcs) = &package.vcs {
        let place = place(vcs.url.as_ref(), vcs.path.as_ref(), directory).ok_or_else(|| fault("has no URL"))?;
        let fragment = fragment(vcs.subdirectory.as_ref());
        url = Some(format!("{}+{place}@{}{fragment}", vcs.r#type, vcs.commit_id));
    } else if let Some(found) = &package.directory {
        let path = fs::absolute(directory, Path::new(&found.path));
        if found.editable {
            editable = Some(path.display().to_string());
        } else {
            url = Some(file_url(&path) + &fragment(found.subdirectory.as_ref()));
        }
    } else if let Some(archive) = &package.archive {
        let place = place(archive.url.as_ref(), archive.path.as_ref(), directory).ok_or_else(|| fault("has no URL"))?;
        hashes = archive.hashes().ok_or_else(|| fault("has an archive without hashes"))?;
        url = Some(place + &fragment(archive.subdirectory.as_ref()));
    } else {
        for file in package.wheels.iter().chain(&package.sdist) {
            hashes.extend(file.hashes().ok_or_else(|| fault("has a file without hashes"))?);
        }
    }
    let version = package.version.as_deref().filter(|_| url.is_none());
    let text = match (&url, version) {
        (Some(url), _) => format!("{} @ {url}", package.name),
        (None, Some(version)) => format!("{}=={version}", package.name),
        (None, None) if editable.is_some() => package.name.clone(),
        (None, None) => return Err(fault("has no version")),
    };
    let mut requirement = Requirement::parse(&text).ok_or_else(|| fault("has a name, version or URL that is none"))?;
    requirement.name = normalized(&requirement.name);
    if let Some(marker) = &package.marker {
        let Some(marker) = Marker::parse(marker) else {
            let reason = LineProblem::NotARequirement(format!("{} ; {marker}", package.name));
            oddities.push(LineOddity { file: "pylock.toml".into(), line: 0, reason });
            return Ok(None);
        };
        requirement.marker = match marker.in_lock(groups) {
            Ok(rest) => Some(rest),
            Err(true) => None,
            Err(false) => return Ok(None),
        };
    }
    let requires_python = package.requires_python.clone();
    Ok(Some(Line { editable, hashes, requires_python, ..Line::new(requirement) }))
}

impl File {
    /// The hashes as requirements write them; none if there are none.
    fn hashes(&self) -> Option<Vec<String>> {
        let values =
            self.hashes.iter().filter_map(|(algorithm, value)| Some(format!("{algorithm}:{}", value.as_str()?)));
        let values: Vec<_> = values.filter(|hash| !hash.contains(char::is_whitespace)).collect();
        (!values.is_empty()).then_some(values)
    }
}

fn place(url: Option<&String>, path: Option<&String>, directory: &Path) -> Option<String> {
    let local = || path.map(|path| file_url(&fs::absolute(directory, Path::new(path))));
    url.cloned().or_else(local)
}

fn fragment(subdirectory: Option<&String>) -> String {
    subdirectory.map(|way| format!("#subdirectory={way}")).unwrap_or_default()
}

fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::marker::MarkerValues;
    use crate::snapshot::requirements::NotFor;

    const HEAD: &str = "lock-version = \"1.0\"\ncreated-by = \"test\"\n";

    const ALL: &str = "lock-version = \"1.0\"\ncreated-by = \"test\"\n\
        [[packages]]\nname = \"a\"\nversion = \"1.0\"\nmarker = \"os_name == 'posix'\"\n\
        sdist = {url = \"https://x/a.tar.gz\", hashes = {sha256 = \"1\"}}\n\
        wheels = [{name = \"a.whl\", url = \"https://x/a.whl\", hashes = {sha256 = \"2\"}}]\n\
        [[packages]]\nname = \"b\"\nvcs = {type = \"git\", url = \"https://x/r\", commit-id = \"12\", subdirectory = \"s\"}\n\
        [[packages]]\nname = \"c\"\narchive = {path = \"c d.zip\", hashes = {sha256 = \"3\"}}\n\
        [[packages]]\nname = \"d\"\nversion = \"2\"\ndirectory = {path = \"../d\", editable = true}\n\
        [[packages]]\nname = \"e\"\ndirectory = {path = \"/e\"}\n[tool.venvwrap]\npython = \"3.12.1\"\n";

    #[test]
    fn every_kind_of_package_is_read() {
        let found = parse(ALL, Path::new("/p/q")).unwrap();
        let lines: Vec<_> = found.lines.iter().map(|line| line.requirement.to_string()).collect();
        let expected = [
            "a==1.0; os_name == \"posix\"",
            "b @ git+https://x/r@12#subdirectory=s",
            "c @ file:///p/q/c%20d.zip",
            "d==2",
            "e @ file:///e",
        ];
        assert_eq!(lines, expected);
        assert_eq!(found.lines[0].hashes, ["sha256:2", "sha256:1"]);
        assert_eq!(found.lines[3].editable.as_deref(), Some("/p/d"));
        assert_eq!(found.python.as_deref(), Some("3.12.1"));
        assert!(is_one(ALL) && !is_one("a==1\n"));
    }

    #[test]
    fn a_lock_says_what_it_is_for() {
        let not_for = |text: &str, python: &str| {
            let found = parse(&format!("{HEAD}{text}"), Path::new("/")).unwrap();
            found
                .not_for(&MarkerValues {
                    python_full_version: python.into(),
                    sys_platform: "linux".into(),
                    ..MarkerValues::default()
                })
                .map(NotFor::in_words)
        };
        let environments = "environments = [\"sys_platform == 'win32'\", \"sys_platform == 'darwin'\"]";
        for (text, python, expected) in [
            ("", "3.12.1", None),
            ("requires-python = '>=3.12'", "3.12.1", None),
            ("requires-python = '>=3.14'", "3.14.0rc2", None),
            ("requires-python = '>=3.14'", "3.13.9", Some("Python >=3.14")),
            ("requires-python = '==3.12.*'", "3.13.0", Some("Python ==3.12.*")),
            ("requires-python = 'any'", "3.13.0", None),
            (environments, "3.12.1", Some("sys_platform == 'win32' or sys_platform == 'darwin'")),
            ("environments = [\"sys_platform == 'win32'\", \"sys_platform == 'linux'\"]", "3.12.1", None),
            ("environments = []", "3.12.1", None),
        ] {
            assert_eq!(not_for(text, python).as_deref(), expected, "{text} {python}");
        }
    }

    #[test]
    fn what_is_not_in_a_default_group_is_left_out() {
        let package = |name: &str, marker: &str| {
            let file = "sdist = {url = \"https://x\", hashes = {sha256 = \"1\"}}";
            format!("[[packages]]\nname = \"{name}\"\nversion = \"1\"\nmarker = \"{marker}\"\n{file}\n")
        };
        let packages = package("a", "'default' in dependency_groups")
            + &package("b", "'dev' in dependency_groups and 'default' not in dependency_groups")
            + &package("c", "'default' in dependency_groups and os_name == 'nt'")
            + &package("d", "'all' in extras");
        let lines = |groups: &str| -> Vec<_> {
            let found = parse(&format!("{HEAD}{groups}{packages}"), Path::new("/")).unwrap();
            assert_eq!(found.oddities, []);
            found.lines.iter().map(|line| line.requirement.to_string()).collect()
        };
        assert_eq!(lines("default-groups = [\"default\"]\n"), ["a==1", "c==1; os_name == \"nt\""]);
        assert_eq!(lines("default-groups = [\"dev\"]\n"), ["b==1"]);
        assert_eq!(lines("dependency-groups = [\"default\"]\n"), [""; 0]);
    }

    #[test]
    fn what_the_format_forbids_is_refused() {
        let error = |text: &str| parse(text, Path::new("/")).unwrap_err().to_string();
        assert_eq!(error("a = 1\n"), "it has no `lock-version`, so it is no `pylock.toml`");
        assert_eq!(error("lock-version = \"2.0\"\n"), "its version 2.0 is not supported");
        assert!(matches!(parse("a==1\n", Path::new("/")), Err(PylockError::Toml(_))));
        let package = |text: &str| error(&format!("{HEAD}[[packages]]\nname = \"a\"\n{text}\n"));
        assert!(package("version = \"1\"").contains("`a` must come from exactly one of"));
        assert!(package("directory = {path = \"a\"}\nwheels = [{url = \"x\", hashes = {}}]").contains("exactly one"));
        assert!(package("version = \"1\"\nwheels = [{url = \"x\", hashes = {}}]").contains("without hashes"));
        assert!(package("wheels = [{url = \"x\", hashes = {sha256 = \"1\"}}]").contains("has no version"));
        for (text, is_list) in [("packages = []\n", true), ("", false), ("package = []\n", false)] {
            let found = parse(&format!("lock-version = \"1.1\"\n{text}"), Path::new("/")).unwrap();
            assert!(found.lines.is_empty() && found.is_list == is_list, "{text}");
        }
    }

    #[test]
    fn any_text_is_read_or_refused() {
        crate::mutation::check_mutations(&[ALL], |input| {
            let text = String::from_utf8_lossy(input);
            let _ = (parse(&text, Path::new("/nonexistent")), is_one(&text));
        });
    }
}
