//! Bundles that somebody has compressed: they are not read, and not taken for something else.

use std::io::Read;
use std::path::Path;

use super::error::ReadError;
use super::listing::list_in;
use crate::fs::magic::{self, Packed};
use crate::fs::open_regular;
use crate::pack::compression::Compression;
use crate::pack::untar::Untar;

/// More than comes before the end of the list of any bundle.
const MOST: u64 = 32 << 20;

/// Returns why a file is not read that is a compressed bundle, or may be one; none for any other.
pub fn compressed(path: &Path) -> Option<ReadError> {
    let mut start = Vec::new();
    open_regular(path).ok()?.take(magic::LENGTH as u64).read_to_end(&mut start).ok()?;
    let program = Packed::of(&start)?.program()?;
    let compression = Compression::of(&start);
    let may_be_one = compression == Compression::None || has_list(path, compression)?;
    may_be_one.then(|| ReadError::Compressed { path: path.to_path_buf(), program })
}

fn has_list(path: &Path, compression: Compression) -> Option<bool> {
    let input = compression.decoder(open_regular(path).ok()?).ok()?;
    let list = list_in(&mut Untar::new(input, MOST)).ok()?;
    Some(list.is_some())
}
