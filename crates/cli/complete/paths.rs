//! Files and directories, for the places where a shell's own listing does not fit.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::candidates::{Candidate, candidate};
use crate::process::Process;
use venvwrap_core::fs::order::Order as _;

/// The paths that complete a word.
pub(super) fn list(process: &Process, files: bool, base: Option<&Path>, typed: &[u8]) -> Vec<Candidate> {
    let home = process.config.home.as_deref();
    let listing = Listing { base: base.unwrap_or(&process.cwd), home, files, confined: base.is_some() };
    paths(listing, typed)
}

/// Where paths begin, and which of them are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listing<'a> {
    /// The directory that relative paths begin in.
    pub(super) base: &'a Path,
    /// What `~` stands for, where it stands for anything.
    pub(super) home: Option<&'a Path>,
    /// Whether files are wanted as well as directories.
    pub(super) files: bool,
    /// Whether even a path that begins with `/` is below the base.
    pub(super) confined: bool,
}

/// Returns the paths that begin with what has been typed; a directory ends with `/`.
pub(super) fn paths(listing: Listing<'_>, typed: &[u8]) -> Vec<Candidate> {
    let split = typed.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let (parent, start) = typed.split_at(split);
    let Ok(entries) = std::fs::read_dir(directory(listing, parent)) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_hidden = name.as_bytes().starts_with(b".") && !start.starts_with(b".");
        if is_hidden || !name.as_bytes().starts_with(start) {
            continue;
        }
        // Through links: one that leads to a directory is a way on.
        let is_directory = entry.path().is_dir();
        if is_directory || listing.files {
            let end: &[u8] = if is_directory { b"/" } else { b"" };
            found.extend(candidate(OsStr::from_bytes(&[parent, name.as_bytes(), end].concat()), ""));
        }
    }
    found.order_by(|a, b| a.value.cmp(&b.value));
    found
}

fn directory(listing: Listing<'_>, parent: &[u8]) -> PathBuf {
    let path = Path::new(OsStr::from_bytes(parent));
    if listing.confined {
        return listing.base.join(path.strip_prefix("/").unwrap_or(path));
    }
    match (path.strip_prefix("~"), listing.home) {
        (Ok(below), Some(home)) => home.join(below),
        _ => listing.base.join(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(listing: Listing<'_>, typed: &str) -> Vec<String> {
        paths(listing, typed.as_bytes()).into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn lists_what_begins_with_the_typed_text() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("lib/site packages")).unwrap();
        std::fs::create_dir(root.path().join(".hidden")).unwrap();
        std::fs::write(root.path().join("lib/file"), "").unwrap();
        std::fs::create_dir(root.path().join("lib/new\nline")).unwrap();
        let all = Listing { base: root.path(), home: Some(root.path()), files: true, confined: false };
        assert_eq!(values(all, ""), ["lib/"]);
        assert_eq!(values(all, ".h"), [".hidden/"]);
        assert_eq!(values(all, "lib/"), ["lib/file", "lib/site packages/"]);
        assert_eq!(values(all, "~/lib/f"), ["~/lib/file"]);
        let below = Listing { files: false, confined: true, ..all };
        assert_eq!(values(below, "lib/"), ["lib/site packages/"]);
        assert_eq!(values(below, "/lib/"), ["/lib/site packages/"]);
        assert_eq!(values(below, "nowhere/"), [""; 0]);
    }
}
