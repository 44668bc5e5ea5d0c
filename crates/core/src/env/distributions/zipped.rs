//! The metadata in a zip file on the import path: an egg that setuptools did not unpack, or a wheel that a `.pth` file
//! names. Python imports from these files as they are.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use rawzip::{CompressionMethod, FileReader, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use super::form::{MAX_BYTES, is_egg, is_metadata};
use crate::env::headers::Headers;
use crate::fs;

/// More than one entry of the archive's directory: a name, extra fields and a comment of at most 64 KiB each.
const MAX_ENTRY: usize = 1 << 18;

/// More files than any package has.
const MAX_ENTRIES: usize = 500_000;

/// The files that are read, the first of the metadata that is there before the others.
const FILES: [&str; 3] = ["METADATA", "PKG-INFO", "requires.txt"];

/// The metadata of one distribution in a zip file.
#[derive(Debug, Default)]
pub(super) struct Zipped {
    /// The name of its directory in the file.
    pub(super) directory: String,
    /// What its metadata says.
    pub(super) headers: Headers,
    /// Its `requires.txt`.
    pub(super) requires: Option<String>,
}

/// Where a file of the metadata is.
struct Found {
    directory: String,
    file: usize,
    method: CompressionMethod,
    position: ZipArchiveEntryWayfinder,
}

/// Returns the metadata of the distributions in a file, in the order of its list; nothing of what is no zip file.
pub(super) fn read(path: &Path) -> Vec<Zipped> {
    let Some(archive) = open(path) else { return Vec::new() };
    let is_egg = is_egg(path);
    let found = list(&archive, is_egg);
    let mut known = HashSet::new();
    let directories = found.iter().map(|found| &*found.directory).filter(|directory| known.insert(*directory));
    let text = |directory: &str, file: usize| {
        let found = found.iter().find(|found| found.directory == directory && found.file == file)?;
        content(&archive, found)
    };
    let zipped = |directory: &str| Zipped {
        directory: directory.to_owned(),
        headers: text(directory, 0)
            .or_else(|| text(directory, 1))
            .map(|text| Headers::parse(&text))
            .unwrap_or_default(),
        requires: text(directory, 2).map(|text| String::from_utf8_lossy(&text).into_owned()),
    };
    directories.map(zipped).collect()
}

fn open(path: &Path) -> Option<ZipArchive<FileReader>> {
    let file = fs::open_regular(path).ok()?;
    let size = file.metadata().ok()?.len();
    ZipLocator::new().locate_in_reader(FileReader::from(file), &mut vec![0; MAX_ENTRY], size).ok()
}

/// The files of metadata in an archive; a directory of metadata without one of them is no distribution.
fn list(archive: &ZipArchive<FileReader>, is_egg: bool) -> Vec<Found> {
    let mut buffer = vec![0; MAX_ENTRY];
    let mut entries = archive.entries(&mut buffer);
    let mut found = Vec::new();
    for _ in 0..MAX_ENTRIES {
        let Ok(Some(entry)) = entries.next_entry() else { break };
        let path = entry.file_path();
        let Ok(path) = std::str::from_utf8(path.as_bytes()) else { continue };
        let Some((directory, name)) = path.split_once('/') else { continue };
        let Some(file) = FILES.iter().position(|known| *known == name) else { continue };
        if is_metadata(directory.as_bytes(), is_egg) {
            let (method, position) = (entry.compression_method(), entry.wayfinder());
            found.push(Found { directory: directory.to_owned(), file, method, position });
        }
    }
    found
}

fn content(archive: &ZipArchive<FileReader>, found: &Found) -> Option<Vec<u8>> {
    let entry = archive.get_entry(found.position).ok()?;
    let mut content = Vec::new();
    let data = std::io::BufReader::new(entry.reader());
    match found.method {
        CompressionMethod::STORE => data.take(MAX_BYTES).read_to_end(&mut content),
        CompressionMethod::DEFLATE => {
            flate2::bufread::DeflateDecoder::new(data).take(MAX_BYTES).read_to_end(&mut content)
        }
        _ => return None,
    }
    .ok()?;
    Some(content)
}
