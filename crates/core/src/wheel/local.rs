//! Installing wheels that are known by their hash, whatever packages they are: those of a bundle.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use pep440_rs::Version;

use super::archive::{Archive, Limits};
use super::cache::{Cache, CacheDir};
use super::content::Content;
use super::file::{Wheel, WheelError};
use super::fill::Transfer;
use super::install::{self, BytecodeTree, Installer};
use super::problem::WheelProblem;
use super::request::{PendingBytecode, SeedRequest, Seeded, Sources, Target};
use super::sources::candidates;
use super::unpack::Entry;
use super::{bytecode, metadata};
use crate::fs::parallel::each_in_parallel;
use crate::fs::room::{self, NoRoom};
use crate::fs::{PathContext, PathError, create_dir, remove_tree, temporary};
use crate::python::Interpreter;

/// With so many times as much room as wheels are large, nothing need be added up: they are seldom packed that well.
const ROOMY: u64 = 16;

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
    /// The disk is too small for what is in them.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
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
    let job = Job { target, cache: cache.as_ref(), workspace: temporary::sibling(&target.root.join("wheels")) };
    let installed = job.install(wheels, &mut seeded);
    if job.workspace.symlink_metadata().is_ok() {
        remove_tree(&job.workspace)?;
    }
    installed.map(|()| seeded)
}

/// An unpacked wheel, with all that is known before anything of it is in the environment.
struct Ready<'a> {
    wheel: &'a LocalWheel,
    entry: Entry,
    /// Whether it stays in the cache, rather than being unpacked for this environment only.
    is_cached: bool,
    bytecode: Option<BytecodeTree>,
}

struct Job<'a> {
    target: &'a Target<'a>,
    cache: Option<&'a Cache>,
    /// A directory inside the environment for what must not stay there.
    workspace: PathBuf,
}

impl Job<'_> {
    fn install(&self, wheels: &[LocalWheel], seeded: &mut Seeded) -> Result<(), LocalError> {
        self.check_room(wheels, room::free(self.target.root))?;
        let ready: Vec<Ready<'_>> =
            each_in_parallel(wheels, |wheel| self.prepare(wheel)).into_iter().collect::<Result<_, _>>()?;
        // The last of two packages that bring the same file wins, however fast the first is.
        let (in_order, in_any): (Vec<&Ready<'_>>, Vec<_>) = self.in_conflict(&ready);
        each_in_parallel(&in_any, |ready| self.fill(ready)).into_iter().collect::<Result<(), _>>()?;
        in_order.into_iter().try_for_each(|ready| self.fill(ready))?;
        for Ready { wheel, entry, is_cached, bytecode } in ready {
            let description = entry.manifest.description;
            seeded.distributions.push((description.project, description.version));
            if is_cached && bytecode.is_none() {
                seeded.bytecode_missing.push(PendingBytecode { sha256: wheel.sha256.clone() });
            }
        }
        Ok(())
    }

    /// Fails if so much free space is too small for what wheels unpack to. What shares its blocks with the cache needs none.
    fn check_room(&self, wheels: &[LocalWheel], free: Option<u64>) -> Result<(), LocalError> {
        let cache = self
            .cache
            .filter(|cache| cache.transfer() != Transfer::Copy && room::is_one_disk(cache.root(), self.target.root));
        let is_shared = |wheel: &&LocalWheel| cache.is_some_and(|cache| cache.directory(&wheel.sha256).exists());
        let Some(free) = free.filter(|free| *free / ROOMY < wheels.iter().filter_map(packed_size).sum()) else {
            return Ok(());
        };
        let unpacked = wheels.iter().filter(|wheel| !is_shared(wheel)).filter_map(unpacked_size);
        let needed = unpacked.fold(0, u64::saturating_add);
        if needed <= free {
            return Ok(());
        }
        let directory = self.target.final_root.parent().unwrap_or(self.target.final_root).to_path_buf();
        Err(NoRoom { directory, needed, free }.into())
    }

    /// Loads or unpacks a wheel, and refuses one for other Pythons.
    fn prepare<'a>(&self, wheel: &'a LocalWheel) -> Result<Ready<'a>, LocalError> {
        let (entry, is_cached) = self.entry(wheel)?;
        let interpreter = self.target.interpreter;
        let wanted = entry.manifest.description.requires_python.as_deref();
        if !metadata::admits(wanted, &python(interpreter)) {
            let (file, wanted) = (wheel.file.clone(), wanted.unwrap_or_default().to_owned());
            return Err(LocalError::OtherPython { file, wanted, python: interpreter.version.to_string() });
        }
        let cache = self.cache.filter(|_| is_cached);
        let bytecode = cache.and_then(|cache| bytecode::load(&entry, interpreter, cache.user()));
        Ok(Ready { wheel, entry, is_cached, bytecode })
    }

    /// Divides wheels into those that share a file with another, and the others.
    fn in_conflict<'a, 'b>(&self, ready: &'a [Ready<'b>]) -> (Vec<&'a Ready<'b>>, Vec<&'a Ready<'b>>) {
        let paths = |ready: &Ready<'_>| install::paths(&ready.entry, ready.bytecode.as_ref(), self.target);
        let mut owners: HashMap<String, usize> = HashMap::new();
        let mut is_shared = vec![false; ready.len()];
        for (number, ready) in ready.iter().enumerate() {
            for path in paths(ready) {
                let first = *owners.entry(path).or_insert(number);
                if first != number {
                    is_shared[first] = true;
                    is_shared[number] = true;
                }
            }
        }
        let (shared, alone): (Vec<_>, Vec<_>) = ready.iter().zip(is_shared).partition(|(_, is_shared)| *is_shared);
        let wheels = |list: Vec<(&'a Ready<'b>, bool)>| list.into_iter().map(|(ready, _)| ready).collect();
        (wheels(shared), wheels(alone))
    }

    /// Brings a wheel into the environment.
    fn fill(&self, ready: &Ready<'_>) -> Result<(), LocalError> {
        let transfer = self.cache.filter(|_| ready.is_cached).map_or(Transfer::Move, Cache::transfer);
        let filled = self.fill_from(&ready.entry, ready.bytecode.as_ref(), transfer, ready.wheel);
        let is_gone = || ready.is_cached && ready.entry.directory.symlink_metadata().is_err();
        match filled {
            // Somebody cleans up the cache at this moment: then without it.
            Err(_) if is_gone() => self.fill_from(&self.unpack(ready.wheel)?, None, Transfer::Move, ready.wheel),
            other => other,
        }
    }

    fn fill_from(
        &self,
        entry: &Entry,
        bytecode: Option<&BytecodeTree>,
        transfer: Transfer,
        wheel: &LocalWheel,
    ) -> Result<(), LocalError> {
        let mut installer = Installer::new(self.target, transfer)?.replacing();
        Ok(installer.install(entry, bytecode, wheel.is_requested)?)
    }

    /// The unpacked wheel, and whether it is in the cache.
    fn entry(&self, local: &LocalWheel) -> Result<(Entry, bool), LocalError> {
        let Some(cache) = self.cache else { return Ok((self.unpack(local)?, false)) };
        if let Some(entry) = cache.load(&local.sha256) {
            return Ok((entry, true));
        }
        match cache.store(&parsed(local)?, &local.sha256) {
            Ok(entry) => Ok((entry, true)),
            Err(error @ WheelError::Unsound { .. }) => Err(error.into()),
            // Full, read-only, on a file system without locks: then without it.
            Err(WheelError::Path(_)) => Ok((self.unpack(local)?, false)),
        }
    }

    /// Unpacks a wheel for this environment only.
    fn unpack(&self, local: &LocalWheel) -> Result<Entry, LocalError> {
        match create_dir(&self.workspace, 0o700) {
            Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        Ok(Entry::unpack(&parsed(local)?, &self.workspace.join(&local.sha256))?)
    }
}

/// Returns the size of a wheel. What cannot be read is told later.
fn packed_size(local: &LocalWheel) -> Option<u64> {
    Content::open(&local.path, local.part).ok().map(|content| content.size())
}

/// Returns the size of what is in a wheel, as it says itself.
fn unpacked_size(local: &LocalWheel) -> Option<u64> {
    let archive = Archive::new(Content::open(&local.path, local.part).ok()?).ok()?;
    Some(archive.list(Limits::ANY).ok()?.iter().map(|member| member.size).fold(0, u64::saturating_add))
}

/// Opens a wheel that has the hash that is recorded for it.
fn parsed(local: &LocalWheel) -> Result<Wheel, LocalError> {
    let LocalWheel { file, sha256, path, part, .. } = local;
    let content = Content::open(path, *part)?;
    if content.size() > Limits::ANY.wheel {
        let problem = WheelProblem::TooLarge;
        return Err(WheelError::Unsound { path: file.into(), problem }.into());
    }
    if content.sha256().at("read", path)? != *sha256 {
        return Err(LocalError::Hash { file: file.clone(), path: path.clone() });
    }
    Ok(Wheel::parse(content, Path::new(file), Limits::ANY)?)
}

fn python(interpreter: &Interpreter) -> Version {
    let version = &interpreter.version;
    Version::new([version.major, version.minor, version.micro].map(u64::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::testing::{cache_dir, imaginary_interpreter, wheel_entries, write_wheel};

    #[test]
    fn what_wheels_unpack_to_must_fit() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let path = write_wheel(scratch.path(), &wheel_entries());
        let sha256 = Wheel::open(&path).unwrap().sha256().unwrap();
        let wheel =
            LocalWheel { file: "pip-99.1-py3-none-any.whl".into(), sha256, path, part: None, is_requested: true };
        let size = unpacked_size(&wheel).unwrap();
        assert!(size > 0 && size / ROOMY < packed_size(&wheel).unwrap());
        let interpreter = imaginary_interpreter(12);
        let target = Target { interpreter: &interpreter, root: &root, final_root: Path::new("/envs/new") };
        let job = Job { target: &target, cache: None, workspace: root.join("workspace") };
        let wheels = [wheel.clone(), LocalWheel { path: "/none".into(), ..wheel.clone() }];
        let fits = |job: &Job<'_>, free| job.check_room(&wheels, free);
        assert!(fits(&job, Some(size)).is_ok() && fits(&job, None).is_ok() && fits(&job, Some(u64::MAX)).is_ok());
        let Err(LocalError::NoRoom(error)) = fits(&job, Some(size - 1)) else { panic!("one byte more") };
        assert_eq!((error.directory.as_path(), error.needed, error.free), (Path::new("/envs"), size, size - 1));
        // What is in the cache is shared with it, on one disk.
        let opened = Cache::open(cache_dir(&scratch.path().join("cache"))).unwrap();
        let job = Job { target: &target, cache: Some(&opened), workspace: root.join("workspace") };
        assert!(fits(&job, Some(size - 1)).is_err());
        job.prepare(&wheel).unwrap();
        assert_eq!(fits(&job, Some(0)).is_ok(), opened.transfer() != Transfer::Copy);
    }

    #[test]
    fn a_cache_that_is_deleted_meanwhile_is_not_needed() {
        let scratch = tempfile::tempdir().unwrap();
        let (root, cache) = (scratch.path().join("root"), scratch.path().join("cache"));
        std::fs::create_dir(&root).unwrap();
        let path = write_wheel(scratch.path(), &wheel_entries());
        let sha256 = Wheel::open(&path).unwrap().sha256().unwrap();
        let wheel =
            LocalWheel { file: "pip-99.1-py3-none-any.whl".into(), sha256, path, part: None, is_requested: true };
        let interpreter = imaginary_interpreter(12);
        let target = Target { interpreter: &interpreter, root: &root, final_root: Path::new("/final place") };
        let opened = Cache::open(cache_dir(&cache)).unwrap();
        let job = Job { target: &target, cache: Some(&opened), workspace: root.join("workspace") };
        let ready = job.prepare(&wheel).unwrap();
        assert!(ready.is_cached);
        crate::fs::remove_tree(&cache).unwrap();
        job.fill(&ready).unwrap();
        let site = root.join("lib/python3.12/site-packages");
        assert!(site.join("pip/sub/data.pem").exists() && site.join("pip-99.1.dist-info/RECORD").exists());
        assert!(!cache.exists());
        let compiled = bytecode::compile_pending(cache_dir(&cache), &wheel.sha256, &interpreter);
        assert!(matches!(compiled, Err(bytecode::BytecodeError::NoCache)));
        assert!(!cache.exists(), "a job in the background brings no cache back");
    }
}
