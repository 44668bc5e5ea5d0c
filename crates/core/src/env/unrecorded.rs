//! Packages without a list of their files, as other package managers and old installers leave them: what is theirs is told
//! by its names.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::fs;

/// No row of a list is shorter: an empty name, hash and size.
const MIN_RECORD: u64 = 3;

/// More than any `top_level.txt`.
const MAX_BYTES: u64 = 1 << 20;

/// Returns whether the directory of the metadata has a list of files that names any.
pub(crate) fn is_recorded(info: &Path) -> bool {
    std::fs::metadata(info.join("RECORD")).is_ok_and(|found| found.len() >= MIN_RECORD)
}

/// Returns the names of what is imported of a package, without what follows the first dot.
pub(crate) fn tops(info: &Path) -> HashSet<Vec<u8>> {
    let bytes = info.file_name().unwrap_or_default().as_bytes();
    let name = bytes.split(|&byte| byte == b'-' || byte == b'.').next().unwrap_or_default();
    let tops = fs::read_limited(&info.join("top_level.txt"), MAX_BYTES).unwrap_or_default();
    let tops = tops.split(|&byte| byte == b'\n').map(|line| line.trim_ascii().to_vec());
    [name.to_vec(), name.to_ascii_lowercase()].into_iter().chain(tops).filter(|top| !top.is_empty()).collect()
}

/// Returns whether a name next to the packages is that of one of these.
pub(crate) fn is_top(name: &OsStr, tops: &HashSet<Vec<u8>>) -> bool {
    tops.contains(name.as_bytes().split(|&byte| byte == b'.').next().unwrap_or_default())
}

/// Returns the files and directories of a package next to others: what is imported, and the metadata.
pub(crate) fn entries(info: &Path) -> Vec<PathBuf> {
    let tops = tops(info);
    let Some(site) = info.parent() else { return Vec::new() };
    let found = std::fs::read_dir(site).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let found = found.filter(|name| is_top(name, &tops) && !is_metadata(name) && !name.as_bytes().ends_with(b".pyc"));
    let mut found: Vec<_> = found.map(|name| site.join(name)).collect();
    found.sort();
    found.push(info.to_path_buf());
    found
}

/// Returns whether nothing of a package was compiled for one Python, as far as its names tell; false where its metadata is
/// not next to other packages.
pub(crate) fn is_pure(info: &Path) -> bool {
    let is_in_site = info.parent().and_then(Path::file_name).is_some_and(|name| name == "site-packages");
    is_in_site && !entries(info).iter().any(|path| holds_compiled(path))
}

/// Returns whether a name is that of a file which was compiled for one Python.
pub(crate) fn is_compiled(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    [&b".so"[..], b".pyd", b".dylib", b".dll", b".a", b".pyc"].iter().any(|end| bytes.ends_with(end))
        || memchr::memmem::find(bytes, b".so.").is_some()
}

/// What Python has compiled itself does not count.
fn holds_compiled(path: &Path) -> bool {
    if !path.is_dir() || path.is_symlink() {
        return path.file_name().is_some_and(is_compiled);
    }
    let names = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name != "__pycache__").any(|name| holds_compiled(&path.join(name)))
}

fn is_metadata(name: &OsStr) -> bool {
    [&b".dist-info"[..], b".egg-info"].iter().any(|end| name.as_bytes().ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_package_without_a_list_is_told_by_its_names() {
        let place = tempfile::tempdir().unwrap();
        let site = place.path().join("site-packages");
        let info = site.join("Own-1.0.dist-info");
        std::fs::create_dir_all(site.join("ownlib/__pycache__")).unwrap();
        std::fs::create_dir(&info).unwrap();
        for file in ["own.py", "other.py", "own.pyc", "ownlib/__pycache__/m.cpython-311.pyc"] {
            std::fs::write(site.join(file), "").unwrap();
        }
        std::fs::write(info.join("top_level.txt"), "ownlib\n\n").unwrap();
        std::fs::create_dir(site.join("own-2.0.dist-info")).unwrap();
        let names = |found: Vec<PathBuf>| {
            let names = found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(entries(&info)), ["own.py", "ownlib", "Own-1.0.dist-info"]);
        assert!(is_pure(&info) && !is_recorded(&info));
        std::fs::write(info.join("RECORD"), "\n").unwrap();
        assert!(!is_recorded(&info));
        std::fs::write(info.join("RECORD"), "a,,\n").unwrap();
        assert!(is_recorded(&info));
        std::fs::write(site.join("ownlib/fast.cpython-311.so"), "").unwrap();
        assert!(!is_pure(&info));
    }
}
