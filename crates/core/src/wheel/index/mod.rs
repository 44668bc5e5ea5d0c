//! Downloading a wheel from a package index: the last resort, or the user's wish.

#[cfg(feature = "download")]
mod download;
mod error;
#[cfg(feature = "download")]
pub(super) mod page;
#[cfg(feature = "download")]
mod transport;
#[cfg(not(feature = "download"))]
mod unsupported;

#[cfg(feature = "download")]
pub(super) use download::{download, download_newer};
pub use error::IndexError;
#[cfg(not(feature = "download"))]
pub(super) use unsupported::{download, download_newer};
