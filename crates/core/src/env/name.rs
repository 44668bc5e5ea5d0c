//! The name of an environment: parsed once, so that no other code ever joins an unchecked string to a path.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::fs::text::{is_unprintable, printable};

/// The longest name that can be given to a new environment, in bytes.
///
/// File systems stop at 255; the difference leaves room for the prefix of our hidden working directories.
pub const MAX_NEW_NAME_BYTES: usize = 224;

/// The name of an environment: one component of a path, never empty, never `.` or `..`.
///
/// Messages call an environment outside of the user's store by its path: one in the store may have the same name. The
/// path is part of no comparison.
#[derive(Clone, Debug)]
pub struct EnvName {
    name: OsString,
    path: Option<Box<Path>>,
}

/// Why a text cannot be the name of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// `.` or `..`.
    #[error("`.` and `..` are reserved")]
    Dots,
    /// Holds a `/`, or a NUL byte, which no command line can hold.
    #[error("it contains `/`")]
    NotOneComponent,
    /// Begins with `-`.
    #[error("it begins with `-`, as options do")]
    LeadingDash,
    /// Begins with `.`, which hides it from every list.
    #[error("it begins with `.`, as hidden files do")]
    LeadingDot,
    /// Begins with `~`.
    #[error("it begins with `~`, which shells expand")]
    LeadingTilde,
    /// Nothing but blanks, so that no list would show it.
    #[error("it consists of blanks only")]
    Blank,
    /// Holds a character that some activation script, prompt or `PATH` would take for syntax.
    #[error("it contains `{}`", .0.escape_debug())]
    Character(char),
    /// Not valid UTF-8.
    #[error("it is not valid UTF-8")]
    NotUtf8,
    /// Longer than [`MAX_NEW_NAME_BYTES`].
    #[error("it is longer than {MAX_NEW_NAME_BYTES} bytes")]
    TooLong,
}

/// A text that was refused as a name, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a valid environment name: {problem}")]
pub struct NameError {
    /// The text as given.
    pub name: OsString,
    /// What is wrong with it.
    pub problem: NameProblem,
}

impl EnvName {
    /// Returns the name for an environment that is to be made: strict, so that the result works in every shell,
    /// prompt and `PATH`.
    pub fn for_new(name: &OsStr) -> Result<Self, NameError> {
        match component_problem(name).or_else(|| strict_problem(name)) {
            None => Ok(Self { name: name.to_os_string(), path: None }),
            Some(problem) => Err(NameError { name: name.to_os_string(), problem }),
        }
    }

    /// Returns the name of an environment that may exist: any single component of a path, byte for byte.
    pub fn for_existing(name: &OsStr) -> Result<Self, NameError> {
        match component_problem(name) {
            None => Ok(Self { name: name.to_os_string(), path: None }),
            Some(problem) => Err(NameError { name: name.to_os_string(), problem }),
        }
    }

    /// Returns the name of an environment as people type it: completion may have left a slash at its end, and `./`
    /// keeps one that begins with a dash from looking like an option.
    pub fn typed(text: &OsStr) -> Result<Self, NameError> {
        let bytes = without_dot(text).as_bytes();
        let stem = bytes.strip_suffix(b"/").filter(|stem| !stem.is_empty() && !stem.ends_with(b"/"));
        Self::for_existing(OsStr::from_bytes(stem.unwrap_or(bytes)))
    }

    /// The name of an environment that messages call by this path.
    #[must_use]
    pub fn called_by(self, path: &Path) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// The path that messages call it by; none for one that they call by its name.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The word that a command calls it by: that path, or its name.
    pub fn word(&self) -> &OsStr {
        self.path().map_or(self.as_os_str(), Path::as_os_str)
    }

    /// The name as the operating system spells it.
    pub fn as_os_str(&self) -> &OsStr {
        &self.name
    }

    /// The name alone, for what is made of it and outlives a message: safe on a terminal.
    pub fn alone(&self) -> String {
        printable(&self.name)
    }
}

/// Shows for people how the environment is called: invalid bytes and control characters are replaced, so that it is safe
/// on a terminal.
impl fmt::Display for EnvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.word()))
    }
}

impl PartialEq for EnvName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EnvName {}

impl PartialOrd for EnvName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EnvName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl Hash for EnvName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// Returns what is meant by a word that would be an option without the `./` before it.
pub(super) fn without_dot(word: &OsStr) -> &OsStr {
    let name = word.as_bytes().strip_prefix(b"./").filter(|name| name.starts_with(b"-"));
    name.map_or(word, OsStr::from_bytes)
}

fn component_problem(name: &OsStr) -> Option<NameProblem> {
    match name.as_bytes() {
        b"" => Some(NameProblem::Empty),
        b"." | b".." => Some(NameProblem::Dots),
        bytes if bytes.contains(&b'/') || bytes.contains(&0) => Some(NameProblem::NotOneComponent),
        _ => None,
    }
}

fn strict_problem(name: &OsStr) -> Option<NameProblem> {
    let Some(text) = name.to_str() else { return Some(NameProblem::NotUtf8) };
    match text.chars().next() {
        Some('-') => return Some(NameProblem::LeadingDash),
        Some('.') => return Some(NameProblem::LeadingDot),
        Some('~') => return Some(NameProblem::LeadingTilde),
        _ => {}
    }
    if let Some(character) = text.chars().find(|&c| is_refused(c)) {
        return Some(NameProblem::Character(character));
    }
    // Blanks at either end are fine: virtualenvwrapper accepts them, and no shell sees a name that is not quoted.
    if text.chars().all(is_invisible) {
        return Some(NameProblem::Blank);
    }
    (text.len() > MAX_NEW_NAME_BYTES).then_some(NameProblem::TooLong)
}

/// `:` separates the entries of PATH; the other four are expanded inside double quotes by activation scripts of
/// other tools, and again by prompts.
fn is_refused(c: char) -> bool {
    matches!(c, ':' | '$' | '`' | '"' | '\\') || is_unprintable(c)
}

/// Whether a character draws nothing: a blank, a joiner or mark without width, or a filler.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        )
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_new(name: &str) -> Option<NameProblem> {
        EnvName::for_new(OsStr::new(name)).err().map(|error| error.problem)
    }

    #[test]
    fn ordinary_names_can_be_made() {
        for name in
            ["demo", "a b", "it's", "é漢😀", "x@1", "a*b?[c]", "A=b", "#x", "{a,b}", "foo-database", "a..b", "CON"]
        {
            assert_eq!(refused_new(name), None, "{name}");
        }
        for name in [" a", "a ", "  a  b  ", "\u{a0}a\u{3000}", " -x", " .git", " ~"] {
            assert_eq!(refused_new(name), None, "{name:?}");
        }
        assert_eq!(refused_new(&"n".repeat(200)), None);
    }

    #[test]
    fn names_that_are_paths_are_never_accepted() {
        for name in ["", ".", "..", "../x", "a/../../x", "/abs", "a/b", "a/", "a\0b"] {
            assert!(EnvName::for_new(OsStr::new(name)).is_err(), "{name:?}");
            assert!(EnvName::for_existing(OsStr::new(name)).is_err(), "{name:?}");
        }
    }

    #[test]
    fn an_environment_at_a_path_is_called_by_it_and_named_by_its_last_part() {
        let name = || EnvName::for_existing(OsStr::new("api")).unwrap();
        let placed = name().called_by(Path::new("./work\n/api"));
        assert_eq!(placed.to_string(), printable(OsStr::new("./work\n/api")));
        assert_eq!((placed.as_os_str(), placed.alone()), (OsStr::new("api"), "api".to_owned()));
        assert_eq!(placed, name());
        assert_eq!(name().to_string(), "api");
    }

    #[test]
    fn completion_may_leave_one_slash() {
        assert_eq!(EnvName::typed(OsStr::new("a b/")), EnvName::for_existing(OsStr::new("a b")));
        assert_eq!(EnvName::typed(OsStr::new("./-rf")), EnvName::for_existing(OsStr::new("-rf")));
        // What nobody typed is not shown.
        for text in ["/", "//", "a//"] {
            assert_eq!(EnvName::typed(OsStr::new(text)).unwrap_err().name, text);
        }
        for name in ["/", "a//", "../", "./", "./a", ""] {
            assert!(EnvName::typed(OsStr::new(name)).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_that_shells_would_expand_cannot_be_made_but_referred_to() {
        let names = [
            "-rf",
            "--help",
            ".git",
            "~",
            "~root",
            " ",
            "   ",
            "\u{a0}\u{3000}",
            "\t",
            "$(touch PWN)",
            "`x`",
            "a\"b",
            "a\\b",
            "a:b",
            "a\nb",
            "\u{202e}x",
            "a\u{2028}b",
            "a\u{85}b",
            "\u{200b}",
            " \u{feff}\u{2060}",
            "\u{3164}",
        ];
        for name in names {
            assert!(refused_new(name).is_some(), "{name:?}");
            assert!(EnvName::for_existing(OsStr::new(name)).is_ok(), "{name:?}");
        }
        assert_eq!(refused_new(&"n".repeat(256)), Some(NameProblem::TooLong));
        assert_eq!(EnvName::for_new(OsStr::from_bytes(b"\xff\xfe")).unwrap_err().problem, NameProblem::NotUtf8);
    }
}
