//! The answer of a build that cannot download.

use std::path::Path;

use pep440_rs::Version;

use super::credentials::Credentials;
use super::error::IndexError;
use crate::wheel::request::{Event, IndexSettings, SeedRequest, Wanted};
use crate::wheel::sources::Candidate;

/// Always fails.
pub(in crate::wheel) fn download(
    _: &SeedRequest,
    _: &IndexSettings,
    _: &Version,
    _: &Path,
    _: &mut dyn FnMut(Event),
) -> Result<Candidate, IndexError> {
    Err(IndexError::Unsupported)
}

/// Always fails.
pub(in crate::wheel) fn download_newer(
    _: &SeedRequest,
    _: &IndexSettings,
    _: &Version,
    _: Option<&Version>,
    _: &Path,
) -> Result<Option<Candidate>, IndexError> {
    Err(IndexError::Unsupported)
}

/// Always fails.
pub fn fetch(_: &[Wanted], _: &IndexSettings, _: &Credentials, _: &(dyn Fn(u64) + Sync)) -> Result<(), IndexError> {
    Err(IndexError::Unsupported)
}
