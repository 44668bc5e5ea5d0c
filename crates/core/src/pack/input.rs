//! Opening an archive: what is compressed is decompressed by another thread, and so is zip made tar.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::compression::Compression;
use super::members::Unchecked;
use super::refusal::UnpackError;
use super::untar::Untar;
use super::unzip::as_tar;
use crate::fs::magic::{self, Packed};
use crate::fs::{self, PathContext};

/// How much is passed on at a time.
const CHUNK: usize = 256 << 10;
/// How many chunks may wait.
const WAITING: usize = 8;

/// Opens an archive, and lets `read` read it.
pub(super) fn with_archive<T>(
    path: &Path,
    read: impl FnOnce(&mut Untar<&mut dyn Read>) -> Result<T, UnpackError>,
) -> Result<T, UnpackError> {
    let mut file = fs::open_regular(path)?;
    let size = file.metadata().at("read", path)?.len();
    let mut start = [0; magic::LENGTH];
    let length = read_up_to(&mut file, &mut start).at("read", path)?;
    file.rewind().at("read", path)?;
    // Text and code shrink to a third or fourth; gzip can do a thousandth, and Zstandard far more.
    let most = size.saturating_mul(200).saturating_add(256 << 20);
    let compression = Compression::of(&start[..length]);
    if compression != Compression::None {
        let unchecked = Unchecked::default();
        return decompressed(file, compression, &unchecked, |input| {
            read(&mut Untar::noting(input, most, unchecked.clone()))
        });
    }
    match Packed::of(&start[..length]) {
        Some(Packed::Zip) => from_thread(
            move |sender| unzip(file, &sender),
            |input| read(&mut Untar::new(input.unwrap_or(&mut io::empty()), most)),
        ),
        Some(Packed::Tar) => read(&mut Untar::plain(&mut BufReader::with_capacity(CHUNK, file), size)),
        other => Err(match other.and_then(Packed::program) {
            Some(program) => UnpackError::Compressed { path: path.into(), program },
            None => UnpackError::NotAnArchive { path: path.into() },
        }),
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

fn decompressed<T>(
    file: File,
    compression: Compression,
    unchecked: &Unchecked,
    read: impl FnOnce(&mut dyn Read) -> T,
) -> T {
    let again = file.try_clone();
    let decoder = |file| compression.noting_decoder(Box::new(file), unchecked.clone());
    let decompress = move |sender: SyncSender<io::Result<Vec<u8>>>| {
        let mut decoder = match decoder(file) {
            Ok(decoder) => decoder,
            // There is room for it, and nobody waits for anything else.
            Err(error) => return drop(sender.send(Err(error))),
        };
        loop {
            let mut chunk = vec![0; CHUNK];
            let result = decoder.read(&mut chunk).map(|length| {
                chunk.truncate(length);
                chunk
            });
            let is_last = result.as_ref().map_or(true, Vec::is_empty);
            // Who does not listen any more has found a fault.
            if sender.send(result).is_err() || is_last {
                return;
            }
        }
    };
    from_thread(decompress, |input| match (input, again) {
        (Some(input), _) => read(input),
        (None, Ok(file)) => match decoder(file) {
            Ok(mut decoder) => read(&mut decoder),
            Err(_) => read(&mut io::empty()),
        },
        (None, Err(_)) => read(&mut io::empty()),
    })
}

fn unzip(file: File, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut output = Sending { sender, chunk: Vec::new() };
    if let Err(error) = as_tar(file, &mut output).and_then(|()| output.flush()) {
        // Who does not listen any more has found a fault.
        drop(sender.send(Err(error)));
    }
}

/// Lets `read` read what another thread sends, or nothing if there is no further thread. What that has taken along cannot
/// come: the reader finds an early end.
fn from_thread<T>(
    send: impl FnOnce(SyncSender<io::Result<Vec<u8>>>) + Send,
    read: impl FnOnce(Option<&mut dyn Read>) -> T,
) -> T {
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| match std::thread::Builder::new().spawn_scoped(scope, move || send(sender)) {
        Ok(_) => read(Some(&mut Chunks { receiver, chunk: Vec::new(), position: 0 })),
        Err(_) => read(None),
    })
}

/// Passes on what is written.
struct Sending<'a> {
    sender: &'a SyncSender<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
}

impl Write for Sending<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        // An empty one would be the end.
        if chunk.is_empty() {
            return Ok(());
        }
        self.sender.send(Ok(chunk)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

struct Chunks {
    receiver: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    position: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.chunk.len() {
            match self.receiver.recv() {
                Ok(chunk) => (self.chunk, self.position) = (chunk?, 0),
                Err(_) => return Ok(0),
            }
        }
        let count = buffer.len().min(self.chunk.len() - self.position);
        buffer[..count].copy_from_slice(&self.chunk[self.position..self.position + count]);
        self.position += count;
        Ok(count)
    }
}
