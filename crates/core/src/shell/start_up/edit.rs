//! How a line is added to a start-up file and taken out again.
//!
//! What has to be remembered for that is in blanks at the end of the line itself: there is no other place that comes and
//! goes with it.

use super::Shell;
use super::calls::{is_loading, is_own};
use super::lines::{Line, code, commands, lines};
use super::place::{Place, place_of_line};

/// Stands at the end of the line once for a file that was made for it, and once for each directory that was made for the
/// file: they are removed with the line if they are empty.
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
pub fn with_line(old: Option<&[u8]>, line: &[u8], shell: Shell, directories: usize) -> Vec<u8> {
    let is_unfinished = old.is_some_and(|old| !old.ends_with(b"\n"));
    let content = old.unwrap_or_default();
    let place = place_of_line(content, shell);
    if let Place::Before(at) = place {
        return [&content[..at], line, b"\n", &content[at..]].concat();
    }
    let is_after_empty = place == Place::AfterEmptyLine;
    let breaks = usize::from(is_unfinished && !content.is_empty()) + usize::from(is_after_empty);
    let blanks = usize::from(is_unfinished) * blanks::UNFINISHED + usize::from(is_after_empty) * blanks::EMPTY_LINE;
    let made = if old.is_none() { directories + 1 } else { 0 };
    [content, &vec![b'\n'; breaks], line, &vec![MADE; made], &vec![b' '; blanks], b"\n"].concat()
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
    /// The file was made for the line and has nothing else in it: how many directories were made for it.
    pub made: Option<usize>,
}

/// Takes out the lines that `venvwrap setup` writes. One that was written otherwise does something else as well, and one
/// that is indented, alone in a block or a piece of a longer command may be needed: they stay.
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
        made: removed().map(made_of).max().and_then(|made| made.checked_sub(1)).filter(|_| kept.is_empty()),
        kept,
    }
}

fn can_be_removed(all: &[Line<'_>], at: usize, shell: Shell) -> bool {
    is_own(&all[at]) && !is_needed(all, at, shell)
}

/// Returns whether a line is all that is in a block, which a POSIX shell cannot read when it is empty, or what the word or
/// operator at the end of the line before it needs, or in fish that at the beginning of the next one.
fn is_needed(all: &[Line<'_>], at: usize, shell: Shell) -> bool {
    const BEGINS: [&str; 3] = ["then", "else", "do"];
    const ENDS: [&str; 6] = ["fi", "else", "elif", "done", "}", ")"];
    const CONDITIONS: [&str; 4] = ["if", "elif", "while", "until"];
    let text = |line: &Line<'_>| String::from_utf8_lossy(line.text).into_owned();
    let before = all[..at].iter().rev().find(|line| line.is_live()).map(text).unwrap_or_default();
    let after = all[at + 1..].iter().find(|line| line.is_live()).map(text).unwrap_or_default();
    let before = code(&before, shell);
    let goes_on = ["&&", "|", "|&"].iter().any(|operator| before.ends_with(operator));
    let last = before.rsplit([' ', '\t', ';']).next().unwrap_or_default();
    let next =
        commands(&after, shell).first().and_then(|command| command.split_whitespace().next()).unwrap_or_default();
    // Neither a bracket nor an operator needs a blank beside it.
    let word = before.rsplit(|c| " \t;&|(){}".contains(c)).next().unwrap_or_default();
    let begins = BEGINS.contains(&word) || before.ends_with(['{', '(']);
    let is_alone = CONDITIONS.contains(&word) || begins && ENDS.contains(&without_redirection(next));
    goes_on
        || match shell {
            Shell::Fish => ["and", "or", "not"].contains(&last) || ["and", "or"].contains(&next),
            Shell::Bash => is_alone,
            Shell::Zsh => is_alone || begins_short_form(before, last),
        }
}

/// A word up to what needs no blank before it; a bracket is one by itself.
fn without_redirection(word: &str) -> &str {
    let bracket = word.starts_with(['}', ')']).then_some(1);
    &word[..bracket.or_else(|| word.find(['<', '>', '&', '|', ';', ')'])).unwrap_or(word.len())]
}

/// Returns whether a line of zsh is a loop, a condition or a function without its body, which is the next line.
fn begins_short_form(line: &str, last: &str) -> bool {
    const HEADS: [&str; 9] = ["for", "foreach", "select", "repeat", "while", "until", "if", "elif", "function"];
    const ENDS: [&str; 7] = ["then", "do", "fi", "done", "end", "{", "}"];
    let command = line.rsplit(';').next().unwrap_or_default();
    let first = command.split_whitespace().next().unwrap_or_default();
    line.ends_with("()") || HEADS.contains(&first) && !ENDS.contains(&last) && !line.ends_with('{')
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
            assert!(without.is_removed && !without.is_left && without.made.is_none(), "{text}");
        }
        // A file of the same content that was there before.
        let without = without_lines(&[LINE, b"\n"].concat(), Shell::Bash);
        assert!(without.kept.is_empty() && without.made.is_none(), "{without:?}");
        let without = without_lines(&with_line(None, LINE, Shell::Bash, 2), Shell::Bash);
        assert!(without.kept.is_empty() && without.made == Some(2), "{without:?}");
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
            (format!("f() {{ # x\n{line}\n}}\n"), true),
            (format!("x &&\n{line}\n"), true),
            (format!("x ||  # y\n\n{line}\n"), true),
            (format!("(\n{line}\n)\n"), true),
            (format!("f(){{\n{line}\n}}\n"), true),
            (format!("x &&{{\n{line}\n}}>/dev/null\n"), true),
            (format!("x &&(\n{line}\n)|y\n"), true),
            (format!("if x; then\n{line}\nfi>/dev/null\n"), true),
            (format!("if (x)then\n{line}\nfi&\n"), true),
            (format!("(for x in y;do\n{line}\ndone)\n"), true),
            (format!("x||if\n{line}\nthen y; fi\n"), true),
            (format!("{line} &&\nx\n"), true),
            (format!("export A=1; {line}; export B=1\n"), true),
            (format!("[ -x y ] && {line}\n"), true),
            (format!("alias x='{line}'\n"), false),
            ("venvwrap init bash > ~/x\n".into(), false),
            (format!("cat <<E\n{line}\nE\n"), false),
            (format!("x='\n{line}\n'\n"), false),
        ] {
            let without = without_lines(text.as_bytes(), Shell::Bash);
            assert_eq!((without.is_left, without.is_removed), (is_left, false), "{text}");
        }
        for before in ["if", "elif", "while", "until", "x |&", "y; if"] {
            let text = format!("{before}\n{line}\nthen\nz\n");
            assert!(without_lines(text.as_bytes(), Shell::Bash).is_left, "{text}");
        }
        for before in ["for x (1 2)", "repeat 1", "if [[ -o interactive ]]", "x; while (y)", "f()", "if", "x |&"] {
            let text = format!("{before}\neval \"$(venvwrap init zsh)\"\nls\n");
            assert!(without_lines(text.as_bytes(), Shell::Zsh).is_left, "{text}");
        }
        for before in ["for x (1 2) { y }", "if x; then y; fi", "f() { x }", "for x in 1; do y; done", "echo if x"] {
            let text = format!("{before}\neval \"$(venvwrap init zsh)\"\nls\n");
            assert_eq!(without_lines(text.as_bytes(), Shell::Zsh).kept, format!("{before}\nls\n").as_bytes());
        }
        for (before, after) in
            [("x &&", "y"), ("x ||", "y"), ("x |", "y"), ("x; and", "y"), ("x", "and y"), ("x", "or y")]
        {
            let text = format!("{before}\nvenvwrap init fish | source\n{after}\n");
            assert!(without_lines(text.as_bytes(), Shell::Fish).is_left, "{text}");
        }
        let without = without_lines(format!("if x; then\ny\n{line}\nfi\n").as_bytes(), Shell::Bash);
        assert_eq!(without.kept, b"if x; then\ny\nfi\n");
        let without = without_lines(format!("f(){{\n{line}\ny\n}}>z\n").as_bytes(), Shell::Bash);
        assert_eq!(without.kept, b"f(){\ny\n}>z\n");
        let without = without_lines(b"if x\n  venvwrap init fish | source\nend\n", Shell::Fish);
        assert!(without.is_left && !without.is_removed, "{without:?}");
        let without = without_lines(b"if x\nvenvwrap init fish | source\nend\n", Shell::Fish);
        assert_eq!(without.kept, b"if x\nend\n");
    }
}
