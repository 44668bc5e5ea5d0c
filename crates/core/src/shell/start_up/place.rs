//! Where a line goes that is added to a start-up file, so that the shell reaches it as a command.

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
/// as the end too: the line can as well be before it. What is inside of a block is not looked at.
pub fn place_of_line(content: &[u8]) -> Place {
    if continues(content.strip_suffix(b"\n").unwrap_or(content)) {
        return Place::AfterEmptyLine;
    }
    let mut start = content.len();
    for line in content.split_inclusive(|&byte| byte == b'\n').rev() {
        start -= line.len();
        let text = String::from_utf8_lossy(line);
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        let before = content[..start].strip_suffix(b"\n").unwrap_or_default();
        let is_command = !continues(before) && !is_in_quotes(&content[..start]);
        return if is_command && is_end(&text) { Place::Before(start) } else { Place::End };
    }
    Place::End
}

/// Returns the first line that puts another shell in the place of this one, if any: what comes after it may not be read.
pub fn other_shell(content: &[u8], own: &str) -> Option<String> {
    const SHELLS: [&str; 10] = ["fish", "zsh", "bash", "nu", "xonsh", "elvish", "pwsh", "tcsh", "ksh", "dash"];
    let is_other = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        name != own && SHELLS.contains(&name)
    };
    String::from_utf8_lossy(content).lines().map(str::trim).filter(|line| !line.starts_with('#')).find_map(|line| {
        let is_between = |c: char| c.is_whitespace() || ";&|{}()\"'`".contains(c);
        let mut words =
            line.split(is_between).filter(|word| !word.is_empty()).skip_while(|word| *word != "exec").skip(1);
        let program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
        is_other(program).then(|| line.to_owned())
    })
}

/// Returns whether a text ends inside of quotes, as far as that can be seen without reading it as a shell does.
fn is_in_quotes(text: &[u8]) -> bool {
    let (mut open, mut previous) = (None, b'\n');
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (open, byte) {
            (None | Some(b'"'), b'\\') => _ = bytes.next(),
            (None, b'#') if previous.is_ascii_whitespace() || previous == b';' => {
                _ = bytes.find(|byte| *byte == b'\n');
                previous = b'\n';
                continue;
            }
            (None, b'\'' | b'"') => open = Some(byte),
            (Some(quote), _) if byte == quote => open = None,
            _ => {}
        }
        previous = byte;
    }
    open.is_some()
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
            assert_eq!(place_of_line(format!("{before}{last}").as_bytes()), Place::Before(before.len()), "{last:?}");
            assert_eq!(place_of_line(last.as_bytes()), Place::Before(0), "{last:?}");
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
        ] {
            assert_eq!(place_of_line(text.as_bytes()), Place::End, "{text:?}");
        }
    }

    #[test]
    fn quotes_are_seen_through_comments_and_backslashes() {
        for text in ["# it's\nexit\n", "a=\"it's\"\nexit\n", "a=it\\'s\nexit\n", "a='\\'\nexit\n", "a=b#'c'\nexit\n"] {
            assert_eq!(place_of_line(text.as_bytes()), Place::Before(text.len() - 5), "{text:?}");
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
        ] {
            let found = other_shell(format!("a=b\n# exec zsh\n{line}\n").as_bytes(), "bash");
            assert_eq!(found.is_some(), !line.contains("env "), "{line}");
            assert_eq!(other_shell(line.as_bytes(), "fish"), None, "{line}");
        }
        for line in ["exec 2>&1", "exec tmux", "alias x='fish'", "execute fish", "exec bash"] {
            assert_eq!(other_shell(line.as_bytes(), "bash"), None, "{line}");
        }
    }

    #[test]
    fn a_line_is_not_made_a_part_of_the_last_one() {
        for text in ["PATH=a:\\", "PATH=a:\\\n", "x \\\\\\\n", "exec fish \\\n", "\\"] {
            assert_eq!(place_of_line(text.as_bytes()), Place::AfterEmptyLine, "{text:?}");
        }
        for text in ["PATH=a\\\\\n", "x\\\\", "x \\\n\n"] {
            assert_eq!(place_of_line(text.as_bytes()), Place::End, "{text:?}");
        }
    }
}
