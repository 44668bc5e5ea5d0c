//! The list at the beginning of a bundle. One that somebody has compressed is not read, and is told from other archives.

use std::io::{self, Read};
use std::path::Path;

use super::error::ReadError;
use super::place::MANIFEST;
use crate::fs::magic::{self, Packed};
use crate::fs::open_regular;
use crate::pack::compression::Compression;
use crate::pack::untar::{MemberKind, Untar};

/// More than the list of any bundle.
pub(super) const MAX_TEXT: u64 = 16 << 20;
/// The list comes after the directories of a bundle.
const FIRST: usize = 8;
/// More than comes before the end of the list of any bundle.
const MOST: u64 = 32 << 20;

/// Returns why a file is not read that is a compressed bundle, or may be one; none for any other.
pub fn compressed(path: &Path) -> Option<ReadError> {
    let start = start_of(path)?;
    let program = Packed::of(&start)?.program()?;
    let compression = Compression::of(&start);
    let may_be_one = compression == Compression::None || has_list(path, compression)?;
    may_be_one.then(|| ReadError::Compressed { path: path.to_path_buf(), program })
}

/// The first bytes of a file.
pub(super) fn start_of(path: &Path) -> Option<Vec<u8>> {
    let mut start = Vec::new();
    open_regular(path).ok()?.take(magic::LENGTH as u64).read_to_end(&mut start).ok()?;
    Some(start)
}

fn has_list(path: &Path, compression: Compression) -> Option<bool> {
    let input = compression.decoder(open_regular(path).ok()?).ok()?;
    let list = list_in(&mut Untar::new(input, MOST)).ok()?;
    Some(list.is_some())
}

/// The text of the list of a bundle, which is at its beginning; none in any other archive.
pub(super) fn list_in(tar: &mut Untar<impl Read>) -> io::Result<Option<Vec<u8>>> {
    // What is no tar fails at once, and is for others to explain.
    for _ in 0..FIRST {
        let Ok(Some(member)) = tar.next() else { break };
        if member.kind == MemberKind::Directory {
            continue;
        }
        let is_list = member.path.components().count() == 2 && member.path.ends_with(MANIFEST);
        if !is_list || !matches!(member.kind, MemberKind::File(_)) {
            break;
        }
        let mut text = Vec::new();
        tar.content().take(MAX_TEXT).read_to_end(&mut text)?;
        return Ok(Some(text));
    }
    Ok(None)
}
