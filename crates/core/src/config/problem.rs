//! What is wrong with `config.toml`, and where.

use std::path::{Path, PathBuf};

use super::keys::{KEYS, Shape};
use super::repair::{self, key_of};

/// Something in `config.toml` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", place(file, *line, key.as_deref()))]
pub struct FileProblem {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1; none when the file cannot be read.
    pub line: Option<usize>,
    /// The key in that line, where there is one.
    pub key: Option<String>,
    /// Whether the key can be removed, and that with it.
    pub is_removable: bool,
    /// What is wrong.
    pub message: String,
    /// The keys whose values are not known because of it; none for a key that this version does not have.
    pub affected: Vec<&'static str>,
}

/// What is wrong with a file that the parser refuses.
pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> FileProblem {
    let at = error.span().map_or(0, |span| span.start);
    let start = repair::statement(text, at);
    let line = start.and_then(|start| text[start..].lines().next()).unwrap_or_default();
    let is_one_line = start.is_some_and(|start| line_of(text, start) == line_of(text, at));
    let message = match error.message() {
        message if message.starts_with("duplicate key") => "it is set twice".to_string(),
        message => is_one_line.then(|| unusable_word(line)).flatten().unwrap_or_else(|| one_line(message)),
    };
    let removable = repair::faulty_line(text).map(|line| line.start);
    // The key whose value it is may be some lines above.
    FileProblem {
        key: key_of(line).map(ToString::to_string),
        is_removable: removable.is_some(),
        ..broken(path, text, removable.unwrap_or(at), message)
    }
}

/// What is wrong with a line whose value is a word without quotes, where quotes would not help: it is none of the values
/// that its key can have.
fn unusable_word(line: &str) -> Option<String> {
    let shape = KEYS.iter().find(|(key, _)| key_of(line) == Some(key))?.1;
    let word = line.split_once('=')?.1.split('#').next()?.trim();
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.contains(['"', '\'', '[', '{']);
    let could_be = match shape {
        Shape::Switch => false,
        Shape::OneOf(words) => words.contains(&word),
        Shape::Text | Shape::Words | Shape::List | Shape::Duration | Shape::Size => true,
    };
    (is_word && !could_be).then(|| format!("it must be {shape}, not `{word}`"))
}

/// Returns the number of the line at this place, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

/// What is wrong with a file that is no TOML from this place on.
pub(super) fn broken(path: &Path, text: &str, at: usize, message: String) -> FileProblem {
    let line = line_of(text, at);
    let key = text.lines().nth(line - 1).and_then(key_of).map(ToString::to_string);
    // A key can also be written with escapes.
    let may_set = |key: &str| text.contains(key) || text.contains('\\');
    let affected = KEYS.iter().map(|(key, _)| *key).filter(|key| may_set(key)).collect();
    FileProblem { file: path.to_path_buf(), line: Some(line), key, is_removable: false, message, affected }
}

fn place(file: &Path, line: Option<usize>, key: Option<&str>) -> String {
    let line = line.map_or_else(String::new, |line| format!(", line {line}"));
    let key = key.map_or_else(String::new, |key| format!(", `{key}`"));
    format!("`{}`{line}{key}", file.display())
}

/// Returns the text in one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
