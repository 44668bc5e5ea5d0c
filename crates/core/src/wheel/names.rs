//! Looking at the names in a wheel that may be larger than memory.

use std::io::{self, Read};
use std::path::Path;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use super::file::WheelError;
use super::problem::WheelProblem;
use super::safe_path::relative_path;
use crate::fs::open_regular;

/// What looks at the content of a file.
pub(crate) type Look<'a> = &'a mut dyn FnMut(&mut dyn Read) -> io::Result<()>;

/// Fails for what is no zip archive, or has a name that leads out of it. `file` is what messages call it.
pub(crate) fn check(path: &Path, file: &str) -> Result<(), WheelError> {
    let found = open_regular(path)?;
    names(found).map_err(|problem| WheelError::Unsound { path: file.into(), problem })
}

fn names(file: std::fs::File) -> Result<(), WheelProblem> {
    let broken = |error: rawzip::Error| WheelProblem::Archive(error.to_string());
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut entries = archive.entries(&mut buffer);
    let mut has_metadata = false;
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let raw = entry.file_path();
        let name = raw.as_bytes().strip_suffix(b"/").unwrap_or(raw.as_bytes());
        let shown = || String::from_utf8_lossy(name).escape_debug().to_string();
        let path = relative_path(name).ok_or_else(|| WheelProblem::UnsafeName(shown()))?;
        has_metadata |= path.ends_with(".dist-info/METADATA");
    }
    if has_metadata { Ok(()) } else { Err(WheelProblem::Missing("METADATA")) }
}

/// Calls `look` with a reader of each file of a wheel. `file` is what messages call the wheel.
pub(crate) fn for_each(path: &Path, file: &str, look: Look<'_>) -> Result<(), WheelError> {
    let found = open_regular(path)?;
    contents(found, look)
        .map_err(|error| WheelError::Unsound { path: file.into(), problem: WheelProblem::Archive(error.to_string()) })
}

fn contents(file: std::fs::File, look: Look<'_>) -> io::Result<()> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(io::Error::other)?;
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(io::Error::other)? {
        let (method, position) = (entry.compression_method(), entry.wayfinder());
        member(&archive, method, position, look)?;
    }
    Ok(())
}

/// Calls `look` with a reader of a file in an archive.
pub(crate) fn member(
    archive: &ZipArchive<FileReader>,
    method: CompressionMethod,
    position: ZipArchiveEntryWayfinder,
    look: Look<'_>,
) -> io::Result<()> {
    let entry = archive.get_entry(position).map_err(io::Error::other)?;
    match method {
        CompressionMethod::STORE => look(&mut entry.reader()),
        CompressionMethod::DEFLATE => look(&mut DeflateDecoder::new(entry.reader())),
        other => Err(io::Error::other(format!("compression method {} is unknown", other.as_u16()))),
    }
}
