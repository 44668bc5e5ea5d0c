//! What generators and users write into the lines that name an environment, and what it may do: find out a path.

/// Programs and builtins that only print a path or part of it.
const PATH_PROGRAMS: [&[u8]; 10] =
    [b"basename", b"cd", b"cygpath", b"dirname", b"pwd", b"readlink", b"realpath", b"set_color", b"uname", b"builtin"];

/// Variables that generators use in these lines.
const KNOWN: [&[u8]; 9] = [
    b"VIRTUAL_ENV",
    b"VIRTUAL_ENV_PROMPT",
    b"_VIRTUAL_PROMPT",
    b"_OLD_VIRTUAL_PROMPT",
    b"BASH_SOURCE",
    b"SCRIPT_PATH",
    b"CURRENT_ENV",
    b"CURRENT_PATH",
    b"CURRENT_DIR",
];

/// Returns whether commands do no more than print paths.
pub(super) fn only_names_paths(commands: &[u8]) -> bool {
    if commands.iter().any(|byte| b";|<>\n\r!{=".contains(byte) && !is_in_braces(commands, *byte)) {
        return false;
    }
    let mut expects_program = true;
    let mut at = 0;
    while at < commands.len() {
        match commands[at] {
            b'$' if matches!(commands.get(at + 1), Some(b'(')) => at += 1,
            b'(' | b'`' => {
                expects_program = true;
                at += 1;
            }
            b'&' if commands.get(at + 1) == Some(&b'&') => {
                expects_program = true;
                at += 2;
            }
            b'&' => return false,
            byte if is_between(byte) => at += 1,
            _ => {
                let length = commands[at..].iter().take_while(|byte| !is_between(**byte) && **byte != b'&').count();
                if expects_program && !PATH_PROGRAMS.contains(&&commands[at..at + length]) {
                    return false;
                }
                // The program behind `builtin` is looked at as well.
                expects_program = expects_program && &commands[at..at + length] == b"builtin";
                at += length;
            }
        }
    }
    true
}

/// Braces and what they may hold are allowed only around the name of a variable.
fn is_in_braces(commands: &[u8], byte: u8) -> bool {
    byte == b'{'
        && commands.windows(2).filter(|pair| pair[1] == b'{').all(|pair| pair[0] == b'$')
        && commands.first() != Some(&b'{')
        && !commands.windows(2).any(|pair| pair == b"@P")
}

fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'\\()`".contains(&byte)
}

/// Returns whether the text after a dollar is a variable, perhaps with a default or a pattern that is plain text.
pub(super) fn is_simple(inner: &[u8]) -> bool {
    let inner = inner.strip_suffix(b"[0]").unwrap_or(inner);
    // zsh's and ksh's names for the file that is being sourced.
    matches!(inner, b"(%):-%x" | b".sh.file")
        || inner.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_:+-?%#/.*".contains(byte))
}

/// Returns whether the text after a dollar is a variable that generators use in these lines.
pub(super) fn is_known(inner: &[u8], is_prompt: bool) -> bool {
    let length = inner.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let name = &inner[..length];
    let is_old_prompt = is_prompt && matches!(name, b"PS1" | b"PROMPT" | b"_OLD_VIRTUAL_PS1");
    is_simple(inner) && (is_old_prompt || KNOWN.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_that_print_paths_are_harmless() {
        for text in [
            r#"basename "$VIRTUAL_ENV""#,
            r#"basename \`dirname \"$VIRTUAL_ENV\"\`"#,
            r#"cd "$(dirname "$(dirname "${BASH_SOURCE[0]}" )")" && pwd"#,
            r#"cygpath "/a b/c""#,
            "set_color -b blue white",
            "readlink -f ${BASH_SOURCE-$0}",
        ] {
            assert!(only_names_paths(text.as_bytes()), "{text}");
        }
        for text in [
            "touch PWN",
            r#"cygpath "/x$(touch PWN)""#,
            r#"cygpath "/x`touch PWN`""#,
            r#"cygpath "/x"; touch PWN; ""#,
            "cd / && touch PWN",
            "cd / & touch PWN",
            "basename x | sh",
            "basename x\ntouch PWN",
            "basename x > PWN",
            "A=b touch PWN",
            "builtin eval x",
            "$SHELL -c x",
        ] {
            assert!(!only_names_paths(text.as_bytes()), "{text}");
        }
    }
}
