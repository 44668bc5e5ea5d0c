//! Time stamps of files.

use rustix::fs::{Stat, Timespec, Timestamps};

/// The time of the last change. The time of access is never used.
#[allow(clippy::cast_possible_wrap, reason = "the types differ between systems; the values fit")]
pub(crate) fn times_of(found: &Stat) -> Timestamps {
    let modified = Timespec { tv_sec: found.st_mtime as _, tv_nsec: found.st_mtime_nsec as _ };
    Timestamps { last_access: modified, last_modification: modified }
}
