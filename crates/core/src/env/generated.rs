//! Names that other tools make up: that of the project, and a hash.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use sha2::{Digest, Sha256};

/// The length of a hash.
const HASH: usize = 8;

/// Returns the part of a name before a hash of eight letters, digits, `_` and `-`, as pipenv adds.
pub(crate) fn before_hash_of_pipenv(name: &str) -> Option<&str> {
    let (stem, hash) = split(name)?;
    let has = |kind: fn(&char) -> bool| hash.chars().any(|c| kind(&c));
    let is_word =
        hash.starts_with(|c: char| c.is_ascii_uppercase()) && hash[1..].chars().all(|c| c.is_ascii_lowercase());
    (has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && !is_word).then_some(stem)
}

/// Returns the part of a name before a hash and a version, as poetry adds: `web-Kf92Lmn_-py3.12`.
pub(crate) fn before_hash_of_poetry(name: &str) -> Option<&str> {
    poetry(name).map(|(stem, _)| stem)
}

/// Returns whether poetry has made up a name for the environment of a directory.
pub(crate) fn is_poetrys_for(name: &str, directory: &Path) -> bool {
    let Some((_, hash)) = poetry(name) else { return false };
    let digest = URL_SAFE.encode(Sha256::digest(directory.as_os_str().as_encoded_bytes()));
    digest.starts_with(hash)
}

/// Returns the version of Python in a name that poetry adds it to.
pub(crate) fn version_of_poetrys(name: &str) -> Option<(u32, u32)> {
    poetry(name)?;
    let (major, minor) = name.rsplit_once("-py")?.1.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn poetry(name: &str) -> Option<(&str, &str)> {
    let (rest, version) = name.rsplit_once("-py")?;
    let (major, minor) = version.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(major) && is_number(minor) { split(rest) } else { None }
}

/// The stem, and a hash after it.
fn split(name: &str) -> Option<(&str, &str)> {
    let at = name.len().checked_sub(HASH + 1).filter(|at| *at > 0)?;
    let hash = name.get(at..)?.strip_prefix('-')?;
    let is_hash = hash.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    is_hash.then(|| (&name[..at], hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tools_make_up_are_known_and_words_are_not() {
        for (name, stem) in [("project-aBcD3f_1", "project"), ("x-Kf9-2Lmn", "x")] {
            assert_eq!(before_hash_of_pipenv(name), Some(stem));
        }
        for name in
            ["web-frontend", "api-Frontend", "api-12345678", "api-2", "-", "-aBcD3f_1", "é-ééééé", "my-project-old"]
        {
            assert_eq!(before_hash_of_pipenv(name), None, "{name}");
        }
        assert_eq!(before_hash_of_poetry("my-web-abcdefgh-py3.12"), Some("my-web"));
        for name in ["web-py3.12", "web-abcdefgh-py3", "web-abcdefgh-pypy", "-abcdefgh-py3.12", "web-abc$efgh-py3.12"] {
            assert_eq!(before_hash_of_poetry(name), None, "{name}");
        }
    }

    #[test]
    fn the_hash_of_poetry_is_that_of_the_directory() {
        // As poetry's `generate_env_name` has it for this directory.
        let hash = &URL_SAFE.encode(Sha256::digest(b"/home/me/web"))[..8];
        let name = format!("web-{hash}-py3.12");
        assert!(is_poetrys_for(&name, Path::new("/home/me/web")));
        assert!(!is_poetrys_for(&name, Path::new("/home/me")) && !is_poetrys_for("web", Path::new("/home/me/web")));
    }
}
