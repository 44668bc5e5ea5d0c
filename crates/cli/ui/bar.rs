//! A bar that shows a size next to the largest one.

/// The width of the longest bar, in columns.
pub(crate) const WIDTH: u64 = 8;

/// The same in a terminal where every column counts.
pub(crate) const NARROW: u64 = 6;

/// Returns the bar of a size: its part that also belongs to others in another shade. The longest has this width.
pub(crate) fn bar(total: u64, shared: u64, largest: u64, width: u64) -> String {
    let cells = |part: u64| {
        // Rounded, and never nothing for something.
        let rounded = (u128::from(part) * u128::from(width) * 2).div_ceil(u128::from(largest.max(1)) * 2);
        usize::try_from(rounded).unwrap_or_default()
    };
    let all = cells(total);
    let own = if total == shared { 0 } else { cells(total.saturating_sub(shared)).min(all) };
    "\u{2588}".repeat(own) + &"\u{2591}".repeat(all - own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_as_long_as_there_is_room_and_nothing_is_invisible() {
        assert_eq!(bar(100, 0, 100, WIDTH), "████████");
        assert_eq!(bar(50, 25, 100, WIDTH), "██░░");
        assert_eq!(bar(1, 0, 1_000_000, WIDTH), "█");
        assert_eq!(bar(1, 1, 1_000_000, WIDTH), "░");
        assert_eq!(bar(0, 0, 0, WIDTH), "");
        assert_eq!(bar(u64::MAX, u64::MAX, u64::MAX, WIDTH), "░░░░░░░░");
    }
}
