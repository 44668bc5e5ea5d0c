//! Taking what says which packages there are out of all that is in an archive.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::ListingError;
use crate::env::headers::Headers;
use crate::env::packages::{normalized, version_of};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::pack::manifest::{FILE_NAME, Manifest};
use crate::snapshot::side::{Facts, Recorded, Source};

/// More than any manifest.
const MAX_MANIFEST: u64 = 16 << 20;
/// More than the headers of any package; the description after them is not needed.
const MAX_HEADERS: u64 = 256 << 10;
/// More than all such headers of any environment.
const MAX_ALL: u64 = 256 << 20;

/// What an archive, an image or a bundle says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The Python, as far as it is known.
    pub python: Facts,
    /// The packages.
    pub packages: Vec<Recorded>,
}

/// A file that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What `venvwrap pack` wrote about the archive.
    Manifest,
    /// What an installer wrote about a package.
    Metadata,
    /// `pyvenv.cfg`.
    Cfg,
}

/// What has been found.
#[derive(Debug, Default)]
pub(super) struct Collected {
    manifest: Option<Manifest>,
    packages: BTreeMap<PathBuf, (String, String)>,
    cfgs: BTreeMap<PathBuf, PyvenvCfg>,
    /// How much has been read.
    size: u64,
}

/// Returns what a file says by its path; none if it says nothing.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?;
    if name == FILE_NAME {
        return Some(Kind::Manifest);
    } else if name == "pyvenv.cfg" {
        return Some(Kind::Cfg);
    }
    let info = path.parent()?;
    let site = info.parent()?;
    let ending = info.extension()?;
    let is_metadata = (ending == "dist-info" && name == "METADATA") || (ending == "egg-info" && name == "PKG-INFO");
    (is_metadata && site.ends_with("site-packages")).then_some(Kind::Metadata)
}

impl Collected {
    /// Reads a file of this kind.
    pub(super) fn take(&mut self, kind: Kind, path: &Path, content: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        content.take(if kind == Kind::Manifest { MAX_MANIFEST } else { MAX_HEADERS }).read_to_end(&mut bytes)?;
        self.size += bytes.len() as u64;
        if self.size > MAX_ALL {
            return Err(io::Error::other("it says too much about its packages"));
        }
        match kind {
            Kind::Manifest => self.manifest = Manifest::parse(&bytes),
            Kind::Cfg => drop(self.cfgs.insert(path.into(), PyvenvCfg::parse(&bytes))),
            Kind::Metadata => {
                let headers = Headers::parse(&bytes);
                if let (Some(name), Some(version)) = (headers.first("Name"), headers.first("Version")) {
                    self.packages.insert(path.into(), (name.to_owned(), version.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Forgets what is at a path or below it.
    pub(super) fn forget(&mut self, gone: &Path) {
        self.packages.retain(|path, _| !path.starts_with(gone));
        self.cfgs.retain(|path, _| !path.starts_with(gone));
    }

    /// Returns whether nothing that follows matters.
    pub(super) fn is_complete(&self) -> bool {
        self.manifest.is_some()
    }

    /// Puts together what was found of the environment at `prefix`; where that is not known, of the one at the top.
    pub(super) fn finish(self, path: &Path, prefix: Option<&Path>) -> Result<Listing, ListingError> {
        if let Some(manifest) = self.manifest {
            return of_manifest(path, &manifest);
        }
        let top = || self.cfgs.keys().min_by_key(|path| path.components().count())?.parent();
        let prefix = prefix.or_else(top).unwrap_or(Path::new(""));
        let version = self.cfgs.get(&prefix.join("pyvenv.cfg")).and_then(PyvenvCfg::version);
        let packages: Vec<_> = self.packages.iter().filter(|(path, _)| path.starts_with(prefix)).collect();
        if packages.is_empty() && version.is_none() {
            return Err(ListingError::Unknown { path: path.into() });
        }
        let minor = || {
            let library = packages.first()?.0.components().find_map(|part| version_of(part.as_os_str().to_str()?))?;
            Some(format!("{}.{}", library.0, library.1))
        };
        let version = version.or_else(minor).unwrap_or_default();
        // Where they came from is in other files, and not always right for those who look from elsewhere.
        let recorded = |(name, version): &(String, String)| package(path, name, version, Source::Unknown);
        let packages = packages.into_iter().map(|(_, found)| recorded(found)).collect::<Result<_, _>>()?;
        Ok(Listing { python: Facts { version, ..Facts::default() }, packages })
    }
}

fn of_manifest(path: &Path, manifest: &Manifest) -> Result<Listing, ListingError> {
    let packages = manifest.packages.iter().map(|own| {
        let source = own.requirement.as_deref().map_or(Source::Index, Source::parse);
        package(path, &own.name, &own.version, source)
    });
    let python = Facts {
        version: manifest.python.version.clone(),
        implementation: manifest.python.implementation.clone(),
        platform: format!("{} {}", manifest.system.to_ascii_lowercase(), manifest.machine),
        system_packages: String::new(),
    };
    Ok(Listing { packages: packages.collect::<Result<_, _>>()?, python })
}

fn package(path: &Path, name: &str, version: &str, source: Source) -> Result<Recorded, ListingError> {
    checked(path, Recorded { name: name.into(), version: version.into(), source, hashes: Vec::new() })
}

/// Returns a package if its name and version can be those of one: they become lines of requirements files.
pub(crate) fn checked(path: &Path, package: Recorded) -> Result<Recorded, ListingError> {
    let Recorded { name, version, source, .. } = &package;
    let is_word = |text: &str, marks: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
    };
    let has_control = match source {
        Source::Url(text) | Source::Editable(text) => text.chars().any(char::is_control),
        Source::Index | Source::Unknown => false,
    };
    if !is_word(name, "._-") || !is_word(version, "._-+!*~") || normalized(name).is_empty() || has_control {
        return Err(ListingError::Package { path: path.into(), name: name.clone(), version: version.clone() });
    }
    Ok(package)
}
