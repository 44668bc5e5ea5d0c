//! How one path is spelled in different places: as it is, in a URL, in JSON, in a string of Python, in a shell.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode};

/// A way to write a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Byte for byte.
    Raw,
    /// Percent-encoded, everything but letters, digits and `_.-~/`.
    Percent,
    /// Percent-encoded as browsers and uv do, which leave more characters alone.
    PercentLittle,
    /// Inside a string of JSON, in ASCII alone.
    Json,
    /// Inside a string literal of Python.
    Python,
    /// A word of a shell, special characters after a backslash.
    Backslash,
    /// Inside single quotes of a shell.
    SingleQuoted,
}

impl Spelling {
    /// Every spelling; of those that are the same for a path the first one counts.
    pub(crate) const ALL: [Self; 7] =
        [Self::Raw, Self::Percent, Self::PercentLittle, Self::Json, Self::Python, Self::Backslash, Self::SingleQuoted];
}

/// What a browser escapes in the path of a URL.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}').add(b'%');

/// All but what never has a meaning in a URL, and the slash.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// Returns a path in a spelling, without the quotes around it.
pub(crate) fn spell(spelling: Spelling, path: &[u8]) -> Vec<u8> {
    match spelling {
        Spelling::Raw => path.to_vec(),
        Spelling::Percent => percent(path),
        Spelling::PercentLittle => percent_encode(path, NOT_IN_PATHS).to_string().into_bytes(),
        Spelling::Json => json(path),
        Spelling::Python => escaped(path, |byte| matches!(byte, b'\'' | b'"' | b'\\')),
        Spelling::Backslash => escaped(path, |byte| byte.is_ascii() && !is_shell_plain(byte)),
        Spelling::SingleQuoted => {
            let quoted = crate::shell::quote::posix(path);
            quoted[1..quoted.len() - 1].to_vec()
        }
    }
}

/// Returns a path as a part of a URL.
pub(crate) fn percent(path: &[u8]) -> Vec<u8> {
    percent_encode(path, NOT_UNRESERVED).to_string().into_bytes()
}

fn is_shell_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-/+,:@%=".contains(&byte)
}

fn escaped(path: &[u8], is_special: impl Fn(u8) -> bool) -> Vec<u8> {
    path.iter().flat_map(|&byte| is_special(byte).then_some(b'\\').into_iter().chain([byte])).collect()
}

fn json(path: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(path) else { return path.to_vec() };
    let mut result = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' => result.extend(['\\', character]),
            _ if character.is_ascii() => result.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(result, "\\u{unit:04x}");
                }
            }
        }
    }
    result.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_of_a_path() {
        let path = "/a b/é@\"'$".as_bytes();
        let expect = |spelling, expected: &str| assert_eq!(String::from_utf8(spell(spelling, path)).unwrap(), expected);
        expect(Spelling::Raw, "/a b/é@\"'$");
        expect(Spelling::Percent, "/a%20b/%C3%A9%40%22%27%24");
        expect(Spelling::PercentLittle, "/a%20b/%C3%A9@%22'$");
        expect(Spelling::Json, "/a b/\\u00e9@\\\"'$");
        expect(Spelling::Python, "/a b/é@\\\"\\'$");
        expect(Spelling::Backslash, "/a\\ b/é@\\\"\\'\\$");
        expect(Spelling::SingleQuoted, "/a b/é@\"'\\''$");
        assert_eq!(spell(Spelling::Json, "😀".as_bytes()), b"\\ud83d\\ude00");
    }
}
