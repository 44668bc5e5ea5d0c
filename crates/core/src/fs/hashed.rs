//! Counting and hashing what passes by.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::hex::hex;
use super::{PathContext, PathResult, open_regular};

/// A reader or writer that knows what has passed.
pub(crate) struct Hashed<T> {
    inner: T,
    hash: Sha256,
    count: u64,
}

impl<T> Hashed<T> {
    /// Begins with nothing.
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), count: 0 }
    }

    /// The SHA-256, and the number of bytes.
    pub(crate) fn digest(self) -> ([u8; 32], u64) {
        (self.hash.finalize().into(), self.count)
    }

    /// The SHA-256 in digits, and the number of bytes.
    pub(crate) fn finish(self) -> (String, u64) {
        let (digest, count) = self.digest();
        (hex(&digest), count)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.count += bytes.len() as u64;
    }
}

impl<T: Read> Hashed<T> {
    /// Reads what is left, and returns the SHA-256 of all, and the number of bytes.
    pub(crate) fn read_all(mut self) -> io::Result<([u8; 32], u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.digest())
    }
}

/// Returns the SHA-256 of a regular file in digits, and its size.
pub(crate) fn of_file(path: &Path) -> PathResult<(String, u64)> {
    let file: File = open_regular(path)?;
    let (digest, size) = Hashed::new(file).read_all().at("read", path)?;
    Ok((hex(&digest), size))
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.note(&buffer[..count]);
        Ok(count)
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.note(&buffer[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
