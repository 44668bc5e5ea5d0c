//! How long removed environments are kept, and how much space they may take.

use std::path::Path;
use std::time::Duration;

const GIB: u64 = 1 << 30;

/// How long removed environments are kept, and how much space they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrashPolicy {
    /// How long they are kept; nothing is kept for no time at all.
    pub keep: Duration,
    /// How many bytes they may take together. The oldest are deleted first.
    pub max: u64,
    /// With fewer free bytes nothing is kept; on a small file system a tenth of it is enough.
    pub least_free: u64,
}

impl Default for TrashPolicy {
    /// A day, and 10 GiB, where a tenth of the file system or 5 GiB are free.
    fn default() -> Self {
        Self { keep: Duration::from_secs(24 * 60 * 60), max: 10 * GIB, least_free: 5 * GIB }
    }
}

impl TrashPolicy {
    /// Returns the policy that keeps nothing.
    pub fn none() -> Self {
        Self { keep: Duration::ZERO, max: 0, least_free: 0 }
    }

    /// Returns whether anything may be kept.
    pub fn keeps(&self) -> bool {
        !self.keep.is_zero() && self.max > 0
    }

    /// Returns whether a file system has room for what nobody needs.
    pub(in crate::store) fn is_roomy(&self, directory: &Path) -> bool {
        let Ok(found) = rustix::fs::statvfs(directory) else { return true };
        self.has_room(found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize))
    }

    fn has_room(&self, free: u64, total: u64) -> bool {
        free >= self.least_free.min(total / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_a_small_disk_and_five_gib_of_a_large_one_stay_free() {
        for (free, total, expected) in [
            (GIB, 10 * GIB, true),
            (GIB - 1, 10 * GIB, false),
            (5 * GIB, 4096 * GIB, true),
            (5 * GIB - 1, 4096 * GIB, false),
            (0, 0, true),
        ] {
            assert_eq!(TrashPolicy::default().has_room(free, total), expected, "{free} of {total}");
        }
    }
}
