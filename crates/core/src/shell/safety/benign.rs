//! What generators and users write into the lines that name an environment, and what it may do: find out a path.

/// Programs and builtins that only print a path or part of it.
const PATH_PROGRAMS: [&[u8]; 13] = [
    b"basename",
    b"cd",
    b"cygpath",
    b"dirname",
    b"echo",
    b"pwd",
    b"readlink",
    b"realpath",
    b"set_color",
    b"status",
    b"uname",
    b"builtin",
    b"command",
];

/// Where the output of these programs may be sent, for they are often told to be silent; and what `cd` is told.
const ASIDE: [&[u8]; 9] = [
    b"CDPATH= ",
    b"2>/dev/null",
    b"1>/dev/null",
    b"&>/dev/null",
    b">/dev/null",
    b"2> /dev/null",
    b"&> /dev/null",
    b"> /dev/null",
    b"2>&1",
];

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
    let commands = &without(&without(commands, &ASIDE), &[b"; and ", b";and "]);
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
                // The program behind these is looked at as well.
                let is_prefix = [&b"builtin"[..], b"command"].contains(&&commands[at..at + length]);
                expects_program = expects_program && is_prefix;
                at += length;
            }
        }
    }
    true
}

/// Replaces parts by what stands between two commands that both run.
fn without(text: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let Some(part) = parts.iter().find(|part| text[at..].starts_with(part)) {
            rest.extend(if part.ends_with(b"and ") { &b" && "[..] } else { b" " });
            at += part.len();
        } else {
            rest.push(text[at]);
            at += 1;
        }
    }
    rest
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
    // zsh's and ksh's names for the file that is being sourced.
    if matches!(inner, b"(%):-%x" | b".sh.file") {
        return true;
    }
    let inner = inner.strip_prefix(b"#").filter(|rest| !rest.is_empty()).unwrap_or(inner);
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = match inner.first() {
        Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => 1,
        _ => inner.iter().take_while(is_name).count(),
    };
    let operation = &inner[length..];
    let operation = operation.strip_prefix(b"[0]").unwrap_or(operation);
    // A colon with anything else begins arithmetic, which runs what a variable holds.
    let is_plain =
        matches!(operation, [] | [b':', b'-' | b'+' | b'?', ..] | [b'-' | b'+' | b'?' | b'%' | b'#' | b'/', ..]);
    let is_text = |byte: &u8| byte.is_ascii_alphanumeric() || b"_:+-?%#/.*, ".contains(byte);
    length > 0 && is_plain && operation.iter().all(is_text)
}

/// Returns whether the text after a dollar is a variable that generators use in these lines.
pub(super) fn is_known(inner: &[u8]) -> bool {
    let length = inner.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let name = &inner[..length];
    is_simple(inner) && (name.starts_with(b"_OLD_VIRTUAL_") || KNOWN.contains(&name))
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
            r#"cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." >/dev/null 2>&1 && pwd -P"#,
            r#"dirname -- "$(cd "$(dirname -- "$(status -f)")"; and pwd)""#,
            "builtin cd /x &> /dev/null && builtin pwd",
            "command dirname /x 2>/dev/null",
            r#"CDPATH= cd -- "$(dirname -- "$SCRIPT_PATH")" > /dev/null && echo "$PWD""#,
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
            "command touch PWN",
            "command -v touch",
            "basename x; and touch PWN",
            "basename x >/dev/null; touch PWN",
            "basename x 2>&1 | sh",
            "touch 2>/dev/null PWN",
            "$SHELL -c x",
        ] {
            assert!(!only_names_paths(text.as_bytes()), "{text}");
        }
    }
    #[test]
    fn a_variable_with_a_plain_default_is_no_code() {
        for text in ["x", "1", "@", "#x", "x:-", "x:-a b", "x+_", "x[0]", "x[0]%/bin/*", "x##*/", "x/a/b", "(%):-%x"] {
            assert!(is_simple(text.as_bytes()), "{text}");
        }
        for text in ["", "x:y", "x:1", "x[y]", "x[0]:y", "x@P", "!x", "x:=y", "x:-$(y)", "x:-`y`", "(e)x", "x:-(y)"] {
            assert!(!is_simple(text.as_bytes()), "{text}");
        }
    }
}
