//! The text files that describe a wheel: its file name, `METADATA`, `WHEEL` and `entry_points.txt`.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use crate::env::packages::normalized;

/// What a wheel's file name says: which release it is and which interpreters may load it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WheelName {
    /// The normalised project name.
    pub(super) project: String,
    /// The version, parsed.
    pub(super) version: Version,
    /// Whether any Python 3 on any platform can use it. Seeds are always of this kind.
    pub(super) is_universal: bool,
}

impl WheelName {
    /// Parses `pip-24.2-py3-none-any.whl`; `None` for every other kind of file.
    pub(super) fn parse(file_name: &str) -> Option<Self> {
        let parts: Vec<&str> = file_name.strip_suffix(".whl")?.split('-').collect();
        let (&[project, version], &[python, abi, platform]) = (parts.first_chunk()?, parts.last_chunk()?);
        if !matches!(parts.len(), 5 | 6) {
            return None;
        }
        let is_universal = python.split('.').any(|tag| tag == "py3") && abi == "none" && platform == "any";
        Some(Self { project: normalized(project), version: Version::from_str(version).ok()?, is_universal })
    }
}

/// Returns whether a `Requires-Python` admits a Python version; an unreadable requirement admits nothing.
pub(super) fn admits(requires_python: Option<&str>, python: &Version) -> bool {
    match requires_python {
        None | Some("") => true,
        Some(text) => VersionSpecifiers::from_str(text).is_ok_and(|specifiers| specifiers.contains(python)),
    }
}

/// A script that an installer has to make: its name, and the object to import and call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryPoint {
    /// The file name of the script.
    pub(super) name: String,
    /// The module to import, dotted.
    pub(super) module: String,
    /// The function inside the module, dotted.
    pub(super) function: String,
}

impl EntryPoint {
    /// Parses `module:function [extra]`; `None` unless both are dotted Python identifiers, since they become code.
    pub(super) fn parse(name: &str, reference: &str) -> Option<Self> {
        let reference = reference.split_once('[').map_or(reference, |(reference, _)| reference);
        let (module, function) = reference.split_once(':')?;
        let (module, function) = (module.trim(), function.trim());
        let sound = is_dotted(module) && is_dotted(function);
        sound.then(|| Self { name: name.to_owned(), module: module.to_owned(), function: function.to_owned() })
    }
}

/// Returns `name = reference` pairs of the sections that describe scripts.
pub(super) fn script_lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut in_scripts = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with('[') {
            in_scripts = matches!(line, "[console_scripts]" | "[gui_scripts]");
            return None;
        }
        if !in_scripts || line.starts_with(['#', ';']) {
            return None;
        }
        line.split_once('=').map(|(name, reference)| (name.trim(), reference.trim()))
    })
}

fn is_dotted(name: &str) -> bool {
    name.split('.').all(|part| {
        let starts_well = part.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
        starts_well && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheel_names() {
        let pip = WheelName::parse("pip-18.1-py2.py3-none-any.whl").unwrap();
        assert_eq!((pip.project.as_str(), pip.version.to_string(), pip.is_universal), ("pip", "18.1".into(), true));
        let native = WheelName::parse("My_Thing-1.0-1-cp312-cp312-linux_x86_64.whl").unwrap();
        assert_eq!((native.project.as_str(), native.is_universal), ("my-thing", false));
        for name in
            ["pip.whl", "pip-1.0.whl", "pip-x-py3-none-any.whl", "pip-24.2-py3-none-any.zip", "a-1-b-c-d-e-f.whl"]
        {
            assert_eq!(WheelName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_normalised() {
        assert_eq!(normalized("Foo__.Bar-baz"), "foo-bar-baz");
    }

    #[test]
    fn requires_python_is_obeyed() {
        let python = Version::from_str("3.9.18").unwrap();
        assert!(admits(None, &python));
        assert!(admits(Some(">=3.7, !=3.8.*"), &python));
        assert!(!admits(Some(">=3.10"), &python));
        assert!(!admits(Some("newer, please"), &python));
    }

    #[test]
    fn entry_points_must_be_identifiers() {
        let entry = EntryPoint::parse("pip", "pip._internal.cli.main:main [x]").unwrap();
        assert_eq!((entry.module.as_str(), entry.function.as_str()), ("pip._internal.cli.main", "main"));
        for reference in ["pip", "os:system('x')", "os;x:y", "a..b:c", "1a:b", "a:", ":b", "a b:c", "a:b\nimport x"] {
            assert_eq!(EntryPoint::parse("pip", reference), None, "{reference}");
        }
    }

    #[test]
    fn only_script_sections_count() {
        let text = "[other]\na = b:c\n[console_scripts]\n# no\npip = p:m\n\n[gui_scripts]\ng=p:n\n";
        assert_eq!(script_lines(text).collect::<Vec<_>>(), [("pip", "p:m"), ("g", "p:n")]);
    }
}
