//! Where the bytes of a wheel are: in memory, or in a file that is read piece by piece, because some wheels are larger
//! than memory.

use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rawzip::{RangeReader, ReaderAt};

use super::known_wheels::Stamp;
use crate::fs::hashed::Hashed;
use crate::fs::hex::hex;
use crate::fs::{PathContext, PathResult, open_regular};

/// How much is read at once for a hash.
const CHUNK: usize = 1 << 17;

/// The bytes of a wheel.
pub(super) enum Content {
    /// All of them.
    Memory(Vec<u8>),
    /// A part of a file, which stays open.
    File(Part),
}

/// A part of a file.
pub(super) struct Part {
    file: File,
    start: u64,
    size: u64,
    /// The file when it was opened.
    stamp: Stamp,
}

impl Content {
    /// Opens a file, or the part of it that begins at the first number and is as long as the second.
    pub(super) fn open(path: &Path, part: Option<(u64, u64)>) -> PathResult<Self> {
        let file = open_regular(path)?;
        let found = file.metadata().at("read", path)?;
        let (start, size) = part.unwrap_or((0, found.len()));
        // An archive that was cut off ends earlier.
        let size = size.min(found.len().saturating_sub(start));
        Ok(Self::File(Part { file, start, size, stamp: Stamp::new(&found) }))
    }

    /// The number of bytes.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(part) => part.size,
        }
    }

    /// The SHA-256 of all, in digits.
    pub(super) fn sha256(&self) -> io::Result<String> {
        let all = BufReader::with_capacity(CHUNK, RangeReader::new(self, 0..self.size()));
        Hashed::new(all).read_all().map(|(digest, _)| hex(&digest))
    }

    /// Returns whether it is what it was when it was opened: what is unpacked is what the hash was of.
    pub(super) fn is_unchanged(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::File(part) => part.file.metadata().is_ok_and(|found| Stamp::new(&found) == part.stamp),
        }
    }
}

impl ReaderAt for Content {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read_at(buffer, offset),
            Self::File(part) => {
                let left = usize::try_from(part.size.saturating_sub(offset)).unwrap_or(usize::MAX);
                let length = buffer.len().min(left);
                if length == 0 {
                    return Ok(0);
                }
                part.file.read_at(&mut buffer[..length], part.start + offset)
            }
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_file_has_only_its_own_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, b"before|inside|after").unwrap();
        let part = Content::open(&path, Some((7, 6))).unwrap();
        let read = |content: &Content, offset| {
            let mut buffer = [0; 100];
            let count = content.read_at(&mut buffer, offset).unwrap();
            String::from_utf8(buffer[..count].to_vec()).unwrap()
        };
        assert_eq!(
            (part.size(), read(&part, 0), read(&part, 4), read(&part, 6)),
            (6, "inside".into(), "de".into(), String::new())
        );
        assert_eq!(read(&part, u64::MAX), "");
        assert_eq!(part.sha256().unwrap(), Content::from(b"inside".to_vec()).sha256().unwrap());
        let cut = Content::open(&path, Some((14, 100))).unwrap();
        assert_eq!((cut.size(), read(&cut, 0)), (5, "after".into()));
        assert_eq!(Content::open(&path, Some((100, 1))).unwrap().size(), 0);
    }

    #[test]
    fn what_is_changed_after_it_was_opened_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, b"old").unwrap();
        let content = Content::open(&path, None).unwrap();
        assert!(content.is_unchanged());
        std::fs::write(&path, b"another").unwrap();
        assert!(!content.is_unchanged());
    }
}
