//! What pip says about the versions of a package: `pip index versions`.

use std::str::FromStr;

use pep440_rs::Version;

/// How the line begins that lists the versions.
const START: &str = "Available versions:";

/// Returns the versions in pip's answer that are newer than another one, the nearest first. Pre-releases are left out,
/// unless that one is one.
pub fn newer(answer: &str, than: &str) -> Vec<String> {
    let Ok(than) = Version::from_str(than) else { return Vec::new() };
    let listed = answer.lines().find_map(|line| line.trim_start().strip_prefix(START)).unwrap_or_default();
    let versions = listed.split(',').filter_map(|text| Version::from_str(text.trim()).ok());
    let is_wanted = |version: &Version| *version > than && (than.any_prerelease() || !version.any_prerelease());
    let mut versions: Vec<_> = versions.filter(is_wanted).collect();
    versions.sort();
    versions.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first() {
        let answer = "native (1.10)\nAvailable versions: 1.10, 1.9.post1, 1.9, 1.8rc1, 1.1, 1.0\n  INSTALLED: 1.0\n";
        assert_eq!(newer(answer, "1.0"), ["1.1", "1.9", "1.9.post1", "1.10"]);
        assert_eq!(newer(answer, "1.8a1"), ["1.8rc1", "1.9", "1.9.post1", "1.10"]);
        assert!(newer(answer, "2").is_empty() && newer("", "1").is_empty() && newer(answer, "weird").is_empty());
        assert!(newer("Available versions: evil, , 1.0/../x", "0").is_empty());
    }
}
