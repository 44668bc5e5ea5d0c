//! What can be wrong with an archive.

use std::io;
use std::path::PathBuf;

use super::zstandard::{MAX_WINDOW, WideWindow};

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveProblem {
    /// It cannot be read, or its parts do not fit together.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Something in it would do harm, or means different things to different programs.
    #[error("it is unsafe: {name:?} {reason}")]
    Unsafe {
        /// The name.
        name: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It is sound, but nothing that environments are packed as.
    #[error("it has {0}, which are not read")]
    Unread(&'static str),
    /// To decompress it takes too much memory.
    #[error("it needs a window of {} MB, and venvwrap reads up to {} MB", bytes.div_ceil(1 << 20), MAX_WINDOW >> 20)]
    Window {
        /// How much is in memory at once.
        bytes: u64,
    },
    /// It is out of proportion.
    #[error("it is unsafe: it would unpack to {0}")]
    TooLarge(&'static str),
}

impl From<io::Error> for ArchiveProblem {
    fn from(error: io::Error) -> Self {
        if let Some(WideWindow(bytes)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Self::Window { bytes: *bytes };
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".into()),
            io::ErrorKind::Unsupported => Self::Unread("files that are encrypted, or compressed in an unusual way"),
            _ => Self::Damaged(error.to_string()),
        }
    }
}

/// What venvwrap does not write, and reads no better than others.
pub(super) const SPARSE: ArchiveProblem = ArchiveProblem::Unread("sparse files");
