//! Zstandard on all processors, in one frame that every reader understands. The bytes do not depend on the number of
//! threads.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zstd::stream::raw::CParameter;

use super::members::{Members, Part};

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
    Members::<_, Frame<_>>::new(input)
}

struct Frame<R: BufRead>(zstd::Decoder<'static, R>);

impl<R: BufRead> Read for Frame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: BufRead> Part<R> for Frame<R> {
    fn begin(input: R) -> io::Result<Self> {
        Ok(Self(zstd::Decoder::with_buffer(input)?.single_frame()))
    }

    fn rest(self) -> R {
        self.0.finish()
    }

    fn is_at_start(start: &[u8]) -> bool {
        // A buffer may end within the first bytes.
        is_at_start(start)
            || matches!(start, [0x28 | 0x50..=0x5f] | [0x28, 0xb5] | [0x28, 0xb5, 0x2f])
            || matches!(start, [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d])
    }
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

    #[test]
    fn several_frames_are_one_file_and_nothing_else_follows() {
        let (first, second) = (packed(b"one"), packed(b"two"));
        let read = |parts: &[&[u8]]| {
            let mut content = Vec::new();
            let whole = parts.concat();
            // A buffer that ends anywhere.
            decoder(io::BufReader::with_capacity(1, whole.as_slice())).unwrap().read_to_end(&mut content)?;
            Ok::<_, io::Error>(content)
        };
        let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd";
        assert_eq!(read(&[&first, skipped, &second, skipped]).unwrap(), b"onetwo");
        assert_eq!(read(&[&first, &[0; 9]]).unwrap(), b"one");
        for rest in [b"x".as_slice(), b"\0\0x", b"garbage"] {
            assert_eq!(read(&[&first, rest]).unwrap_err().to_string(), "something follows its end");
        }
        for rest in [&second[..1], &second[..3], &second[..6], &second[..second.len() - 1]] {
            assert_eq!(read(&[&first, rest]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
