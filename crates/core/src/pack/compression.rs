//! How a file is compressed, as its first bytes say.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::zstandard;

/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// A way to compress that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// Not at all.
    None,
    /// gzip, in one member or several.
    Gzip,
    /// Zstandard, in one frame or several.
    Zstandard,
}

impl Compression {
    /// Returns how a file is compressed that begins so.
    pub(super) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            start if zstandard::is_at_start(start) => Self::Zstandard,
            _ => Self::None,
        }
    }

    /// Begins to decompress.
    pub(super) fn decoder<'a>(self, input: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        let input = BufReader::with_capacity(CHUNK, input);
        Ok(match self {
            Self::None => Box::new(input),
            Self::Gzip => Box::new(MultiGzDecoder::new(input)),
            Self::Zstandard => Box::new(zstandard::decoder(input)?),
        })
    }
}
