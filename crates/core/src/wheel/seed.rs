//! Seeding, step by step: find a wheel, unpack it or take it from the cache, install it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use pep440_rs::Version;

use super::cache::{Cache, CacheDir};
use super::file::{Wheel, WheelError};
use super::fill::Transfer;
use super::index::IndexError;
use super::install::Installer;
use super::request::{Download, Event, PendingBytecode, SeedRequest, Seeded, Sources, Target};
use super::sources::{Candidate, candidates};
use super::unpack::Entry;
use super::{bytecode, index, metadata};
use crate::fs::{PathError, remove_tree, temporary};

/// Why an environment could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file operation failed.
    #[error(transparent)]
    Path(#[from] PathError),
    /// There is no wheel that fits.
    #[error("no wheel of `{wanted}` for Python {python} was found")]
    NotFound {
        /// The package, with `==` and a version if one was asked for.
        wanted: String,
        /// The interpreter's version.
        python: String,
        /// Why the best wheel that there was could not be used.
        #[source]
        refused: Option<WheelError>,
    },
    /// The version that was asked for is not a version.
    #[error("`{0}` is not a version")]
    Version(String),
    /// The index could not help.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Fails for a text that is no version of a package.
pub fn check_version(text: &str) -> Result<(), SeedError> {
    Version::from_str(text).map(drop).map_err(|_| SeedError::Version(text.escape_debug().to_string()))
}

/// Installs packages into an environment that is being made.
///
/// Fails with the environment's directory partly filled: the caller throws it away.
pub fn seed(
    requests: &[SeedRequest],
    sources: &Sources,
    target: &Target<'_>,
    cache: Option<CacheDir<'_>>,
    events: &mut dyn FnMut(Event),
) -> Result<Seeded, SeedError> {
    if requests.is_empty() {
        return Ok(Seeded::default());
    }
    // Without the mark of a pre-release, as pip compares: 3.14.0rc2 may use what is made for 3.14.
    let version = &target.interpreter.version;
    let python = Version::new([version.major, version.minor, version.micro].map(u64::from));
    let workspace = temporary::sibling(&target.root.join("seed"));
    let cache = cache.and_then(Cache::open);
    let mut seeder = Seeder { sources, target, python, cache, workspace, events, seeded: Seeded::default() };
    let result = requests.iter().try_for_each(|request| seeder.seed_one(request));
    remove_tree(&seeder.workspace)?;
    result.map(|()| seeder.seeded)
}

/// A wheel ready to be installed.
struct Ready {
    entry: Entry,
    /// The hash under which it is in the cache; without one it was unpacked for this environment only.
    sha256: Option<String>,
}

struct Seeder<'a> {
    sources: &'a Sources,
    target: &'a Target<'a>,
    python: Version,
    cache: Option<Cache>,
    /// A directory inside the environment for what must not stay there.
    workspace: PathBuf,
    events: &'a mut dyn FnMut(Event),
    seeded: Seeded,
}

impl Seeder<'_> {
    fn seed_one(&mut self, request: &SeedRequest) -> Result<(), SeedError> {
        request.version.as_deref().map_or(Ok(()), check_version)?;
        let ready = self.find(request)?;
        let cache = self.cache.as_ref().filter(|_| ready.sha256.is_some());
        let transfer = cache.map_or(Transfer::Move, Cache::transfer);
        let bytecode = cache.and_then(|cache| bytecode::load(&ready.entry, self.target.interpreter, cache.user()));
        let mut installer = Installer::new(self.target, transfer)?;
        installer.install(&ready.entry, bytecode.as_ref(), request.version.is_some())?;
        let description = &ready.entry.manifest.description;
        self.seeded.distributions.push((description.project.clone(), description.version.clone()));
        if let (Some(sha256), None) = (ready.sha256, bytecode) {
            self.seeded.bytecode_missing.push(PendingBytecode { sha256 });
        }
        Ok(())
    }

    fn find(&mut self, request: &SeedRequest) -> Result<Ready, SeedError> {
        let download = if self.sources.index.no_index { Download::Never } else { self.sources.download };
        let mut refused = None;
        if download != Download::Always {
            let downloads = self.cache.as_ref().map(Cache::downloads);
            for candidate in candidates(request, self.sources, downloads.as_deref()) {
                match self.prepare(&candidate.path) {
                    Ok(Some(ready)) => return Ok(ready),
                    Ok(None) => {}
                    // Not the wheel's fault: another one would not fit either.
                    Err(WheelError::Path(error)) if error.path.starts_with(self.target.root) => {
                        return Err(error.into());
                    }
                    // A damaged wheel must not hide a good one.
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
        }
        if download == Download::Never {
            return Err(self.not_found(request, refused));
        }
        let Candidate { path, .. } = self.download(request)?;
        match self.prepare(&path) {
            Ok(Some(ready)) => Ok(ready),
            Ok(None) => Err(self.not_found(request, refused)),
            Err(error) => Err(self.not_found(request, Some(error))),
        }
    }

    /// Unpacks a wheel, in the cache if that can be; `None` if the wheel is not for this Python.
    fn prepare(&mut self, path: &Path) -> Result<Option<Ready>, WheelError> {
        if let Some(cache) = &mut self.cache {
            match cache.entry(path, &self.python) {
                Ok(None) => return Ok(None),
                Ok(Some((entry, sha256))) => return Ok(Some(Ready { entry, sha256: Some(sha256) })),
                Err(error @ WheelError::Unsound { .. }) => return Err(error),
                // Full, read-only, on a file system without locks: then without it.
                Err(WheelError::Path(_)) => self.cache = None,
            }
        }
        let wheel = Wheel::open(path)?;
        if !metadata::admits(wheel.description.requires_python.as_deref(), &self.python) {
            return Ok(None);
        }
        self.make_workspace()?;
        let entry = Entry::unpack(&wheel, &self.workspace.join(&wheel.description.project))?;
        Ok(Some(Ready { entry, sha256: None }))
    }

    fn download(&mut self, request: &SeedRequest) -> Result<Candidate, SeedError> {
        let directory = if let Some(cache) = &self.cache {
            cache.downloads()
        } else {
            self.make_workspace()?;
            self.workspace.clone()
        };
        Ok(index::download(request, &self.sources.index, &self.python, &directory, self.events)?)
    }

    fn make_workspace(&self) -> Result<(), PathError> {
        match crate::fs::create_dir(&self.workspace, 0o700) {
            Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn not_found(&self, request: &SeedRequest, refused: Option<WheelError>) -> SeedError {
        let version = request.version.as_ref().map(|version| format!("=={version}")).unwrap_or_default();
        let wanted = format!("{}{version}", request.project);
        SeedError::NotFound { wanted, python: self.target.interpreter.version.to_string(), refused }
    }
}
