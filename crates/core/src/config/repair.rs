//! Repairing a `config.toml` that is no TOML: only by removing the line that is at fault.

use std::collections::BTreeSet;
use std::iter;
use std::ops::Range;

use toml::Table;
use toml::de::DeTable;

/// How many lines of a value are read back to its key.
const MOST_LINES: usize = 32;

/// A key that nobody uses.
const PROBE: &str = "venvwrap_probe";

/// Returns the line that is at fault in a text that is no TOML; none where it may be another, or more than one, and where
/// the line belongs to a table.
pub(super) fn faulty_line(text: &str) -> Option<Range<usize>> {
    let at = fault(text)?;
    let start = statement(text, at)?;
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
    let (before, line) = (&text[..start], &text[start..end]);
    let of_file =
        DeTable::parse(&format!("{before}{PROBE} = 1")).is_ok_and(|table| table.get_ref().contains_key(PROBE));
    // A value that goes on in further lines is broken with them.
    let may_go_on = at >= end || ["[", "{", "'''", "\"\"\""].iter().any(|mark| line.contains(mark));
    let is_alone = !may_go_on || fault(&format!("{before}{}", &text[end..])).is_none();
    (of_file && is_alone && key_of(line).is_some()).then_some(start..end)
}

/// Returns where the line begins whose key or value the parser was reading when it came to a place where it stopped.
pub(super) fn statement(text: &str, fault: usize) -> Option<usize> {
    let starts = text.get(..fault)?.rmatch_indices('\n').map(|(at, _)| at + 1).chain(iter::once(0));
    // What is before it is TOML: neither a text nor a list is open there.
    starts.take(MOST_LINES).find(|&start| DeTable::parse(&text[..start]).is_ok())
}

/// Returns the key at the beginning of a line of TOML, if it has one.
pub(super) fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    let key = ['"', '\''].iter().find_map(|&mark| key.strip_prefix(mark)?.strip_suffix(mark)).unwrap_or(key);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (!key.is_empty() && key.chars().all(is_plain)).then_some(key)
}

/// Returns where a text stops being TOML.
fn fault(text: &str) -> Option<usize> {
    let error = DeTable::parse(text).err()?;
    Some(error.span().map_or(0, |span| span.start))
}

/// Returns the lines that are TOML each for itself.
pub(super) fn valid_lines(text: &str) -> String {
    let valid = text.lines().filter(|line| line.parse::<Table>().is_ok());
    let mut seen = BTreeSet::new();
    let first = valid.filter(|line| key_of(line).is_some_and(|key| seen.insert(key.to_string())));
    first.flat_map(|line| [line, "\n"]).collect()
}
