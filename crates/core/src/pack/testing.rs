//! What the tests of both ways to compress need.

use std::io::{self, Write};

/// Lines that compress as code does.
pub(super) fn text(lines: usize) -> Vec<u8> {
    let mut seed = 1_u32;
    let mut word = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("import module_{} as m\n", seed >> 22)
    };
    (0..lines).flat_map(|_| word().into_bytes()).collect()
}

/// A disk without room.
pub(super) struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
