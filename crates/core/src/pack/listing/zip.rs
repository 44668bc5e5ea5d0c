//! Zip archives: their directory says where everything is.

use std::io;
use std::path::{Component, Path, PathBuf};

use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use super::collect::{Collected, Kind, kind};
use super::{Listing, ListingError};
use crate::fs;
use crate::fs::order::Order as _;
use crate::wheel::names;

/// More than any environment has.
const MAX_ENTRIES: usize = 1_000_000;

/// A file that is to be read.
struct Wanted {
    kind: Kind,
    path: PathBuf,
    method: CompressionMethod,
    position: ZipArchiveEntryWayfinder,
}

/// Lists the packages of an archive.
pub(super) fn listing(path: &Path) -> Result<Listing, ListingError> {
    let file = fs::open_regular(path)?;
    let damaged = |reason: String| ListingError::Zip { path: path.into(), reason };
    let collected = collect(file).map_err(|error| damaged(error.to_string()))?;
    collected.finish(path, None)
}

fn collect(file: std::fs::File) -> io::Result<Collected> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(io::Error::other)?;
    let mut wanted = Vec::new();
    let mut entries = archive.entries(&mut buffer);
    let mut count = 0;
    while let Some(entry) = entries.next_entry().map_err(io::Error::other)? {
        count += 1;
        if count > MAX_ENTRIES {
            return Err(io::Error::other("it has too many files"));
        }
        let raw = entry.file_path();
        let Ok(name) = std::str::from_utf8(raw.as_bytes()) else { continue };
        let path = Path::new(name);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(io::Error::other(format!("the name {name:?} leads out of it")));
        }
        if let Some(kind) = kind(path) {
            let (method, position) = (entry.compression_method(), entry.wayfinder());
            wanted.push(Wanted { kind, path: path.into(), method, position });
        }
    }
    // A manifest makes all others needless.
    wanted.order_by_key(|wanted| wanted.kind != Kind::Manifest);
    let mut collected = Collected::default();
    for wanted in &wanted {
        names::member(&archive, wanted.method, wanted.position, &mut |content| {
            collected.take(wanted.kind, &wanted.path, content)
        })?;
        if collected.is_complete() {
            break;
        }
    }
    Ok(collected)
}
