//! Reading the name of a wheel's file.

use std::cmp::Reverse;
use std::str::FromStr;

use pep440_rs::Version;

use crate::env::packages::normalized;

/// What the name of a wheel's file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WheelName {
    /// The normalised name of the package.
    pub(super) key: String,
    /// The version.
    pub(super) version: Version,
    /// What decides between wheels that are otherwise alike.
    build: (u64, String),
    /// All its tags.
    pub(super) tags: Vec<String>,
}

impl WheelName {
    /// Parses a name; none if it is not that of a wheel, or could not be the name of a file in a bundle.
    pub(super) fn parse(file: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._+!-".contains(c);
        let stem = file.strip_suffix(".whl").filter(|stem| stem.chars().all(is_plain))?;
        let parts: Vec<&str> = stem.split('-').collect();
        let (&[name, version], &[pythons, abis, platforms]) = (parts.first_chunk()?, parts.last_chunk()?);
        if !matches!(parts.len(), 5 | 6) || parts.iter().any(|part| part.is_empty()) || name.starts_with('.') {
            return None;
        }
        let build = if parts.len() == 6 { build(parts[2])? } else { (0, String::new()) };
        let mut tags = Vec::new();
        for python in pythons.split('.') {
            for abi in abis.split('.') {
                tags.extend(platforms.split('.').map(|platform| format!("{python}-{abi}-{platform}")));
            }
        }
        Some(Self { key: normalized(name), version: Version::from_str(version).ok()?, build, tags })
    }

    /// Returns how good it is for a target whose tags are in order, smaller is better; none if it is not for it.
    pub(super) fn rank(&self, tags: &[String]) -> Option<(usize, Reverse<(u64, String)>)> {
        let place = tags.iter().position(|tag| self.tags.contains(tag))?;
        Some((place, Reverse(self.build.clone())))
    }
}

/// A build number: digits, then anything.
fn build(text: &str) -> Option<(u64, String)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some((text[..digits].parse().ok()?, text[digits..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_wheels() {
        let wheel =
            WheelName::parse("Foo_Bar-1.0+cu118-2b-cp39.cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
        let wheel = wheel.unwrap();
        assert_eq!((wheel.key.as_str(), wheel.version.to_string()), ("foo-bar", "1.0+cu118".to_string()));
        assert_eq!((wheel.build.0, wheel.build.1.as_str(), wheel.tags.len()), (2, "b", 4));
        for name in [
            "a-1-py3-none-any.zip",
            "a-1-none-any.whl",
            "a-1-b-py3-none-any.whl",
            "../a-1-py3-none-any.whl",
            "a-one-py3-none-any.whl",
            "a b-1-py3-none-any.whl",
            ".a-1-py3-none-any.whl",
            "a--py3-none-any.whl",
        ] {
            assert_eq!(WheelName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_higher_build_is_better_and_a_better_tag_more_so() {
        let tags = ["cp312-cp312-linux_x86_64".to_owned(), "py3-none-any".to_owned()];
        let names = ["a-1-2-py3-none-any.whl", "a-1-10-py3-none-any.whl", "a-1-cp312-cp312-linux_x86_64.whl"];
        let wheels = names.map(|name| WheelName::parse(name).unwrap());
        let ranks: Vec<_> = wheels.iter().map(|wheel| wheel.rank(&tags).unwrap()).collect();
        assert!(ranks[2] < ranks[1] && ranks[1] < ranks[0]);
        assert!(WheelName::parse("a-1-cp311-cp311-any.whl").unwrap().rank(&tags).is_none());
    }
}
