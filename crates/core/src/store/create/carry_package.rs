//! Taking a package over from an old environment as it is installed there, where no index offers it any more.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::interpreters::Interpreters;
use crate::env::{packages, unrecorded};
use crate::fs::copy::copy_tree;
use crate::fs::{self, PathContext, PathResult};
use crate::wheel::record::path_field;

/// The largest list of installed files that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// Copies the files of a package, which `info` holds the metadata of, from an old environment into a new one that will have
/// its path. Compiled files of the old Python are left out.
pub(super) fn carry(old: &Path, new: &Path, info: &Path) -> PathResult<()> {
    let (Some(site), Some(target)) = (info.parent(), packages::site_packages(new).into_iter().next()) else {
        return Ok(());
    };
    if !unrecorded::is_recorded(info) {
        return carry_entries(info, &target);
    }
    let content = fs::read_limited(&info.join("RECORD"), MAX_BYTES)?;
    let interpreters = Interpreters::new(old, new);
    for row in content.split_inclusive(|&byte| byte == b'\n') {
        let Some((_, path)) = path_field(row) else { continue };
        let source = fs::absolute(site, Path::new(OsStr::from_bytes(&path)));
        let Some(goal) = goal(&source, site, old, new, &target) else { continue };
        if source.extension() == Some(OsStr::new("pyc")) || !source.is_file() || goal.exists() {
            continue;
        }
        if let Some(parent) = goal.parent() {
            std::fs::create_dir_all(parent).at("create", parent)?;
        }
        match interpreters.script(&source) {
            Some((script, mode)) => fs::replace_file(&goal, &script, mode)?,
            None => copy_tree(&source, &goal)?,
        }
    }
    Ok(())
}

/// Copies a package without a list of its files. What it has elsewhere in the environment is taken over as what is nobody's.
fn carry_entries(info: &Path, target: &Path) -> PathResult<()> {
    for source in unrecorded::entries(info) {
        let goal = target.join(source.file_name().unwrap_or_default());
        if goal.symlink_metadata().is_err() {
            copy_tree(&source, &goal)?;
        }
    }
    Ok(())
}

/// Where a file goes: site-packages has another name there, everything else the same. A file outside stays there.
fn goal(source: &Path, site: &Path, old: &Path, new: &Path, target: &Path) -> Option<PathBuf> {
    if let Ok(inside) = source.strip_prefix(site) {
        return Some(target.join(inside));
    }
    source.strip_prefix(old).ok().map(|inside| new.join(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_taken_over_without_what_was_compiled() {
        let place = tempfile::tempdir().unwrap();
        let (old, new) = (place.path().join("old"), place.path().join("new"));
        let site = old.join("lib/python3.11/site-packages");
        let write = |path: &Path, text: &str| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(&site.join("p/m.py"), "x");
        write(&site.join("p/__pycache__/m.cpython-311.pyc"), "x");
        write(&old.join("bin/p-tool"), &format!("#!{}/bin/python3.11\nprint()\n", old.display()));
        write(&old.join("share/doc/p"), "x");
        write(&place.path().join("outside"), "x");
        let record = "p/m.py,,\np/__pycache__/m.cpython-311.pyc,,\n../../../bin/p-tool,,\n../../../share/doc/p,,\n\
            ../../../../outside,,\n../../../../../../../../../etc/hostname,,\np-1.dist-info/RECORD,,\n";
        write(&site.join("p-1.dist-info/RECORD"), record);
        std::fs::create_dir_all(new.join("lib/python3.13/site-packages")).unwrap();
        std::fs::create_dir(new.join("bin")).unwrap();
        carry(&old, &new, &site.join("p-1.dist-info")).unwrap();
        let goal = new.join("lib/python3.13/site-packages");
        assert!(goal.join("p/m.py").is_file() && goal.join("p-1.dist-info/RECORD").is_file());
        assert!(!goal.join("p/__pycache__").exists() && new.join("share/doc/p").is_file());
        let tool = std::fs::read_to_string(new.join("bin/p-tool")).unwrap();
        assert_eq!(tool, format!("#!{}/bin/python\nprint()\n", old.display()));
        let names: Vec<_> = std::fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
    }
}
