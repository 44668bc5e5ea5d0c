//! One file from the source to the copy: read once, looked through, rewritten if need be, written.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::Progress;
use crate::fs::walk::Directory;
use crate::fs::{PathContext, PathResult, attributes, sparse};
use crate::relocate::rewrite::{Rules, Verdict, is_bytecode, source_of_bytecode};
use crate::relocate::{Stale, large, record};

/// Smaller files are written faster than their blocks are shared.
const WORTH_SHARING: u64 = 64 << 10;

/// A directory of the source and the one that it becomes.
#[derive(Debug)]
pub(super) struct Pair {
    /// The directory of the source.
    pub(super) source: Directory,
    /// The directory of the copy.
    pub(super) copy: Directory,
    /// Its path relative to the environment.
    pub(super) path: PathBuf,
}

/// What one worker has found out.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The number of files.
    pub(super) files: usize,
    /// The paths of those with new content.
    pub(super) changed: Vec<PathBuf>,
    /// The paths of those made from a template.
    pub(super) regenerated: Vec<PathBuf>,
    /// What still names the source.
    pub(super) stale: Vec<(PathBuf, Stale)>,
    /// Lists of installed files.
    pub(super) records: Vec<PathBuf>,
    /// What is mounted in the source, and no part of it.
    pub(super) mounted: Vec<PathBuf>,
    /// Further names of files that are copied already, with what tells those files from others.
    further_names: Vec<(PathBuf, Identity)>,
}

/// The device and the number of a file.
type Identity = (u64, u64);

/// Copies files.
pub(super) struct Transfer<'a> {
    rules: &'a Rules,
    /// Where the source is, for the rare look at a second file.
    source: &'a Path,
    progress: Progress<'a>,
    cannot_share: AtomicBool,
    /// The files that have several names, by the name under which they are copied.
    first_names: Mutex<HashMap<Identity, PathBuf>>,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(rules: &'a Rules, source: &'a Path, progress: Progress<'a>) -> Self {
        Self { rules, source, progress, cannot_share: AtomicBool::new(false), first_names: Mutex::default() }
    }

    /// Copies one file; `buffer` only saves allocations.
    pub(super) fn copy(
        &self,
        pair: &Pair,
        name: &std::ffi::OsStr,
        buffer: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> PathResult<()> {
        let path = pair.path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let source = rustix::fs::openat(&pair.source, name, flags, Mode::empty()).at("open", &path)?;
        if pair.source.check(&source).is_err() {
            tally.mounted.push(path);
            return Ok(());
        }
        let found = rustix::fs::fstat(&source).at("read", &path)?;
        let size = u64::try_from(found.st_size).unwrap_or(0);
        let is_streamed =
            size > large::LARGE && !large::may_name(&self.rules.mapping, &source, size).at("read", &path)?;
        let verdict = if is_streamed {
            Verdict::default()
        } else {
            attributes::read_all(&source, size, buffer).at("read", &path)?;
            self.rules.apply(&path, buffer)
        };
        if verdict.stale.is_some() && is_bytecode(&path) && self.can_be_compiled_again(&path) {
            // Python recreates it from the source next to it.
            return Ok(());
        }
        if !self.is_first_name(&path, &found, tally) {
            return Ok(());
        }
        let copy = create(pair, name).at("create", &path)?;
        match &verdict.content {
            Some(content) => write(&copy, content, &found),
            None if self.share(&source, &copy, size) => Ok(()),
            None if is_streamed => sparse::copy(&source, &copy, size),
            None => write(&copy, buffer, &found),
        }
        .at("write", &path)?;
        attributes::keep(&source, &copy, &found).at("write", &path)?;
        tally.note(path, &verdict);
        (self.progress)(size);
        Ok(())
    }

    /// Gives the copies of files their further names, when all files are copied. Where a file cannot have several, each
    /// name gets a copy.
    pub(super) fn link(&self, root: &Directory, tally: &mut Tally) -> PathResult<()> {
        let first_names = self.first_names.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, identity) in std::mem::take(&mut tally.further_names) {
            let Some(first) = first_names.get(&identity) else { continue };
            match rustix::fs::linkat(root, first, root, &path, AtFlags::empty()) {
                Err(Errno::XDEV | Errno::PERM | Errno::MLINK | Errno::OPNOTSUPP) => {
                    copy_again(root, first, &path).at("create", &path)?;
                }
                other => other.at("create", &path)?,
            }
            tally.note_further(first, path);
        }
        Ok(())
    }

    /// Claims a file that has several names for the first one that asks; the others are noted.
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "the types differ between systems")]
    fn is_first_name(&self, path: &Path, found: &Stat, tally: &mut Tally) -> bool {
        if found.st_nlink < 2 {
            return true;
        }
        let identity = (found.st_dev as u64, found.st_ino as u64);
        let mut names = self.first_names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.contains_key(&identity) {
            tally.further_names.push((path.to_path_buf(), identity));
            return false;
        }
        names.insert(identity, path.to_path_buf());
        true
    }

    fn can_be_compiled_again(&self, path: &Path) -> bool {
        source_of_bytecode(path).is_some_and(|source| self.source.join(source).is_file())
    }

    /// Lets the copy share the blocks of the source, where the file system can; a refusal is remembered.
    #[cfg(target_os = "linux")]
    fn share(&self, source: &OwnedFd, copy: &File, size: u64) -> bool {
        if size < WORTH_SHARING || self.cannot_share.load(Ordering::Relaxed) {
            return false;
        }
        let shared = rustix::fs::ioctl_ficlone(copy, source).is_ok();
        if !shared {
            self.cannot_share.store(true, Ordering::Relaxed);
        }
        shared
    }

    #[cfg(not(target_os = "linux"))]
    fn share(&self, _: &OwnedFd, _: &File, _: u64) -> bool {
        false
    }
}

impl Tally {
    fn note(&mut self, path: PathBuf, verdict: &Verdict) {
        self.files += 1;
        if record::is_record(&path) {
            self.records.push(path.clone());
        }
        if let Some(stale) = verdict.stale {
            self.stale.push((path.clone(), stale));
        }
        if verdict.is_regenerated {
            self.regenerated.push(path.clone());
        }
        if verdict.content.is_some() {
            self.changed.push(path);
        }
    }

    /// Notes a further name of a file.
    fn note_further(&mut self, first: &Path, path: PathBuf) {
        self.files += 1;
        if let Some(&(_, stale)) = self.stale.iter().find(|(known, _)| known == first) {
            self.stale.push((path.clone(), stale));
        }
        if self.changed.iter().any(|known| known == first) {
            self.changed.push(path);
        }
    }

    /// Adds what another worker has found out.
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.changed.extend(other.changed);
        self.regenerated.extend(other.regenerated);
        self.stale.extend(other.stale);
        self.records.extend(other.records);
        self.mounted.extend(other.mounted);
        self.further_names.extend(other.further_names);
    }
}

fn create(pair: &Pair, name: &std::ffi::OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(&pair.copy, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

/// Writes the content of a file, without the holes that the source has.
fn write(mut copy: &File, content: &[u8], source: &Stat) -> io::Result<()> {
    if sparse::has_holes(source) { sparse::write(copy, content) } else { copy.write_all(content) }
}

/// Copies a file of the copy to another name.
fn copy_again(root: &Directory, from: &Path, to: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let source = rustix::fs::openat(root, from, flags, Mode::empty())?;
    let found = rustix::fs::fstat(&source)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let copy = File::from(rustix::fs::openat(root, to, flags, Mode::RUSR | Mode::WUSR)?);
    sparse::copy(&source, &copy, u64::try_from(found.st_size).unwrap_or(0))?;
    attributes::keep(&source, &copy, &found)
}
