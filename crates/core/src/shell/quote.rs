//! Quoting of arbitrary bytes for each shell: the only place where a value becomes shell text.
//!
//! Values are bytes, since a path need not be UTF-8. Every result is one complete word; leave a blank or an operator
//! between two of them, as `'a''b'` means `a'b` to a zsh with `rc_quotes`. No value of the system can hold a NUL, and
//! none of these functions expects one.

#[cfg(test)]
mod tests;

/// Returns the value as a word for any shell of the Bourne family: sh, dash, ksh, mksh, busybox, bash and zsh.
///
/// One exception: a zsh with `csh_junkie_quotes` refuses a line break between quotes; [`bash_zsh`] has none.
pub fn posix(value: &[u8]) -> Vec<u8> {
    single_quoted(value, |byte, word| match byte {
        b'\'' => word.extend(br"'\''"),
        _ => word.push(byte),
    })
}

/// Returns the value as a word for any shell of the Bourne family that is harmless inside a `'''` string of Python too.
///
/// Within single quotes nothing is special to these shells; a single quote and a backslash leave them, each in the one
/// spelling that Python also reads as an escape it knows.
pub fn posix_in_python(value: &[u8]) -> Vec<u8> {
    single_quoted(value, |byte, word| match byte {
        b'\'' => word.extend(br"'\''"),
        b'\\' => word.extend(br#"'"\\"'"#),
        _ => word.push(byte),
    })
}

/// Returns the value as a word for bash, zsh, ksh or mksh, always on a single line.
///
/// Control characters and what is not UTF-8 come as octal escapes, so that the word also survives `csh_junkie_quotes`
/// and a terminal. dash knows no such escapes: give it [`posix`].
pub fn bash_zsh(value: &[u8]) -> Vec<u8> {
    if is_plain_text(value) {
        return posix(value);
    }
    let mut word = b"$'".to_vec();
    for &byte in value {
        match byte {
            b'\'' | b'\\' => word.extend([b'\\', byte]),
            b' '..=b'~' => word.push(byte),
            _ => word.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    word.push(b'\'');
    word
}

/// Returns the value as a word for fish, always on a single line.
pub fn fish(value: &[u8]) -> Vec<u8> {
    single_quoted(value, |byte, word| match byte {
        b'\'' | b'\\' => word.extend([b'\\', byte]),
        b'\n' => word.extend(br"'\n'"),
        _ => word.push(byte),
    })
}

/// Returns the value as a word for csh and tcsh, or nothing for a line break or what is not UTF-8.
///
/// The text is for `source` or ``eval "`…`"``; without those double quotes the shell drops tabs and braces.
pub fn csh(value: &[u8]) -> Option<Vec<u8>> {
    if value.contains(&b'\n') || std::str::from_utf8(value).is_err() {
        return None;
    }
    Some(single_quoted(value, |byte, word| match byte {
        b'\'' => word.extend(br"'\''"),
        b'!' => word.extend(br"\!"),
        _ => word.push(byte),
    }))
}

/// Returns the value as a string for PowerShell, or nothing for what is not UTF-8.
///
/// PowerShell takes the typographic quotes U+2018 to U+201B for `'`, so these are doubled as well.
pub fn powershell(value: &[u8]) -> Option<Vec<u8>> {
    let mut word = String::from("'");
    for character in std::str::from_utf8(value).ok()?.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            word.push(character);
        }
        word.push(character);
    }
    word.push('\'');
    Some(word.into_bytes())
}

/// Returns the value as a string for nushell, or nothing for what is not UTF-8.
pub fn nushell(value: &[u8]) -> Option<Vec<u8>> {
    let mut word = String::from('"');
    for character in std::str::from_utf8(value).ok()?.chars() {
        match character {
            '"' | '\\' => word.extend(['\\', character]),
            _ if character.is_control() => word.extend(format!("\\u{{{:x}}}", u32::from(character)).chars()),
            _ => word.push(character),
        }
    }
    word.push('"');
    Some(word.into_bytes())
}

/// Returns the value as a bytes literal of Python, in ASCII alone: the encoding of the file cannot matter.
pub fn python(value: &[u8]) -> Vec<u8> {
    let mut literal = b"b'".to_vec();
    for &byte in value {
        match byte {
            b'\'' | b'\\' => literal.extend([b'\\', byte]),
            b' '..=b'~' => literal.push(byte),
            _ => literal.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    literal.push(b'\'');
    literal
}

fn single_quoted(value: &[u8], mut write: impl FnMut(u8, &mut Vec<u8>)) -> Vec<u8> {
    let mut word = Vec::with_capacity(value.len() + 2);
    word.push(b'\'');
    for &byte in value {
        write(byte, &mut word);
    }
    word.push(b'\'');
    word
}

/// Returns whether a value is UTF-8 without control characters.
fn is_plain_text(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| !text.contains(char::is_control))
}
