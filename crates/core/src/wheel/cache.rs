//! The cache of unpacked wheels. Whatever is wrong with it, seeding works without it; nothing in it is believed
//! without a check.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use pep440_rs::Version;
use rustix::fs::{FlockOperation, OFlags};

use super::file::{Wheel, WheelError};
use super::fill::Transfer;
use super::known_wheels::{Known, KnownWheels, Stamp};
use super::manifest::Manifest;
use super::metadata;
use super::unpack::{Entry, MANIFEST};
use crate::config::{CACHE_LAYOUT, LinkMode};
use crate::fs::made::create_in;
use crate::fs::private::{User, is_place_of_another, is_private};
use crate::fs::{self, PathContext, PathResult, remove_tree, temporary};

const MAX_MANIFEST: u64 = 16 << 20;

/// The directory below which unpacked wheels are kept.
#[derive(Clone, Copy, Debug)]
pub struct CacheDir<'a> {
    /// Its path.
    pub path: &'a Path,
    /// The only user who may write there.
    pub user: User,
    /// How files get from it into environments.
    pub link_mode: LinkMode,
}

/// A cache directory that belongs to the user alone.
pub(super) struct Cache {
    root: PathBuf,
    user: User,
    link_mode: LinkMode,
    known: KnownWheels,
}

impl Cache {
    /// Opens the cache below this directory, creating what is missing; `None` if it cannot be used safely.
    pub(super) fn open(cache: CacheDir<'_>) -> Option<Self> {
        if is_place_of_another(cache.path, cache.user) {
            return None;
        }
        create_in(cache.path, cache.path).ok()?;
        Self::opened(cache, true)
    }

    /// Opens the cache only if it is there: a job in the background does not bring back one that was removed meanwhile.
    pub(super) fn open_existing(cache: CacheDir<'_>) -> Option<Self> {
        Self::opened(cache, false)
    }

    /// Another user who could write there could put code into every new environment.
    fn opened(cache: CacheDir<'_>, is_created: bool) -> Option<Self> {
        let directory = cache.path;
        if is_place_of_another(directory, cache.user) {
            return None;
        }
        let root = directory.join(CACHE_LAYOUT);
        for private in [directory, &root, &root.join("wheels"), &root.join("downloads")] {
            if is_created {
                let _ = fs::create_dir(private, 0o700);
            }
            if !std::fs::symlink_metadata(private).is_ok_and(|found| found.is_dir() && is_private(&found, cache.user)) {
                return None;
            }
        }
        let known = KnownWheels::read(root.join("index"));
        Some(Self { root, user: cache.user, link_mode: cache.link_mode, known })
    }

    /// The user whose cache it is.
    pub(super) fn user(&self) -> User {
        self.user
    }

    /// How its files get into environments. root never shares one by a hard link, whatever the setting: environments
    /// that root makes are handed over to others.
    pub(super) fn transfer(&self) -> Transfer {
        match self.link_mode {
            LinkMode::Hardlink if self.user.uid != 0 => Transfer::Link,
            LinkMode::Hardlink | LinkMode::Clone => Transfer::Clone,
            LinkMode::Copy => Transfer::Copy,
        }
    }

    /// The directory of everything.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory that holds downloaded wheels.
    pub(super) fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// Returns the unpacked form of a wheel file and its hash, unpacking it now if that has not been done yet or has been
    /// damaged; `None` if the wheel is not for this Python.
    pub(super) fn entry(&mut self, wheel: &Path, python: &Version) -> Result<Option<(Entry, String)>, WheelError> {
        if let Some(known) = self.known.get(wheel) {
            if !metadata::admits(known.requires_python.as_deref(), python) {
                return Ok(None);
            }
            if let Some(entry) = self.load(&known.sha256) {
                return Ok(Some((entry, known.sha256.clone())));
            }
        }
        self.read(wheel, python)
    }

    /// Returns the directory of a wheel with this hash.
    pub(super) fn directory(&self, sha256: &str) -> PathBuf {
        self.root.join("wheels").join(sha256)
    }

    /// Returns the unpacked wheel with this hash if it is there and undamaged.
    pub(super) fn load(&self, sha256: &str) -> Option<Entry> {
        let directory = self.directory(sha256);
        let text = String::from_utf8(fs::read_limited(&directory.join(MANIFEST), MAX_MANIFEST).ok()?).ok()?;
        let manifest = Manifest::parse(&text)?;
        manifest.listing.is_intact(&directory, self.user).then_some(Entry { directory, manifest })
    }

    /// Takes the lock under which entries change; it is released when the file is dropped.
    pub(super) fn lock(&self, name: &str) -> PathResult<File> {
        let file = self.open_lock(name)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive).at("lock", &self.root.join(name))?;
        Ok(file)
    }

    fn open_lock(&self, name: &str) -> PathResult<File> {
        let path = self.root.join(name);
        let mut options = std::fs::OpenOptions::new();
        // Never truncated: were it a link to something precious, nothing would be lost.
        options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        options.open(&path).at("open", &path)
    }

    fn read(&mut self, path: &Path, python: &Version) -> Result<Option<(Entry, String)>, WheelError> {
        let stamp = Stamp::of(path);
        let wheel = Wheel::open(path)?;
        let sha256 = wheel.sha256()?;
        let requires_python = wheel.description.requires_python.clone();
        let is_admitted = metadata::admits(requires_python.as_deref(), python);
        if let Some(stamp) = stamp.filter(|stamp| Stamp::of(path).as_ref() == Some(stamp)) {
            self.known.insert(path, stamp, Known { sha256: sha256.clone(), requires_python })?;
        }
        if is_admitted { Ok(Some((self.store(&wheel, &sha256)?, sha256))) } else { Ok(None) }
    }

    /// Unpacks a wheel with this hash, unless that has been done.
    pub(super) fn store(&self, wheel: &Wheel, sha256: &str) -> Result<Entry, WheelError> {
        let _lock = self.lock("lock")?;
        if let Some(entry) = self.load(sha256) {
            return Ok(entry);
        }
        let directory = self.directory(sha256);
        sweep(&self.root.join("wheels"));
        let temporary = temporary::sibling(&directory);
        let stored = Entry::unpack(wheel, &temporary).and_then(|entry| {
            publish(&temporary, &directory)?;
            Ok(Entry { directory, ..entry })
        });
        if stored.is_err() {
            let _ = remove_tree(&temporary);
        }
        stored
    }
}

/// Returns a directory in the cache that is the user's alone, for something else than wheels that were unpacked; none if
/// there can be none.
pub(crate) fn private_directory(cache: CacheDir<'_>, name: &str) -> Option<PathBuf> {
    let directory = Cache::open(cache)?.root.join(name);
    let _ = fs::create_dir(&directory, 0o700);
    let found = std::fs::symlink_metadata(&directory).ok()?;
    (found.is_dir() && is_private(&found, cache.user)).then_some(directory)
}

/// Puts a finished directory in the place of an old one, or of nothing.
pub(super) fn publish(finished: &Path, place: &Path) -> PathResult<()> {
    if std::fs::symlink_metadata(place).is_ok() {
        let aside = temporary::sibling(place);
        std::fs::rename(place, &aside).at("rename", place)?;
        std::fs::rename(finished, place).at("rename", finished)?;
        return remove_tree(&aside);
    }
    std::fs::rename(finished, place).at("rename", finished)
}

/// Removes what an interrupted process left behind. Called under the lock that every such process held.
pub(super) fn sweep(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if fs::is_own_hidden(&entry.file_name()) {
            let _ = remove_tree(&entry.path());
        }
    }
}
