//! Compressed parts that follow each other, as `cat` and other programs put them together, and nothing else after them.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when a part has no checksum.
pub(super) type Unchecked = Arc<AtomicBool>;

/// Decompresses one part.
pub(super) trait Part<R>: Read + Sized {
    /// Begins a part.
    fn begin(input: R) -> io::Result<Self>;

    /// Returns whether changed bytes in it are found.
    fn has_checksum(&self) -> bool;

    /// What comes after it, when it has been read to its end.
    fn rest(self) -> R;

    /// Returns whether a part begins with these bytes.
    fn is_at_start(start: &[u8]) -> bool;
}

/// Decompresses all parts.
pub(super) struct Members<R, P> {
    part: Option<P>,
    /// What comes after the last part.
    rest: Option<R>,
    unchecked: Unchecked,
}

impl<R: BufRead, P: Part<R>> Members<R, P> {
    /// Begins with the first part.
    pub(super) fn new(input: R, unchecked: Unchecked) -> io::Result<Self> {
        let mut members = Self { part: None, rest: None, unchecked };
        members.begin(input)?;
        Ok(members)
    }

    fn begin(&mut self, input: R) -> io::Result<()> {
        let part = P::begin(input)?;
        if !part.has_checksum() {
            self.unchecked.store(true, Ordering::Relaxed);
        }
        self.part = Some(part);
        Ok(())
    }

    /// Begins the next part; false at the end. Zeros are what tapes and disks are filled up with.
    fn next(&mut self) -> io::Result<bool> {
        let Some(mut rest) = self.rest.take() else { return Ok(false) };
        let start = rest.fill_buf()?;
        if P::is_at_start(start) {
            self.begin(rest)?;
            return Ok(true);
        }
        loop {
            let buffer = rest.fill_buf()?;
            if buffer.iter().any(|&byte| byte != 0) {
                return Err(io::Error::other("something follows its end"));
            }
            match buffer.len() {
                0 => return Ok(false),
                length => rest.consume(length),
            }
        }
    }
}

impl<R: BufRead, P: Part<R>> Read for Members<R, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.part {
                Some(part) => part.read(buffer)?,
                None => 0,
            };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if let Some(part) = self.part.take() {
                self.rest = Some(part.rest());
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}
