//! The lines of a start-up file, and which of them the shell reads as commands: not those of here-documents and of texts
//! in quotes.

use std::collections::VecDeque;
use std::ops::Range;

use super::Shell;

/// What a line is to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Complete commands, or nothing.
    Whole,
    /// A piece of a command that has several lines.
    Piece,
    /// Text: it begins in quotes or in a here-document.
    Text,
    /// The end of a here-document, or of text in quotes.
    End,
}

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// With its line break.
    pub(super) text: &'a [u8],
    /// Where it begins.
    pub(super) start: usize,
    pub(super) part: Part,
}

impl Line<'_> {
    /// Returns whether it holds something that the shell runs.
    pub(super) fn is_live(&self) -> bool {
        let text = self.text.trim_ascii_start();
        matches!(self.part, Part::Whole | Part::Piece) && !text.is_empty() && !text.starts_with(b"#")
    }

    /// Where it is, without blanks and the line break after it.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.trim_ascii_end().len()
    }
}

/// Returns the lines. Quotes that never end are no quotes: then the file was not understood, and a line is taken for a
/// command rather than for text.
pub(super) fn lines(content: &[u8], shell: Shell) -> Vec<Line<'_>> {
    let (lines, has_ended) = read(content, shell, false);
    if has_ended { lines } else { read(content, shell, true).0 }
}

/// The lines that the shell runs.
pub(super) fn live_lines(content: &[u8], shell: Shell) -> impl Iterator<Item = String> + '_ {
    let lines = lines(content, shell).into_iter().filter(Line::is_live);
    lines.map(|line| String::from_utf8_lossy(line.text).into_owned())
}

fn read(content: &[u8], shell: Shell, ends_quotes: bool) -> (Vec<Line<'_>>, bool) {
    let mut reader = Reader { is_posix: shell != Shell::Fish, ..Reader::default() };
    let mut start = 0;
    let line = |text| {
        if ends_quotes {
            reader.open.clear();
        }
        let line = Line { text, start, part: reader.part(text) };
        start += text.len();
        line
    };
    let lines = content.split_inclusive(|&byte| byte == b'\n').map(line).collect();
    (lines, reader.open.is_empty())
}

/// What has begun and not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// `'`, in which nothing has a meaning.
    Single,
    /// `$'`, and any `'` of fish, in which a backslash has one.
    Escaped,
    /// `"`.
    Double,
    /// `${` in double quotes.
    Brace,
    /// `$(` in double quotes, with so many parentheses in it.
    Command(usize),
    /// A backtick.
    Backtick,
}

struct HereDocument {
    end: Vec<u8>,
    /// `<<-`: tabs before the end are none of it.
    has_tabs: bool,
}

#[derive(Default)]
struct Reader {
    is_posix: bool,
    open: Vec<Open>,
    documents: VecDeque<HereDocument>,
    /// What comes before the backslash at the end of the last line.
    continued: Option<u8>,
}

impl Reader {
    fn part(&mut self, line: &[u8]) -> Part {
        // It begins after the whole command.
        if let Some(document) = self.documents.front().filter(|_| self.continued.is_none()) {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let tabs = text.iter().take_while(|&&byte| document.has_tabs && byte == b'\t').count();
            if text[tabs..] != document.end {
                return Part::Text;
            }
            self.documents.pop_front();
            return Part::End;
        }
        let is_text = matches!(self.open.last(), Some(Open::Single | Open::Escaped | Open::Double | Open::Brace));
        let was_open = !self.open.is_empty() || self.continued.is_some();
        self.scan(line);
        let is_open = !self.open.is_empty() || self.continued.is_some() || !self.documents.is_empty();
        match (is_text, was_open || is_open) {
            (true, _) if self.is_code() => Part::End,
            (true, _) => Part::Text,
            (false, true) => Part::Piece,
            (false, false) => Part::Whole,
        }
    }

    fn scan(&mut self, line: &[u8]) {
        let mut previous = self.continued.take().unwrap_or(b'\n');
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            let next = line.get(at + 1).copied();
            let is_escape = byte == b'\\' && self.open.last() != Some(&Open::Single);
            at += 1;
            if is_escape {
                self.continued = (next.is_none_or(|next| next == b'\n')).then_some(previous);
                at += 1;
            } else if self.is_code() {
                if byte == b'#' && (previous.is_ascii_whitespace() || previous == b';') {
                    return;
                }
                at += self.code(line, at, byte, previous);
            } else {
                at += self.quoted(byte, next);
            }
            // What was read with it counts: the quote in `"$('` is none of `$'`.
            previous = if is_escape { byte } else { line[at - 1] };
        }
    }

    fn is_code(&self) -> bool {
        matches!(self.open.last(), None | Some(Open::Command(_) | Open::Backtick))
    }

    /// Reads one character of code, and returns how many more were read with it.
    fn code(&mut self, line: &[u8], at: usize, byte: u8, previous: u8) -> usize {
        match byte {
            b'\'' => self.open.push(if previous == b'$' || !self.is_posix { Open::Escaped } else { Open::Single }),
            b'"' => self.open.push(Open::Double),
            b'`' => self.backtick(),
            b'(' => {
                if let Some(Open::Command(depth)) = self.open.last_mut() {
                    *depth += 1;
                }
            }
            b')' => match self.open.last_mut() {
                Some(Open::Command(0)) => _ = self.open.pop(),
                Some(Open::Command(depth)) => *depth -= 1,
                _ => {}
            },
            b'<' if self.is_posix && line.get(at) == Some(&b'<') => {
                // `<<<` gives a word.
                if line.get(at + 1) == Some(&b'<') {
                    return 2;
                }
                self.documents.extend(here_document(&line[at + 1..]).filter(|_| !is_number(&line[..at - 1])));
                return 1;
            }
            _ => {}
        }
        0
    }

    /// Reads one character in quotes in the same way.
    fn quoted(&mut self, byte: u8, next: Option<u8>) -> usize {
        let Some(&open) = self.open.last() else { return 0 };
        match (open, byte, next) {
            (Open::Single | Open::Escaped, b'\'', _) | (Open::Double, b'"', _) | (Open::Brace, b'}', _) => {
                _ = self.open.pop();
            }
            (Open::Brace, b'"', _) => self.open.push(Open::Double),
            (Open::Double | Open::Brace, b'`', _) => self.backtick(),
            (Open::Double | Open::Brace, b'$', Some(b'(')) => {
                self.open.push(Open::Command(0));
                return 1;
            }
            (Open::Double | Open::Brace, b'$', Some(b'{')) if self.is_posix => {
                self.open.push(Open::Brace);
                return 1;
            }
            _ => {}
        }
        0
    }

    fn backtick(&mut self) {
        match self.open.last() {
            Some(Open::Backtick) => _ = self.open.pop(),
            _ if self.is_posix => self.open.push(Open::Backtick),
            _ => {}
        }
    }
}

/// The commands in a line, without what is between them and without a comment; in the order in which they are written.
pub(super) fn commands(line: &str, shell: Shell) -> Vec<&str> {
    let line = code(line, shell);
    let mut found: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, _) in unquoted(line, shell).filter(|(_, letter)| ";&|".contains(*letter)) {
        found.push(&line[start..at]);
        start = at + 1;
    }
    found.push(&line[start..]);
    found.into_iter().map(str::trim).filter(|command| !command.is_empty()).collect()
}

/// A line without its comment.
pub(super) fn code(line: &str, shell: Shell) -> &str {
    let is_comment = |at: &usize| line[..*at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == ';');
    let end = unquoted(line, shell).filter(|(_, letter)| *letter == '#').map(|(at, _)| at).find(is_comment);
    line[..end.unwrap_or(line.len())].trim_end()
}

/// The characters of a line that are in no quotes and after no backslash.
pub(super) fn unquoted(line: &str, shell: Shell) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut letters = line.char_indices();
    let mut quote = None;
    let escapes = move |quote| quote != Some('`') && (quote != Some('\'') || shell == Shell::Fish);
    std::iter::from_fn(move || {
        loop {
            let (at, letter) = letters.next()?;
            match (quote, letter) {
                (_, '\\') if escapes(quote) => _ = letters.next(),
                (None, '\'' | '"' | '`') => quote = Some(letter),
                (None, _) => return Some((at, letter)),
                (Some(open), _) if open == letter => quote = None,
                _ => {}
            }
        }
    })
}

/// What comes after `<<`: the word that ends the document; none where there is no word.
fn here_document(text: &[u8]) -> Option<HereDocument> {
    let has_tabs = text.first() == Some(&b'-');
    let text = &text[usize::from(has_tabs)..];
    let mut bytes = text.iter().copied().skip_while(|byte| b" \t".contains(byte)).peekable();
    let (mut end, mut quote, mut is_word) = (Vec::new(), None, false);
    while let Some(byte) = bytes.next_if(|byte| *byte != b'\n' && (quote.is_some() || !b" \t;&|<>()".contains(byte))) {
        is_word = true;
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if byte == open => quote = None,
            (None, b'\\') => end.extend(bytes.next_if(|byte| *byte != b'\n')),
            _ => end.push(byte),
        }
    }
    is_word.then_some(HereDocument { end, has_tabs })
}

/// Returns whether `<<` after this part of a line moves bits: in `((`, and in an index.
fn is_number(before: &[u8]) -> bool {
    let count = |pair: &[u8]| before.windows(2).filter(|window| *window == pair).count();
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    count(b"((") > count(b"))") || word.contains(&b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are commands, complete or not.
    fn live(text: &str, shell: Shell) -> Vec<&str> {
        let live = lines(text.as_bytes(), shell).into_iter().filter(Line::is_live);
        live.map(|line| std::str::from_utf8(line.text).unwrap().trim_end()).collect()
    }

    #[test]
    fn here_documents_are_text() {
        for (open, end) in [
            ("cat <<EOF", "EOF"),
            ("cat << 'E O'F >file", "E OF"),
            ("cat <<\"EOF\"; x", "EOF"),
            ("cat <<\\EOF", "EOF"),
            ("cat <<-EOF|x", "\t\tEOF"),
            ("x=\"$(cat <<EOF", "EOF"),
            ("x=`cat <<EOF", "EOF"),
            ("cat <<''", ""),
            ("cat <<A <<B", "A\nB"),
        ] {
            let close = if open.contains("=\"") {
                ")\""
            } else if open.contains('`') {
                "`"
            } else {
                "true"
            };
            let text = format!("a\n{open}\nit's text\n EOF\nEOF2\n{end}\n{close}\nb\n");
            for shell in [Shell::Bash, Shell::Zsh] {
                assert_eq!(live(&text, shell), ["a", open, close, "b"], "{open}");
            }
        }
        for line in
            ["cat <<<EOF", "x=$((1 << y))", "((x<<y)); z", "a[1<<2]=3", "echo '<<x' \"<<y\" \\<<z # <<a", "x <<"]
        {
            let line = line.replace("\\<<z", "\\<\\<z");
            let text = format!("{line}\nb\n");
            assert_eq!(live(&text, Shell::Bash), [&line, "b"]);
        }
        assert_eq!(live("cat <<E && \\\nx\ntext\nE\nb", Shell::Bash), ["cat <<E && \\", "x", "b"]);
        assert_eq!(live("cat <<EOF\nb", Shell::Fish), ["cat <<EOF", "b"]);
        assert_eq!(live("cat <<EOF\nb", Shell::Bash), ["cat <<EOF"], "as the shell reads it");
    }

    #[test]
    fn quotes_are_text() {
        for (text, expected) in [
            ("x='a\nb' c\nd\n", &["x='a", "d"][..]),
            ("x=\"a\nb\\\"\nc\" \nd", &["x=\"a", "d"]),
            ("x=$'it\\'s\nb'\nd", &["x=$'it\\'s", "d"]),
            ("x=\"$(echo \"it's\")\"\nd", &["x=\"$(echo \"it's\")\"", "d"]),
            ("x=\"${y:-\"it's\"}\"\nd", &["x=\"${y:-\"it's\"}\"", "d"]),
            ("x=\"$(a (b) 'c')\" '\nd\n'\ne", &["x=\"$(a (b) 'c')\" '", "e"]),
            ("# it's\nx=it\\'s; # it's\nx=b#'c'\nd", &["x=it\\'s; # it's", "x=b#'c'", "d"]),
            ("x=\"$('a\\'b)\"\nd", &["x=\"$('a\\'b)\"", "d"]),
            ("eval \"$(\nvenvwrap init bash\n)\"", &["eval \"$(", "venvwrap init bash", ")\""]),
            // It never ends: nothing was understood.
            ("x='a\nb\n", &["x='a", "b"]),
        ] {
            assert_eq!(live(text, Shell::Bash), expected, "{text}");
        }
        assert_eq!(live("x 'a\\'\nb'\nc", Shell::Fish), ["x 'a\\'", "c"]);
        assert_eq!(live("x 'a\\'\nb ''\nc", Shell::Bash), ["x 'a\\'", "b ''", "c"]);
    }

    #[test]
    fn a_line_has_several_commands() {
        for (line, expected) in [
            ("a b; c && d || e | f & g # h; i", &["a b", "c", "d", "e", "f", "g"][..]),
            ("a '; b' \"; '\" \\; `; c` d#e", &["a '; b' \"; '\" \\; `; c` d#e"]),
            ("# a", &[]),
            ("a \"$(b; c)\"", &["a \"$(b; c)\""]),
        ] {
            assert_eq!(commands(line, Shell::Bash), expected, "{line}");
        }
        assert_eq!(commands(r"'a\'; b' | c", Shell::Fish), [r"'a\'; b'", "c"]);
    }

    #[test]
    fn a_line_is_complete_or_a_piece() {
        use Part::{End, Piece, Text, Whole};
        let parts =
            |text: &str| -> Vec<Part> { lines(text.as_bytes(), Shell::Bash).iter().map(|line| line.part).collect() };
        assert_eq!(parts("a\nb \\\nc\nd \\\\\n# e \\\nf\n"), [Whole, Piece, Piece, Whole, Whole, Whole]);
        assert_eq!(parts("a <<E\nb\nE\nc"), [Piece, Text, End, Whole]);
        assert_eq!(parts("a '\nb\nc'\nd"), [Piece, Text, End, Whole]);
    }
}
