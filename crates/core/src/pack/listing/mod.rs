//! Which packages an archive or image holds: as its manifest says, else as the metadata of the packages do. Nothing is
//! unpacked.

mod archive;
mod collect;
mod error;
mod image;
#[cfg(test)]
mod tests;
mod zip;

use std::io::Read;
use std::path::Path;

pub use self::collect::Listing;
pub(crate) use self::collect::checked;
pub use self::error::ListingError;
use crate::fs::{self, PathContext};
use crate::pack::image::is_layout;

/// Lists what a file or directory holds.
pub fn listing(path: &Path) -> Result<Listing, ListingError> {
    if std::fs::metadata(path).at("read", path)?.is_dir() {
        return if is_layout(path) { image::listing(path) } else { Err(ListingError::Unknown { path: path.into() }) };
    }
    let mut start = [0; 4];
    let length = fs::open_regular(path)?.read(&mut start).at("read", path)?;
    if start[..length] == *b"PK\x03\x04" {
        return zip::listing(path);
    }
    match archive::listing(path)? {
        archive::Found::Packages(listing) => Ok(listing),
        archive::Found::Image => image::listing(path),
    }
}
