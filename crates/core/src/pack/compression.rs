//! How a file is compressed, as its first bytes say.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::members::{Members, Part, Unchecked};
use super::zstandard;

/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// A way to compress that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all.
    None,
    /// gzip, in one member or several.
    Gzip,
    /// Zstandard, in one frame or several.
    Zstandard,
}

impl Compression {
    /// Returns how a file is compressed that begins so.
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            start if GzDecoder::<&[u8]>::is_at_start(start) => Self::Gzip,
            start if zstandard::is_at_start(start) => Self::Zstandard,
            _ => Self::None,
        }
    }

    /// Begins to decompress.
    pub(crate) fn decoder<'a>(self, input: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        self.noting_decoder(Box::new(input), Unchecked::default())
    }

    /// The same, and notes whether a part has no checksum.
    pub(super) fn noting_decoder<'a>(
        self,
        input: Box<dyn Read + Send + 'a>,
        unchecked: Unchecked,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        let input = BufReader::with_capacity(CHUNK, input);
        Ok(match self {
            Self::None => Box::new(input),
            Self::Gzip => Box::new(Members::<_, GzDecoder<_>>::new(input, unchecked)?),
            Self::Zstandard => Box::new(zstandard::decoder(input, unchecked)?),
        })
    }
}

impl<R: BufRead> Part<R> for GzDecoder<R> {
    fn begin(input: R) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn has_checksum(&self) -> bool {
        true
    }

    fn rest(self) -> R {
        self.into_inner()
    }

    fn is_at_start(start: &[u8]) -> bool {
        // A buffer may end after the first byte.
        matches!(start, [0x1f] | [0x1f, 0x8b, ..])
    }
}
