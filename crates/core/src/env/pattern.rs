//! Patterns for names of environments, as shells write them: `*`, `?` and `[a-z]`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::name::without_dot;

/// A pattern that a name either matches or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: OsString,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// This character.
    Character(char),
    /// Any character.
    One,
    /// Any characters, also none.
    Any,
    /// One of these ranges, or none of them.
    Set { is_negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Reads a pattern. Every text is one; a bracket that is not closed stands for itself.
    pub fn new(text: &OsStr) -> Self {
        let text = without_dot(text);
        let characters: Vec<char> = text.to_string_lossy().chars().collect();
        let mut parts = Vec::new();
        let mut rest = characters.as_slice();
        while let [first, others @ ..] = rest {
            rest = others;
            let part = match first {
                '*' if parts.last() == Some(&Part::Any) => continue,
                '*' => Part::Any,
                '?' => Part::One,
                '[' => match set(others) {
                    Some((set, after)) => {
                        rest = after;
                        set
                    }
                    None => Part::Character('['),
                },
                character => Part::Character(*character),
            };
            parts.push(part);
        }
        Self { text: text.to_os_string(), parts }
    }

    /// Returns the text of the pattern.
    pub fn text(&self) -> &OsStr {
        &self.text
    }

    /// Returns whether it can match another name than its text.
    pub fn is_wild(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Character(_)))
    }

    /// Returns whether a name matches, or is the text itself: names may hold `*`.
    pub fn matches(&self, name: &OsStr) -> bool {
        if name == self.text || self.text.as_bytes().strip_suffix(b"/") == Some(name.as_bytes()) {
            return true;
        }
        let name: Vec<char> = name.to_string_lossy().chars().collect();
        fits(&self.parts, &name)
    }
}

/// Matches in time that grows with the product of the lengths, however many stars there are.
fn fits(parts: &[Part], name: &[char]) -> bool {
    let (mut at, mut character) = (0, 0);
    // Where to go on when what follows the last star does not match: the star takes one character more.
    let mut retry = None;
    loop {
        match (parts.get(at), name.get(character)) {
            (None, None) => return true,
            (Some(Part::Any), _) => {
                retry = Some((at + 1, character));
                at += 1;
            }
            (Some(part), Some(&found)) if part.takes(found) => {
                at += 1;
                character += 1;
            }
            _ => match retry {
                Some((after, taken)) if taken < name.len() => {
                    retry = Some((after, taken + 1));
                    (at, character) = (after, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

impl Part {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Character(own) => *own == character,
            Self::One => true,
            Self::Any => false,
            Self::Set { is_negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&character)) != *is_negated
            }
        }
    }
}

/// The set that begins after a bracket, and what follows it; none if the bracket is not closed.
fn set(text: &[char]) -> Option<(Part, &[char])> {
    let (is_negated, text) = match text {
        ['!' | '^', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    // A bracket that comes first is a member.
    let end = 1 + text.get(1..)?.iter().position(|&character| character == ']')?;
    let mut ranges = Vec::new();
    let mut members = &text[..end];
    while let [first, rest @ ..] = members {
        let (last, after) = if let ['-', last, after @ ..] = rest { (last, after) } else { (first, rest) };
        ranges.push((*first, *last));
        members = after;
    }
    Some((Part::Set { is_negated, ranges }, &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_files_do_in_a_shell() {
        for (pattern, name, expected) in [
            ("web*", "web", true),
            ("web*", "website", true),
            ("web*", "my-web", false),
            ("*web", "my-web", true),
            ("*-*-3", "a-b-3", true),
            ("*-*-3", "a-b-4", false),
            ("./-*", "-dash", true),
            ("./a*", "abc", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?", "漢", true),
            ("py3[0-2]", "py31", true),
            ("py3[0-2]", "py33", false),
            ("[!a-c]*", "dd", true),
            ("[!a-c]*", "ad", false),
            ("[]x]", "]", true),
            ("[x", "[x", true),
            ("[x", "x", false),
            ("a*b?[c]", "a*b?[c]", true),
            ("a b", "a b", true),
            ("web/", "web", true),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a.c", "abc", false),
        ] {
            assert_eq!(Pattern::new(pattern.as_ref()).matches(name.as_ref()), expected, "{pattern} {name}");
        }
        for (pattern, is_wild) in [("web", false), ("web*", true), ("a?", true), ("[x", false), ("[xy]", true)] {
            assert_eq!(Pattern::new(pattern.as_ref()).is_wild(), is_wild, "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new("a*".repeat(200).as_ref());
        assert!(!pattern.matches(("a".repeat(190) + "b").as_ref()));
        assert!(pattern.matches("a".repeat(200).as_ref()));
    }
}
