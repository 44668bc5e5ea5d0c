//! Text that is safe to show on a terminal.

use std::ffi::OsStr;

/// The text with every control and direction-changing character replaced, so that it is safe on a terminal.
pub fn printable(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    // Nearly every text is that, and lists show thousands.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.into_owned();
    }
    text.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

/// Control characters, line and paragraph separators, and the characters that change the writing direction.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Puts words into a sentence: `a`, `a and b`, `a, b and c`.
pub fn enumerated<S: AsRef<str>>(words: &[S], conjunction: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_word_has_a_conjunction() {
        let of = |words: &[&str]| enumerated(words, "or");
        assert_eq!([of(&[]), of(&["a"]), of(&["a", "b"]), of(&["a", "b", "c"])], ["", "a", "a or b", "a, b or c"]);
    }

    #[test]
    fn text_shown_to_people_carry_no_escape_sequences() {
        assert_eq!(printable(OsStr::new("a\x1b[31mb")), "a\u{fffd}[31mb");
        for c in ['\u{9b}', '\u{7f}', '\u{61c}', '\u{200f}', '\u{202e}', '\u{2069}', '\u{2028}'] {
            assert_eq!(printable(OsStr::new(&format!("a{c}é"))), "a\u{fffd}é", "{c:?}");
        }
    }
}
