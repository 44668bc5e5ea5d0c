//! The properties that an interpreter must have to answer a request, and the text forms they are written in.

use std::str::FromStr;

use pep440_rs::{Operator, Prerelease, PrereleaseKind, Version, VersionSpecifiers};

use super::interpreter::Interpreter;
use super::names::{Guess, number};
use super::version::{Implementation, OLDEST_MINOR, PythonVersion};

/// What an interpreter must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) implementation: Option<Implementation>,
    pub(super) version: WantedVersion,
    pub(super) is_free_threaded: bool,
    /// 32 or 64, where the request says so.
    pub(super) bits: Option<u8>,
}

/// Which versions will do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WantedVersion {
    Any,
    Release { minor: Option<u32>, micro: Option<u32>, pre: Option<Prerelease> },
    Range(VersionSpecifiers),
}

/// Why a text that has the form of a version is refused.
#[derive(Debug, PartialEq)]
pub(super) enum WantedError {
    Python2,
    TooOld,
    Range(String),
}

/// The names that a request may begin with, longest first; `python` and `py` leave the implementation open.
const PREFIXES: [(&str, Option<Implementation>); 6] = [
    ("graalpython", Some(Implementation::GraalPy)),
    ("graalpy", Some(Implementation::GraalPy)),
    ("cpython", Some(Implementation::CPython)),
    ("python", None),
    ("pypy", Some(Implementation::PyPy)),
    ("py", None),
];

impl Wanted {
    /// Returns the wish for any Python that calls itself one.
    pub(super) fn any() -> Self {
        Self { implementation: None, version: WantedVersion::Any, is_free_threaded: false, bits: None }
    }

    /// Parses every form of a version; `None` when the text has another form.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, WantedError> {
        let prefix = PREFIXES.iter().find_map(|(prefix, which)| Some((prefix, *which, text.strip_prefix(prefix)?)));
        let (implementation, rest) = match prefix {
            // `py` alone is a command: the launcher.
            Some((&"py", _, "")) => return Ok(None),
            Some((_, implementation, rest)) => (implementation, rest.strip_prefix('@').unwrap_or(rest)),
            None => (None, text),
        };
        if rest.is_empty() {
            let is_name = !text.ends_with('@');
            return Ok(is_name.then(|| Self { implementation, ..Self::any() }));
        }
        if rest.starts_with(['<', '>', '=', '!', '~']) {
            let range = VersionSpecifiers::from_str(rest).map_err(|error| WantedError::Range(first_line(&error)))?;
            return Ok(Some(Self { implementation, version: WantedVersion::Range(range), ..Self::any() }));
        }
        parse_release(implementation, rest)
    }

    /// Returns whether only one release will do.
    pub(super) fn is_for_one(&self) -> bool {
        match &self.version {
            WantedVersion::Any => false,
            WantedVersion::Release { micro, pre, .. } => micro.is_some() || pre.is_some(),
            WantedVersion::Range(range) => {
                let is_equal = |operator: &Operator| matches!(operator, Operator::Equal | Operator::ExactEqual);
                range.iter().any(|specifier| is_equal(specifier.operator()))
            }
        }
    }

    /// Returns the wish for any patch release of the version, where this is one for a single release.
    pub(super) fn of_any_patch(&self) -> Option<Self> {
        let WantedVersion::Release { minor: Some(minor), micro: Some(_), pre: None } = self.version else {
            return None;
        };
        let version = WantedVersion::Release { minor: Some(minor), micro: None, pre: None };
        Some(Self { version, ..self.clone() })
    }

    /// Returns whether a name leaves it possible that its interpreter will do.
    pub(super) fn allows(&self, guess: &Guess) -> bool {
        let same_implementation = match (self.implementation, guess.implementation) {
            (Some(wanted), Some(found)) => wanted == found,
            // Who asks for `3.12` means CPython; another implementation is taken only when it calls itself `python`.
            (None, Some(found)) => found == Implementation::CPython,
            (_, None) => true,
        };
        same_implementation
            && guess.may_be_supported()
            && (self.is_free_threaded || !guess.is_free_threaded)
            && self.version.allows(guess)
    }

    /// Returns whether this interpreter will do.
    pub(super) fn matches(&self, found: &Interpreter) -> bool {
        self.implementation.is_none_or(|wanted| wanted == found.implementation)
            && self.is_free_threaded == found.is_free_threaded()
            && self.bits.is_none_or(|bits| (bits == 64) == found.is_64bit)
            && self.version.matches(&found.version)
    }

    /// Returns the file names to try in each directory, most telling first; `None` when they cannot be listed.
    pub(super) fn file_names(&self) -> Option<Vec<String>> {
        let WantedVersion::Release { minor: Some(minor), .. } = self.version else { return None };
        let names = match self.implementation {
            None | Some(Implementation::CPython) if self.is_free_threaded => {
                vec![format!("python3.{minor}t"), format!("python3.{minor}"), "python3".into(), "python".into()]
            }
            None | Some(Implementation::CPython) => vec![format!("python3.{minor}"), "python3".into(), "python".into()],
            Some(Implementation::PyPy) => vec![format!("pypy3.{minor}"), "pypy3".into(), "pypy".into()],
            Some(Implementation::GraalPy) => vec![format!("graalpy3.{minor}"), "graalpy".into(), "graalpython".into()],
        };
        Some(names)
    }
}

impl WantedVersion {
    fn allows(&self, guess: &Guess) -> bool {
        match self {
            Self::Any => true,
            Self::Release { minor, micro, .. } => {
                agrees(guess.minor, *minor) && (guess.minor.is_none() || agrees(guess.micro, *micro))
            }
            Self::Range(range) => range_allows(range, guess),
        }
    }

    fn matches(&self, found: &PythonVersion) -> bool {
        match self {
            Self::Any => !found.is_prerelease(),
            Self::Release { minor, micro, pre } => {
                found.major == 3
                    && minor.is_none_or(|minor| minor == found.minor)
                    && micro.is_none_or(|micro| micro == found.micro)
                    && *pre == pre_release(found)
            }
            Self::Range(range) => {
                let version = Version::new([found.major, found.minor, found.micro].map(u64::from));
                let asks_for_pre = range.iter().any(|specifier| specifier.version().any_prerelease());
                (asks_for_pre || !found.is_prerelease()) && range.contains(&version.with_pre(pre_release(found)))
            }
        }
    }
}

fn agrees(found: Option<u32>, wanted: Option<u32>) -> bool {
    found.is_none() || wanted.is_none() || found == wanted
}

/// Returns whether some release of the guessed minor version may be in the range.
fn range_allows(range: &VersionSpecifiers, guess: &Guess) -> bool {
    let (Some(major), Some(minor)) = (guess.major, guess.minor) else { return true };
    let (major, minor) = (u64::from(major), u64::from(minor));
    let contains = |micro: u64| range.contains(&Version::new([major, minor, micro]));
    match guess.micro {
        Some(micro) if !guess.is_prerelease => contains(u64::from(micro)),
        // The range may also begin or end within this minor version, or name one release of it.
        _ => {
            let is_named = |version: &Version| version.release().starts_with(&[major, minor]);
            contains(0) || contains(9999) || range.iter().any(|specifier| is_named(specifier.version()))
        }
    }
}

/// Parses `3`, `3.12`, `312`, `3.12.1`, `3.14.0rc1`, each with an optional `t` and `-64` after it.
fn parse_release(implementation: Option<Implementation>, text: &str) -> Result<Option<Wanted>, WantedError> {
    let (text, bits) = match text.rsplit_once('-') {
        Some((rest, "64")) => (rest, Some(64)),
        Some((rest, "32")) => (rest, Some(32)),
        _ => (text, None),
    };
    let (text, is_free_threaded) = match text.strip_suffix('t') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let Some((numbers, pre)) = split_numbers(text) else { return Ok(None) };
    let [major, minor, micro] = numbers;
    match (major, minor) {
        (Some(2), _) => return Err(WantedError::Python2),
        (Some(3), Some(minor)) if minor < OLDEST_MINOR => return Err(WantedError::TooOld),
        (Some(3), _) => {}
        // No such Python: perhaps a command is called so.
        _ => return Ok(None),
    }
    Ok(Some(Wanted { implementation, version: WantedVersion::Release { minor, micro, pre }, is_free_threaded, bits }))
}

fn split_numbers(text: &str) -> Option<([Option<u32>; 3], Option<Prerelease>)> {
    let (text, pre) = split_pre_release(text);
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    match *numbers.as_slice() {
        // `312` is 3.12: the first digit is the major version, as in the names of test environments.
        [_] if text.len() > 1 => Some(([number(&text[..1]), number(&text[1..]), None], pre)),
        [major] => Some(([Some(major), None, None], pre)),
        [major, minor] => Some(([Some(major), Some(minor), None], pre)),
        [major, minor, micro] => Some(([Some(major), Some(minor), Some(micro)], pre)),
        _ => None,
    }
}

fn split_pre_release(text: &str) -> (&str, Option<Prerelease>) {
    let kinds = [("rc", PrereleaseKind::Rc), ("a", PrereleaseKind::Alpha), ("b", PrereleaseKind::Beta)];
    for (mark, kind) in kinds {
        if let Some((rest, serial)) = text.split_once(mark)
            && let Some(serial) = number(serial)
        {
            return (rest, Some(Prerelease { kind, number: u64::from(serial) }));
        }
    }
    (text, None)
}

fn pre_release(version: &PythonVersion) -> Option<Prerelease> {
    let kind = match version.level.as_str() {
        "alpha" => PrereleaseKind::Alpha,
        "beta" => PrereleaseKind::Beta,
        "candidate" => PrereleaseKind::Rc,
        _ => return None,
    };
    Some(Prerelease { kind, number: u64::from(version.serial) })
}

/// The parser explains itself in several lines with a drawing; one is enough.
fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_end_matches([':', '.']).to_owned()
}

#[cfg(test)]
mod tests;
