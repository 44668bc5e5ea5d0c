//! What the name of metadata says. As for pip since version 24, and for uv, the name of a directory comes first, and what
//! is written in the metadata second: the directory is what installers look for.

use std::path::Path;
use std::str::FromStr;

use pep440_rs::Version;

use crate::env::headers::Headers;
use crate::env::packages::normalized;

/// The name and version of a distribution.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Called {
    /// As its metadata writes it.
    pub(super) name: String,
    /// In the form in which names are compared.
    pub(super) key: String,
    pub(super) version: String,
    /// Whether the version is only a text for pip, whatever it looks like.
    pub(super) is_arbitrary: bool,
    /// Whether something of it is not in the metadata.
    pub(super) is_guessed: bool,
}

impl Called {
    /// Takes together what both say; none if that is not a name and a version.
    pub(super) fn of(info: &Path, headers: &Headers) -> Option<Self> {
        let written = |header| headers.first(header).filter(|value| !value.is_empty());
        let (name, version) = in_name(info.file_name()?.to_str().unwrap_or_default());
        let (written_name, written_version) = (written("Name"), written("Version"));
        let source = name.or(written_name)?;
        // A name that is merely written may be any text.
        if !is_project_name(source) {
            return None;
        }
        let key = normalized(source);
        let is_arbitrary = version.is_some_and(|version| Version::from_str(version).is_err());
        let version = if is_arbitrary { written_version.or(version) } else { version.or(written_version) }?;
        Some(Self {
            name: written_name.unwrap_or(&key).to_owned(),
            version: version.to_owned(),
            is_arbitrary,
            is_guessed: written_name.is_none() || written_version.is_none(),
            key,
        })
    }
}

/// The name and version in the name of a metadata directory, as far as it has them.
fn in_name(file: &str) -> (Option<&str>, Option<&str>) {
    let some = |text: &'_ str| !text.is_empty();
    if let Some(stem) = file.strip_suffix(".dist-info") {
        let (name, version) = stem.split_once('-').unwrap_or_default();
        return (Some(name).filter(|text| some(text)), Some(version).filter(|text| some(text)));
    }
    let stem = file.strip_suffix(".egg-info").unwrap_or_default();
    (stem.split('-').next().filter(|text| some(text)), None)
}

/// Returns whether a text can be the name of a project: pip passes over what a removal left under another one.
fn is_project_name(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_comes_first_and_the_metadata_second() {
        for (directory, metadata, expected) in [
            ("my_pkg-1.0.dist-info", "Name: My.Pkg\nVersion: 2.0\n", Some(("My.Pkg", "my-pkg", "1.0"))),
            ("my_pkg-1.0.dist-info", "", Some(("my-pkg", "my-pkg", "1.0"))),
            ("my_pkg-1.0.dist-info", "Name: other\nVersion: 1\n", Some(("other", "my-pkg", "1.0"))),
            ("bare.dist-info", "Name: x\nVersion: 2.0\n", Some(("x", "x", "2.0"))),
            (".dist-info", "Name: x\nVersion: 2.0\n", Some(("x", "x", "2.0"))),
            ("bare.dist-info", "", None),
            ("x-.dist-info", "Version: 2.0\n", Some(("x", "x", "2.0"))),
            ("-eft-1.dist-info", "Name: eft\nVersion: 1\n", Some(("eft", "eft", "1"))),
            ("~eft-1.dist-info", "Name: eft\nVersion: 1\n", None),
            ("old_egg-3.0-py3.egg-info", "Name: Old-Egg\nVersion: 4\n", Some(("Old-Egg", "old-egg", "4"))),
            ("old.egg-info", "", None),
            ("EGG-INFO", "Name: egg\nVersion: 1\n", Some(("egg", "egg", "1"))),
            ("a.-b.dist-info", "Name: a\nVersion: 1\n", None),
        ] {
            let called = Called::of(Path::new(directory), &Headers::parse(metadata.as_bytes()));
            let found = called.as_ref().map(|found| (&*found.name, &*found.key, &*found.version));
            assert_eq!(found, expected, "{directory}: {metadata}");
        }
    }

    #[test]
    fn a_version_that_is_none_is_taken_as_it_is_written() {
        let headers = Headers::parse(b"Name: x\nVersion: 1.0.dev-r12\n");
        let called = Called::of(Path::new("x-1.0.dev_r12.dist-info"), &headers).unwrap();
        assert_eq!((&*called.version, called.is_arbitrary), ("1.0.dev-r12", true));
        let called = Called::of(Path::new("x-1.0_1.dist-info"), &Headers::parse(b"Name: x\nVersion: 1.0-1\n")).unwrap();
        assert_eq!((&*called.version, called.is_arbitrary), ("1.0-1", true));
    }
}
