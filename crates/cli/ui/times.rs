//! Times for people and for programs.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

/// How long ago, in one or two words: `now`, `5 minutes ago`, `3 days ago`.
pub(crate) fn ago(time: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(time).map_or(0, |passed| passed.as_secs());
    let (count, unit) = match seconds {
        0..60 => return "now".to_string(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// How far ahead a time is, in two or three words: `soon`, `in 23 hours`.
pub(crate) fn in_time(time: SystemTime, now: SystemTime) -> String {
    match time.duration_since(now) {
        Ok(ahead) if ahead.as_secs() >= 60 => {
            // What lasts a day lasts one also a second later.
            let half = match ahead.as_secs() {
                0..3_570 => 30,
                3_570..84_600 => 1_800,
                _ => 43_200,
            };
            format!("in {}", ago(now, time + Duration::from_secs(half)).trim_end_matches(" ago"))
        }
        _ => "soon".to_string(),
    }
}

/// The same where there is little room: `now`, `5m ago`, `2mo ago`.
pub(crate) fn ago_briefly(time: SystemTime, now: SystemTime) -> String {
    let text = ago(time, now);
    let mut words = text.split(' ');
    let (Some(count), Some(unit)) = (words.next(), words.next()) else { return text };
    let letters = if unit.starts_with("mo") { 2 } else { 1 };
    format!("{count}{} ago", &unit[..letters])
}

/// The time as RFC 3339 writes it, in UTC: `2026-11-20T12:00:00Z`; none before 1970 and after the year 9999.
pub(crate) fn rfc3339(time: SystemTime) -> Option<String> {
    // humantime panics for an earlier time, and fails for a later one.
    time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let mut text = String::new();
    write!(text, "{}", humantime::format_rfc3339_seconds(time)).ok().map(|()| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_largest_whole_unit() {
        let start = SystemTime::UNIX_EPOCH;
        for (seconds, text) in [
            (0, "now"),
            (61, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400 * 40, "1 month ago"),
            (86_400 * 800, "2 years ago"),
        ] {
            assert_eq!(ago(start, start + Duration::from_secs(seconds)), text);
        }
        for (seconds, text) in
            [(0, "now"), (61, "1m ago"), (7_200, "2h ago"), (86_400, "1d ago"), (86_400 * 400, "1y ago")]
        {
            assert_eq!(ago_briefly(start, start + Duration::from_secs(seconds)), text);
        }
        for (days, text) in [(40, "1mo ago"), (300, "10mo ago")] {
            assert_eq!(ago_briefly(start, start + Duration::from_secs(86_400 * days)), text);
        }
        assert_eq!(ago(start + Duration::from_secs(9), start), "now");
        assert_eq!(in_time(start + Duration::from_secs(7_300), start), "in 2 hours");
        assert_eq!(in_time(start, start + Duration::from_secs(7_300)), "soon");
        for (seconds, text) in
            [(86_399, "in 1 day"), (82_799, "in 23 hours"), (3_599, "in 1 hour"), (599, "in 10 minutes")]
        {
            assert_eq!(in_time(start + Duration::from_secs(seconds), start), text);
        }
        assert_eq!(in_time(start + Duration::from_secs(604_799), start), "in 7 days");
        assert_eq!(rfc3339(start).unwrap(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn no_time_is_too_early_or_too_late() {
        let start = SystemTime::UNIX_EPOCH;
        let last = start + Duration::from_secs(253_402_300_799);
        assert_eq!(rfc3339(last).unwrap(), "9999-12-31T23:59:59Z");
        let latest = start + Duration::from_secs(i64::MAX.unsigned_abs());
        let earliest = start - Duration::from_secs(i64::MAX.unsigned_abs());
        for time in [last + Duration::from_secs(1), latest, start - Duration::from_nanos(1), earliest] {
            assert_eq!(rfc3339(time), None, "{time:?}");
        }
        assert_eq!(ago(latest, earliest), "now");
        assert_eq!(ago(earliest, latest), "584942417355 years ago");
    }
}
