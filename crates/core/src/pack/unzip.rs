//! Reading zip. It becomes tar on the way, so that one reader judges what an archive holds.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, ZipArchive, ZipFileHeaderRecord, ZipLocator};

use super::entry::{Entry, Kind, Sink};
use super::tar::Tar;
use crate::wheel::zip_time::seconds;

/// More than one entry of the archive's directory: a name, extra fields and a comment of at most 64 KiB each.
const MAX_ENTRY: usize = 1 << 18;
/// The longest target of a link, in bytes: that of Linux.
const MAX_TARGET: u64 = 4096;
/// How much of a packed file is in memory at once.
const CHUNK: usize = 1 << 17;

/// Writes what is in a zip archive as tar. Names, links and sizes are passed on as they are, for the reader of the tar to
/// judge; what zip alone can have, and other programs could understand in another way, is refused here.
pub(super) fn as_tar(file: File, output: impl Write) -> io::Result<()> {
    let size = file.metadata()?.len();
    let located = ZipLocator::new().locate_in_reader(FileReader::from(file), &mut vec![0; MAX_ENTRY], size);
    let archive = located.map_err(|(_, error)| io::Error::other(error))?;
    let mut tar = Tar::new(output, "");
    let (mut buffer, mut local) = (vec![0; MAX_ENTRY], vec![0; MAX_ENTRY]);
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0;
    let mut places = Vec::new();
    while let Some(entry) = entries.next_entry().map_err(io::Error::other)? {
        let place = add(&archive, &entry, &mut local, &mut tar)?;
        places.push((entry.local_header_offset(), place));
        count += 1;
    }
    if count != archive.entries_hint() {
        return Err(io::Error::other("its directory has another number of entries than it says"));
    }
    // A file inside of another one is what only some programs see.
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(io::Error::other("two of its files overlap"));
    }
    tar.finish()
}

/// Adds an entry, and returns where its content ends.
fn add(
    archive: &ZipArchive<FileReader>,
    entry: &ZipFileHeaderRecord<'_>,
    buffer: &mut [u8],
    tar: &mut Tar<impl Write>,
) -> io::Result<u64> {
    let found = archive.get_entry(entry.wayfinder()).map_err(io::Error::other)?;
    let header = found.local_header(buffer).map_err(io::Error::other)?;
    let raw = entry.file_path();
    let name = raw.as_bytes();
    if header.file_path().as_bytes() != name || name.contains(&0) {
        return Err(io::Error::other("one of its files has two names"));
    }
    if header.flags().is_encrypted() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let data = BufReader::with_capacity(CHUNK, found.reader());
    let mut content: Box<dyn Read + '_> = match entry.compression_method() {
        CompressionMethod::STORE => Box::new(found.verifying_reader(data)),
        CompressionMethod::DEFLATE => Box::new(found.verifying_reader(DeflateDecoder::new(data))),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    // The upper half of the attributes is a Unix mode, or zero.
    let mode = entry.external_attributes() >> 16;
    let kind = match (mode & 0o170_000, entry.is_dir()) {
        (0 | 0o040_000, true) => Kind::Directory,
        (0 | 0o100_000, false) => Kind::File(entry.uncompressed_size_hint()),
        (0o120_000, false) => Kind::Link(target(&mut content)?),
        _ => return Err(io::Error::other("one of its files is of a kind that environments do not have")),
    };
    let mode = match (mode & 0o7777, &kind) {
        (0, Kind::Directory) => 0o755,
        (0, _) => 0o644,
        (mode, _) => mode,
    };
    let path = Path::new(OsStr::from_bytes(name.strip_suffix(b"/").unwrap_or(name))).into();
    tar.add(&Entry { path, kind, mode, mtime: seconds(entry).unsigned_abs() }, &mut content)?;
    // At the end, the checksum is compared.
    match content.read(&mut [0])? {
        0 => Ok(found.compressed_data_range().1),
        _ => Err(io::Error::other("one of its files is larger than promised")),
    }
}

fn target(content: &mut dyn Read) -> io::Result<PathBuf> {
    let mut target = Vec::new();
    content.take(MAX_TARGET).read_to_end(&mut target)?;
    Ok(Path::new(OsStr::from_bytes(&target)).into())
}
