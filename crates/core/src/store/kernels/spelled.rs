//! Paths of an environment in the description of a kernel that are spelled in another way than venvwrap spells them:
//! with `//` or `/./`, through a link to the store, from `~` or `$HOME`, or with the escapes of another writer of JSON.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::kernel_spec;
use crate::fs::route::{Route, route};
use crate::relocate::mapping::{is_end_of_path, is_name_byte};

/// How the user's home directory may be written.
const HOME: [&str; 3] = ["~", "$HOME", "${HOME}"];

/// An environment that has got, or is to get, another path.
#[derive(Debug)]
pub(super) struct Spelled<'a> {
    old: &'a Path,
    old_name: &'a str,
    new: &'a str,
    /// The new name, if only that has changed.
    new_name: Option<&'a str>,
    /// The directory of the old one, without links in its path.
    directory: PathBuf,
    user_home: Option<&'a Path>,
}

/// Where a path begins in a text, and what is before its first slash.
struct Start {
    begin: usize,
    slash: usize,
    is_home: bool,
}

impl<'a> Spelled<'a> {
    /// Makes it from the old path and the new one. None if their names are no text, or the directory does not exist.
    pub(super) fn new(old: &'a Path, new: &'a Path, user_home: Option<&'a Path>) -> Option<Self> {
        let directory = old.parent()?.canonicalize().ok()?;
        let new_name = new.file_name().and_then(OsStr::to_str).filter(|_| old.parent() == new.parent());
        let old_name = old.file_name()?.to_str()?;
        Some(Self { old, old_name, new: new.to_str()?, new_name, directory, user_home })
    }

    /// Returns whether a description certainly names the old path in some spelling.
    pub(super) fn is_in(&self, content: &[u8]) -> bool {
        let variables = variables(content);
        texts(content).any(|(_, text)| self.rewritten(&text, variables.contains(&text)).is_some())
    }

    /// Returns the description with the new path in all these places; none if there are none.
    pub(super) fn replaced(&self, content: &[u8]) -> Option<Vec<u8>> {
        let variables = variables(content);
        let (mut result, mut copied) = (Vec::new(), 0);
        for (range, text) in texts(content) {
            let Some(new) = self.rewritten(&text, variables.contains(&text)) else { continue };
            result.extend_from_slice(&content[copied..range.start]);
            result.extend(quoted(&new, content[range.clone()].is_ascii()));
            copied = range.end;
        }
        result.extend_from_slice(&content[copied..]);
        (copied > 0).then_some(result)
    }

    /// Returns whether a description may name the old path: it does so from a variable or a directory that only the
    /// program that reads it knows.
    pub(super) fn may_be_in(&self, content: &[u8]) -> bool {
        let variables = variables(content);
        texts(content).any(|(_, text)| {
            let followed = self.rewritten(&text, variables.contains(&text));
            self.is_uncertain(followed.as_deref().unwrap_or(&text))
        })
    }

    fn rewritten(&self, text: &str, is_variable: bool) -> Option<String> {
        let (mut result, mut copied, mut at) = (String::new(), 0, 0);
        while let Some(start) = self.start(text, at) {
            at = start.slash + 1;
            if let Some((kept, new, end)) = self.replacement(text, &start, is_variable) {
                result.push_str(&text[copied..kept]);
                result.push_str(&new);
                (copied, at) = (end, end);
            }
        }
        result.push_str(&text[copied..]);
        (copied > 0).then_some(result)
    }

    /// The next place at which an absolute path begins.
    fn start(&self, text: &str, from: usize) -> Option<Start> {
        let slashes = memchr::memchr_iter(b'/', &text.as_bytes()[from..]).map(|at| at + from);
        let mut found = slashes.filter_map(|slash| {
            let before = &text[..slash];
            let home = HOME.iter().find(|home| before.ends_with(**home)).filter(|_| self.user_home.is_some());
            if let Some(home) = home {
                let begin = slash - home.len();
                let is_bounded = !text[..begin].ends_with(|c: char| c == '$' || (*home == "~" && is_name(c)));
                return is_bounded.then_some(Start { begin, slash, is_home: true });
            }
            let run = before.bytes().rev().take_while(|&byte| is_name_byte(byte)).count();
            let is_inside = before[..before.len() - run].ends_with('/') || before.ends_with('}');
            (!is_inside).then_some(Start { begin: slash, slash, is_home: false })
        });
        found.next()
    }

    /// What to write for the path that begins there: the end of what stays before it, the text, and where it goes on.
    fn replacement(&self, text: &str, start: &Start, is_variable: bool) -> Option<(usize, String, usize)> {
        let literal = |text: &str| if is_variable { kernel_spec::literal(text) } else { text.to_string() };
        let path = &text[start.slash..];
        let written = literal(self.old_name);
        let begins_with = |word: &OsStr, name: &str| {
            word.as_encoded_bytes().strip_prefix(name.as_bytes()).is_some_and(is_end_of_path)
        };
        // The new name may go on after the old one.
        let is_new = |word: &OsStr| {
            self.new_name.is_some_and(|new| new.starts_with(self.old_name) && begins_with(word, &literal(new)))
        };
        let is_own = |word: &OsStr| begins_with(word, &written) && !is_new(word);
        let mut is_entry = |word: &OsStr, own: bool| if own { is_own(word) } else { word == self.old_name };
        let base = self.user_home.filter(|_| start.is_home);
        let way = route(base, path.split('/').map(str::as_bytes), &self.directory, &mut is_entry)?;
        let (Route::Named(number) | Route::Linked(number, _)) = way;
        let word: usize = start.slash + path.split('/').take(number).map(|word| word.len() + 1).sum::<usize>();
        let rest = match way {
            Route::Named(_) => {
                let end = word + written.len();
                if let Some(name) = self.new_name {
                    return Some((word, literal(name), end));
                }
                return Some((start.begin, literal(self.new), end));
            }
            Route::Linked(_, rest) => rest,
        };
        let end = word + path.split('/').nth(number)?.len();
        let new = Path::new(self.new).join(rest);
        let new = new.to_str()?.trim_end_matches('/');
        Some((start.begin, literal(new), end))
    }

    fn is_uncertain(&self, text: &str) -> bool {
        let needle = format!("/{}", self.old_name);
        text.match_indices(&needle).any(|(at, _)| {
            let is_whole = is_end_of_path(text[at + needle.len()..].split('/').next().unwrap_or_default().as_bytes());
            let is_path = |c: char| is_name(c) || "/${}".contains(c);
            let before = &text[..at];
            let run = &before[before.trim_end_matches(is_path).len()..];
            let head = run.split('/').next().unwrap_or_default();
            let is_absolute = run.starts_with('/') || (head.starts_with('-') && !head.contains(['$', '~']));
            let is_home = HOME.iter().any(|home| head == *home || (*home != "~" && head.ends_with(home)));
            let last = run.rsplit('/').find(|word| !word.is_empty() && *word != ".").unwrap_or_default();
            let parents = [self.old.parent(), Some(&self.directory)];
            let is_store = parents.iter().flatten().any(|parent| parent.file_name() == Some(OsStr::new(last)));
            is_whole && !is_absolute && !(is_home && self.user_home.is_some()) && (last.contains('$') || is_store)
        })
    }
}

fn is_name(c: char) -> bool {
    !c.is_ascii() || u8::try_from(c).is_ok_and(is_name_byte)
}

/// The values of the variables that a kernel sets, in which a dollar is written twice.
fn variables(content: &[u8]) -> HashSet<String> {
    let value: Option<Value> = serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)).ok();
    let values = value.as_ref().and_then(|value| value.get("env")?.as_object());
    values.into_iter().flat_map(|values| values.values()).filter_map(Value::as_str).map(String::from).collect()
}

fn quoted(text: &str, is_ascii: bool) -> Vec<u8> {
    let quoted = Value::from(text).to_string();
    if !is_ascii {
        return quoted.into_bytes();
    }
    let escaped = |c: char| match c {
        _ if c.is_ascii() => c.to_string(),
        _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    quoted.chars().map(escaped).collect::<String>().into_bytes()
}

/// The texts of a JSON document, with the places where they stand between quotes.
fn texts(content: &[u8]) -> impl Iterator<Item = (Range<usize>, String)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + memchr::memchr(b'"', &content[at..])?;
        let mut end = start + 1;
        while *content.get(end)? != b'"' {
            end += if content[end] == b'\\' { 2 } else { 1 };
        }
        at = end + 1;
        Some(start..at)
    })
    .filter_map(|range| Some((range.clone(), serde_json::from_slice(&content[range]).ok()?)))
}

#[cfg(test)]
mod tests;
