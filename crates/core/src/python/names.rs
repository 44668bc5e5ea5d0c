//! What the name of a file or directory says about the interpreter, so that most need not be run.

use super::version::{Implementation, OLDEST_MINOR};

/// The names of an interpreter that say no version, in the order in which they are preferred.
pub(super) const COMMON_NAMES: [&str; 5] = ["python3", "python", "pypy3", "pypy", "graalpy"];

/// What a name tells; a field is `None` where the name leaves it open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// Which Python it is.
    pub implementation: Option<Implementation>,
    /// The first number of the language version.
    pub major: Option<u32>,
    /// The second number.
    pub minor: Option<u32>,
    /// The third number.
    pub micro: Option<u32>,
    /// Whether the name is that of an alpha, beta, release candidate or development build.
    pub is_prerelease: bool,
    /// Whether the name is that of a build without the global interpreter lock. A name without the mark may still
    /// be one: such builds also install a plain `python3.13`.
    pub is_free_threaded: bool,
}

impl Guess {
    /// Returns what the file name of an executable tells, or `None` when it is not the name of an interpreter:
    /// `python-config`, `python3.12d` and `pythonw` are none.
    pub fn of_executable(name: &str) -> Option<Self> {
        let (implementation, rest) = split_implementation(name)?;
        let (version, is_free_threaded) = match rest.strip_suffix('t') {
            Some(version) => (version, true),
            None => (rest, false),
        };
        let mut guess = Self { implementation, is_free_threaded, ..Self::default() };
        if !version.is_empty() {
            let mut numbers = version.splitn(2, '.').map(number);
            guess.major = Some(numbers.next()??);
            guess.minor = match numbers.next() {
                Some(minor) => Some(minor?),
                None => None,
            };
        }
        Some(guess)
    }

    /// Returns what the name of an installation directory tells: `3.12.7`, `3.13t-dev`, `pypy3.10-7.3.17`,
    /// `cpython-3.12.7+freethreaded-linux-x86_64-gnu`, `cpython@3.12.7`. An unknown name tells nothing.
    pub fn of_directory(name: &str) -> Self {
        let Some((implementation, rest)) = split_directory(name) else { return Self::default() };
        let version_length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (version, tail) = rest.split_at(version_length);
        let numbers: Option<Vec<u32>> = version.split('.').map(number).collect();
        let Some(numbers) = numbers else { return Self { implementation, ..Self::default() } };
        // GraalPy's own version stands where the language version is expected: `graalpy-24.1.0`.
        if !matches!(numbers[0], 2 | 3) {
            return Self { implementation, ..Self::default() };
        }
        Self {
            implementation,
            major: Some(numbers[0]),
            minor: numbers.get(1).copied(),
            micro: numbers.get(2).copied(),
            is_prerelease: ["a", "b", "rc", "-dev", "t-dev"].iter().any(|mark| tail.starts_with(mark)),
            is_free_threaded: tail.starts_with('t') || tail.contains("+freethreaded"),
        }
    }

    /// Returns this guess with the gaps filled from another.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let numbers = match (self.minor, other.minor) {
            (Some(minor), Some(same)) if minor == same => (self.major, self.minor, self.micro.or(other.micro)),
            (None, Some(_)) => (other.major, other.minor, other.micro),
            _ => (self.major.or(other.major), self.minor, self.micro),
        };
        Self {
            implementation: self.implementation.or(other.implementation),
            major: numbers.0,
            minor: numbers.1,
            micro: numbers.2,
            is_prerelease: self.is_prerelease || other.is_prerelease,
            is_free_threaded: self.is_free_threaded || other.is_free_threaded,
        }
    }

    /// Returns whether the name does not contradict a version that environments can be made from (3.8 or newer).
    pub fn may_be_supported(&self) -> bool {
        match (self.major, self.minor) {
            (Some(major), _) if major != 3 => false,
            (_, Some(minor)) => minor >= OLDEST_MINOR,
            _ => true,
        }
    }

    /// Returns a key that sorts newer versions first. A directory that names only `3.12` is an alias for its newest
    /// release, and the name that stays valid after an upgrade: it comes before `3.12.7`.
    pub fn newest_first(&self) -> impl Ord + use<> {
        let is_other = !matches!(self.implementation, None | Some(Implementation::CPython));
        let micro = self.micro.or(Some(u32::MAX));
        (is_other, self.is_free_threaded, std::cmp::Reverse((self.major, self.minor, !self.is_prerelease, micro)))
    }
}

/// `3.12`, `3.13t`, `pypy3.9`; empty when the name tells no minor version.
impl std::fmt::Display for Guess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Some(major), Some(minor)) = (self.major, self.minor) else { return Ok(()) };
        match self.implementation {
            None | Some(Implementation::CPython) => {}
            Some(other) => f.write_str(&other.name().to_lowercase())?,
        }
        write!(f, "{major}.{minor}{}", if self.is_free_threaded { "t" } else { "" })
    }
}

/// Splits `pypy3.9` into the implementation and the rest; `python` alone may be any implementation.
fn split_implementation(name: &str) -> Option<(Option<Implementation>, &str)> {
    if let Some(rest) = name.strip_prefix("python") {
        // A bare `python3` may be a PyPy; a `python3.12` of something else than CPython is not known.
        return Some((None, rest));
    }
    if let Some(rest) = name.strip_prefix("pypy") {
        return Some((Some(Implementation::PyPy), rest));
    }
    let rest = name.strip_prefix("graalpython").or_else(|| name.strip_prefix("graalpy"))?;
    Some((Some(Implementation::GraalPy), rest))
}

fn split_directory(name: &str) -> Option<(Option<Implementation>, &str)> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((Some(Implementation::CPython), name));
    }
    let (implementation, rest) = match name.strip_prefix("cpython").or_else(|| name.strip_prefix("python")) {
        Some(rest) => (Some(Implementation::CPython), rest),
        None => split_implementation(name)?,
    };
    Some((implementation, rest.trim_start_matches(['-', '@'])))
}

/// Parses a short run of digits; refuses signs, blanks and empty text, which `parse` alone would not all do.
pub(super) fn number(text: &str) -> Option<u32> {
    let is_short = (1..=6).contains(&text.len());
    (is_short && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Option<String> {
        Guess::of_executable(name).map(|guess| guess.to_string())
    }

    #[test]
    fn executables_are_recognised_by_their_names() {
        assert_eq!(shown("python3.12").as_deref(), Some("3.12"));
        assert_eq!(shown("python3.13t").as_deref(), Some("3.13t"));
        assert_eq!(shown("pypy3.9").as_deref(), Some("pypy3.9"));
        assert_eq!(shown("python3").as_deref(), Some(""));
        for other in
            ["python3-config", "pythonw", "python3.12d", "python3.12-dbg", "python3.", "py", "pip", "python3.1.2"]
        {
            assert_eq!(shown(other), None, "{other}");
        }
    }

    #[test]
    fn directories_tell_version_and_build() {
        let cases = [
            ("3.12.7", Some(3), Some(12), Some(7), false),
            ("3.13.0t", Some(3), Some(13), Some(0), true),
            ("cpython-3.13.1+freethreaded-linux-x86_64-gnu", Some(3), Some(13), Some(1), true),
            ("cpython@3.12.1", Some(3), Some(12), Some(1), false),
            ("pypy3.10-7.3.17", Some(3), Some(10), None, false),
            ("graalpy-24.1.0", None, None, None, false),
            ("miniconda3-latest", None, None, None, false),
        ];
        for (name, major, minor, micro, is_free_threaded) in cases {
            let guess = Guess::of_directory(name);
            assert_eq!((guess.major, guess.minor, guess.micro), (major, minor, micro), "{name}");
            assert_eq!(guess.is_free_threaded, is_free_threaded, "{name}");
        }
        assert!(Guess::of_directory("3.14.0rc1").is_prerelease);
        assert!(Guess::of_directory("3.14-dev").is_prerelease);
        assert!(!Guess::of_directory("cpython-3.14.0-linux-aarch64-gnu").is_prerelease);
    }

    #[test]
    fn the_newest_comes_first_and_an_alias_before_its_release() {
        let mut names = ["3.9.1", "pypy3.10-7.3.17", "3.12", "3.13.0t", "3.12.10", "3.12.9", "3.12.0rc1"];
        names.sort_by_key(|name| Guess::of_directory(name).newest_first());
        assert_eq!(names, ["3.12", "3.12.10", "3.12.9", "3.12.0rc1", "3.9.1", "3.13.0t", "pypy3.10-7.3.17"]);
    }
}
