//! Repairing a `config.toml` that is no TOML: only by removing the line that is at fault.

use std::collections::BTreeSet;

use toml::Table;
use toml::de::DeTable;

use super::problem::{key_of, line_of};

/// Returns the text without the lines of a key; none where the text around them may be at fault.
pub(super) fn without(text: &str, key: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let places: Vec<usize> = (0..lines.len()).filter(|&at| key_of(lines[at]) == Some(key)).collect();
    let kept = (0..lines.len()).filter(|at| !places.contains(at));
    let new: String = kept.map(|at| lines[at]).collect();
    let is_at_fault = fault(text).is_some_and(|at| places.contains(&at));
    (is_at_fault || (!places.is_empty() && fault(&new).is_none())).then_some(new)
}

/// Returns the lines that are TOML each for itself.
pub(super) fn valid_lines(text: &str) -> String {
    let valid = text.lines().filter(|line| line.parse::<Table>().is_ok());
    let mut seen = BTreeSet::new();
    let first = valid.filter(|line| key_of(line).is_some_and(|key| seen.insert(key.to_string())));
    first.flat_map(|line| [line, "\n"]).collect()
}

/// Returns the line, counted from 0, in which a text stops being TOML.
fn fault(text: &str) -> Option<usize> {
    let error = DeTable::parse(text).err()?;
    Some(line_of(text, error.span().map_or(0, |span| span.start)) - 1)
}
