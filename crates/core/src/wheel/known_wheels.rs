//! The memory of wheel files that were read before, so that a wheel need not be hashed again to find its cache entry.

use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::fs::{self, Change, PathResult};

/// How many files are remembered; the oldest are forgotten first.
const MAX_ROWS: usize = 256;
const MAX_SIZE: u64 = 1 << 20;

/// What identifies the content of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp([i64; 6]);

impl Stamp {
    /// Takes the stamp of a file; `None` if it cannot be examined.
    pub(super) fn of(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|data| Self::new(&data))
    }

    /// Takes the stamp of a file that was examined.
    pub(super) fn new(data: &std::fs::Metadata) -> Self {
        let (size, device, inode) = (data.size(), data.dev(), data.ino());
        let modified = data.mtime().wrapping_mul(1_000_000_000).wrapping_add(data.mtime_nsec());
        // The time of the last change of any kind cannot be set back by a program that restores the other.
        let [size, device, inode] = [size, device, inode].map(u64::cast_signed);
        Self([size, modified, data.ctime(), data.ctime_nsec(), device, inode])
    }
}

/// What was learnt from a wheel file when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The hash of the file, in hexadecimal.
    pub(super) sha256: String,
    /// The Python versions that the wheel admits.
    pub(super) requires_python: Option<String>,
}

/// The wheel files known to one cache.
pub(super) struct KnownWheels {
    file: PathBuf,
    rows: Vec<(Stamp, Known, String)>,
}

impl KnownWheels {
    /// Reads the memory; what cannot be read is simply not known.
    pub(super) fn read(file: PathBuf) -> Self {
        let rows = parse(&fs::read_limited(&file, MAX_SIZE).unwrap_or_default());
        Self { file, rows }
    }

    /// Returns what is known about this file, provided that it has not changed since.
    pub(super) fn get(&self, path: &Path) -> Option<&Known> {
        let rows = self.rows.iter().find(|(.., name)| path.to_str() == Some(name));
        rows.filter(|(stamp, ..)| Stamp::of(path).as_ref() == Some(stamp)).map(|(_, known, _)| known)
    }

    /// Remembers a file.
    pub(super) fn insert(&mut self, path: &Path, stamp: Stamp, known: Known) -> PathResult<()> {
        let Some(name) = path.to_str().filter(|name| !name.contains(char::is_control)) else { return Ok(()) };
        let file = self.file.clone();
        fs::update(&file, u64::MAX - 1, 0o600, |old| {
            // Another process may have remembered something meanwhile.
            let old = old.unwrap_or_default();
            self.rows = if old.len() as u64 > MAX_SIZE { Vec::new() } else { parse(old) };
            self.rows.retain(|(.., existing)| existing != name);
            self.rows.push((stamp, known, name.to_owned()));
            let surplus = self.rows.len().saturating_sub(MAX_ROWS);
            self.rows.drain(..surplus);
            Ok(Change::Replace(self.to_text().into_bytes()))
        })
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for (Stamp(stamp), Known { sha256, requires_python }, name) in &self.rows {
            let stamp = stamp.map(|number| number.to_string()).join(" ");
            let _ = writeln!(text, "{sha256}\t{stamp}\t{}\t{name}", requires_python.as_deref().unwrap_or_default());
        }
        text
    }
}

/// Returns whether this is a hash in the form in which it names directories.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn parse(content: &[u8]) -> Vec<(Stamp, Known, String)> {
    std::str::from_utf8(content).unwrap_or_default().lines().filter_map(parse_row).collect()
}

fn parse_row(line: &str) -> Option<(Stamp, Known, String)> {
    let mut fields = line.splitn(4, '\t');
    let sha256 = fields.next().filter(|text| is_sha256(text))?.to_owned();
    let numbers: Result<Vec<i64>, _> = fields.next()?.split(' ').map(str::parse).collect();
    let stamp = Stamp(numbers.ok()?.try_into().ok()?);
    let requires_python = fields.next().filter(|text| !text.is_empty()).map(str::to_owned);
    Some((stamp, Known { sha256, requires_python }, fields.next()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_until_it_changes() {
        let scratch = tempfile::tempdir().unwrap();
        let (wheel, memory) = (scratch.path().join("a wheel"), scratch.path().join("index"));
        std::fs::write(&wheel, "one").unwrap();
        let known = Known { sha256: "a".repeat(64), requires_python: Some(">=3.8, <4".into()) };
        let mut wheels = KnownWheels::read(memory.clone());
        assert_eq!(wheels.get(&wheel), None);
        wheels.insert(&wheel, Stamp::of(&wheel).unwrap(), known.clone()).unwrap();

        let wheels = KnownWheels::read(memory);
        assert_eq!(wheels.get(&wheel), Some(&known));
        std::fs::write(&wheel, "other").unwrap();
        assert_eq!(wheels.get(&wheel), None);
    }

    #[test]
    fn a_damaged_memory_is_an_empty_one() {
        let scratch = tempfile::tempdir().unwrap();
        let memory = scratch.path().join("index");
        std::fs::write(&memory, "../../x\t1 2 3 4 5 6\t\t/a\n\u{0}\nzz\t1").unwrap();
        assert!(KnownWheels::read(memory).rows.is_empty());
    }
}
