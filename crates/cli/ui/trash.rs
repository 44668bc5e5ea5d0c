//! Removed environments that are kept, for people and for programs.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use venvwrap_core::store::Store;
use venvwrap_core::store::trash::{Entry, Put, Reason};

use super::columns::{self, Column};
use super::printer;
use super::table::bytes;
use super::times::{ago_briefly, in_time, rfc3339};

/// The columns of the table.
const COLUMNS: [Column<'static>; 5] = [
    Column::names("name", 24),
    Column::whole("removed"),
    Column::whole("by").dropped(1),
    Column::whole("size").right().dropped(2),
    Column::whole("deleted"),
];

/// The entries as a table, kept for this long.
pub(crate) fn table(entries: &[Entry], keep: Duration) -> String {
    let now = SystemTime::now();
    let row = |entry: &Entry| {
        vec![
            entry.name.to_string(),
            ago_briefly(entry.removed, now),
            why(entry.reason).to_string(),
            entry.size.map(bytes).unwrap_or_default(),
            entry.removed.checked_add(keep).map_or_else(String::new, |end| in_time(end, now)),
        ]
    };
    columns::plain(&COLUMNS, entries.iter().map(row))
}

/// The entries as JSON.
pub(crate) fn json(entries: &[Entry], keep: Duration) -> Value {
    let value = |entry: &Entry| {
        json!({
            "name": entry.name.as_os_str().to_string_lossy(),
            "removed": rfc3339(entry.removed),
            "expires": entry.removed.checked_add(keep).and_then(rfc3339),
            "reason": entry.reason.word(),
            "size": entry.size,
            "path": entry.place().to_string_lossy(),
        })
    };
    Value::Array(entries.iter().map(value).collect())
}

/// What has put it there.
fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Remove => "removal",
        Reason::Clear => "`--clear`",
        Reason::Copy => "copy",
        Reason::Upgrade => "upgrade",
        Reason::Restore => "restore",
        Reason::Undo => "undo",
        Reason::Other => "",
    }
}

/// Why something could not be kept.
pub(crate) fn why_lost(store: &Store) -> &'static str {
    if store.has_room_for_trash() { "the trash could not take it" } else { "the disk is almost full" }
}

/// Says that an environment that was replaced cannot come back, although it was to be kept.
pub(crate) fn tell_of_loss(store: &Store, replaced: &Put) {
    if matches!(replaced, Put::NotKept(_)) {
        printer::message(&format!("the environment that it replaces is deleted for good: {}", why_lost(store)));
    }
}

/// Until when something is kept, as people say it.
pub(crate) fn until(keep: Duration) -> String {
    let seconds = keep.as_secs();
    let count = |number: u64, unit: &str| format!("for {number} {unit}{}", if number == 1 { "" } else { "s" });
    match seconds {
        86_400 => "until tomorrow".to_string(),
        604_800 => "for a week".to_string(),
        0..60 => count(seconds, "second"),
        60..3_600 => count(seconds / 60, "minute"),
        3_600..172_800 => count(seconds / 3_600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_tomorrow() {
        for (hours, text) in [(24, "until tomorrow"), (1, "for 1 hour"), (168, "for a week"), (720, "for 30 days")] {
            assert_eq!(until(Duration::from_secs(hours * 3_600)), text);
        }
        assert_eq!(until(Duration::MAX), "for 213503982334601 days");
    }
}
