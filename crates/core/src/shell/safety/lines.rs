//! The lines of an activation script in which other tools write the environment's path and prompt.
//!
//! Only these are judged. Whatever else a script does was written by its generator or by the user, whose business it is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::benign;
use crate::shell::dialect::Dialect;
use crate::shell::word::{self, Expansion, Word};

/// Variables whose value comes from the path or prompt of an environment, or from the path of its Python.
const WATCHED: [&[u8]; 6] = [b"VIRTUAL_ENV", b"VIRTUAL_ENV_PROMPT", b"PS1", b"PROMPT", b"TCL_LIBRARY", b"TK_LIBRARY"];

/// What every other generator writes near the top, and what venvwrap does.
const HEADERS: [&[u8]; 2] = [b"This file must be used ", b"# Enters this environment. Source it from "];

/// What the judged lines say.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The values of `VIRTUAL_ENV` that are written out.
    pub(super) environments: Vec<Vec<u8>>,
    /// Whether some value of `VIRTUAL_ENV` is found out when the script runs.
    pub(super) is_relocatable: bool,
    /// The values of `VIRTUAL_ENV_PROMPT` that are written out, and the beginnings of `PS1`.
    pub(super) prompts: Vec<Vec<u8>>,
    /// Whether the script has the head line of a generator.
    pub(super) is_generated: bool,
}

/// Reads a script; fails with the number of the first line in which something is expanded that should be a value.
pub(super) fn read(text: &[u8], dialect: Dialect, is_odd: bool) -> Result<Findings, usize> {
    let mut reader = Reader { dialect, is_odd, findings: Findings::default() };
    let mut start = 0;
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        // A value may hold line breaks: a line is read together with all that follows it.
        let rest = &text[start..];
        start += line.len() + 1;
        reader.findings.is_generated |= is_header(line);
        let indent = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let is_safe = match dialect {
            Dialect::Fish => reader.fish(&rest[indent..]),
            Dialect::Posix => reader.posix(&rest[indent..]),
        };
        if is_safe.is_none() {
            return Err(index + 1);
        }
    }
    Ok(reader.findings)
}

/// Whether a line is one that generators write near the top.
pub(super) fn is_header(line: &[u8]) -> bool {
    HEADERS.iter().any(|header| line.windows(header.len()).any(|window| window == *header))
}

struct Reader {
    dialect: Dialect,
    /// Whether the environment's path holds characters of shell syntax.
    is_odd: bool,
    findings: Findings,
}

impl Reader {
    /// Judges the statement at the beginning of a text; nothing when it is not safe.
    fn posix(&mut self, text: &[u8]) -> Option<()> {
        if let Some(rest) = text.strip_prefix(b"if [ \"x") {
            let word = word::read(&text[text.len() - rest.len() - 2..], self.dialect)?;
            let after = &text[text.len() - rest.len() - 2 + word.end..];
            let right = [&b" != "[..], b" = ", b" == "].iter().find_map(|operator| after.strip_prefix(*operator))?;
            word.expansions.iter().all(is_harmless).then_some(())?;
            // A variable is compared by a user; what a generator has written is the prompt, and nothing follows the test.
            return if word.text.is_empty() || word.text == b"x" && !word.expansions.is_empty() {
                Some(())
            } else {
                self.end_of_test(right)
            };
        }
        let text = text.strip_prefix(b"\\").unwrap_or(text);
        let exported = EXPORTS.iter().find_map(|prefix| text.strip_prefix(*prefix));
        let mut rest = exported.unwrap_or(text);
        let mut is_watched = false;
        while let Some(equals) = name_length(rest) {
            let name = &rest[..equals];
            let value = &rest[equals + 1..];
            let found = word::read(value, self.dialect);
            if !WATCHED.contains(&name) {
                // What a user assigns is the user's; it only has to be passed over.
                let Some(found) = found.filter(|_| exported.is_some()) else { break };
                rest = after_blanks(&value[found.end..]);
                continue;
            }
            is_watched = true;
            let found = found?;
            self.judge(name, &found)?;
            rest = &value[found.end..];
            if exported.is_none() {
                break;
            }
            rest = after_blanks(rest);
        }
        if is_watched { self.ending(rest) } else { Some(()) }
    }

    /// Judges the right side of a comparison, after which only the end of the test may stand.
    fn end_of_test(&self, text: &[u8]) -> Option<()> {
        let right = word::read(text, self.dialect)?;
        right.expansions.iter().all(is_harmless).then_some(())?;
        let rest = after_blanks(&text[right.end..]).strip_prefix(b"]")?;
        let rest = after_blanks(rest);
        let rest = rest.strip_prefix(b";").map_or(rest, after_blanks);
        is_end_of_line(rest.strip_prefix(b"then").unwrap_or(rest)).then_some(())
    }

    /// What may follow a value on its line: nothing, a comment, or further assignments.
    fn ending(&mut self, text: &[u8]) -> Option<()> {
        let rest = after_blanks(text);
        let is_comment = rest.first() == Some(&b'#') && rest.len() < text.len();
        if rest.is_empty() || rest[0] == b'\n' || is_comment || rest.starts_with(b";;") {
            return Some(());
        }
        let next = after_blanks(rest.strip_prefix(b";")?);
        let line = next.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let is_export = EXPORTS.iter().any(|prefix| next.starts_with(prefix));
        let is_plain = line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_ \t\r#".contains(byte));
        if line.is_empty() || (is_export && is_plain) {
            return Some(());
        }
        if is_export || name_length(next).is_some_and(|length| WATCHED.contains(&&next[..length])) {
            return self.posix(next);
        }
        let value = next.strip_prefix(b"PATH=")?;
        self.ending(&value[word::read(value, self.dialect)?.end..])
    }

    fn fish(&mut self, text: &[u8]) -> Option<()> {
        let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if [&b"if test -n "[..], b"printf \"%s"].iter().any(|prefix| line.starts_with(prefix)) {
            return self.fish_words(text, None);
        }
        let Some(rest) = text.strip_prefix(b"set ") else { return Some(()) };
        let mut rest = after_blanks(rest);
        while rest.first() == Some(&b'-') {
            let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            if rest[..length].starts_with(b"-e") || &rest[..length] == b"--erase" || rest[..length].starts_with(b"-q") {
                return Some(());
            }
            rest = after_blanks(&rest[length..]);
        }
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = &rest[..length];
        if WATCHED.contains(&name) { self.fish_words(&rest[length..], Some(name)) } else { Some(()) }
    }

    /// Judges the words of a line: the values of a variable, or the arguments of a command.
    fn fish_words(&mut self, text: &[u8], name: Option<&[u8]>) -> Option<()> {
        let mut rest = after_blanks(text);
        loop {
            match rest.first() {
                None | Some(b'\n' | b'#') => return Some(()),
                Some(b';') => return is_end_of_line(&rest[1..]).then_some(()),
                _ => {}
            }
            let word = word::read(rest, self.dialect).filter(|word| word.end > 0)?;
            match name {
                Some(name) => self.judge(name, &word)?,
                None if word.expansions.iter().all(is_harmless) => {}
                None => return None,
            }
            rest = after_blanks(&rest[word.end..]);
        }
    }

    /// Judges the value of a watched variable.
    fn judge(&mut self, name: &[u8], value: &Word) -> Option<()> {
        let is_path = name == b"VIRTUAL_ENV";
        let is_prompt = matches!(name, b"PS1" | b"PROMPT");
        let is_safe = |expansion: &Expansion| match expansion {
            // The value of a variable is no code: only where it is a part of the path is another path activated.
            Expansion::Variable(inner) if is_path && self.is_odd => benign::is_known(inner),
            Expansion::Variable(inner) => benign::is_simple(inner),
            // A generator puts the name in parentheses; another prompt is one that the user has made.
            _ if is_prompt && !matches!(value.text.first(), Some(b'(' | b'[')) => true,
            Expansion::Command(commands) => benign::only_names_paths(commands),
            Expansion::Other => false,
        };
        if !value.expansions.iter().all(is_safe) {
            return None;
        }
        match value.literal() {
            Some(path) if is_path => self.findings.environments.push(path.to_vec()),
            None if is_path => self.findings.is_relocatable |= !is_cygpath(value),
            _ if is_prompt && value.text.first() != Some(&b'(') => {}
            _ => self.findings.prompts.push(value.text.clone()),
        }
        Some(())
    }
}

/// Whether an expansion where only a value is compared or printed does no more than read.
fn is_harmless(expansion: &Expansion) -> bool {
    match expansion {
        Expansion::Variable(inner) => benign::is_simple(inner),
        Expansion::Command(commands) => benign::only_names_paths(commands),
        Expansion::Other => false,
    }
}

/// How a line may begin that exports what it assigns.
const EXPORTS: [&[u8]; 5] = [b"export ", b"builtin export ", b"declare -x ", b"typeset -x ", b"typeset -gx "];

/// Returns the length of the name of a variable that is assigned at the beginning of a text.
fn name_length(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (length > 0 && text.get(length) == Some(&b'=')).then_some(length)
}

fn after_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    &text[blanks..]
}

/// Whether nothing more is in the line.
fn is_end_of_line(text: &[u8]) -> bool {
    matches!(after_blanks(text).first(), None | Some(b'\n'))
}

/// Whether a value is only translated for Windows: that branch is not taken here.
fn is_cygpath(value: &Word) -> bool {
    let is_call = |found: &Expansion| matches!(found, Expansion::Command(text) if text.starts_with(b"cygpath "));
    value.text.is_empty() && value.expansions.iter().all(is_call)
}

/// Returns the last component of a path that a script names.
pub(super) fn file_name(path: &[u8]) -> &[u8] {
    std::path::Path::new(OsStr::from_bytes(path)).file_name().map(OsStr::as_bytes).unwrap_or_default()
}
