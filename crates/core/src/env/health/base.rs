//! What is known of base interpreters, found by links and names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::packages::version_of;
use crate::env::view::Room;

/// What is kept from one environment to the next: what is known of base interpreters, since most environments share a
/// few, and room for a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    bases: HashMap<OsString, BaseFacts>,
    pub(in crate::env) room: Room,
}

/// What is known of a base interpreter by its path.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseFacts {
    pub(super) exists: bool,
    pub(super) version: Option<(u32, u32)>,
}

impl Memory {
    /// Paths are compared by their bytes: another spelling is asked about once more.
    pub(super) fn facts(&mut self, path: &Path, find: fn(&Path) -> BaseFacts) -> BaseFacts {
        if let Some(known) = self.bases.get(path.as_os_str()) {
            return *known;
        }
        let found = find(path);
        self.bases.insert(path.into(), found);
        found
    }
}

/// Returns what is known of the base interpreter that a link points to.
pub(super) fn base_facts(target: &Path) -> BaseFacts {
    let Some(last) = last_link(target) else { return BaseFacts { exists: false, version: None } };
    BaseFacts { exists: true, version: version_at(&last) }
}

/// Returns the version of an interpreter that is no link.
pub(super) fn version_at(executable: &Path) -> Option<(u32, u32)> {
    let name = executable.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    version_of(name).or_else(|| landmark_version(&executable.canonicalize().ok()?))
}

/// Follows the links at a path to what is none, if it exists. The directories on the way are not resolved, which would
/// ask for every one of them at every `workon`.
pub(super) fn last_link(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_path_buf();
    // As many as Linux follows.
    for _ in 0..40 {
        match path.read_link() {
            Ok(target) => path = path.parent()?.join(target),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Some(path),
            Err(_) => return None,
        }
    }
    None
}

/// Returns whether a base interpreter's directory exists.
pub(super) fn directory_facts(directory: &Path) -> BaseFacts {
    BaseFacts { exists: directory.is_dir(), version: None }
}

/// The version of the only standard library beside an executable whose name does not tell it.
fn landmark_version(executable: &Path) -> Option<(u32, u32)> {
    let lib = executable.parent()?.parent()?.join("lib");
    let entries = std::fs::read_dir(lib).ok()?.flatten();
    let mut versions = entries.filter(|entry| entry.path().join("os.py").exists()).filter_map(|entry| {
        let name = entry.file_name();
        version_of(name.to_str()?)
    });
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(first)
}
