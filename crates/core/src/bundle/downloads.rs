//! Where files are while they are fetched: in the cache, so that an interrupted download goes on where it stopped.

use std::path::{Path, PathBuf};

use super::error::BundleError;
use super::offer::{Place, Remote};
use super::place::{Draft, Output};
use crate::fs::hashed;
use crate::fs::lock::DirectoryLock;
use crate::fs::remove_tree;
use crate::fs::room::{self, is_one_disk};
use crate::wheel::{CacheDir, Credentials, IndexError, IndexSettings, Wanted, fetch, names, private_directory};

/// The directory in the cache.
const DIRECTORY: &str = "bundles";

/// How files are fetched.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    /// How servers are reached.
    pub settings: &'a IndexSettings,
    /// Who one is there.
    pub credentials: &'a Credentials,
    /// Where files stay when a download is interrupted.
    pub cache: Option<CacheDir<'a>>,
}

/// Files that were fetched; those in the cache are removed when the bundle is there.
pub(super) struct Downloads(Option<(PathBuf, DirectoryLock)>);

impl Downloads {
    /// Takes the directory in the cache; without one, or while another process has it, files are fetched into the bundle.
    pub(super) fn begin(network: &Network<'_>) -> Self {
        let directory = network.cache.and_then(|cache| private_directory(cache, DIRECTORY));
        Self(directory.and_then(|directory| {
            let lock = DirectoryLock::take_if_free(&directory).ok()??;
            Some((directory, lock))
        }))
    }

    /// Fails if a disk has no room for the files.
    pub(super) fn check_room(&self, remotes: &[Remote], output: Output<'_>) -> Result<(), BundleError> {
        // Sizes are what a lock says.
        let sizes = |remotes: &mut dyn Iterator<Item = &Remote>| {
            remotes.filter_map(|remote| remote.size).fold(0, u64::saturating_add)
        };
        let all = sizes(&mut remotes.iter());
        let place = output.path().parent().unwrap_or(output.path());
        let Some((cache, _)) = &self.0 else {
            let twice = if matches!(output, Output::Tar(_)) { 2 } else { 1 };
            return has_room(place, all.saturating_mul(twice), false);
        };
        let is_there = |remote: &&Remote| !cache.join(&remote.sha256).exists();
        let missing =
            sizes(&mut remotes.iter().filter(|remote| matches!(remote.place, Place::Url(_))).filter(is_there));
        if is_one_disk(cache, place) {
            return has_room(place, all.saturating_add(missing), false);
        }
        has_room(cache, missing, true)?;
        has_room(place, all, false)
    }

    /// Fetches files, checks them, and gives them to the bundle.
    pub(super) fn fetch(
        &self,
        remotes: &[Remote],
        draft: &mut Draft,
        network: &Network<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), BundleError> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for remote in remotes {
            match &remote.place {
                Place::Url(url) => {
                    let path = match &self.0 {
                        Some((directory, _)) => directory.join(&remote.sha256),
                        None => draft.wheels().join(&remote.file),
                    };
                    if self.0.is_some() {
                        draft.take(&remote.file, &path);
                    }
                    // In the cache, files of one content are one file.
                    if wanted.iter().any(|known| known.path == path) {
                        continue;
                    }
                    let (file, url, sha256) = (remote.file.clone(), url.clone(), remote.sha256.clone());
                    wanted.push(Wanted { file, url, sha256, size: remote.size, path });
                }
                Place::Path(path) => {
                    let (sha256, size) = hashed::of_file(path)?;
                    if sha256 != remote.sha256 {
                        return Err(BundleError::Hash { path: path.clone() });
                    }
                    names::check(path, &remote.file)?;
                    progress(size);
                    draft.take(&remote.file, path);
                }
            }
        }
        let is_cache = self.0.is_some();
        fetch(&wanted, network.settings, network.credentials, progress).map_err(|error| match error {
            IndexError::NoRoom(room) => BundleError::NoRoom { room, is_cache },
            other => other.into(),
        })?;
        for wanted in &wanted {
            if let Err(error) = names::check(&wanted.path, &wanted.file) {
                // What is kept would be taken again.
                let _ = std::fs::remove_file(&wanted.path);
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Removes what is in the bundle now. The directory stays: another process may be about to lock it.
    pub(super) fn finish(self) {
        if let Some((directory, _lock)) = &self.0 {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                let _ = remove_tree(&entry.path());
            }
        }
    }
}

/// Fails if a directory has less room than the size of some files and a fifth more.
fn has_room(directory: &Path, size: u64, is_cache: bool) -> Result<(), BundleError> {
    room::check(directory, size.saturating_add(size / 5)).map_err(|room| BundleError::NoRoom { room, is_cache })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part of what is free here, in hundredths. Others use the disk meanwhile, so nothing is told to the byte.
    fn part_of_free(directory: &Path, hundredths: u64) -> u64 {
        room::free(directory).unwrap() / 100 * hundredths
    }

    #[test]
    fn a_fifth_stays_free() {
        let scratch = tempfile::tempdir().unwrap();
        let has_room = |hundredths| has_room(scratch.path(), part_of_free(scratch.path(), hundredths), false).is_ok();
        assert_eq!([0, 60, 93, 150].map(has_room), [true, true, false, false]);
        assert!(super::has_room(scratch.path(), u64::MAX, false).is_err(), "no overflow");
        assert!(super::has_room(Path::new("/nonexistent"), u64::MAX, false).is_ok(), "nobody knows");
    }

    #[test]
    fn what_is_fetched_and_then_written_needs_room_twice() {
        let scratch = tempfile::tempdir().unwrap();
        let output = scratch.path().join("b.tar");
        let size = Some(part_of_free(scratch.path(), 60));
        let place = Place::Url("https://127.0.0.1:1/a.whl".into());
        let remotes = [Remote { file: "a.whl".into(), place, sha256: "ab".into(), size }];
        let local = Place::Path("/a.whl".into());
        let locals = [Remote { place: local, ..remotes[0].clone() }];
        let fits = |downloads: &Downloads, remotes: &[Remote], output| downloads.check_room(remotes, output).is_ok();
        let without = Downloads(None);
        assert!(
            fits(&without, &remotes, Output::Directory(&output)) && !fits(&without, &remotes, Output::Tar(&output))
        );
        let cache = scratch.path().join("cache");
        std::fs::create_dir(&cache).unwrap();
        let lock = DirectoryLock::take(&cache).unwrap();
        let with = Downloads(Some((cache.clone(), lock)));
        assert!(!fits(&with, &remotes, Output::Tar(&output)), "in the cache and in the bundle");
        assert!(fits(&with, &locals, Output::Tar(&output)), "what is on this machine is not fetched");
        std::fs::write(cache.join("ab"), "").unwrap();
        assert!(fits(&with, &remotes, Output::Tar(&output)), "it is in the cache already");
    }
}
