//! A newer pip for the environments of tomorrow: looked for now and then, by a process that nobody waits for.
//!
//! Otherwise new environments would hold the pip that came with some interpreter, for years.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pep440_rs::Version;

use super::cache::{Cache, CacheDir};
use super::file::WheelError;
use super::request::{Download, PendingBytecode, Project, SeedRequest, Sources};
use super::sources::candidates;
use super::{IndexError, index};
use crate::config::CACHE_LAYOUT;
use crate::fs::{PathError, read_limited, replace_file};
use crate::python::Interpreter;

/// How long nothing is looked for after a look: as long as virtualenv waits.
const PERIOD: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The file in the cache that holds the time of the last look, in seconds since 1970.
const STAMP: &str = "pip-update";

/// Why no newer pip was found.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The index could not help.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What it sent is no wheel, or could not be unpacked.
    #[error(transparent)]
    Wheel(#[from] WheelError),
    /// A file operation failed.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Returns whether it is time to look for a newer pip. Costs the reading of one small file.
pub fn is_due(cache: CacheDir<'_>, now: SystemTime) -> bool {
    is_due_after(&cache.path.join(CACHE_LAYOUT).join(STAMP), now)
}

/// Looks for a pip that is newer than all wheels on this machine and puts it into the cache, with its hash checked.
///
/// A failure counts as a look: without network nothing is tried again for a while. Returns what is worth compiling.
pub fn update_pip(
    cache: CacheDir<'_>,
    sources: &Sources,
    interpreter: &Interpreter,
    now: SystemTime,
) -> Result<Option<PendingBytecode>, UpdateError> {
    if sources.index.no_index || sources.download == Download::Never {
        return Ok(None);
    }
    let Some(mut cache) = Cache::open_existing(cache) else { return Ok(None) };
    // One process looks; what comes second finds a fresh stamp.
    let _lock = cache.lock("update-lock")?;
    let stamp = cache.root().join(STAMP);
    if !is_due_after(&stamp, now) {
        return Ok(None);
    }
    replace_file(&stamp, format!("{}\n", seconds(now)).as_bytes(), 0o600)?;
    let request = SeedRequest { project: Project::Pip, version: None };
    let version = &interpreter.version;
    let python = Version::new([version.major, version.minor, version.micro].map(u64::from));
    let downloads = cache.downloads();
    let newest = candidates(&request, sources, Some(&downloads)).into_iter().map(|found| found.version).max();
    let found = index::download_newer(&request, &sources.index, &python, newest.as_ref(), &downloads)?;
    let Some(wheel) = found else { return Ok(None) };
    let entry = cache.entry(&wheel.path, &python)?;
    Ok(entry.map(|(_, sha256)| PendingBytecode { sha256 }))
}

/// A time in the future is that of a wrong clock.
fn is_due_after(stamp: &Path, now: SystemTime) -> bool {
    let content = read_limited(stamp, 64).ok().and_then(|content| String::from_utf8(content).ok());
    let last = content.and_then(|text| text.trim().parse::<u64>().ok());
    last.and_then(|last| seconds(now).checked_sub(last)).is_none_or(|since| since >= PERIOD.as_secs())
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
