//! The answer, in the words of each shell.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use console::truncate_str;

use super::bash::{self, Current};
use super::candidates::Candidate;
use super::paths::list;
use super::situation::Situation;
use crate::process::Process;
use crate::ui::columns::measure;

/// What can be at the cursor.
#[derive(Debug)]
pub(super) enum Answer {
    /// One of these; the first field says what they are.
    Values(&'static str, Vec<Candidate>),
    /// A path, relative to a directory other than the current one if there is a base.
    Paths {
        /// Whether files are wanted as well as directories.
        files: bool,
        /// The directory that all of them are below.
        base: Option<PathBuf>,
    },
    /// The word of a command that begins after so many words.
    Command {
        /// The number of words before it.
        at: usize,
        /// What to offer where the shell cannot tell by itself.
        otherwise: Box<Answer>,
    },
}

impl Answer {
    /// Candidates of one sort.
    pub(super) fn values(what: &'static str, candidates: Vec<Candidate>) -> Self {
        Self::Values(what, candidates)
    }

    /// The candidates themselves, paths listed.
    fn candidates(&self, process: &Process, typed: &[u8]) -> Vec<Candidate> {
        match self {
            Self::Values(_, candidates) => candidates.clone(),
            Self::Paths { files, base } => list(process, *files, base.as_deref(), typed),
            Self::Command { otherwise, .. } => otherwise.candidates(process, typed),
        }
    }
}

/// bash: what readline inserts, each with a vertical tab after it, which no candidate holds.
pub(super) fn for_bash(
    process: &Process,
    answer: &Answer,
    situation: &Situation,
    current: &Current,
    ends_words: bool,
) -> Vec<u8> {
    let typed = current.text.as_slice();
    let lead = String::from_utf8_lossy(&situation.lead);
    let all: Vec<String> = answer
        .candidates(process, &situation.prefix)
        .into_iter()
        .map(|found| format!("{lead}{}", found.value))
        .collect();
    let mut matching: Vec<&String> = all.iter().filter(|value| value.as_bytes().starts_with(typed)).collect();
    if matching.is_empty() && current.kept == 0 {
        let typed = String::from_utf8_lossy(typed).to_lowercase();
        matching = all.iter().filter(|value| value.to_lowercase().starts_with(&typed)).collect();
    }
    // A short option says nothing next to its long form, as bash shows no descriptions.
    if matching.iter().any(|value| value.starts_with("--")) {
        matching.retain(|value| value.len() != 2 || !value.starts_with('-'));
    }
    let is_only = matching.len() == 1;
    let mut text = Vec::new();
    for value in matching {
        text.extend(bash::write(value, current));
        if ends_words && is_only && current.quote.is_none() && !value.ends_with('/') {
            text.push(b' ');
        }
        text.push(b'\x0b');
    }
    text
}

/// zsh: fields with a NUL after each. The first says what follows: values and as many lines that show them, a
/// directory to list, or the place of the command.
pub(super) fn for_zsh(answer: &Answer, situation: &Situation, columns: usize) -> Vec<u8> {
    let mut fields: Vec<Vec<u8>> = Vec::new();
    match answer {
        Answer::Values(what, candidates) => {
            let lead = String::from_utf8_lossy(&situation.lead);
            fields.extend([b"values".to_vec(), what.as_bytes().to_vec()]);
            fields.extend(candidates.iter().map(|found| format!("{lead}{}", found.value).into_bytes()));
            fields.extend(lines(candidates, columns).into_iter().map(String::into_bytes));
        }
        Answer::Paths { files, base } => {
            fields.push(if *files { b"files".to_vec() } else { b"directories".to_vec() });
            fields.push(base.as_ref().map(|base| base.as_os_str().as_bytes().to_vec()).unwrap_or_default());
        }
        Answer::Command { at, .. } => fields.extend([b"command".to_vec(), at.to_string().into_bytes()]),
    }
    fields.into_iter().flat_map(|field| [field, b"\0".to_vec()].concat()).collect()
}

/// fish: one line for each candidate, with its description after a tab. The first line says whether fish shall list
/// files or directories by itself.
pub(super) fn for_fish(process: &Process, answer: &Answer, situation: &Situation) -> Vec<u8> {
    let lists_itself = situation.lead.is_empty();
    match answer {
        Answer::Paths { files: true, base: None } if lists_itself => return b"files\n".to_vec(),
        Answer::Paths { files: false, base: None } if lists_itself => return b"directories\n".to_vec(),
        Answer::Command { otherwise, .. } if matches!(**otherwise, Answer::Paths { .. }) => return b"files\n".to_vec(),
        _ => {}
    }
    let lead = String::from_utf8_lossy(&situation.lead);
    let mut text = String::from("values\n");
    for found in answer.candidates(process, &situation.prefix) {
        text.extend([&lead, found.value.as_str()]);
        if !found.description.is_empty() {
            text.extend(["\t", &found.description]);
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// What a token of fish means so far; the quote around it may still be open.
pub(super) fn fish_token(token: &[u8]) -> Vec<u8> {
    let mut meaning = Vec::new();
    let mut quote = None;
    let mut bytes = token.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'\\') => meaning.extend(bytes.next()),
            (Some(open), b'\\') => {
                let escaped = bytes.next_if(|next| *next == open || *next == b'\\' || (open == b'"' && *next == b'$'));
                meaning.push(escaped.unwrap_or(b'\\'));
            }
            _ => meaning.push(byte),
        }
    }
    meaning
}

/// The lines that a menu shows, descriptions in a column of their own.
fn lines(candidates: &[Candidate], columns: usize) -> Vec<String> {
    let described = candidates.iter().filter(|found| !found.description.is_empty());
    let column = described.map(|found| measure(&found.value)).max().unwrap_or(0).min(columns / 2);
    let line = |found: &Candidate| {
        if found.description.is_empty() {
            return found.value.clone();
        }
        let padding = " ".repeat(column.saturating_sub(measure(&found.value)));
        let line = format!("{}{padding}  -- {}", found.value, found.description);
        truncate_str(&line, columns.saturating_sub(1), "").into_owned()
    };
    candidates.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_fish_mean_what_fish_makes_of_them() {
        assert_eq!(fish_token(br"a\ b"), b"a b");
        assert_eq!(fish_token(b"'a b"), b"a b");
        assert_eq!(fish_token(br"'it\'s"), b"it's");
        assert_eq!(fish_token(br#""a\$b"#), b"a$b");
        assert_eq!(fish_token(br"'a\b'"), br"a\b");
    }

    #[test]
    fn descriptions_stand_in_a_column() {
        let found = |value: &str, description: &str| Candidate { value: value.into(), description: description.into() };
        let shown = lines(&[found("a", "3.12"), found("long", "3.13, ~/x"), found("none", "")], 20);
        assert_eq!(shown, ["a     -- 3.12", "long  -- 3.13, ~/x", "none"]);
        let shown = lines(&[found("漢字", "3.12"), found("e\u{301}t\u{e9}", "3.13"), found("abcde", "3.9")], 40);
        assert_eq!(shown, ["漢字   -- 3.12", "e\u{301}té    -- 3.13", "abcde  -- 3.9"]);
        assert_eq!(lines(&[found("漢字", "漢字漢字")], 12), ["漢字  -- 漢"], "a wide letter is not cut in two");
        assert_eq!(lines(&[found("a", "0123456789")], 10), ["a  -- 012"[..9].to_string()]);
    }
}
