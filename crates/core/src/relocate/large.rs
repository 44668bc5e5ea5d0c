//! Files that are not held in memory as a whole, or not before they have been searched.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;

use super::mapping::Mapping;
use crate::fs::sparse;

/// Larger files are not held in memory as a whole unless they name the source.
pub(crate) const LARGE: u64 = 16 << 20;

/// Of larger files most do not name the source: searching them in pieces, which stay in the processor's cache, takes less
/// time than holding them in memory as a whole.
pub(crate) const SEARCHED: u64 = 256 << 10;

/// How much is searched at a time.
const PIECE: usize = 128 << 10;

/// Returns whether a file may name the source. It is searched piece by piece; holes hold no path. Its position is at the
/// beginning afterwards.
pub(crate) fn may_name(mapping: &Mapping, source: impl AsFd, size: u64) -> io::Result<bool> {
    let source = source.as_fd().try_clone_to_owned()?;
    let parts = sparse::data(&source, size)?;
    let mut file = File::from(source);
    let overlap = mapping.overlap();
    let mut piece = vec![0; PIECE + overlap];
    let mut may_name = false;
    for (start, end) in parts {
        file.seek(SeekFrom::Start(start))?;
        let mut part = Read::by_ref(&mut file).take(end - start);
        let mut kept = 0;
        loop {
            let count = part.read(&mut piece[kept..])?;
            let end = kept + count;
            may_name |= mapping.may_be_in(&piece[..end]);
            if count == 0 || may_name {
                break;
            }
            kept = overlap.min(end);
            piece.copy_within(end - kept..end, 0);
        }
    }
    file.rewind()?;
    Ok(may_name)
}
