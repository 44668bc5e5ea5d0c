//! Where an archive is meant to be unpacked, and what follows from that.

use std::path::PathBuf;

/// What kind of tree an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An environment that works in any directory, with the base Python of the machine that it gets to.
    Relocatable,
    /// An environment for one directory; absolute.
    Fixed(PathBuf),
    /// A Python with the packages: one prefix that works in any directory.
    WithPython,
}

impl Layout {
    /// The word for it in manifests.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Relocatable => "relocatable",
            Self::Fixed(_) => "fixed",
            Self::WithPython => "python",
        }
    }
}
