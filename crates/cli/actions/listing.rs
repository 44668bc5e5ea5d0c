//! Lists of what a person should know of, and sizes as people read them.

use std::ffi::OsString;

use venvwrap_core::fs::text::printable;

use crate::ui::printer;

/// How many of one kind are named; the number of the others is told.
const NAMED: usize = 10;

/// Warns of some things; of none nothing is said.
pub(crate) fn tell(what: &str, things: &[OsString]) {
    if things.is_empty() {
        return;
    }
    printer::warning(&format!("{what}:"));
    for thing in things.iter().take(NAMED) {
        printer::message(&format!("  {}", printable(thing)));
    }
    if things.len() > NAMED {
        printer::message(&format!("  and {} more", things.len() - NAMED));
    }
}

/// A size in the unit that leaves one to three digits before the point: `84.3 MB`.
#[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub(crate) fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_unit() {
        assert_eq!(size(0), "0.0 kB");
        assert_eq!(size(84_345_678), "84.3 MB");
        assert_eq!(size(999_999), "1.0 MB");
    }
}
