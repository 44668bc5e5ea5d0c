//! One file from the source to the copy: read once, looked through, rewritten if need be, written.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags, Stat};

use super::Progress;
use crate::fs::times::times_of;
use crate::fs::{PathContext, PathResult};
use crate::relocate::rewrite::{Rules, Verdict, is_bytecode, source_of_bytecode};
use crate::relocate::{Stale, record};

/// Larger files are not held in memory as a whole unless they name the source.
const LARGE: u64 = 16 << 20;
/// Smaller files are written faster than their blocks are shared.
const WORTH_SHARING: u64 = 64 << 10;

/// A directory of the source and the one that it becomes.
#[derive(Debug)]
pub(super) struct Pair {
    /// The directory of the source.
    pub(super) source: OwnedFd,
    /// The directory of the copy.
    pub(super) copy: OwnedFd,
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
}

/// Copies files.
pub(super) struct Transfer<'a> {
    rules: &'a Rules,
    /// Where the source is, for the rare look at a second file.
    source: &'a Path,
    progress: Progress<'a>,
    cannot_share: AtomicBool,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(rules: &'a Rules, source: &'a Path, progress: Progress<'a>) -> Self {
        Self { rules, source, progress, cannot_share: AtomicBool::new(false) }
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
        let found = rustix::fs::fstat(&source).at("read", &path)?;
        let size = u64::try_from(found.st_size).unwrap_or(0);
        let is_streamed = size > LARGE && !self.large_file_needs_care(&source).at("read", &path)?;
        let verdict = if is_streamed {
            Verdict::default()
        } else {
            read_all(&source, size, buffer).at("read", &path)?;
            self.rules.apply(&path, buffer)
        };
        if verdict.stale.is_some() && is_bytecode(&path) && self.can_be_compiled_again(&path) {
            // Python makes it anew from the source beside it.
            return Ok(());
        }
        let copy = create(pair, name).at("create", &path)?;
        match &verdict.content {
            Some(content) => (&copy).write_all(content),
            None if self.share(&source, &copy, size) => Ok(()),
            None if is_streamed => stream(&source, &copy),
            None => (&copy).write_all(buffer),
        }
        .at("write", &path)?;
        keep_attributes(&source, &copy, &found).at("write", &path)?;
        tally.note(path, &verdict);
        (self.progress)(size);
        Ok(())
    }

    /// Looks through a file piece by piece.
    fn large_file_needs_care(&self, source: &OwnedFd) -> io::Result<bool> {
        let mapping = &self.rules.mapping;
        let mut file = File::from(source.try_clone()?);
        let overlap = mapping.overlap();
        let mut piece = vec![0; (1 << 20) + overlap];
        let mut kept = 0;
        let needs_care = loop {
            let count = file.read(&mut piece[kept..])?;
            if count == 0 {
                break false;
            }
            let end = kept + count;
            if mapping.may_be_in(&piece[..end]) {
                break true;
            }
            kept = overlap.min(end);
            piece.copy_within(end - kept..end, 0);
        };
        file.rewind()?;
        Ok(needs_care)
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

    /// Adds what another worker has found out.
    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.changed.extend(other.changed);
        self.regenerated.extend(other.regenerated);
        self.stale.extend(other.stale);
        self.records.extend(other.records);
    }
}

fn read_all(source: &OwnedFd, size: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    // One byte more than there should be, so that the end is seen without another allocation.
    buffer.reserve(usize::try_from(size).unwrap_or(0) + 1);
    loop {
        if buffer.len() == buffer.capacity() {
            buffer.reserve(1 << 16);
        }
        if rustix::io::read(source, rustix::buffer::spare_capacity(buffer))? == 0 {
            return Ok(());
        }
    }
}

fn create(pair: &Pair, name: &std::ffi::OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(&pair.copy, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

/// Copies inside the kernel.
fn stream(source: &OwnedFd, copy: &File) -> io::Result<()> {
    let mut source = File::from(source.try_clone()?);
    io::copy(&mut source, &mut &*copy).map(|_| ())
}

fn keep_attributes(source: &OwnedFd, copy: &File, found: &Stat) -> io::Result<()> {
    copy_extended(source, copy);
    rustix::fs::fchmod(copy, Mode::from_raw_mode(found.st_mode & 0o777))?;
    Ok(rustix::fs::futimens(copy, &times_of(found))?)
}

/// The user's own attributes; an attribute that cannot be kept is no reason to fail.
fn copy_extended(source: &OwnedFd, copy: &File) {
    let mut names = [0_u8; 1024];
    let Ok(length) = rustix::fs::flistxattr(source.as_fd(), &mut names) else { return };
    for name in names[..length].split(|&byte| byte == 0).filter(|name| name.starts_with(b"user.")) {
        let mut value = [0_u8; 4096];
        if let Ok(length) = rustix::fs::fgetxattr(source, name, &mut value) {
            let _ = rustix::fs::fsetxattr(copy, name, &value[..length], rustix::fs::XattrFlags::empty());
        }
    }
}
