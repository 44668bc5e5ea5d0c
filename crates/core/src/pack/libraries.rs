//! What all compiled files of a tree need of the machine that they are on.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use super::scan::Item;
use crate::relocate::linked::facts;

/// What a tree needs of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The version of glibc, if anything is linked to it: the second number of 2.N.
    pub glibc: Option<u32>,
    /// The names of libraries that are not in the tree and not a part of glibc.
    pub libraries: Vec<String>,
    /// Whether anything is compiled for a machine at all.
    pub is_compiled: bool,
}

/// The libraries of glibc itself.
const OF_GLIBC: [&str; 12] = [
    "libc.so.6",
    "libm.so.6",
    "libmvec.so.1",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
    "libnsl.so.1",
    "libanl.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// Returns what all files of a tree need together, except for those that are not run where it will be.
pub(super) fn needs(items: &[Item], replaced: &[PathBuf]) -> Needs {
    let mut needs = Needs::default();
    let mut wanted = BTreeSet::new();
    let mut own = BTreeSet::new();
    for item in items {
        let Some(source) = item.source().filter(|_| !replaced.contains(&item.path)) else { continue };
        let name = item.path.file_name().unwrap_or_default().to_string_lossy();
        let is_library = name.contains(".so");
        if !(is_library || item.mode & 0o111 != 0) {
            continue;
        }
        if is_library {
            own.insert(name.into_owned());
        }
        let Some(facts) = File::open(source).ok().and_then(|file| facts(&file)) else { continue };
        needs.is_compiled = true;
        needs.glibc = needs.glibc.max(facts.glibc);
        wanted.extend(facts.needed);
    }
    wanted.retain(|name| !OF_GLIBC.contains(&name.as_str()) && !own.contains(name));
    needs.libraries = wanted.into_iter().collect();
    needs
}
