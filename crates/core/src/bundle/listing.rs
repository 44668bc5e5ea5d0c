//! Which packages a bundle, an archive or an image holds. Of a bundle only the list is read, not the wheels.

use std::ffi::OsStr;
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::compressed::{MAX_TEXT, compressed, list_in, start_of};
use super::error::ReadError;
use super::manifest::{BundledFile, Manifest, Target};
use super::place::MANIFEST;
use super::platform::Platform;
use super::read::manifest_of;
use super::target_python::TargetPython;
use crate::env::packages::version_of;
use crate::fs::magic::Packed;
use crate::fs::{self, PathContext};
use crate::pack::image::is_layout;
use crate::pack::untar::Untar;
use crate::pack::{Listing, ListingError, checked, listing};
use crate::snapshot::marker::MarkerValues;
use crate::snapshot::side::{Facts, Recorded, Source};

/// What the names of archives end in.
const ENDINGS: [&str; 6] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".zip"];

/// Why it is not known what something holds.
#[derive(Debug, thiserror::Error)]
pub enum CarriedError {
    /// A bundle was not read.
    #[error(transparent)]
    Bundle(#[from] ReadError),
    /// Anything else was not read.
    #[error(transparent)]
    Listing(#[from] ListingError),
}

/// Returns whether a path is that of a bundle, an archive or an image: by the name of a file, or by what is in it.
pub fn is_carrier(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes().to_ascii_lowercase();
    if path.is_dir() {
        return [MANIFEST, "oci-layout"].iter().any(|mark| path.join(mark).is_file()) || is_layout(path);
    }
    ENDINGS.iter().any(|end| name.ends_with(OsStr::new(end).as_bytes())) || is_archive(path)
}

/// Returns whether a file begins as archives do, whatever it is called.
fn is_archive(path: &Path) -> bool {
    let kind = start_of(path).and_then(|start| Packed::of(&start));
    kind.is_some_and(|kind| !matches!(kind, Packed::Deb | Packed::Rpm))
}

/// What a bundle, an archive or an image holds for one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The system, as `linux-x86_64`; none where it has no name.
    pub platform: Option<String>,
    /// The marker that is true there, if it is known.
    pub marker: Option<String>,
    /// The Python and the packages.
    pub listing: Listing,
}

impl Carried {
    /// Returns the values of markers there, as far as they are known: none for a Python that bundles are not made for.
    pub fn markers(&self) -> Option<MarkerValues> {
        let Facts { version, implementation, platform, .. } = &self.listing.python;
        let prefix = if implementation == "PyPy" { "pypy" } else { "" };
        let python = TargetPython::parse(&format!("{prefix}{version}")).ok()?;
        let platform = match &self.platform {
            Some(name) => Platform::parse(name).ok()?,
            None if platform.is_empty() => Platform::here(None, false),
            None => Platform::parse(&platform.replacen("darwin", "macos", 1).replace(' ', "-")).ok()?,
        };
        Some(python.markers(&platform))
    }
}

/// Lists what a bundle, an archive or an image holds. Only a bundle can be for several systems.
pub fn carried(path: &Path) -> Result<Vec<Carried>, CarriedError> {
    match manifest(path)? {
        Some(manifest) => Ok(of_bundle(path, &manifest)?),
        None => Ok(vec![Carried { platform: None, marker: None, listing: listing(path)? }]),
    }
}

/// Returns whether a path is that of a bundle, by what is in it.
pub fn is_bundle(path: &Path) -> bool {
    !matches!(manifest(path), Ok(None) | Err(ReadError::Path(_) | ReadError::Compressed { .. }))
}

/// The list in a bundle; none for something else.
fn manifest(path: &Path) -> Result<Option<Manifest>, ReadError> {
    if path.is_dir() {
        let list = path.join(MANIFEST);
        return if list.is_file() {
            Ok(Some(manifest_of(path, &fs::read_limited(&list, MAX_TEXT)?)?))
        } else {
            Ok(None)
        };
    }
    let file = fs::open_regular(path)?;
    let size = file.metadata().at("read", path)?.len();
    match list_in(&mut Untar::plain(BufReader::new(file), size)).at("read", path)? {
        Some(text) => manifest_of(path, &text).map(Some),
        None => compressed(path).map_or(Ok(None), Err),
    }
}

fn of_bundle(path: &Path, manifest: &Manifest) -> Result<Vec<Carried>, ListingError> {
    let carried = |target: &Target| {
        let listing = of_target(path, manifest, target)?;
        Ok(Carried { platform: target.platform.clone(), marker: target.marker.clone(), listing })
    };
    if manifest.targets.is_empty() {
        let wheels = manifest.wheels.iter().map(|file| file.file.clone()).collect();
        return Ok(vec![carried(&Target { wheels, ..Target::default() })?]);
    }
    manifest.targets.iter().map(carried).collect()
}

fn of_target(path: &Path, manifest: &Manifest, target: &Target) -> Result<Listing, ListingError> {
    let is_in = |file: &&BundledFile| target.wheels.contains(&file.file);
    let package = |file: &BundledFile| -> Result<Recorded, ListingError> {
        let own = Recorded {
            name: file.name.clone(),
            version: file.version.clone(),
            source: Source::Unknown,
            // No index has wheels that were made from what was installed.
            hashes: if manifest.repacked { Vec::new() } else { vec![format!("sha256:{}", file.sha256)] },
        };
        checked(path, own)
    };
    let version = version_of(&manifest.python).map(|(major, minor)| format!("{major}.{minor}")).unwrap_or_default();
    let implementation = if manifest.python.starts_with("pypy") { "PyPy" } else { "CPython" };
    let python = Facts {
        version,
        implementation: implementation.into(),
        platform: target.machine.as_ref().map(|machine| machine.to_ascii_lowercase()).unwrap_or_default(),
        system_packages: String::new(),
    };
    let packages = manifest.wheels.iter().filter(is_in).map(package).collect::<Result<_, _>>()?;
    Ok(Listing { python, packages })
}
