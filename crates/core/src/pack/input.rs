//! Opening an archive: what is compressed is decompressed by another thread.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use super::compression::Compression;
use super::refusal::UnpackError;
use super::untar::Untar;
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
    let mut start = [0; 264];
    let length = read_up_to(&mut file, &mut start).at("read", path)?;
    file.rewind().at("read", path)?;
    // Text and code shrink to a third or fourth; gzip can do a thousandth, and Zstandard far more.
    let most = size.saturating_mul(200).saturating_add(256 << 20);
    let compression = Compression::of(&start[..length]);
    if compression != Compression::None {
        return decompressed(file, compression, |input| read(&mut Untar::new(input, most)));
    }
    match &start[..length] {
        [b'P', b'K', 3, 4, ..] => Err(UnpackError::OtherFormat { path: path.into(), format: "zip" }),
        header if header.len() == 264 && &header[257..262] == b"ustar" => {
            read(&mut Untar::new(&mut BufReader::with_capacity(CHUNK, file), size))
        }
        _ => Err(UnpackError::NotAnArchive { path: path.into() }),
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

fn decompressed<T>(file: File, compression: Compression, read: impl FnOnce(&mut dyn Read) -> T) -> T {
    let again = file.try_clone();
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let decompress = move || {
            let mut decoder = match compression.decoder(file) {
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
        match (std::thread::Builder::new().spawn_scoped(scope, decompress), again) {
            // What the thread has not taken along cannot come: the reader finds an early end.
            (Err(_), Ok(file)) => match compression.decoder(file) {
                Ok(mut decoder) => read(&mut decoder),
                Err(_) => read(&mut io::empty()),
            },
            _ => read(&mut Chunks { receiver, chunk: Vec::new(), position: 0 }),
        }
    })
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
