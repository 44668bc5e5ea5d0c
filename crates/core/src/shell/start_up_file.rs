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
        return if is_end(&text) && !continues(before) { Place::Before(start) } else { Place::End };
    }
    Place::End
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
        ] {
            assert_eq!(place_of_line(text.as_bytes()), Place::End, "{text:?}");
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
