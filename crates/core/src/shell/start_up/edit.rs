//! How a line is added to a start-up file and taken out again.
//!
//! What has to be remembered for that is in blanks at the end of the line itself: there is no other place that comes and
//! goes with it.

use super::lines::{Line, Part, lines};
use super::place::{Place, place_of_line};
use super::{Shell, is_loading};

/// Stands at the end of the line once for each directory that was made for the file: they are removed with it if they are
/// empty.
const MADE: u8 = b'\t';

/// How many blanks are at the end of the line: the sum of what is true.
mod blanks {
    /// The last line before it had no line break, or the file was empty.
    pub(super) const UNFINISHED: usize = 1;
    /// An empty line was put before it.
    pub(super) const EMPTY_LINE: usize = 2;
}

/// Returns the content of a file with one more line, at the place where the shell reaches it. So many directories were made
/// for the file.
pub fn with_line(old: Option<&[u8]>, line: &[u8], shell: Shell, made: usize) -> Vec<u8> {
    let is_unfinished = old.is_some_and(|old| !old.ends_with(b"\n"));
    let old = old.unwrap_or_default();
    let place = place_of_line(old, shell);
    if let Place::Before(at) = place {
        return [&old[..at], line, b"\n", &old[at..]].concat();
    }
    let is_after_empty = place == Place::AfterEmptyLine;
    let breaks = usize::from(is_unfinished && !old.is_empty()) + usize::from(is_after_empty);
    let marks = usize::from(is_unfinished) * blanks::UNFINISHED + usize::from(is_after_empty) * blanks::EMPTY_LINE;
    [old, &vec![b'\n'; breaks], line, &vec![MADE; made], &vec![b' '; marks], b"\n"].concat()
}

/// What a file is without the lines that load venvwrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// The rest.
    pub kept: Vec<u8>,
    /// A line is still in it: without that the shell could not read the rest.
    pub is_left: bool,
    /// A line was removed.
    pub is_removed: bool,
    /// There was no file before.
    pub was_none: bool,
    /// How many directories were made for the file.
    pub made: usize,
}

/// Takes out the lines that load venvwrap. One that is indented, alone in a block or a piece of a longer command may be
/// needed: it stays.
pub fn without_lines(old: &[u8], shell: Shell) -> Without {
    let all = lines(old, shell);
    let is_removed: Vec<bool> = (0..all.len()).map(|at| can_be_removed(&all, at, shell)).collect();
    let kept = |(_, is_removed): &(&Line<'_>, &bool)| !**is_removed;
    let mut kept: Vec<u8> = all.iter().zip(&is_removed).filter(kept).flat_map(|(line, _)| line.text).copied().collect();
    let removed = || all.iter().zip(&is_removed).filter(|(_, is_removed)| **is_removed).map(|(line, _)| line.text);
    // What has been added after it needs what was put before it.
    let marks = removed().next_back().filter(|_| is_removed.last() == Some(&true)).map_or(0, blanks_of);
    if marks & blanks::EMPTY_LINE != 0 && kept.ends_with(b"\\\n\n") {
        kept.pop();
    }
    if marks & blanks::UNFINISHED != 0 {
        kept.pop_if(|last| *last == b'\n');
    }
    Without {
        is_left: lines(&kept, shell).iter().any(|line| is_loading(line)),
        is_removed: is_removed.contains(&true),
        was_none: kept.is_empty() && marks & blanks::UNFINISHED == 0,
        made: removed().map(made_of).max().unwrap_or(0),
        kept,
    }
}

fn can_be_removed(all: &[Line<'_>], at: usize, shell: Shell) -> bool {
    let line = &all[at];
    is_loading(line) && line.part == Part::Whole && !line.text[0].is_ascii_whitespace() && !is_alone(all, at, shell)
}

/// Returns whether a line is all that is in a block, which a POSIX shell cannot read when it is empty.
fn is_alone(all: &[Line<'_>], at: usize, shell: Shell) -> bool {
    const BEGINS: [&[u8]; 4] = [b"then", b"else", b"do", b"{"];
    const ENDS: [&[u8]; 5] = [b"fi", b"else", b"elif", b"done", b"}"];
    let words = |line: &&Line<'_>| -> Vec<Vec<u8>> {
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b';';
        line.text.split(is_between).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
    };
    let before = all[..at].iter().rev().find(|line| line.is_live()).map(|line| words(&line));
    let after = all[at + 1..].iter().find(|line| line.is_live()).map(|line| words(&line));
    let begins = before.and_then(|words| words.last().cloned()).is_some_and(|word| BEGINS.contains(&word.as_slice()));
    let ends = after.and_then(|words| words.first().cloned()).is_some_and(|word| ENDS.contains(&word.as_slice()));
    shell != Shell::Fish && begins && ends
}

fn blanks_of(line: &[u8]) -> usize {
    line.iter().rev().skip_while(|byte| **byte == b'\n').take_while(|byte| **byte == b' ').count()
}

fn made_of(line: &[u8]) -> usize {
    let is_blank = |byte: &&u8| b" \n".contains(byte);
    line.iter().rev().skip_while(is_blank).take_while(|byte| **byte == MADE).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"eval \"$(venvwrap init bash)\"";

    #[test]
    fn what_is_added_is_taken_out() {
        for old in [
            "",
            "\n",
            " ",
            "a",
            "a\n",
            "a\r\nb\r",
            "a\\",
            "a\\\n",
            "a\\\\\n",
            "a\\\n\n",
            "cat <<E\nx\nE\n",
            "cat <<E\nx",
            "exit\n",
            "cat <<exit\nx\nexit\n",
            "x='a\nb'\n",
            "x='a\n",
        ] {
            let new = with_line(Some(old.as_bytes()), LINE, Shell::Bash, 0);
            let text = String::from_utf8(new.clone()).unwrap();
            assert_eq!(lines(&new, Shell::Bash).iter().filter(|line| is_loading(line)).count(), 1, "{text}");
            let without = without_lines(&new, Shell::Bash);
            assert_eq!(String::from_utf8(without.kept).unwrap(), old, "{text}");
            assert!(without.is_removed && !without.is_left && !without.was_none, "{text}");
        }
        let without = without_lines(&with_line(None, LINE, Shell::Bash, 2), Shell::Bash);
        assert!(without.was_none && without.made == 2, "{without:?}");
    }

    #[test]
    fn what_was_added_later_stays_as_it_is() {
        let after = |old: &str| {
            let new = [with_line(Some(old.as_bytes()), LINE, Shell::Bash, 0), b"z\n".to_vec()].concat();
            String::from_utf8(without_lines(&new, Shell::Bash).kept).unwrap()
        };
        assert_eq!(after("a"), "a\nz\n");
        assert_eq!(after("a\\"), "a\\\n\nz\n");
        assert_eq!(after("a\\\n"), "a\\\n\nz\n");
    }

    #[test]
    fn a_line_that_is_needed_stays() {
        let line = String::from_utf8_lossy(LINE);
        for (text, is_left) in [
            (format!("if x; then\n  {line}\nfi\n"), true),
            (format!("if x; then\n# y\n{line}\n\nfi\n"), true),
            (format!("x && \\\n{line}\n"), true),
            (format!("{line} && \\\nx\n"), true),
            (format!("{line}; x='\n'\n"), true),
            (format!("f() {{\n{line}\n}}\n"), true),
            (format!("cat <<E\n{line}\nE\n"), false),
            (format!("x='\n{line}\n'\n"), false),
        ] {
            let without = without_lines(text.as_bytes(), Shell::Bash);
            assert_eq!((without.is_left, without.is_removed), (is_left, false), "{text}");
        }
        let without = without_lines(format!("if x; then\ny\n{line}\nfi\n").as_bytes(), Shell::Bash);
        assert_eq!(without.kept, b"if x; then\ny\nfi\n");
        let without = without_lines(b"if x\nvenvwrap init fish | source\nend\n", Shell::Fish);
        assert_eq!(without.kept, b"if x\nend\n");
    }
}
