//! The image that an image is built on, and the name of the new one.

use crate::snapshot::python::Python;

/// The first Python whose official images are built on the current release of Debian.
const FIRST_ON_TRIXIE: (u32, u32) = (3, 9);

/// What the name of an image may have besides letters and digits.
const MARKS: &str = "._/:@-";

/// The name of an image, of characters that need no quotes in a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

/// Why there is no image to build on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// The name cannot be one.
    #[error("`{image}` is not the name of an image")]
    Invalid {
        /// What was given.
        image: String,
    },
    /// No official image has this kind of Python.
    #[error("there is no official image of {python}")]
    Unofficial {
        /// The Python, with its version.
        python: String,
    },
}

impl Base {
    /// Checks the name of an image.
    pub fn parse(image: &str) -> Result<Self, BaseError> {
        let is_known = |c: char| c.is_ascii_alphanumeric() || MARKS.contains(c);
        if image.starts_with(|c: char| c.is_ascii_alphanumeric()) && image.chars().all(is_known) {
            return Ok(Self(image.to_owned()));
        }
        Err(BaseError::Invalid { image: image.to_owned() })
    }

    /// The official image of an environment's Python: of its minor version, or of exactly its own.
    pub fn of(python: &Python, is_exact: bool) -> Result<Self, BaseError> {
        let (full, (major, minor)) = (python.full_version(), python.version);
        if python.markers.implementation_name != "cpython" || python.is_free_threaded {
            let kind = if python.is_free_threaded { "free-threaded " } else { "" };
            let name = &python.markers.platform_python_implementation;
            return Err(BaseError::Unofficial { python: format!("{kind}{name} {major}.{minor}") });
        }
        let is_release = full.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // An old patch release has no image on a newer Debian. The name without one is of all releases.
        let tag = match (is_exact, is_release) {
            (true, _) => format!("{full}-slim"),
            (false, true) if python.version >= FIRST_ON_TRIXIE => format!("{major}.{minor}-slim-trixie"),
            (false, true) => format!("{major}.{minor}-slim"),
            (false, false) => format!("{major}.{minor}-rc-slim-trixie"),
        };
        Ok(Self(format!("python:{tag}")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the name is that of one image for ever.
    pub fn has_digest(&self) -> bool {
        self.0.contains("@sha256:")
    }
}

/// Returns the name of an image for an environment: registries take small letters and digits, and single marks between
/// them.
pub fn tag_of(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = name.chars().map(letter).collect();
    let parts: Vec<_> = text.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "app".to_owned() } else { parts.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::marker::MarkerValues;

    fn python(version: (u32, u32), full: &str) -> Python {
        let markers = MarkerValues {
            python_full_version: full.to_owned(),
            implementation_name: "cpython".into(),
            platform_python_implementation: "CPython".into(),
            ..MarkerValues::default()
        };
        Python { markers, version, program: "/usr/bin/python3".into(), is_free_threaded: false, shows_system: false }
    }

    #[test]
    fn the_image_is_that_of_the_minor_version() {
        for (version, full, is_exact, expected) in [
            ((3, 13), "3.13.1", false, "python:3.13-slim-trixie"),
            ((3, 13), "3.13.1", true, "python:3.13.1-slim"),
            ((3, 8), "3.8.20", false, "python:3.8-slim"),
            ((3, 15), "3.15.0a2", false, "python:3.15-rc-slim-trixie"),
            ((3, 15), "3.15.0a2", true, "python:3.15.0a2-slim"),
        ] {
            assert_eq!(Base::of(&python(version, full), is_exact).unwrap().as_str(), expected);
        }
        let mut other = python((3, 13), "3.13.1");
        other.is_free_threaded = true;
        let error = Base::of(&other, false).unwrap_err();
        assert_eq!(error.to_string(), "there is no official image of free-threaded CPython 3.13");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let digest = "python@sha256:aa";
        for image in ["debian:12", "ghcr.io/a/b:1.0-x", "localhost:5000/a_b", digest] {
            assert_eq!(Base::parse(image).unwrap().as_str(), image);
        }
        for image in ["", "a b", "a\nUSER root", "$X", "-x", "a\"", "a\\", "é", "a#b"] {
            assert!(Base::parse(image).is_err(), "{image}");
        }
        assert!(Base::parse(digest).unwrap().has_digest() && !Base::parse("a:1").unwrap().has_digest());
    }

    #[test]
    fn every_name_has_a_tag() {
        for (name, tag) in [("api", "api"), ("Web App_2", "web-app-2"), ("$(x)", "x"), ("é", "app"), ("-a--b-", "a-b")]
        {
            assert_eq!(tag_of(name), tag);
        }
    }
}
