//! Why a directory cannot be trusted.

use std::path::PathBuf;

use crate::fs::PathError;

/// Why a directory cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Another user could change it at any time.
    #[error("`{}` is writable by other users", path.display())]
    WritableByOthers {
        /// The directory or file.
        path: PathBuf,
    },
    /// It is another user's.
    #[error("`{}` belongs to another user", path.display())]
    ForeignOwner {
        /// The directory or file.
        path: PathBuf,
    },
    /// A name that no variable has.
    #[error("`{name}` is not a variable name")]
    Variable {
        /// The text.
        name: String,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}
