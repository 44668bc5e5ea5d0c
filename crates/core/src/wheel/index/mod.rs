//! Downloading a wheel from a package index: the last resort, or the user's wish.

#[cfg_attr(not(feature = "download"), allow(dead_code, reason = "nothing is sent"))]
mod credentials;
#[cfg(feature = "download")]
mod download;
mod error;
#[cfg(feature = "download")]
mod fetch;
#[cfg(feature = "download")]
mod netrc;
pub(super) mod page;
#[cfg(feature = "download")]
mod resolver;
#[cfg(feature = "download")]
mod transport;
#[cfg(not(feature = "download"))]
mod unsupported;

pub use credentials::{Ask, Credentials};
#[cfg(feature = "download")]
pub(super) use download::{download, download_newer};
pub use error::IndexError;
#[cfg(feature = "download")]
pub use fetch::fetch;
#[cfg(not(feature = "download"))]
pub use unsupported::fetch;
#[cfg(not(feature = "download"))]
pub(super) use unsupported::{download, download_newer};
