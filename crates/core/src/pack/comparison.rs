//! Comparing the files of packages in an archive with the hashes in `RECORD`, while the archive is read: an archive
//! without a checksum has no other.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::env::BIN;
use crate::fs;
use crate::relocate::record::is_record;
use crate::wheel::record::{self, is_meant_to_change};

/// How much the lists of one archive may take in memory: those of a hundred thousand files.
const MAX_LISTS: u64 = 16 << 20;
/// Of how many files the hashes are kept, in about as much.
const MAX_FILES: usize = 400_000;

/// A hash, of which half is enough: nobody is kept out, only accidents are found.
type Half = [u8; 16];

/// A file of a package that is not what was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered {
    /// Where it is in the archive.
    pub path: PathBuf,
    /// The package and its version, as the name of its directory has them.
    pub package: String,
}

/// What came of comparing files with their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Files that are not what was installed; none where a checksum finds changed bytes.
    pub altered: Vec<Altered>,
    /// Whether all files with a hash have been compared that no checksum covers.
    pub is_whole: bool,
}

/// What is known of the files that were read.
#[derive(Default)]
pub(super) struct Comparison {
    hasher: RandomState,
    /// By the hashes of names, in place of names of any length.
    files: HashMap<u64, Half>,
    /// Scripts, which other programs change without noting it.
    scripts: HashSet<u64>,
    lists: Vec<(PathBuf, Vec<u8>)>,
    kept: u64,
    current: Option<Current>,
    /// Whether there are more files, or longer lists, than are kept.
    is_partial: bool,
}

/// The file that is being read.
struct Current {
    path: PathBuf,
    hash: Sha256,
    start: [u8; 2],
    count: usize,
    list: Option<Vec<u8>>,
}

impl Comparison {
    /// Begins with a file of this size.
    pub(super) fn begin(&mut self, path: &Path, size: u64) {
        let is_list = is_record(path);
        let has_room = self.kept.saturating_add(size) <= MAX_LISTS;
        self.is_partial |= is_list && !has_room;
        self.kept += if is_list && has_room { size } else { 0 };
        let list = (is_list && has_room).then(Vec::new);
        self.current = Some(Current { path: path.to_path_buf(), hash: Sha256::new(), start: [0; 2], count: 0, list });
    }

    /// Takes another name of a file that came before.
    pub(super) fn link(&mut self, path: &Path, first: &Path) {
        let (first, own) = (self.key(first), self.key(path));
        let has_room = self.files.len() < MAX_FILES;
        self.is_partial |= !has_room;
        if let Some(&digest) = self.files.get(&first).filter(|_| has_room) {
            self.files.insert(own, digest);
        }
        if self.scripts.contains(&first) {
            self.scripts.insert(own);
        }
    }

    /// Returns whether a file has begun that is compared.
    pub(super) fn is_reading(&self) -> bool {
        self.current.is_some()
    }

    /// Takes the next bytes of its content.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let Some(current) = &mut self.current else { return };
        for &byte in bytes.iter().take(2 - current.count) {
            current.start[current.count] = byte;
            current.count += 1;
        }
        current.hash.update(bytes);
        if let Some(list) = &mut current.list {
            list.extend_from_slice(bytes);
        }
    }

    /// Ends with it.
    pub(super) fn end(&mut self) {
        let Some(Current { path, hash, start, list, .. }) = self.current.take() else { return };
        let key = self.key(&path);
        let digest: [u8; 32] = hash.finalize().into();
        if self.files.len() < MAX_FILES {
            self.files.insert(key, std::array::from_fn(|at| digest[at]));
        } else {
            self.is_partial = true;
        }
        if start == *b"#!" && path.parent().is_some_and(|parent| parent.ends_with(BIN)) {
            self.scripts.insert(key);
        }
        self.lists.extend(list.map(|list| (path, list)));
    }

    /// Returns what came of it. Whoever builds packages for conda changes their files, and conda-pack does so once more:
    /// its lists say nothing.
    pub(super) fn finish(self, is_foreign: bool, is_conda: bool) -> Compared {
        if is_conda {
            return Compared::default();
        }
        Compared { altered: self.altered(is_foreign), is_whole: !self.is_partial }
    }

    /// Returns what is not as its list says. Packages may share a file: it is that of one. Other programs than this one
    /// change scripts without noting it: those of a foreign archive do not count.
    fn altered(&self, is_foreign: bool) -> Vec<Altered> {
        let (mut altered, mut fitting) = (Vec::new(), HashSet::new());
        for (list, content) in &self.lists {
            let Some(info) = list.parent() else { continue };
            let site = Path::new("/").join(info.parent().unwrap_or(Path::new("")));
            for row in content.split(|&byte| byte == b'\n') {
                let Some((path, Some(digest))) = record::row(row) else { continue };
                let path = fs::absolute(&site, &path);
                let path = path.strip_prefix("/").unwrap_or(&path);
                let key = self.key(path);
                let Some(found) = self.files.get(&key) else { continue };
                let may_differ = is_meant_to_change(path) || is_foreign && self.scripts.contains(&key);
                if digest.starts_with(found) {
                    fitting.insert(key);
                } else if !may_differ {
                    let name = info.file_stem().unwrap_or_default().to_string_lossy().replacen('-', " ", 1);
                    altered.push((key, Altered { path: path.to_path_buf(), package: name }));
                }
            }
        }
        altered.into_iter().filter(|(key, _)| !fitting.contains(key)).map(|(_, altered)| altered).collect()
    }

    fn key(&self, path: &Path) -> u64 {
        self.hasher.hash_one(path)
    }
}
