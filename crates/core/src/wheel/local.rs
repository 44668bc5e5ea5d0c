//! Installing wheels that are known by their hash, whatever packages they are: those of a bundle.

use std::path::{Path, PathBuf};

use pep440_rs::Version;

use super::archive::Limits;
use super::cache::{Cache, CacheDir};
use super::content::Content;
use super::file::{Wheel, WheelError};
use super::fill::Transfer;
use super::install::Installer;
use super::problem::WheelProblem;
use super::request::{PendingBytecode, SeedRequest, Seeded, Sources, Target};
use super::sources::candidates;
use super::unpack::Entry;
use super::{bytecode, metadata};
use crate::fs::{PathContext, PathError, create_dir, remove_tree, temporary};
use crate::python::Interpreter;

/// A wheel that is a file or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalWheel {
    /// The name of its file, which says what it is.
    pub file: String,
    /// The hash that it must have.
    pub sha256: String,
    /// The file that holds it.
    pub path: PathBuf,
    /// Where it begins in that file, and how long it is; the whole file if not given.
    pub part: Option<(u64, u64)>,
    /// Whether the user asked for the package, rather than another that needs it.
    pub is_requested: bool,
}

/// Why a wheel was not installed.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file operation failed.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It is not sound.
    #[error(transparent)]
    Wheel(#[from] WheelError),
    /// It is not the one that was asked for.
    #[error("`{file}` in `{}` does not have the hash that is recorded for it", path.display())]
    Hash {
        /// The wheel.
        file: String,
        /// Where it is.
        path: PathBuf,
    },
    /// It is for other Pythons.
    #[error("`{file}` is for Python {wanted}, not for {python}")]
    OtherPython {
        /// The wheel.
        file: String,
        /// The versions that it is for.
        wanted: String,
        /// The version here.
        python: String,
    },
}

/// Returns the best wheel of pip on this machine for an interpreter, as far as names tell.
pub fn pip_on_this_machine(sources: &Sources, interpreter: &Interpreter) -> Option<PathBuf> {
    best_pip(sources, &python(interpreter))
}

/// Returns the best wheel of pip on this machine for a version of Python, which need not be here.
pub fn pip_for(sources: &Sources, major: u32, minor: u32) -> Option<PathBuf> {
    best_pip(sources, &Version::new([u64::from(major), u64::from(minor), 0]))
}

fn best_pip(sources: &Sources, python: &Version) -> Option<PathBuf> {
    let request = SeedRequest { project: super::Project::Pip, version: None };
    let fits = |path: &PathBuf| {
        let wheel = Wheel::open(path).ok();
        wheel.is_some_and(|wheel| metadata::admits(wheel.description.requires_python.as_deref(), python))
    };
    candidates(&request, sources, None).into_iter().map(|found| found.path).find(fits)
}

/// Installs wheels into an environment that is being made, without what they need. Fails with the environment's
/// directory partly filled: the caller throws it away.
pub(crate) fn install(
    wheels: &[LocalWheel],
    target: &Target<'_>,
    cache: Option<CacheDir<'_>>,
) -> Result<Seeded, LocalError> {
    let mut seeded = Seeded::default();
    if wheels.is_empty() {
        return Ok(seeded);
    }
    let cache = cache.and_then(Cache::open);
    let workspace = temporary::sibling(&target.root.join("wheels"));
    let installed = wheels.iter().try_for_each(|wheel| {
        let one = One { wheel, target, cache: cache.as_ref(), workspace: &workspace };
        one.install(&mut seeded)
    });
    if workspace.symlink_metadata().is_ok() {
        remove_tree(&workspace)?;
    }
    installed.map(|()| seeded)
}

struct One<'a> {
    wheel: &'a LocalWheel,
    target: &'a Target<'a>,
    cache: Option<&'a Cache>,
    workspace: &'a Path,
}

impl One<'_> {
    fn install(&self, seeded: &mut Seeded) -> Result<(), LocalError> {
        let (entry, is_cached) = self.entry()?;
        let interpreter = self.target.interpreter;
        let python = python(interpreter);
        let description = &entry.manifest.description;
        let wanted = description.requires_python.as_deref();
        if !metadata::admits(wanted, &python) {
            let (file, wanted) = (self.wheel.file.clone(), wanted.unwrap_or_default().to_owned());
            return Err(LocalError::OtherPython { file, wanted, python: interpreter.version.to_string() });
        }
        let cache = self.cache.filter(|_| is_cached);
        let transfer = cache.map_or(Transfer::Move, Cache::transfer);
        let bytecode = cache.and_then(|cache| bytecode::load(&entry, interpreter, cache.user()));
        Installer::new(self.target, transfer)?.replacing().install(
            &entry,
            bytecode.as_ref(),
            self.wheel.is_requested,
        )?;
        seeded.distributions.push((description.project.clone(), description.version.clone()));
        if is_cached && bytecode.is_none() {
            seeded.bytecode_missing.push(PendingBytecode { sha256: self.wheel.sha256.clone() });
        }
        Ok(())
    }

    /// The unpacked wheel, and whether it is in the cache.
    fn entry(&self) -> Result<(Entry, bool), LocalError> {
        if let Some(entry) = self.cache.and_then(|cache| cache.load(&self.wheel.sha256)) {
            return Ok((entry, true));
        }
        let LocalWheel { path, part, .. } = self.wheel;
        let content = Content::open(path, *part)?;
        if content.size() > Limits::ANY.wheel {
            let problem = WheelProblem::TooLarge;
            return Err(WheelError::Unsound { path: self.wheel.file.clone().into(), problem }.into());
        }
        if content.sha256().at("read", path)? != self.wheel.sha256 {
            return Err(LocalError::Hash { file: self.wheel.file.clone(), path: self.wheel.path.clone() });
        }
        let wheel = Wheel::parse(content, Path::new(&self.wheel.file), Limits::ANY)?;
        match self.cache.map(|cache| cache.store(&wheel, &self.wheel.sha256)) {
            Some(Ok(entry)) => return Ok((entry, true)),
            Some(Err(error @ WheelError::Unsound { .. })) => return Err(error.into()),
            // Full, read-only, on a file system without locks: then without it.
            Some(Err(WheelError::Path(_))) | None => {}
        }
        if self.workspace.symlink_metadata().is_err() {
            create_dir(self.workspace, 0o700)?;
        }
        Ok((Entry::unpack(&wheel, &self.workspace.join(&wheel.description.project))?, false))
    }
}

fn python(interpreter: &Interpreter) -> Version {
    let version = &interpreter.version;
    Version::new([version.major, version.minor, version.micro].map(u64::from))
}
