//! bash: the command line as readline sees it, and candidates as they must be typed.
//!
//! readline replaces only the part of a word after the last unquoted character of `COMP_WORDBREAKS`, or after an
//! open quote, and inserts what it is given as it stands. So the line is read here, and candidates are written here.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// The words of the last command of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The words before the one at the cursor, without the command; redirections are left out.
    pub(super) words: Vec<OsString>,
    /// The word at the cursor.
    pub(super) current: Current,
    /// Whether that word is the target of a redirection.
    pub(super) is_redirection: bool,
}

/// The word that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Current {
    /// What it means so far.
    pub(super) text: Vec<u8>,
    /// How many bytes of the meaning are before the part that readline replaces.
    pub(super) kept: usize,
    /// The quote that is open, if one is.
    pub(super) quote: Option<u8>,
    /// Whether it begins with a `~` that the shell expands.
    pub(super) has_tilde: bool,
}

/// Reads a line up to the cursor.
pub(super) fn read_line(line: &[u8], breaks: &[u8]) -> Line {
    let mut reader = Reader { breaks, ..Reader::default() };
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let next = bytes.peek().copied();
        if reader.read(byte, next) {
            bytes.next();
        }
    }
    reader.finish()
}

/// Returns a candidate, a whole word, as the text that takes the place of the typed part of the word.
pub(super) fn write(candidate: &str, current: &Current) -> Vec<u8> {
    let bytes = candidate.as_bytes();
    let mut text = Vec::new();
    let rest = if current.has_tilde && current.kept == 0 && bytes.starts_with(b"~") {
        text.push(b'~');
        &bytes[1..]
    } else {
        bytes.get(current.kept..).unwrap_or_default()
    };
    for &byte in rest {
        match current.quote {
            None if is_plain(byte) => text.push(byte),
            None => text.extend([b'\\', byte]),
            Some(b'\'') if byte == b'\'' => text.extend(br"'\''"),
            // History expansion has no escape between double quotes.
            Some(b'"') if byte == b'!' => text.extend(br#""\!""#),
            Some(b'"') if matches!(byte, b'"' | b'\\' | b'$' | b'`') => text.extend([b'\\', byte]),
            Some(_) => text.push(byte),
        }
    }
    // readline closes the quote, unless the text already seems to end with it.
    if let Some(quote) = current.quote.filter(|quote| text.last() == Some(quote)) {
        text.push(quote);
    }
    text
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_./:@%+,=-".contains(&byte)
}

#[derive(Default)]
struct Reader<'a> {
    breaks: &'a [u8],
    words: Vec<OsString>,
    current: Current,
    is_in_word: bool,
    is_redirection: bool,
    /// What `kept` was before the open quote.
    kept_before: usize,
}

impl Reader<'_> {
    /// Takes in a byte; returns whether it took the next one too.
    fn read(&mut self, byte: u8, next: Option<u8>) -> bool {
        match (self.current.quote, byte) {
            (Some(quote), _) if byte == quote => self.close_quote(),
            (Some(b'"'), b'\\') => return self.read_escape_in_quotes(next),
            (Some(_), _) => self.current.text.push(byte),
            (None, b' ' | b'\t' | b'\n') => self.end_word(),
            (None, b'\\') => return self.read_escape(next),
            (None, b'\'' | b'"') => self.open_quote(byte),
            (None, b'<' | b'>') => self.redirect(),
            (None, b'&') if next == Some(b'>') || self.is_behind_redirection() => self.redirect(),
            (None, b';' | b'&' | b'|' | b'(' | b')' | b'`') => self.end_command(),
            (None, _) => self.push(byte),
        }
        false
    }

    fn push(&mut self, byte: u8) {
        if byte == b'~' && !self.is_in_word {
            self.current.has_tilde = true;
        }
        self.is_in_word = true;
        self.current.text.push(byte);
        if self.breaks.contains(&byte) {
            // readline keeps these two in the word, as they tell it what to complete.
            let is_special = matches!(byte, b'@' | b'$');
            self.current.kept = self.current.text.len() - usize::from(is_special);
        }
    }

    fn read_escape(&mut self, next: Option<u8>) -> bool {
        match next {
            Some(b'\n') => return true,
            Some(byte) => self.current.text.push(byte),
            None => {}
        }
        self.is_in_word = true;
        next.is_some()
    }

    fn read_escape_in_quotes(&mut self, next: Option<u8>) -> bool {
        match next {
            Some(b'\n') => true,
            Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => {
                self.current.text.push(byte);
                true
            }
            Some(_) => {
                self.current.text.push(b'\\');
                false
            }
            None => false,
        }
    }

    fn open_quote(&mut self, quote: u8) {
        self.is_in_word = true;
        self.kept_before = self.current.kept;
        self.current.kept = self.current.text.len();
        self.current.quote = Some(quote);
    }

    fn close_quote(&mut self) {
        self.current.kept = self.kept_before;
        self.current.quote = None;
    }

    fn end_word(&mut self) {
        if self.is_in_word {
            let word = std::mem::take(&mut self.current);
            if !self.is_redirection {
                self.words.push(OsString::from_vec(word.text));
            }
            self.is_redirection = false;
        }
        self.is_in_word = false;
        self.current = Current::default();
    }

    fn end_command(&mut self) {
        self.end_word();
        self.words.clear();
        self.is_redirection = false;
    }

    fn is_behind_redirection(&self) -> bool {
        self.is_redirection && !self.is_in_word
    }

    fn redirect(&mut self) {
        if self.current.text.iter().all(u8::is_ascii_digit) {
            self.current = Current::default();
            self.is_in_word = false;
        }
        self.end_word();
        self.is_redirection = true;
    }

    fn finish(mut self) -> Line {
        let is_assignment = |word: &OsString| {
            let bytes = word.as_encoded_bytes();
            let name = bytes.split(|&byte| byte == b'=').next().unwrap_or_default();
            name.len() < bytes.len() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let command = self.words.iter().position(|word| !is_assignment(word));
        self.words.drain(..command.map_or(self.words.len(), |at| at + 1));
        Line { words: self.words, current: self.current, is_redirection: self.is_redirection }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &[u8] = b" \t\n\"'@><=;|&(:";

    /// The words, the meaning of the last, and the part of that which readline replaces.
    fn read(line: &str) -> (Vec<String>, String, String) {
        let line = read_line(line.as_bytes(), BREAKS);
        let text = String::from_utf8(line.current.text).unwrap();
        let replaced = text[line.current.kept..].to_string();
        (line.words.into_iter().map(|word| word.into_string().unwrap()).collect(), text, replaced)
    }

    fn replaced(line: &str) -> String {
        read(line).2
    }

    fn typed(line: &str, candidate: &str) -> String {
        String::from_utf8(write(candidate, &read_line(line.as_bytes(), BREAKS).current)).unwrap()
    }

    #[test]
    fn words_mean_what_the_shell_makes_of_them() {
        assert_eq!(read(r#"workon 'a b' "c\"d" e\ f g"#).0, ["a b", "c\"d", "e f"]);
        assert_eq!(read("workon a\\ b\"c 'd").1, "a bc 'd");
        assert_eq!(read("workon '' ").0, [""]);
        assert_eq!(read(r"workon a\").1, "a");
        assert_eq!(read("workon \"a\\").1, "a");
        assert_eq!(read("workon a\\\nb").1, "ab");
        assert_eq!(read(r#"workon "a\x"#).1, r"a\x");
    }

    #[test]
    fn only_the_last_command_counts() {
        for line in [
            "ls; workon a b",
            "ls && workon a b",
            "X=1 Y= workon a b",
            "$(workon a b",
            "workon >log a b",
            "workon 2>&1 a b",
        ] {
            assert_eq!(read(line), (vec!["a".into()], "b".into(), "b".into()), "{line}");
        }
        assert!(read_line(b"workon a > fi", BREAKS).is_redirection);
        assert!(!read_line(b"workon > file a", BREAKS).is_redirection);
        assert!(read_line(b"workon &> fi", BREAKS).is_redirection);
    }

    #[test]
    fn readline_replaces_what_follows_breaks_and_open_quotes() {
        assert_eq!(replaced("workon k=v"), "v");
        assert_eq!(replaced(r"workon k\=v"), "k=v");
        assert_eq!(replaced("workon x@1"), "@1");
        assert_eq!(replaced("workon a:b:c"), "c");
        assert_eq!(replaced("workon 'k=v"), "k=v");
        assert_eq!(replaced("workon a'k=v"), "k=v");
        assert_eq!(replaced("workon 'a b'c"), "a bc");
        assert_eq!(replaced("workon x='a b'c"), "a bc");
    }

    #[test]
    fn candidates_are_written_for_the_place_they_go_to() {
        assert_eq!(typed("workon a", "a b"), r"a\ b");
        assert_eq!(typed("workon ", "$(touch x)"), r"\$\(touch\ x\)");
        assert_eq!(typed("workon k=", "k=v"), "v");
        assert_eq!(typed("workon 'i", "it's"), r"it'\''s");
        assert_eq!(typed("workon \"d", "do$l\"r"), r#"do\$l\"r"#);
        assert_eq!(typed("workon \"b", "bang!x"), r#"bang"\!"x"#);
        assert_eq!(typed("workon ", "~root"), r"\~root");
        assert_eq!(typed("mkvirtualenv -r ~/a", "~/a b"), r"~/a\ b");
    }

    #[test]
    fn quotes_stay_balanced_when_readline_closes_them() {
        assert_eq!(typed("workon \"q", "q\""), "q\\\"\"");
        assert_eq!(typed("workon 'q", "q'"), r"q'\'''");
        assert_eq!(typed("workon \"q", "q!"), "q\"\\!\"\"");
    }
}
