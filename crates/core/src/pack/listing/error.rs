//! Why nothing is listed.

use std::path::PathBuf;

use crate::fs::PathError;
use crate::pack::image::ImageError;
use crate::pack::refusal::UnpackError;

/// Why the packages of an archive or image are not known.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// It holds no environment.
    #[error("`{}` holds no packages of any environment", path.display())]
    Unknown {
        /// The file or directory.
        path: PathBuf,
    },
    /// A name or version in it is none.
    #[error("`{}` lists a package {name:?} of version {version:?}, which cannot be", path.display())]
    Package {
        /// The file or directory.
        path: PathBuf,
        /// The name.
        name: String,
        /// The version.
        version: String,
    },
    /// A zip archive cannot be read.
    #[error("`{}` is damaged: {reason}", path.display())]
    Zip {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Another archive cannot be read.
    #[error(transparent)]
    Archive(#[from] UnpackError),
    /// An image cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}
