//! What can go wrong when a package index is asked.

use crate::fs::PathError;
use crate::fs::room::NoRoom;
use crate::wheel::pip_refusal::PipRefusal;

/// Why an index could not provide a wheel.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// This program was built without the ability to download.
    #[error("this build cannot download")]
    Unsupported,
    /// The index has no wheel that fits.
    #[error("`{host}` offers no wheel of `{wanted}` for Python {python}")]
    NotOffered {
        /// The index's host.
        host: String,
        /// The package, with a version if one was asked for.
        wanted: String,
        /// The interpreter's version.
        python: String,
    },
    /// A host could not be reached, or the conversation with it broke off.
    #[error("could not download from `{host}`")]
    Unreachable {
        /// The host.
        host: String,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A host answered with an error.
    #[error("could not download from `{host}`: HTTP status {status}")]
    Refused {
        /// The host.
        host: String,
        /// The number of the error.
        status: u16,
    },
    /// A conversation ended before all was sent.
    #[error("`{host}` did not send the whole file")]
    Interrupted {
        /// The host.
        host: String,
    },
    /// An address would be reached without encryption, and its host is not declared trusted.
    #[error("refusing to contact `{host}` without TLS")]
    Unencrypted {
        /// The host.
        host: String,
    },
    /// A host that speaks TLS sends on to one without it.
    #[error("`{host}` sends on to `{to}` without TLS")]
    Downgraded {
        /// The host.
        host: String,
        /// The other one.
        to: String,
    },
    /// The host sent no index page.
    #[error("`{host}` did not send an index page")]
    Page {
        /// The host.
        host: String,
    },
    /// The downloaded file is not the one that the index promised.
    #[error("the checksum of `{file}` from `{host}` does not match the index")]
    Checksum {
        /// The file.
        file: String,
        /// The host it came from.
        host: String,
    },
    /// A file with certificates holds none.
    #[error("`{}` contains no certificate", .0.display())]
    Certificates(std::path::PathBuf),
    /// The proxy's address cannot be understood.
    #[error("the proxy's address is not valid")]
    Proxy,
    /// Nobody knows which index is meant.
    #[error(transparent)]
    Settings(#[from] PipRefusal),
    /// A disk is too small for a file.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// A file operation failed.
    #[error(transparent)]
    Path(#[from] PathError),
}
