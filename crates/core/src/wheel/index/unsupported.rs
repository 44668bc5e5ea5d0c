//! The answer of a build that cannot download.

use std::path::Path;

use pep440_rs::Version;

use super::error::IndexError;
use crate::wheel::request::{Event, IndexSettings, SeedRequest};
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
