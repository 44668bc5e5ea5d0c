//! Where a line goes that is added to a start-up file, so that the shell reaches it as a command.

use super::Shell;
use super::lines::{Part, lines};

/// Commands after which nothing of a file is read.
const ENDS: [&str; 4] = ["exec", "exit", "return", "logout"];

/// Where a new line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To the end.
    End,
    /// To the end, after an empty line: the last one goes on in the next.
    AfterEmptyLine,
    /// Before the line that begins here: it ends the file.
    Before(usize),
}

/// Returns where a new line goes in a file with this content. A command that only some shells reach, after `&&`, counts
/// as the end too: the line can as well be before it. What is inside of a block is not looked at. A here-document without
/// an end has the rest of the file in it.
pub fn place_of_line(content: &[u8], shell: Shell) -> Place {
    if continues(content.strip_suffix(b"\n").unwrap_or(content)) {
        return Place::AfterEmptyLine;
    }
    let lines = lines(content, shell);
    if lines.last().is_some_and(|line| line.part == Part::Text) {
        let begins = lines.iter().rfind(|line| matches!(line.part, Part::Whole | Part::Piece));
        return begins.map_or(Place::End, |line| Place::Before(line.start));
    }
    match lines.iter().rfind(|line| line.part == Part::End || line.is_live()) {
        Some(last) if last.part == Part::Whole && is_end(&String::from_utf8_lossy(last.text)) => {
            Place::Before(last.start)
        }
        _ => Place::End,
    }
}

/// Returns the first line that puts another shell in the place of this one, if any: what comes after it may not be read.
pub fn other_shell(content: &[u8], own: Shell) -> Option<String> {
    const SHELLS: [&str; 10] = ["fish", "zsh", "bash", "nu", "xonsh", "elvish", "pwsh", "tcsh", "ksh", "dash"];
    // Words that lead to the program: `exec $(which fish)`, `exec env A=1 fish`.
    const LEADING: [&str; 5] = ["$", "which", "command", "env", "builtin"];
    let is_other = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        name != own.name() && SHELLS.contains(&name)
    };
    lines(content, own).iter().filter(|line| line.is_live()).find_map(|line| {
        let line = String::from_utf8_lossy(line.text).trim().to_owned();
        let is_between = |c: char| c.is_whitespace() || ";&|{}()\"'`".contains(c);
        let mut words =
            line.split(is_between).filter(|word| !word.is_empty()).skip_while(|word| *word != "exec").skip(1);
        let program = words.find(|word| !word.starts_with('-') && !word.contains('=') && !LEADING.contains(word))?;
        is_other(program).then_some(line)
    })
}

/// Returns whether a line that ends here goes on in the next one.
fn continues(content: &[u8]) -> bool {
    content.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// Returns whether a line that is in no block leaves the file.
fn is_end(line: &str) -> bool {
    if line.starts_with(char::is_whitespace) || line.contains(['{', '}']) {
        return false;
    }
    let words = line.replace("&&", ";").replace("||", ";");
    let mut commands = words.split(';').map(str::split_whitespace);
    commands.any(|mut words| match words.next() {
        // A redirection of the shell itself is no end.
        Some("exec") => words.next().is_some_and(|next| !next.contains(['<', '>'])),
        first => first.is_some_and(|first| ENDS.contains(&first)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_not_put_behind_the_end_of_a_file() {
        for last in [
            "exec fish",
            "exec fish\n",
            "exec -l zsh # always\n",
            "exit\n",
            "exit 0\n",
            "return 0\n",
            "return\n\n# the end\n  \n",
            "[ -t 1 ] && exec fish\n",
            "test -n \"$X\" || return\n",
            "cd; exec zsh\n",
        ] {
            let before = "alias a=b\nexec 2>log\n";
            assert_eq!(
                place_of_line(format!("{before}{last}").as_bytes(), Shell::Bash),
                Place::Before(before.len()),
                "{last:?}"
            );
            assert_eq!(place_of_line(last.as_bytes(), Shell::Bash), Place::Before(0), "{last:?}");
        }
        for text in [
            "",
            "\n",
            "alias a=b",
            "exec 2>&1\n",
            "exec 3< file\n",
            "exec >>log\n",
            "if x; then\n  exec fish\nfi\n",
            "f() { return; }\n",
            "# exec fish\n",
            "executable\n",
            "echo a \\\nexec fish\n",
            "return 0\nalias a=b\n",
            "alias e=exit\n",
            "trap '\necho bye\nexit 0' EXIT\n",
            "alias x=\"a \\\" '\nexec fish\"\n",
            "cat <<exit\nx\nexit\n",
            "cat <<E\nexit\nE\n\n",
        ] {
            assert_eq!(place_of_line(text.as_bytes(), Shell::Bash), Place::End, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_not_put_into_a_here_document_without_end() {
        for text in ["a\ncat <<E\nx\n", "a\ncat <<E\nx\n\n# y\n", "a\ncat <<A <<B\nx\nA\ny"] {
            assert_eq!(place_of_line(text.as_bytes(), Shell::Zsh), Place::Before(2), "{text:?}");
        }
        assert_eq!(place_of_line(b"a\ncat <<E\nx\n", Shell::Fish), Place::End);
    }

    #[test]
    fn quotes_are_seen_through_comments_and_backslashes() {
        for text in ["# it's\nexit\n", "a=\"it's\"\nexit\n", "a=it\\'s\nexit\n", "a='\\'\nexit\n", "a=b#'c'\nexit\n"] {
            assert_eq!(place_of_line(text.as_bytes(), Shell::Bash), Place::Before(text.len() - 5), "{text:?}");
        }
    }

    #[test]
    fn another_shell_is_found_in_any_place() {
        for line in [
            "if command -v fish >/dev/null; then exec fish; fi",
            "  exec fish",
            "{ exec /usr/bin/fish -l; }",
            "SHELL=fish exec fish",
            "builtin exec -l fish",
            "test x && { exec env A=1 fish; }",
            "[ -t 1 ] && exec \"$(command -v fish)\"",
            "exec `which fish` -l",
        ] {
            let found = other_shell(format!("a=b\n# exec zsh\n{line}\n").as_bytes(), Shell::Bash);
            assert_eq!(found.as_deref(), Some(line.trim()));
            assert_eq!(other_shell(line.as_bytes(), Shell::Fish), None, "{line}");
        }
        for line in ["exec 2>&1", "exec tmux", "alias x='fish'", "execute fish", "exec bash", "cat <<E\nexec fish\nE"] {
            assert_eq!(other_shell(line.as_bytes(), Shell::Bash), None, "{line}");
        }
    }

    #[test]
    fn a_line_is_not_made_a_part_of_the_last_one() {
        for text in ["PATH=a:\\", "PATH=a:\\\n", "x \\\\\\\n", "exec fish \\\n", "\\"] {
            assert_eq!(place_of_line(text.as_bytes(), Shell::Bash), Place::AfterEmptyLine, "{text:?}");
        }
        for text in ["PATH=a\\\\\n", "x\\\\", "x \\\n\n"] {
            assert_eq!(place_of_line(text.as_bytes(), Shell::Bash), Place::End, "{text:?}");
        }
    }
}
