//! Changing one key of `config.toml` by its text, so that comments and order stay.
//!
//! A change is written only when the parser agrees that it changed this key and nothing else.

mod texts;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{io, iter};

use toml::de::DeTable;
use toml::{Table, Value};

pub use super::keys::{KEYS, Shape};
use super::problem::{self, FileProblem};
use super::quantity::{duration, size};
use super::repair::{self, key_of};
use crate::env::similar;
use crate::fs::{self, Change, PathError};

/// The largest file that is changed, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// How many lines at fault are removed at once.
const MOST_REPAIRS: usize = 32;

/// Why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// There is no such key.
    #[error("there is no key `{key}`")]
    Key {
        /// What was asked for.
        key: String,
        /// The key that may be meant.
        nearest: Option<&'static str>,
    },
    /// The key cannot have this value.
    #[error("`{key}` cannot be `{value}`: it must be {wanted}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What it can be.
        wanted: String,
    },
    /// The key has one value, and more were given.
    #[error("`{key}` has one value")]
    Several {
        /// The key.
        key: String,
    },
    /// The file is not TOML.
    #[error(transparent)]
    Syntax(#[from] FileProblem),
    /// The key is written in a way that cannot be changed safely.
    #[error("could not edit `{key}` in `{}` automatically", path.display())]
    Odd {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// The keys that a file sets, in alphabetical order, with their values as text; of a file that is no TOML, those in the
/// lines that are.
pub fn list(path: &Path) -> Result<Vec<(String, String)>, ConfigFileError> {
    let text = read(path)?;
    let table = parse(path, &text).or_else(|error| repair::valid_lines(&text).parse().map_err(|_| error))?;
    Ok(table.into_iter().map(|(key, value)| (key, text_of(&value))).collect())
}

/// The value of a key as text, as [`list`] reads it; none where the file does not set it.
pub fn get(path: &Path, key: &str) -> Result<Option<String>, ConfigFileError> {
    shape(key)?;
    Ok(list(path)?.into_iter().find(|(found, _)| found == key).map(|(_, value)| value))
}

/// Sets a key.
pub fn set(path: &Path, key: &str, text: &str) -> Result<(), ConfigFileError> {
    set_all(path, key, &[text.to_owned()])
}

/// Sets a key whose value may be several words.
pub fn set_all(path: &Path, key: &str, words: &[String]) -> Result<(), ConfigFileError> {
    let value = match (shape(key)?, words) {
        (Shape::List, words) => texts::requirements(words).map(Value::from),
        (Shape::Words, words) => texts::shell_text(words).map(Value::from),
        (_, [text]) => Some(value(key, text)?),
        _ => return Err(ConfigFileError::Several { key: key.to_string() }),
    };
    let wrong = || wrong_value(key, &words.join(" "), shape(key).unwrap_or(Shape::Text));
    change(path, key, Some(&value.ok_or_else(wrong)?))
}

/// Removes a key, also one that only another version knows, if the file sets it.
pub fn unset(path: &Path, key: &str) -> Result<(), ConfigFileError> {
    // In a file that is no TOML, any key may be at fault.
    let is_missing = parse(path, &read(path)?).is_ok_and(|table| !table.contains_key(key));
    match shape(key) {
        Err(error) if is_missing => Err(error),
        // Nor is a directory made for it.
        Ok(_) if is_missing => Ok(()),
        _ => change(path, key, None),
    }
}

/// Returns whether [`unset`] can remove a key from a text that is TOML.
pub(super) fn is_removable(path: &Path, text: &str, key: &str) -> bool {
    changed(path, text, key, None).is_ok()
}

fn change(path: &Path, key: &str, value: Option<&Value>) -> Result<(), ConfigFileError> {
    // A file that is a link, as dotfile managers make them, stays one.
    let real = path.canonicalize().unwrap_or_else(|_| target(path));
    if let Some(parent) = real.parent() {
        fs::create_private_all(parent)?;
    }
    fs::update(&real, MAX_BYTES, 0o644, |old| {
        let old = text(path, old.unwrap_or_default().to_vec())?;
        let new = changed(path, &old, key, value)?;
        Ok(match () {
            () if new == old => Change::Keep,
            () if new.trim().is_empty() => Change::Remove,
            () => Change::Replace(new.into_bytes()),
        })
    })
}

/// Where a link leads whose file is missing.
fn target(path: &Path) -> PathBuf {
    let target = std::fs::read_link(path).ok().and_then(|target| Some(path.parent()?.join(target)));
    target.unwrap_or_else(|| path.to_path_buf())
}

/// The new text, provided that it differs in this key and nothing else.
fn changed(path: &Path, old: &str, key: &str, value: Option<&Value>) -> Result<String, ConfigFileError> {
    let mut expected = match parse(path, old) {
        Ok(table) => table,
        // Only a line that is at fault is removed; whatever was added to such a file might mean something else in it.
        Err(error) => return value.is_none().then(|| repaired(path, old, key)).flatten().ok_or(error),
    };
    match value {
        Some(value) => expected.insert(key.to_string(), value.clone()),
        None => expected.remove(key),
    };
    let new = edited(old, key, value).map_err(|error| syntax(path, old, &error))?;
    // As text, since a number that is none equals no number.
    if parse(path, &new).ok().map(|table| table.to_string()) != Some(expected.to_string()) {
        return Err(ConfigFileError::Odd { path: path.to_path_buf(), key: key.to_string() });
    }
    Ok(new)
}

/// Returns the text without the lines that are at fault in it, if they are the key's, nor the key before and, where the
/// rest is TOML, after them.
fn repaired(path: &Path, old: &str, key: &str) -> Option<String> {
    let without_line = |text: &str| {
        let line = repair::faulty_line(text).filter(|line| key_of(&text[line.clone()]) == Some(key))?;
        Some(changed(path, &text[..line.start], key, None).ok()? + &text[line.end..])
    };
    let new = iter::successors(without_line(old), |text| without_line(text)).take(MOST_REPAIRS).last()?;
    let is_valid = parse(path, &new).is_ok();
    Some(if is_valid { changed(path, &new, key, None).unwrap_or(new) } else { new })
}

/// Returns the text with the key's value replaced, its lines removed, or a line for it added; all else stays as it is.
fn edited(old: &str, key: &str, value: Option<&Value>) -> Result<String, toml::de::Error> {
    let table = DeTable::parse(old)?;
    let entry = table.get_ref().iter().find(|(name, _)| name.get_ref() == key);
    let (range, new) = match (entry, value) {
        (Some((_, current)), Some(value)) => (current.span(), value.to_string()),
        (Some((name, current)), None) => (lines(old, name.span().start, current.span().end), String::new()),
        (None, Some(value)) => {
            let at = end_of_keys(old, table.get_ref());
            let separator = if at == 0 || old[..at].ends_with('\n') { "" } else { "\n" };
            (at..at, format!("{separator}{key} = {value}\n"))
        }
        (None, None) => (0..0, String::new()),
    };
    let mut text = old.to_string();
    text.replace_range(range, &new);
    Ok(text)
}

/// Where a key can be added: at the end, or before the first table, to which it would belong otherwise.
fn end_of_keys(text: &str, table: &DeTable<'_>) -> usize {
    let (tables, keys): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.get_ref().is_table());
    let last = keys.iter().map(|(_, value)| value.span().end).max();
    if tables.is_empty() { text.len() } else { last.map_or(0, |end| lines(text, end, end).end) }
}

/// Returns the whole lines that hold a part of the text.
fn lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    first..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

fn value(key: &str, text: &str) -> Result<Value, ConfigFileError> {
    let shape = shape(key)?;
    match (shape, text) {
        (Shape::Switch, "true" | "yes" | "on" | "1") => Ok(Value::Boolean(true)),
        (Shape::Switch, "false" | "no" | "off" | "0") => Ok(Value::Boolean(false)),
        (Shape::OneOf(words), text) if words.contains(&text) => Ok(Value::String(text.to_string())),
        (Shape::Text | Shape::List | Shape::Words, text) => Ok(Value::String(text.to_string())),
        (Shape::Duration, text) if duration(text).is_some() => Ok(Value::String(text.to_string())),
        (Shape::Size, text) if size(text).is_some() => Ok(Value::String(text.to_string())),
        (Shape::Switch | Shape::OneOf(_) | Shape::Duration | Shape::Size, _) => Err(wrong_value(key, text, shape)),
    }
}

fn wrong_value(key: &str, value: &str, shape: Shape) -> ConfigFileError {
    ConfigFileError::Value { key: key.to_string(), value: value.to_string(), wanted: shape.to_string() }
}

fn shape(key: &str) -> Result<Shape, ConfigFileError> {
    let found = KEYS.iter().find(|(known, _)| *known == key);
    found.map(|(_, shape)| *shape).ok_or_else(|| unknown(key))
}

fn unknown(key: &str) -> ConfigFileError {
    let nearest = similar::nearest(key, KEYS.iter().map(|(known, _)| (*known, *known)));
    ConfigFileError::Key { key: key.to_string(), nearest }
}

fn text_of(value: &Value) -> String {
    let texts = value.as_array().and_then(|texts| texts.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    if let Some(texts) = texts {
        return texts::joined(&texts);
    }
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

fn read(path: &Path) -> Result<String, ConfigFileError> {
    match fs::read_limited(path, MAX_BYTES) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => text(path, other?),
    }
}

fn text(path: &Path, content: Vec<u8>) -> Result<String, ConfigFileError> {
    String::from_utf8(content).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        problem::broken(path, &String::from_utf8_lossy(error.as_bytes()), at, "not UTF-8".to_string()).into()
    })
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigFileError> {
    toml::from_str(text).map_err(|error: toml::de::Error| syntax(path, text, &error))
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigFileError {
    problem::syntax(path, text, error).into()
}

#[cfg(test)]
mod tests;
