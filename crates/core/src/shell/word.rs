//! One word of a shell's language: what it stands for, and what the shell would expand in it.
//!
//! Enough of bash, zsh and fish to read the lines that activate scripts consist of. What is not understood counts as an
//! expansion, so that a mistake refuses too much and never too little.

use crate::shell::dialect::Dialect;

/// What a shell puts in the place of a part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expansion {
    /// The value of a variable, by the text after the dollar, without braces.
    Variable(Vec<u8>),
    /// The output of commands.
    Command(Vec<u8>),
    /// Arithmetic, or anything else that is not understood.
    Other,
}

/// A word and where it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// The text without its quotes and without what is expanded.
    pub(crate) text: Vec<u8>,
    /// What is expanded.
    pub(crate) expansions: Vec<Expansion>,
    /// The number of bytes that were read.
    pub(crate) end: usize,
}

impl Word {
    /// Returns the value of a word in which nothing is expanded.
    pub(crate) fn literal(&self) -> Option<&[u8]> {
        self.expansions.is_empty().then_some(&self.text[..])
    }
}

/// Reads the word at the beginning of a text; nothing when a quote or parenthesis is not closed.
pub(crate) fn read(text: &[u8], dialect: Dialect) -> Option<Word> {
    Reader { text, at: 0, dialect, word: Word::default() }.unquoted()
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    word: Word,
}

impl Reader<'_> {
    fn unquoted(mut self) -> Option<Word> {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'(' if self.dialect == Dialect::Fish => self.command(self.at + 1)?,
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\'' => self.single()?,
                b'"' => self.double()?,
                b'\\' if self.dialect == Dialect::Fish && self.text.get(self.at + 1) == Some(&b'n') => {
                    self.word.text.push(b'\n');
                    self.at += 2;
                }
                b'\\' => self.escaped(|_| true)?,
                b'$' if self.dialect == Dialect::Posix && self.text.get(self.at + 1) == Some(&b'\'') => self.ansi()?,
                b'$' if matches!(self.text.get(self.at + 1), Some(b'\'' | b'"')) => {
                    self.word.expansions.push(Expansion::Other);
                    self.at += 1;
                }
                _ => self.other(byte)?,
            }
        }
        self.word.end = self.at;
        Some(self.word)
    }

    /// What means the same between double quotes and outside of them.
    fn other(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'$' => self.dollar(),
            b'`' if self.dialect != Dialect::Fish => self.backquotes(),
            _ => {
                self.word.text.push(byte);
                self.at += 1;
                Some(())
            }
        }
    }

    fn single(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match *self.text.get(self.at)? {
                b'\'' => break,
                b'\\' if self.dialect == Dialect::Fish => self.escaped(|byte| matches!(byte, b'\'' | b'\\'))?,
                byte => {
                    self.word.text.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Some(())
    }

    /// A text in `$'...'`, in which backslashes mean what they mean in C. Nothing is expanded in it.
    fn ansi(&mut self) -> Option<()> {
        self.at += 2;
        loop {
            match *self.text.get(self.at)? {
                b'\'' => break,
                b'\\' => {
                    let (byte, length) = match *self.text.get(self.at + 1)? {
                        b'a' => (7, 2),
                        b'b' => (8, 2),
                        b'e' | b'E' => (27, 2),
                        b'f' => (12, 2),
                        b'n' => (b'\n', 2),
                        b'r' => (b'\r', 2),
                        b't' => (b'\t', 2),
                        b'v' => (11, 2),
                        byte @ (b'\\' | b'\'' | b'"' | b'?') => (byte, 2),
                        b'0'..=b'7' => self.octal(),
                        _ => (0, 2),
                    };
                    // What any other is differs between shells, and so does what comes of a zero byte; nothing that writes
                    // these lines uses them.
                    if byte == 0 {
                        self.word.expansions.push(Expansion::Other);
                    }
                    self.word.text.push(byte);
                    self.at += length;
                }
                byte => {
                    self.word.text.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Some(())
    }

    /// The byte that at most three octal digits after the backslash stand for, and the length of all that.
    fn octal(&self) -> (u8, usize) {
        let digits: Vec<u8> =
            self.text[self.at + 1..].iter().copied().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).collect();
        let value = digits.iter().fold(0_u16, |value, digit| value * 8 + u16::from(digit - b'0'));
        (value.to_le_bytes()[0], digits.len() + 1)
    }

    fn double(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match *self.text.get(self.at)? {
                b'"' => break,
                b'\\' => self.escaped(|byte| matches!(byte, b'$' | b'`' | b'"' | b'\\' | b'\n'))?,
                byte => self.other(byte)?,
            }
        }
        self.at += 1;
        Some(())
    }

    /// A backslash, which is itself part of the text unless it is before a byte that needs it.
    fn escaped(&mut self, needs_it: impl Fn(u8) -> bool) -> Option<()> {
        let next = *self.text.get(self.at + 1)?;
        match next {
            b'\n' if needs_it(next) => {}
            _ if needs_it(next) => self.word.text.push(next),
            _ => self.word.text.extend([b'\\', next]),
        }
        self.at += 2;
        Some(())
    }

    fn dollar(&mut self) -> Option<()> {
        let rest = &self.text[self.at + 1..];
        let (expansion, length) = match *rest.first().unwrap_or(&b' ') {
            b'(' if rest.get(1) != Some(&b'(') => return self.command(self.at + 2),
            b'(' | b'[' => (Expansion::Other, 1),
            b'{' => {
                let end = rest.iter().position(|&byte| byte == b'}')?;
                let inner = &rest[1..end];
                let is_plain = !inner.iter().any(|byte| b"$`(\n\"'".contains(byte)) || inner == b"(%):-%x";
                (if is_plain { Expansion::Variable(inner.to_vec()) } else { Expansion::Other }, end + 1)
            }
            first if first.is_ascii_alphanumeric() || b"_@*#?$!-".contains(&first) => {
                let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let length = rest.iter().take_while(is_name).count().max(1);
                (Expansion::Variable(rest[..length].to_vec()), length)
            }
            // A line that goes on is joined before anything is expanded, and zsh has flags before a name.
            b'\\' if rest.get(1) == Some(&b'\n') => (Expansion::Other, 0),
            b'=' | b'~' | b'^' | b'+' => (Expansion::Other, 1),
            _ => {
                self.word.text.push(b'$');
                self.at += 1;
                return Some(());
            }
        };
        self.word.expansions.push(expansion);
        self.at += 1 + length;
        Some(())
    }

    /// Commands that begin here, up to their parenthesis. One in quotes is not theirs, and what follows it is more of them.
    fn command(&mut self, start: usize) -> Option<()> {
        let (mut at, mut depth, mut quote) = (start, 1_usize, None);
        loop {
            match *self.text.get(at)? {
                byte @ (b'"' | b'\'') if quote.is_none_or(|open| open == byte) => {
                    quote = quote.is_none().then_some(byte);
                }
                b'(' => depth += 1,
                b')' if depth == 1 => break,
                b')' => depth -= 1,
                b'\\' => at += 1,
                _ => {}
            }
            at += 1;
        }
        let commands = Expansion::Command(self.text[start..at].to_vec());
        self.word.expansions.push(if quote.is_none() { commands } else { Expansion::Other });
        self.at = at + 1;
        Some(())
    }

    fn backquotes(&mut self) -> Option<()> {
        let mut end = self.at + 1;
        while *self.text.get(end)? != b'`' {
            end += if self.text[end] == b'\\' { 2 } else { 1 };
        }
        self.word.expansions.push(Expansion::Command(self.text[self.at + 1..end].to_vec()));
        self.at = end + 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str, dialect: Dialect) -> Option<String> {
        let word = read(text.as_bytes(), dialect)?;
        word.literal().map(|value| String::from_utf8(value.to_vec()).unwrap())
    }

    #[test]
    fn quotes_are_taken_off_and_expansions_are_found() {
        for (text, value) in [
            ("'/a b'", Some("/a b")),
            ("'a$(x)`y`'", Some("a$(x)`y`")),
            (r"'it'\''s' rest", Some("it's")),
            (r#"'it'"'"'s'"#, Some("it's")),
            (r#""a\$b\'c\\""#, Some(r"a$b\'c\")),
            ("bare;touch", Some("bare")),
            ("\"a$\"", Some("a$")),
            ("\"a$(x)\"", None),
            ("\"a`x`\"", None),
            ("a$PATH", None),
            ("\"${A:-$(x)}\"", None),
            ("$((1))", None),
            ("$'a'", Some("a")),
            (r"$'it\'s \141\$(x)`y`'z", None),
            (r"$'it\'s \141$(x)`y`'z", Some("it's a$(x)`y`z")),
            (r"$'a\n\t\\' b", Some("a\n\t\\")),
            (r"$'a\x41'", None),
            (r"$'a\0b'", None),
            (r"$'a\400b'", None),
            (r"$'open\'", None),
            ("\"a$\\\n(touch PWN)\"", None),
            ("a$\\\n{HOME}", None),
            ("\"a$=HOME\"", None),
            ("\"a$+HOME\"", None),
            ("$\"a\"", None),
            ("'open", None),
            ("\"$(open\"", None),
        ] {
            assert_eq!(literal(text, Dialect::Posix).as_deref(), value, "{text}");
        }
    }

    #[test]
    fn a_parenthesis_in_quotes_ends_no_command() {
        let kinds = |text: &str| read(text.as_bytes(), Dialect::Posix).unwrap().expansions;
        for text in [r#""$(echo ")" x; touch PWN; echo ")")""#, r#""$(echo ')' x; touch PWN)""#] {
            assert_eq!(kinds(text)[0], Expansion::Other, "{text}");
        }
        let nested = r#"cd "$(dirname "$(dirname "${A[0]}" )")" && pwd"#;
        assert_eq!(kinds(&format!("\"$({nested})\"")), [Expansion::Command(nested.into())]);
    }

    #[test]
    fn fish_has_its_own_quotes() {
        for (text, value) in [
            (r"'it\'s'", Some("it's")),
            (r"'a\$(x)'", Some(r"a\$(x)")),
            (r"'a'\n'b' c", Some("a\nb")),
            ("\"a(x)`y`\"", Some("a(x)`y`")),
            ("a(x)", None),
            ("\"a$(x)\"", None),
            ("\"$HOME\"", None),
        ] {
            assert_eq!(literal(text, Dialect::Fish).as_deref(), value, "{text}");
        }
    }
}
