//! Zstandard on all processors, in one frame that every reader understands. The bytes do not depend on the number of
//! threads.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zstd::stream::raw::CParameter;

/// The level of `zstd` itself.
pub(super) const LEVEL: u32 = 3;
/// How much one thread takes at a time: the default is four times as much, and each thread keeps more than two of them.
const BLOCK: u32 = 2 << 20;
/// How much the encoder takes at a time, and how many such pieces may wait for it.
const CHUNK: usize = 256 << 10;
const AHEAD: usize = 16;
/// More threads than this wait for what they compress.
const MAX_THREADS: usize = 8;

/// Compresses what `write` writes. The encoder has a thread, too: while it waits for those that compress, the next files
/// are read.
pub(super) fn compress<W: Write + Send, T>(
    output: W,
    level: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let (sender, receiver) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let encoding = std::thread::Builder::new().spawn_scoped(scope, move || encode(output, level, receiver))?;
        let mut ahead = Ahead { sender, buffer: Vec::with_capacity(CHUNK) };
        let result = write(&mut ahead).and_then(|result| ahead.send().map(|()| result));
        drop(ahead);
        let encoded = encoding.join().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()));
        // Where the encoder has failed, nothing more could be written.
        encoded.and(result)
    })
}

fn encode(output: impl Write, level: u32, chunks: Receiver<Vec<u8>>) -> io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    // For zstd, zero is the default. Nothing is stored as it is.
    let mut encoder = zstd::Encoder::new(output, i32::try_from(level).unwrap_or(0).max(1))?;
    encoder.include_checksum(true)?;
    // Also with one thread: without any, other bytes come out.
    encoder.multithread(u32::try_from(threads).unwrap_or(1))?;
    encoder.set_parameter(CParameter::JobSize(BLOCK))?;
    for chunk in chunks {
        encoder.write_all(&chunk)?;
    }
    encoder.finish()?.flush()
}

/// What is written, on its way to the encoder in large pieces: each wakes it, and headers are short.
struct Ahead {
    sender: SyncSender<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Ahead {
    fn send(&mut self) -> io::Result<()> {
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.sender.send(full).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Ahead {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == CHUNK {
            self.send()?;
        }
        let length = data.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&data[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decompresses any number of frames. One that asks for more memory than `zstd -d` gives it is refused.
pub(super) fn decoder<'a>(input: impl BufRead + Send + 'a) -> io::Result<impl Read + Send + 'a> {
    zstd::Decoder::with_buffer(input)
}

/// Returns whether a file begins as a frame does, or one that is to be skipped.
pub(super) fn is_at_start(start: &[u8]) -> bool {
    matches!(start, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::testing::{Full, text};

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        compress(&mut packed, LEVEL, |output| output.write_all(content)).unwrap();
        packed
    }

    #[test]
    fn what_was_compressed_comes_back_and_two_runs_agree() {
        for content in [Vec::new(), b"x".to_vec(), vec![7; (BLOCK + 1) as usize], text(200_000)] {
            let packed = packed(&content);
            assert!(is_at_start(&packed));
            let mut unpacked = Vec::new();
            decoder(packed.as_slice()).unwrap().read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == content, "{}", content.len());
            for _ in 0..3 {
                assert!(self::packed(&content) == packed, "{}", content.len());
            }
        }
    }

    #[test]
    fn damage_and_a_full_disk_are_told() {
        let failed = compress(Full, LEVEL, |output| output.write_all(&text(200_000)));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        let whole = packed(&text(200_000));
        let read = |packed: &[u8]| decoder(packed).unwrap().read_to_end(&mut Vec::new());
        assert_eq!(read(&whole[..whole.len() / 2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let mut damaged = whole;
        *damaged.last_mut().unwrap() ^= 1;
        read(&damaged).unwrap_err();
    }
}
