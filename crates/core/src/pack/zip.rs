//! Writing zip: no links, since those who read it do not make any.

use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::path::{EntryPath, ZipFilePath};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ErrorKind, ZipArchiveWriter, ZipDataWriter};

use super::entry::{Entry, Kind, Sink};

/// Returns whether a name is the same for all that read a zip archive: text, and without what the writer would change
/// where it has to say that it is no ASCII.
pub(super) fn can_hold(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.is_ascii() || ZipFilePath::from_str(text).as_str() == text)
}

/// A zip archive under way.
pub(crate) struct Zip<W: Write> {
    archive: Option<ZipArchiveWriter<W>>,
    level: u32,
}

impl<W: Write> Zip<W> {
    /// Begins an archive.
    pub(crate) fn new(output: W, level: u32) -> Self {
        Self { archive: Some(ZipArchiveWriter::new(output)), level }
    }
}

impl<W: Write> Sink for Zip<W> {
    fn add(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<()> {
        let Some(archive) = &mut self.archive else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let Some(path) = entry.path.to_str().filter(|_| can_hold(&entry.path)) else {
            return Err(io::Error::other(format!(
                "zip cannot hold the name \"{}\"",
                entry.path.to_string_lossy().escape_debug()
            )));
        };
        let time = time(entry.mtime);
        match entry.kind {
            Kind::Link(_) => Ok(()),
            Kind::Directory => {
                let directory = archive.new_dir(name_of(format!("{path}/"))).last_modified(time);
                directory.unix_permissions(0o040_000 | entry.mode).create().map_err(io_error)?;
                Ok(())
            }
            Kind::File(size) => {
                let file = archive
                    .new_file(name_of(path.to_owned()))
                    .last_modified(time)
                    .unix_permissions(0o100_000 | entry.mode);
                let file = file.compression_method(CompressionMethod::DEFLATE);
                let (mut output, config) = file.start().map_err(io_error)?;
                let encoder = DeflateEncoder::new(&mut output, Compression::new(self.level));
                let mut writer = config.wrap(encoder);
                copy(content, size, &mut writer)?;
                let (encoder, descriptor) = writer.finish().map_err(io_error)?;
                encoder.finish()?;
                output.finish(descriptor).map_err(io_error)?;
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(archive) = self.archive.take() else { return Ok(()) };
        archive.finish().map_err(io_error)?.flush()
    }
}

/// A colon or a backslash of an ASCII name is not taken for part of a path on Windows.
fn name_of(path: String) -> EntryPath<'static> {
    if path.is_ascii() { EntryPath::verbatim(path.into_bytes()) } else { EntryPath::conformant(path) }
}

/// A full disk stays a full disk.
fn io_error(error: rawzip::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::IO(error) => error,
        other => io::Error::other(rawzip::Error::from(other)),
    }
}

fn copy<W: Write>(content: &mut dyn Read, size: u64, writer: &mut ZipDataWriter<W>) -> io::Result<()> {
    let copied = io::copy(&mut content.take(size), writer)?;
    if copied == size { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Zip begins to count in 1980.
fn time(seconds: u64) -> UtcDateTime {
    const FIRST: u64 = 315_532_800;
    UtcDateTime::from_unix(i64::try_from(seconds.max(FIRST)).unwrap_or(i64::MAX))
}
