//! Times in zip archives.

use std::time::UNIX_EPOCH;

use rawzip::ZipFileHeaderRecord;

/// Returns when an entry was last changed, in seconds since 1970, as if the time had been written in UTC.
pub(crate) fn seconds(entry: &ZipFileHeaderRecord<'_>) -> i64 {
    let time = entry.last_modified();
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    since_1970(&format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", time.year(), time.month(), time.day()))
}

/// Reads a time; an impossible one is the first of 1980, where zip begins to count.
fn since_1970(time: &str) -> i64 {
    const FIRST: i64 = 315_532_800;
    let parsed = humantime::parse_rfc3339(time).ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    parsed.and_then(|since| i64::try_from(since.as_secs()).ok()).map_or(FIRST, |seconds| seconds.max(FIRST))
}

#[cfg(test)]
mod tests {
    use super::since_1970;

    #[test]
    fn impossible_dates_are_the_first_that_zip_knows() {
        assert_eq!(since_1970("2024-02-29T12:00:01Z"), 1_709_208_001);
        for impossible in
            ["2023-02-29T00:00:00Z", "1980-00-00T00:00:00Z", "1979-12-31T23:59:59Z", "2024-01-01T24:60:62Z"]
        {
            assert_eq!(since_1970(impossible), 315_532_800, "{impossible}");
        }
    }
}
