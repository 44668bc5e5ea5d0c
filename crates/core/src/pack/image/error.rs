//! What is wrong with an image, or with building on it.

use std::path::PathBuf;

use crate::fs::PathError;
use crate::pack::problem::ArchiveProblem;

/// Why an image is not read, or nothing is built on it.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It is something else.
    #[error("`{}` is not an image: it is neither an OCI layout, nor an archive of one or of Docker, nor a directory of `podman save`", path.display())]
    NoImage {
        /// The file or directory.
        path: PathBuf,
    },
    /// The archive is compressed, so that nothing in it can be found.
    #[error("`{}` is compressed", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
    },
    /// Something in it is not as it says.
    #[error("the image `{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file or directory.
        path: PathBuf,
        /// What.
        reason: String,
    },
    /// A layer or the archive itself cannot be read.
    #[error("the image `{}` was not read: {problem}", path.display())]
    Archive {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong.
        problem: ArchiveProblem,
    },
    /// It is not clear which is meant.
    #[error("`{}` holds {count} images", path.display())]
    Several {
        /// The file or directory.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// It has another processor.
    #[error("the packages are for {wanted}, and the image `{}` is for {found}", path.display())]
    OtherMachine {
        /// The file or directory.
        path: PathBuf,
        /// The machine that the packages are for.
        wanted: String,
        /// The one of the image.
        found: String,
    },
    /// It does not have the Python.
    #[error("the image `{}` has no `{program}` on its PATH", path.display())]
    NoPython {
        /// The file or directory.
        path: PathBuf,
        /// The name of the program.
        program: String,
    },
    /// Its C library is older.
    #[error("the packages need glibc {needed}, and the image `{}` has {found}", path.display())]
    OldGlibc {
        /// The file or directory.
        path: PathBuf,
        /// The version that they need.
        needed: String,
        /// The version that is there.
        found: String,
    },
    /// The base has something else where the environment would be.
    #[error("the image `{}` has files in `{}`, and no environment", path.display(), place.display())]
    Taken {
        /// The file or directory.
        path: PathBuf,
        /// Where the environment would be.
        place: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}
