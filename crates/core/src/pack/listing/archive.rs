//! Archives of tar, compressed or not.

use std::io::Read;
use std::path::Path;

use super::collect::{Collected, kind};
use super::{Listing, ListingError};
use crate::pack::input::with_archive;
use crate::pack::problem::ArchiveProblem;
use crate::pack::refusal::UnpackError;
use crate::pack::untar::{MemberKind, Untar};

/// What an archive is.
#[derive(Debug)]
pub(super) enum Found {
    /// One of an environment.
    Packages(Listing),
    /// One of an image.
    Image,
}

/// Lists the packages of an archive.
pub(super) fn listing(path: &Path) -> Result<Found, ListingError> {
    let (collected, is_image) = with_archive(path, |archive| {
        collect(archive).map_err(|problem| UnpackError::Archive { path: path.into(), problem })
    })?;
    match collected.finish(path, None) {
        Err(ListingError::Unknown { .. }) if is_image => Ok(Found::Image),
        listing => Ok(Found::Packages(listing?)),
    }
}

fn collect(archive: &mut Untar<&mut dyn Read>) -> Result<(Collected, bool), ArchiveProblem> {
    let (mut collected, mut is_image) = (Collected::default(), false);
    while let Some(member) = archive.next()? {
        is_image |= member.path == Path::new("manifest.json") || member.path == Path::new("index.json");
        let Some(kind) = kind(&member.path) else { continue };
        if matches!(member.kind, MemberKind::File(_)) {
            collected.take(kind, &member.path, &mut archive.content())?;
        }
        if collected.is_complete() {
            break;
        }
    }
    Ok((collected, is_image))
}
