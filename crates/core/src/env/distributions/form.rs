//! How metadata is found: by the names of its directories, and up to which size its files are read.

use std::ffi::OsStr;
use std::path::Path;

/// The largest small file next to the metadata that is read, in bytes.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// Returns whether this is the name of metadata, in an egg or elsewhere.
pub(super) fn is_metadata(name: &[u8], is_in_egg: bool) -> bool {
    ends_with(name, b".dist-info")
        || ends_with(name, b".egg-info")
        || (is_in_egg && name.eq_ignore_ascii_case(b"EGG-INFO"))
}

fn ends_with(name: &[u8], suffix: &[u8]) -> bool {
    name.len() >= suffix.len() && name[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
}

/// Returns whether a path is called as eggs are.
pub(super) fn is_egg(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("egg"))
}
