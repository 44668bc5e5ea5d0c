//! Fetching many files whose hashes are known: several at a time, over connections that are kept, and from where an
//! earlier attempt has stopped.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::credentials::Credentials;
use super::error::IndexError;
use super::transport::{Answer, Transport, host};
use crate::fs::hex::hex;
use crate::fs::order::Order as _;
use crate::fs::room;
use crate::fs::{PathContext, PathResult};
use crate::wheel::request::{IndexSettings, Wanted};

/// How many files are on their way at once.
const AT_ONCE: usize = 4;
/// How often a file is begun again when nothing of it has arrived.
const ATTEMPTS: usize = 3;
/// How much is read at once.
const CHUNK: usize = 1 << 17;

/// Fetches files. What is there and has the right hash is not fetched again. `progress` is told how many bytes more are
/// there.
pub fn fetch(
    wanted: &[Wanted],
    settings: &IndexSettings,
    credentials: &Credentials,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(), IndexError> {
    let transport = Transport::new(settings)?;
    let mut queue: Vec<&Wanted> = wanted.iter().collect();
    // The largest first: the last one to arrive is then a small one.
    queue.order_by_key(|wanted| std::cmp::Reverse(wanted.size));
    let (next, is_over, failure) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(None));
    let fetcher = Fetcher { transport: &transport, credentials, progress, is_over: &is_over };
    let work = || {
        while let Some(wanted) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            if let Err(error) = fetcher.fetch(wanted) {
                is_over.store(true, Ordering::Relaxed);
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(queue.len()) {
            scope.spawn(work);
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

struct Fetcher<'a> {
    transport: &'a Transport<'a>,
    credentials: &'a Credentials,
    progress: &'a (dyn Fn(u64) + Sync),
    /// Another file has failed.
    is_over: &'a AtomicBool,
}

/// A file on its way: what is there of it, and the hash of that.
struct Part {
    file: File,
    path: PathBuf,
    hash: Sha256,
    size: u64,
}

impl Fetcher<'_> {
    fn fetch(&self, wanted: &Wanted) -> Result<(), IndexError> {
        if is_whole(wanted) {
            (self.progress)(wanted.size.unwrap_or_default());
            return Ok(());
        }
        let mut part = Part::open(wanted)?;
        (self.progress)(part.size);
        let mut was_resumed = part.size > 0;
        let mut failures = 0;
        loop {
            let before = part.size;
            if part.size == 0 || wanted.size != Some(part.size) {
                match self.receive(wanted, &mut part) {
                    Ok(()) => {}
                    Err(error) => {
                        failures = if part.size > before { 1 } else { failures + 1 };
                        if failures >= ATTEMPTS || !is_passing(&error) || self.is_over.load(Ordering::Relaxed) {
                            return Err(error);
                        }
                        continue;
                    }
                }
            }
            if part.is(wanted) {
                return Ok(part.publish(&wanted.path)?);
            }
            part.reset()?;
            // What was there may have been another file, or damaged.
            if !std::mem::take(&mut was_resumed) {
                std::fs::remove_file(&part.path).at("remove", &part.path)?;
                return Err(IndexError::Checksum { file: wanted.file.clone(), host: host(&wanted.url).to_owned() });
            }
        }
    }

    /// Receives what is missing.
    fn receive(&self, wanted: &Wanted, part: &mut Part) -> Result<(), IndexError> {
        let (address, authorization) = self.credentials.for_address(&wanted.url);
        let Answer { body, start } = self.transport.part(&address, authorization.as_deref(), part.size)?;
        if start != part.size {
            part.reset()?;
        }
        // Not every index tells sizes before.
        room::check(part.path.parent().unwrap_or(&part.path), body.content_length().unwrap_or_default())?;
        let limit = wanted.size.unwrap_or(u64::MAX);
        let mut reader = body.into_with_config().limit(u64::MAX).reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            if self.is_over.load(Ordering::Relaxed) {
                return Err(IndexError::Interrupted { host: host(&address).to_owned() });
            }
            let count =
                reader.read(&mut chunk).map_err(|error| super::transport::unreachable(&address, error.into()))?;
            if count == 0 {
                return match wanted.size {
                    Some(size) if part.size < size => Err(IndexError::Interrupted { host: host(&address).to_owned() }),
                    _ => Ok(()),
                };
            }
            part.add(&chunk[..count])?;
            (self.progress)(count as u64);
            if part.size > limit {
                // Never the file that is wanted, however long it goes on.
                return Ok(());
            }
        }
    }
}

impl Part {
    fn open(wanted: &Wanted) -> PathResult<Self> {
        let mut name = wanted.path.clone().into_os_string();
        name.push(".part");
        let path = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o666);
        let file = options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(&path).at("open", &path)?;
        let mut part = Self { file, path, hash: Sha256::new(), size: 0 };
        let (hash, size) = hashed(&mut part.file).at("read", &part.path)?;
        (part.hash, part.size) = (hash, size);
        if wanted.size.is_some_and(|wanted| wanted < size) {
            part.reset()?;
        }
        Ok(part)
    }

    fn add(&mut self, content: &[u8]) -> PathResult<()> {
        self.file.write_all(content).at("write", &self.path)?;
        self.hash.update(content);
        self.size += content.len() as u64;
        Ok(())
    }

    fn reset(&mut self) -> PathResult<()> {
        self.file.set_len(0).at("write", &self.path)?;
        self.file.seek(SeekFrom::Start(0)).at("write", &self.path)?;
        (self.hash, self.size) = (Sha256::new(), 0);
        Ok(())
    }

    fn is(&self, wanted: &Wanted) -> bool {
        wanted.size.is_none_or(|size| size == self.size) && hex(&self.hash.clone().finalize()) == wanted.sha256
    }

    fn publish(&self, path: &Path) -> PathResult<()> {
        std::fs::rename(&self.path, path).at("rename", &self.path)
    }
}

fn is_whole(wanted: &Wanted) -> bool {
    let Ok(mut file) = crate::fs::open_regular(&wanted.path) else { return false };
    hashed(&mut file).is_ok_and(|(hash, _)| hex(&hash.finalize()) == wanted.sha256)
}

fn hashed(file: &mut File) -> std::io::Result<(Sha256, u64)> {
    let (mut hash, mut size, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hash, size)),
            count => {
                hash.update(&chunk[..count]);
                size += count as u64;
            }
        }
    }
}

/// Returns whether trying again may help. A wrong password is not sent again: some servers count.
fn is_passing(error: &IndexError) -> bool {
    match error {
        IndexError::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
        other => matches!(other, IndexError::Unreachable { .. } | IndexError::Interrupted { .. }),
    }
}
