//! Times and sizes as people write them: `24h`, `90 days`, `10G`, `500MB`.

use std::time::Duration;

/// Reads a time: a number with a unit, or `0`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = parts(text)?;
    let seconds = match unit {
        "" if number == 0 => 0,
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// Reads a number of bytes; units are powers of 1024.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = parts(text)?;
    let unit = unit.to_ascii_uppercase();
    let shift = match unit.strip_suffix("IB").or_else(|| unit.strip_suffix('B')).unwrap_or(&unit) {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

fn parts(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_unit_and_no_text_overflows() {
        for (text, seconds) in [("0", 0), ("24h", 86_400), ("90 days", 7_776_000), (" 1w ", 604_800), ("30s", 30)] {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "24", "h", "-1h", "1.5h", "1h30m", "1y", "99999999999999999999s", "18446744073709551615d", "é"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_bytes_unless_they_have_a_unit() {
        for (text, bytes) in [("0", 0), ("10G", 10 << 30), ("500 MB", 500 << 20), ("2GiB", 2 << 30), ("1k", 1024)] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "G", "-1G", "1.5G", "10X", "18446744073709551615T", "20%"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
