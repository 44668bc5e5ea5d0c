//! A bar that shows a size next to the largest one.

/// The width of the longest bar, in columns.
const WIDTH: u64 = 8;

/// Returns the bar of a size: its part that also belongs to others in another shade.
pub(crate) fn bar(total: u64, shared: u64, largest: u64) -> String {
    let cells = |part: u64| {
        // Rounded, and never nothing for something.
        let rounded = (u128::from(part) * u128::from(WIDTH) * 2).div_ceil(u128::from(largest.max(1)) * 2);
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
        assert_eq!(bar(100, 0, 100), "████████");
        assert_eq!(bar(50, 25, 100), "██░░");
        assert_eq!(bar(1, 0, 1_000_000), "█");
        assert_eq!(bar(1, 1, 1_000_000), "░");
        assert_eq!(bar(0, 0, 0), "");
        assert_eq!(bar(u64::MAX, u64::MAX, u64::MAX), "░░░░░░░░");
    }
}
