//! Zstandard on all processors, in one frame that every reader understands. The bytes do not depend on the number of
//! threads.

use std::io::{self, BufRead, Chain, Cursor, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zstd::stream::raw::CParameter;

use super::members::{Members, Part, Unchecked};

/// The level of `zstd` itself.
pub(super) const LEVEL: u32 = 3;
/// How much one thread takes at a time: the default is four times as much, and each thread keeps more than two of them.
const BLOCK: u32 = 2 << 20;
/// How much the encoder takes at a time, and how many such pieces may wait for it.
const CHUNK: usize = 256 << 10;
const AHEAD: usize = 16;
/// More threads than this wait for what they compress.
const MAX_THREADS: usize = 8;
/// The largest window that is read, which is in memory as a whole: that of level 20. The usual levels need 8 MB at most.
pub(super) const MAX_WINDOW: u64 = 32 << 20;
/// The largest window that there is.
const WIDEST: u64 = 1 << 31;

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

/// Decompresses any number of frames. One that asks for too much memory is refused.
pub(super) fn decoder<'a>(input: impl BufRead + Send + 'a, unchecked: Unchecked) -> io::Result<impl Read + Send + 'a> {
    Members::<_, Frame<_>>::new(input, unchecked)
}

/// A frame asks for more memory than it gets.
#[derive(Debug, thiserror::Error)]
#[error("it needs a window of {0} bytes")]
pub(super) struct WideWindow(pub(super) u64);

/// A frame; its header is read twice.
struct Frame<R: BufRead> {
    decoder: zstd::Decoder<'static, Chain<Cursor<Vec<u8>>, R>>,
    has_checksum: bool,
}

impl<R: BufRead> Read for Frame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer)
    }
}

impl<R: BufRead> Part<R> for Frame<R> {
    fn begin(mut input: R) -> io::Result<Self> {
        let header = Header::read(&mut input)?;
        if header.window > MAX_WINDOW && header.window <= WIDEST {
            return Err(io::Error::other(WideWindow(header.window)));
        }
        let whole = Cursor::new(header.bytes).chain(input);
        let decoder = zstd::Decoder::with_buffer(whole)?.single_frame();
        Ok(Self { decoder, has_checksum: header.has_checksum })
    }

    fn has_checksum(&self) -> bool {
        self.has_checksum
    }

    fn rest(self) -> R {
        self.decoder.finish().into_inner().1
    }

    fn is_at_start(start: &[u8]) -> bool {
        // A buffer may end within the first bytes.
        is_at_start(start)
            || matches!(start, [0x28 | 0x50..=0x5f] | [0x28, 0xb5] | [0x28, 0xb5, 0x2f])
            || matches!(start, [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d])
    }
}

/// How a frame begins (RFC 8878, 3.1.1.1).
struct Header {
    bytes: Vec<u8>,
    window: u64,
    has_checksum: bool,
}

impl Header {
    fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut bytes = vec![0; 5];
        input.read_exact(&mut bytes)?;
        if bytes[0] != 0x28 {
            // A frame that is to be skipped.
            return Ok(Self { bytes, window: 0, has_checksum: true });
        }
        let descriptor = bytes[4];
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        bytes.resize(5 + usize::from(!is_single) + dictionary + size, 0);
        input.read_exact(&mut bytes[5..])?;
        let window = if is_single {
            // The content itself is the window.
            let mut number = [0; 8];
            number[..size].copy_from_slice(&bytes[5 + dictionary..]);
            u64::from_le_bytes(number)
        } else {
            let base = 1 << (10 + (bytes[5] >> 3));
            base + base / 8 * u64::from(bytes[5] & 7)
        };
        Ok(Self { bytes, window, has_checksum: descriptor & 4 != 0 })
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
            decoder(packed.as_slice(), Unchecked::default()).unwrap().read_to_end(&mut unpacked).unwrap();
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
        let read = |packed: &[u8]| decoder(packed, Unchecked::default()).unwrap().read_to_end(&mut Vec::new());
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
            let input = io::BufReader::with_capacity(1, whole.as_slice());
            decoder(input, Unchecked::default()).unwrap().read_to_end(&mut content)?;
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

    #[test]
    fn only_a_frame_with_a_checksum_is_checked() {
        let unchecked = |parts: &[&[u8]]| {
            let (whole, flag) = (parts.concat(), Unchecked::default());
            decoder(whole.as_slice(), flag.clone()).unwrap().read_to_end(&mut Vec::new()).unwrap();
            flag.load(std::sync::atomic::Ordering::Relaxed)
        };
        let (with, without) = (packed(&text(10)), zstd::encode_all(text(10).as_slice(), LEVEL.cast_signed()).unwrap());
        let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd";
        assert!(!unchecked(&[&with]) && !unchecked(&[&with, skipped, &with]));
        assert!(unchecked(&[&without]) && unchecked(&[&with, &without]) && unchecked(&[&without, &with]));
    }

    #[test]
    fn a_window_is_read_up_to_a_limit() {
        let window = |log: u32, size: Option<u64>| {
            let mut packed = Vec::new();
            let mut encoder = zstd::Encoder::new(&mut packed, 1).unwrap();
            encoder.window_log(log).unwrap();
            encoder.set_pledged_src_size(size).unwrap();
            encoder.write_all(&vec![0; usize::try_from(size.unwrap_or(9)).unwrap()]).unwrap();
            encoder.finish().unwrap();
            let read = decoder(packed.as_slice(), Unchecked::default());
            let read = read.and_then(|mut decoder| decoder.read_to_end(&mut Vec::new()));
            read.map_err(|error| error.get_ref().and_then(|inner| inner.downcast_ref::<WideWindow>()).unwrap().0)
        };
        // A frame that knows its size needs no more than that.
        for (log, size) in [(10, None), (25, None), (27, Some(1)), (27, Some(300)), (27, Some(70_000))] {
            assert_eq!(window(log, size), Ok(usize::try_from(size.unwrap_or(9)).unwrap()), "{log}");
        }
        assert_eq!(window(26, None), Err(1 << 26));
        assert_eq!(window(27, Some(40 << 20)), Err(40 << 20));
    }
}
