//! `RECORD` of a copy: what was rewritten has another hash and size than the list says.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD};

use crate::fs::times::times_of;
use crate::fs::{self, PathContext, PathResult};
use crate::wheel::record::{digest_and_size, path_field};

/// Larger lists do not exist; an environment with one keeps it as it is.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// Returns whether a file is the list of an installed distribution.
pub(crate) fn is_record(path: &Path) -> bool {
    let directory = path.parent().and_then(Path::file_name).unwrap_or_default();
    path.file_name().is_some_and(|name| name == "RECORD") && directory.as_bytes().ends_with(b".dist-info")
}

/// Brings the rows of changed files up to date. The paths are relative to `root`, which will be `home` once it is in its
/// place.
pub(crate) fn update(root: &Path, home: &Path, record: &Path, changed: &HashSet<PathBuf>) -> PathResult<()> {
    let path = root.join(record);
    let Ok(content) = fs::read_limited(&path, MAX_BYTES) else { return Ok(()) };
    let read = |file: &Path| {
        let path = root.join(file);
        changed.contains(file).then(|| std::fs::read(&path).at("read", &path)).transpose()
    };
    updated(&content, home, record, &read)?.map_or(Ok(()), |new| replace(&path, &new))
}

/// Removes the row of a file that is no longer there. All paths are relative to `root`.
pub(crate) fn remove_row(root: &Path, record: &Path, removed: &Path) -> PathResult<()> {
    let path = root.join(record);
    let Ok(content) = fs::read_limited(&path, MAX_BYTES) else { return Ok(()) };
    let site = Path::new("/").join(record.parent().and_then(Path::parent).unwrap_or(Path::new("")));
    let is_other = |row: &&[u8]| {
        let file = path_field(row).map(|(_, file)| fs::absolute(&site, Path::new(std::ffi::OsStr::from_bytes(&file))));
        file.is_none_or(|file| file.strip_prefix("/") != Ok(removed))
    };
    let rows: Vec<&[u8]> = content.split_inclusive(|&byte| byte == b'\n').filter(is_other).collect();
    let new = rows.concat();
    if new == content { Ok(()) } else { replace(&path, &new) }
}

/// Returns a list with the rows of changed files brought up to date; none when nothing changes. `read` returns the new
/// content of a file that has changed; `home` is the path of the tree, which absolute rows begin with.
pub(crate) fn updated(
    content: &[u8],
    home: &Path,
    record: &Path,
    read: &dyn Fn(&Path) -> PathResult<Option<Vec<u8>>>,
) -> PathResult<Option<Vec<u8>>> {
    let site = record.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut has_changed = false;
    let mut result = Vec::with_capacity(content.len());
    for row in content.split_inclusive(|&byte| byte == b'\n') {
        let new = new_row(home, site, row, read)?;
        has_changed |= new.is_some();
        result.extend_from_slice(new.as_deref().unwrap_or(row));
    }
    Ok(has_changed.then_some(result))
}

/// The row with the new hash and size; none when it stays.
fn new_row(
    home: &Path,
    site: &Path,
    row: &[u8],
    read: &dyn Fn(&Path) -> PathResult<Option<Vec<u8>>>,
) -> PathResult<Option<Vec<u8>>> {
    let Some((field, path)) = path_field(row) else { return Ok(None) };
    let rest = row[field..].trim_ascii_end();
    // A row without a hash says that the file may change.
    if rest == b",," || !rest.starts_with(b",") {
        return Ok(None);
    }
    let file = fs::absolute(&Path::new("/").join(site), Path::new(std::ffi::OsStr::from_bytes(&path)));
    let file = file.strip_prefix(home).or_else(|_| file.strip_prefix("/")).unwrap_or(&file);
    let Some(content) = read(file)? else { return Ok(None) };
    let ending = &row[field + rest.len()..];
    Ok(Some([&row[..field], b",", digest_and_size(&content).as_bytes(), ending].concat()))
}

/// Replaces a file that keeps its mode and time, also one that its owner may not write.
fn replace(path: &Path, content: &[u8]) -> PathResult<()> {
    let before = rustix::fs::stat(path).at("read", path)?;
    fs::rewrite_file(path, content)?;
    rustix::fs::utimensat(CWD, path, &times_of(&before), AtFlags::SYMLINK_NOFOLLOW).at("write", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_of_changed_files_with_a_hash_change() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("lib/site");
        std::fs::create_dir_all(site.join("p.dist-info")).unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::fs::write(root.path().join("bin/a,b"), "new").unwrap();
        std::fs::write(site.join("m.py"), "").unwrap();
        let record = Path::new("lib/site/p.dist-info/RECORD");
        assert!(is_record(record));
        std::fs::write(
            root.path().join(record),
            "\"../../bin/a,b\",sha256=old,3\r\nm.py,sha256=old,7\nother.py,sha256=old,7\nm.pyc,,\np.dist-info/RECORD,,\n\
             /home/env/lib/site/m.py,sha256=old,7\n",
        )
        .unwrap();
        let changed = ["bin/a,b", "lib/site/m.py", "lib/site/m.pyc"].map(PathBuf::from).into_iter().collect();
        let file = root.path().join(record);
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o464)).unwrap();
        let before = file.metadata().unwrap();
        update(root.path(), Path::new("/home/env"), record, &changed).unwrap();
        let after = file.metadata().unwrap();
        assert_eq!(after.permissions(), before.permissions());
        assert_eq!(after.modified().unwrap(), before.modified().unwrap());
        let expected = format!(
            "\"../../bin/a,b\",{}\r\nm.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
             other.py,sha256=old,7\nm.pyc,,\np.dist-info/RECORD,,\n\
             /home/env/lib/site/m.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
            digest_and_size(b"new")
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    }
}
