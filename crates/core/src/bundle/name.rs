//! The name of a wheel's file.

use std::collections::BTreeSet;
use std::str::FromStr;

use pep440_rs::Version;

use super::error::Obstacle;
use crate::env::packages::normalized;

/// Returns the name of the file, which says for what the wheel is: its tags, in their compressed form if that means the
/// same, else the first one.
pub(super) fn file_name(name: &str, version: &str, build: Option<&str>, tags: &[String]) -> Result<String, Obstacle> {
    let name = normalized(name).replace('-', "_");
    let parsed = Version::from_str(version).map_err(|_| Obstacle::Version(version.escape_debug().to_string()))?;
    let build = build.filter(|text| is_build(text)).map(|text| format!("-{text}")).unwrap_or_default();
    Ok(format!("{name}-{parsed}{build}-{}.whl", compressed(tags).ok_or(Obstacle::NoTags)?))
}

fn is_build(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn compressed(tags: &[String]) -> Option<String> {
    let parts: Vec<[&str; 3]> = tags.iter().map(|tag| parts(tag)).collect::<Option<_>>()?;
    let first = parts.first()?;
    let sets: [BTreeSet<&str>; 3] = [0, 1, 2].map(|at| parts.iter().flat_map(|tag| tag[at].split('.')).collect());
    let distinct: BTreeSet<_> = parts.iter().collect();
    let product: usize = sets.iter().map(BTreeSet::len).product();
    // A product that holds more than the tags would be a promise that nobody has made.
    let is_same = product == distinct.len() || distinct.len() == 1;
    let joined = || sets.iter().map(|set| set.iter().copied().collect::<Vec<_>>().join(".")).collect::<Vec<_>>();
    Some(if is_same { joined().join("-") } else { first.join("-") })
}

fn parts(tag: &str) -> Option<[&str; 3]> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let parts: Vec<&str> = tag.trim().split('-').collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    parts.iter().all(|part| !part.is_empty() && part.chars().all(is_plain)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, version: &str, tags: &[&str]) -> Option<String> {
        file_name(name, version, None, &tags.iter().map(ToString::to_string).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn names_are_normal_and_tags_compressed() {
        assert_eq!(named("Foo.Bar-x", "1.0", &["py3-none-any"]).unwrap(), "foo_bar_x-1.0-py3-none-any.whl");
        assert_eq!(named("a", "1.0", &["py3-none-any", "py2-none-any"]).unwrap(), "a-1.0-py2.py3-none-any.whl");
        assert_eq!(
            named("a", "1.0+cu118", &["cp39-abi3-manylinux_2_17_x86_64", "cp39-abi3-manylinux2014_x86_64"]).unwrap(),
            "a-1.0+cu118-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
        );
        assert_eq!(
            named("a", "1", &["cp39-cp39-linux_x86_64", "cp310-cp310-any"]).unwrap(),
            "a-1-cp39-cp39-linux_x86_64.whl"
        );
        let built = file_name("a", "1", Some("2x"), &["py3-none-any".to_string()]);
        assert_eq!(built.unwrap(), "a-1-2x-py3-none-any.whl");
    }

    #[test]
    fn anything_else_has_no_name() {
        assert_eq!(named("a", "1", &[]), None);
        assert_eq!(named("a", "one", &["py3-none-any"]), None);
        for tag in ["py3-none", "py3-none-../x", "py3--any", "py3-none-any-x"] {
            assert_eq!(named("a", "1", &[tag]), None, "{tag}");
        }
    }
}
