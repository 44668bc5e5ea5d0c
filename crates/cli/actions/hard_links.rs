//! Files that are replaced by new ones and had other names.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::ui::printer;

/// How many names a file has.
pub(crate) fn links_of(file: &Path) -> u64 {
    file.metadata().map_or(1, |found| found.nlink())
}

/// Says that a file was replaced which had other names: each has the old content.
pub(crate) fn tell_of_links(file: &Path, links: u64) {
    if links > 1 {
        printer::message(&format!("`{}` was a hard link: its other names keep the old content", file.display()));
    }
}
