//! Unpacking a wheel into a separate tree, from which environments are then filled.

use std::fs::{File, FileTimes, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::archive::{Member, Place};
use super::file::{Wheel, WheelError};
use super::listing::{Listing, Row};
use super::manifest::Manifest;
use super::record;
use crate::fs::{PathContext, PathResult, create_dir, write_new};

/// The name of the file next to a tree that lists it.
pub(super) const MANIFEST: &str = "manifest";

/// How much of a file is in memory at once.
const CHUNK: usize = 256 << 10;

/// An unpacked wheel.
#[derive(Debug)]
pub(super) struct Entry {
    /// The directory that holds the trees and the manifest.
    pub(super) directory: PathBuf,
    pub(super) manifest: Manifest,
}

impl Entry {
    /// Unpacks a wheel into a directory that must not exist yet.
    pub(super) fn unpack(wheel: &Wheel, directory: &Path) -> Result<Self, WheelError> {
        create_dir(directory, 0o700)?;
        let mut record = String::new();
        let listing = Listing::new(wheel.members.iter().map(row).collect());
        create_directories(directory, &listing)?;
        let mut buffer = vec![0; CHUNK];
        for member in &wheel.members {
            let digest = write_member(directory, wheel, member, &mut buffer)?;
            if member.place == Place::Site {
                record::push_known(&mut record, &member.path, &digest, member.size);
            }
        }
        wheel.check_unchanged()?;
        let manifest = Manifest { description: wheel.description.clone(), listing, record };
        write_new(&directory.join(MANIFEST), manifest.to_text().as_bytes(), 0o600)?;
        Ok(Self { directory: directory.to_path_buf(), manifest })
    }
}

fn row(member: &Member) -> Row {
    let Member { place, path, size, mtime, is_executable, .. } = member.clone();
    Row { place, path, size, mtime, is_executable }
}

fn create_directories(directory: &Path, listing: &Listing) -> PathResult<()> {
    for place in Place::ALL {
        create_dir(&directory.join(place.directory()), 0o700)?;
    }
    let site = directory.join(Place::Site.directory());
    for dir in &listing.dirs {
        create_dir(&site.join(dir), 0o700)?;
    }
    for row in listing.files.iter().filter(|row| row.place != Place::Site) {
        let path = directory.join(row.place.directory()).join(&row.path);
        let parent = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(parent).at("create", parent)?;
    }
    Ok(())
}

fn write_member(directory: &Path, wheel: &Wheel, member: &Member, buffer: &mut [u8]) -> Result<[u8; 32], WheelError> {
    let path = directory.join(member.place.directory()).join(&member.path);
    let mode = row(member).mode();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).at("create", &path)?;
    let digest = wheel.unpack(member, &mut file, &path, buffer)?;
    finish(&file, mode, member.mtime).at("write", &path)?;
    Ok(digest)
}

/// Gives a new file its permissions and its time.
///
/// The permissions do not depend on the umask of the process that fills the cache: directories decide who gets at the
/// files.
pub(super) fn finish(file: &File, mode: u32, mtime: i64) -> std::io::Result<()> {
    file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    let seconds = Duration::from_secs(u64::try_from(mtime).unwrap_or_default());
    file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + seconds))
}
