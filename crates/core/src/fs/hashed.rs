//! Counting and hashing what passes by.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use crate::fs::hex::hex;

/// A reader or writer that knows what has passed.
pub(super) struct Hashed<T> {
    inner: T,
    hash: Sha256,
    count: u64,
}

impl<T> Hashed<T> {
    /// Begins with nothing.
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), count: 0 }
    }

    /// The SHA-256 in digits, and the number of bytes.
    pub(super) fn finish(self) -> (String, u64) {
        (hex(&self.hash.finalize()), self.count)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.count += bytes.len() as u64;
    }
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
