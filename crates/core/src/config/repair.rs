//! Changing a `config.toml` that is no TOML: only the line that is at fault, or one before everything else.

use std::collections::BTreeSet;

use toml::de::DeTable;
use toml::{Table, Value};

use super::problem::{key_of, line_of};

/// Returns the text with a key set or removed; none where the text around it may be at fault.
pub(super) fn repaired(text: &str, key: &str, value: Option<&Value>) -> Option<String> {
    let line = value.map(|value| format!("{key} = {value}\n")).unwrap_or_default();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let places: Vec<usize> = (0..lines.len()).filter(|&at| key_of(lines[at]) == Some(key)).collect();
    let Some(first) = places.first() else {
        // A line at the top means the same whatever follows it.
        return value.map(|_| line + text);
    };
    let others = |at: &usize| {
        if at == first {
            line.as_str()
        } else if places.contains(at) {
            ""
        } else {
            lines[*at]
        }
    };
    let new: String = (0..lines.len()).map(|at| others(&at)).collect();
    let is_at_fault = fault(text).is_some_and(|at| places.contains(&at));
    (is_at_fault || fault(&new).is_none()).then_some(new)
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
