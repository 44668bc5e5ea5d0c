//! The activate scripts of csh and PowerShell, which are judged in the same way and with less: in a line that holds a
//! value, nothing but that value may stand.
//!
//! Only the lines are read that generators write values into, and every line that holds a part of the path, name or prompt
//! with a character of shell syntax as it is.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::benign;
use super::lines::Findings;
use crate::env::Environment;
use crate::shell::activate::Script;

/// How the lines of csh begin that hold a value.
const CSH: [&[u8]; 12] = [
    b"setenv VIRTUAL_ENV",
    b"setenv TCL_LIBRARY",
    b"setenv TK_LIBRARY",
    b"set prompt",
    b"set env_name",
    b"set _virtualenv_prompt",
    b"set deactivate_script",
    b"if ('",
    b"if (\"",
    b"if ( '",
    b"if ( \"",
    b"if ($?_OLD_VIRTUAL_PATH) source",
];

/// How those of PowerShell begin; a value is there if a quote follows.
const POWERSHELL: [&[u8]; 9] = [
    b"$_venvwrap_place = ",
    b"$env:VIRTUAL_ENV = ",
    b"$env:VIRTUAL_ENV_PROMPT = ",
    b"$env:TCL_LIBRARY = ",
    b"$env:TK_LIBRARY = ",
    b"$VIRTUAL_ENV = ",
    b"$Prompt = ",
    b"if (",
    b"} elseif (",
];

/// Reads a script; fails with the number of the first line in which more than a value might stand.
pub(super) fn read(text: &[u8], script: Script, environment: &Environment) -> Result<Findings, usize> {
    let odd = odd_values(environment);
    let mut findings = Findings::default();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        findings.is_generated |= super::lines::is_header(line);
        let line = line.trim_ascii();
        if line.starts_with(b"#") {
            continue;
        }
        let is_odd = odd.iter().any(|value| line.windows(value.len()).any(|part| part == value));
        let value = match script {
            Script::PowerShell => powershell(line, is_odd),
            _ if is_odd || CSH.iter().any(|prefix| line.starts_with(prefix)) => csh(line),
            _ => continue,
        };
        let value = value.ok_or(index + 1)?;
        if line.starts_with(b"setenv VIRTUAL_ENV ") || line.starts_with(b"$env:VIRTUAL_ENV = ") {
            findings.is_relocatable |= value.is_none();
            findings.environments.extend(value);
        }
    }
    Ok(findings)
}

/// What a script may hold as it is, and must not: the path, the name and the prompt, line by line.
fn odd_values(environment: &Environment) -> Vec<Vec<u8>> {
    let path = environment.path();
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
    let mut values = vec![bytes(path), bytes(&real), environment.name().as_os_str().as_bytes().to_vec()];
    values.extend(environment.cfg().and_then(|cfg| cfg.prompt().map(|prompt| prompt.as_bytes().to_vec())));
    let lines = values.iter().flat_map(|value| value.split(|byte| matches!(byte, b'\n' | b'\r')));
    lines.map(<[u8]>::trim_ascii).filter(|line| is_odd(line)).map(<[u8]>::to_vec).collect()
}

/// Whether a value is more than text between some quotes; PowerShell knows typographic ones.
fn is_odd(value: &[u8]) -> bool {
    let is_typographic = |text: &str| text.chars().any(|character| ('\u{2018}'..='\u{201e}').contains(&character));
    value.iter().any(|byte| matches!(byte, b'$' | b'`' | b'"' | b'\'' | b'\\' | b'!' | 0..=31))
        || std::str::from_utf8(value).map_or(true, is_typographic)
}

/// Reads a line of csh in which no command but its own can run. Returns what follows the second blank, if nothing is
/// expanded in it.
#[expect(clippy::option_option, reason = "not safe, or safe and no text, or a text")]
fn csh(line: &[u8]) -> Option<Option<Vec<u8>>> {
    let (mut at, mut blanks) = (0, 0);
    let mut value = Some(Vec::new());
    while let Some(&byte) = line.get(at) {
        match byte {
            b'\'' | b'"' => {
                let end = at + 1 + line[at + 1..].iter().position(|other| *other == byte)?;
                let (text, is_literal) = csh_quoted(&line[at + 1..end], byte)?;
                value = value.filter(|_| is_literal).map(|value| [value, text].concat());
                at = end;
            }
            b'\\' if matches!(line.get(at + 1), Some(b'\'' | b'"' | b'!')) => {
                at += 1;
                value.as_mut()?.push(line[at]);
            }
            // Only what prints a path, up to the end of the line.
            b'`' => {
                let inner = line[at + 1..].strip_suffix(b"`")?;
                return benign::only_names_paths(inner).then_some(None);
            }
            b'#' if at > 0 && line[at - 1] == b' ' => break,
            b' ' => {
                blanks += 1;
                if blanks == 2 {
                    value = Some(Vec::new());
                }
            }
            b'$' => value = None,
            _ if byte.is_ascii_alphanumeric() || b"_=!?()/.,:-@%+[]~*\t".contains(&byte) || byte >= 128 => {
                value = value.map(|value| [&value[..], &[byte]].concat());
            }
            _ => return None,
        }
        at += 1;
    }
    Some(value)
}

/// The text between quotes, and whether nothing is expanded in it. Whether a backslash means itself there depends on a
/// setting.
fn csh_quoted(text: &[u8], quote: u8) -> Option<(Vec<u8>, bool)> {
    let mut plain = Vec::new();
    let mut bytes = text.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' if bytes.peek() == Some(&&b'!') => plain.extend(bytes.next()),
            b'\\' | b'!' => return None,
            b'`' if quote == b'"' => return None,
            _ => plain.push(byte),
        }
    }
    Some((plain, quote == b'\'' || !text.contains(&b'$')))
}

/// Judges a line of PowerShell: one string, and what a generator writes behind it. Returns its text, if nothing is expanded
/// in it.
#[expect(clippy::option_option, reason = "not safe, or safe and no text, or a text")]
fn powershell(line: &[u8], is_odd: bool) -> Option<Option<Vec<u8>>> {
    let unknown = (!is_odd).then_some(None);
    let Ok(text) = std::str::from_utf8(line) else { return unknown };
    let Some(prefix) = POWERSHELL.iter().find(|prefix| line.starts_with(prefix)) else { return unknown };
    let is_test = prefix.ends_with(b"(");
    let rest = &text[prefix.len()..];
    let ending = [" -ne \"\") {", " -ne '') {"].into_iter().find(|ending| rest.ends_with(ending));
    if !rest.starts_with(is_quote) || (is_test && ending.is_none()) {
        return unknown;
    }
    let (value, is_literal, behind) = powershell_string(rest)?;
    let is_whole = if is_test { Some(behind) == ending } else { behind.trim_ascii().is_empty() };
    is_whole.then(|| is_literal.then(|| value.into_bytes()))
}

/// Reads a string: its text, whether nothing is expanded in it, and what follows.
fn powershell_string(text: &str) -> Option<(String, bool, &str)> {
    let mut characters = text.char_indices().peekable();
    let is_single = is_single(characters.next()?.1);
    let ends = |character: char| is_quote(character) && self::is_single(character) == is_single;
    let (mut value, mut is_literal) = (String::new(), true);
    while let Some((at, character)) = characters.next() {
        match character {
            _ if ends(character) => match characters.next_if(|(_, next)| ends(*next)) {
                Some((_, next)) => value.push(next),
                None => return Some((value, is_literal, &text[at + character.len_utf8()..])),
            },
            '`' if !is_single => return None,
            '$' if !is_single && matches!(characters.peek(), Some((_, '(' | '{'))) => return None,
            '$' if !is_single => is_literal = false,
            _ => value.push(character),
        }
    }
    None
}

fn is_quote(character: char) -> bool {
    is_single(character) || matches!(character, '"' | '\u{201c}'..='\u{201e}')
}

fn is_single(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}'..='\u{201b}')
}
