//! The words of a loop or of an argument: what a shell makes of braces and patterns in them. Nothing is run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Shell;
use super::lines::unquoted;
use super::zdotdir::Values;
use crate::env::pattern::Pattern;

/// No loop of a start-up file has more words that matter.
const MOST: usize = 200;

/// A longer word is none that a person has written.
const MAX_LENGTH: usize = 4096;

/// How many directories deep `**` looks, itself included.
const DEPTH: usize = 4;

/// Returns the names in a directory, in their order; none of what is no directory.
pub(super) type List<'a> = &'a dyn Fn(&Path) -> Vec<OsString>;

/// Returns what the words of a text become, as far as that needs nothing but simple values and names of files.
pub(super) fn expanded(text: &str, shell: Shell, values: &Values<'_>, list: List<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for word in split(text, shell).into_iter().filter(|word| word.len() <= MAX_LENGTH).take(MOST) {
        for word in alternatives(word, shell) {
            match unquoted(&word, shell).find(|(_, letter)| "*?[".contains(*letter)) {
                Some((at, _)) => found.extend(matching(&word, at, shell, values, list)),
                None => found.extend(values.expand(&word)),
            }
        }
    }
    found.truncate(MOST);
    found
}

/// The words, as they are written.
pub(super) fn split(text: &str, shell: Shell) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let blanks = unquoted(text, shell).filter(|(_, letter)| letter.is_whitespace());
    for (at, letter) in blanks.chain([(text.len(), ' ')]) {
        found.extend(text.get(start..at).filter(|word| !word.is_empty()));
        start = at + letter.len_utf8();
    }
    found
}

/// The words that braces make of one: `~/.{aliases,functions}`.
fn alternatives(word: &str, shell: Shell) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![word.to_owned()]);
    while let Some(word) = waiting.pop().filter(|_| found.len() < MOST) {
        let is_open = |(at, letter): &(usize, char)| *letter == '{' && !word[..*at].ends_with('$');
        let open = unquoted(&word, shell).find(is_open).map(|(at, _)| at);
        let close = |open: usize| unquoted(&word, shell).find(|(at, letter)| *at > open && *letter == '}');
        match open.and_then(|open| Some((open, close(open)?.0))) {
            Some((open, close)) => {
                let parts = word[open + 1..close].rsplit(',').take(MOST);
                waiting.extend(parts.map(|part| [&word[..open], part, &word[close + 1..]].concat()));
            }
            None => found.push(word),
        }
    }
    found
}

/// The paths of what a word means that has a pattern from here on.
fn matching(word: &str, at: usize, shell: Shell, values: &Values<'_>, list: List<'_>) -> Vec<String> {
    let (fixed, pattern) = word.split_at(at);
    let Some(fixed) = values.expand(fixed).filter(|fixed| fixed.starts_with('/')) else { return Vec::new() };
    let (directory, name) = fixed.rsplit_once('/').unwrap_or_default();
    // `(N)` and its like, in which zsh says what else is to be true of a file.
    let end = unquoted(pattern, shell).find(|(_, letter)| *letter == '(').map_or(pattern.len(), |(at, _)| at);
    let pattern = [name, &pattern[..end].replace(['"', '\''], "")].concat();
    let mut places = vec![Path::new("/").join(directory)];
    for part in pattern.split('/') {
        places = places.iter().flat_map(|place| below(place, part, list)).take(MOST).collect();
    }
    places.into_iter().filter_map(|place| place.into_os_string().into_string().ok()).collect()
}

/// What a part of a pattern means in a directory.
fn below(place: &Path, part: &str, list: List<'_>) -> Vec<PathBuf> {
    if part == "**" {
        let (mut found, mut level) = (Vec::new(), vec![place.to_path_buf()]);
        for _ in 0..DEPTH {
            found.extend_from_slice(&level);
            level = level.iter().flat_map(|place| below(place, "*", list)).take(MOST).collect();
        }
        return found;
    }
    let pattern = Pattern::new(part.as_ref());
    if !pattern.is_wild() {
        return vec![place.join(part)];
    }
    let is_meant = |name: &OsString| {
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        (!is_hidden || part.starts_with('.')) && pattern.matches(name)
    };
    list(place).into_iter().filter(is_meant).map(|name| place.join(name)).collect()
}
