//! Installing into a tree that is not in its place yet: an installer writes the path where it finds the tree into
//! scripts, lists and the files of editable projects.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::activation::Prompt;
use super::mapping::Mapping;
use super::record;
use super::rewrite::{Rules, is_in_bin};
use super::script::Head;
use super::self_locating;
use crate::env::{BIN, packages};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::{self, PathResult};

/// The largest file that is looked at, in bytes. Installers write none that is larger.
const MAX_BYTES: u64 = 4 << 20;

/// Makes the files that an installer has written into the tree at `root` name its final place, `home`.
pub(crate) fn relocate(root: &Path, home: &Path) -> PathResult<()> {
    let mut old = vec![root.to_path_buf()];
    old.extend(root.canonicalize().ok().filter(|real| real != root));
    let rules = Rules {
        mapping: Mapping::new(&old, home),
        prompt: Prompt { old_names: Vec::new(), new_name: String::new(), custom: None },
    };
    change(root, home, candidates(root), &|path, content| rules.new_content(path, content)).map(drop)
}

/// Makes what installers have written for editable projects inside the environment at `root` name their new place, after
/// it was moved from `old` by hand. Returns the files, relative to it. A dry run changes none.
pub(crate) fn follow(root: &Path, old: &Path, dry_run: bool) -> PathResult<Vec<PathBuf>> {
    let real = old.parent().and_then(|parent| Some(parent.canonicalize().ok()?.join(old.file_name()?)));
    let rules = Rules {
        mapping: Mapping::new(&[vec![old.to_path_buf()], real.into_iter().collect()].concat(), root),
        prompt: Prompt { old_names: Vec::new(), new_name: String::new(), custom: None },
    };
    let files: Vec<_> = candidates(root).into_iter().filter(|path| !is_in_bin(path)).collect();
    let new = |path: &Path, content: &[u8]| rules.new_content(path, content);
    let mut changed: Vec<_> = if dry_run {
        let is_changed = |path: &PathBuf| !record::is_record(path) && new_content(root, path, &new).is_some();
        files.into_iter().filter(is_changed).collect()
    } else {
        change(root, root, files, &new)?.into_iter().collect()
    };
    changed.sort();
    Ok(changed)
}

/// Makes the programs of the tree at `root`, whose place will be `home`, find their interpreter next to themselves.
pub(crate) fn loosen(root: &Path, home: &Path) -> PathResult<()> {
    let (bin, roots) = (home.join(BIN), [home.to_path_buf()]);
    let loosened = |path: &Path, content: &[u8]| {
        let head = Head::parse(content, &roots).filter(|_| is_in_bin(path))?;
        let name = head.interpreter.file_name().filter(|_| head.is_python() && head.via.is_empty())?;
        let is_next = head.interpreter.parent() == Some(&*bin);
        is_next.then(|| [&self_locating::first_lines(name, &head.options), &content[head.length..]].concat())
    };
    change(root, home, candidates(root), &loosened).map(drop)
}

/// Returns the new content of a file, from its path in the environment and its content; none if it stays as it is.
type Rewriting<'a> = dyn Fn(&Path, &[u8]) -> Option<Vec<u8>> + 'a;

/// Replaces what installers have written into these files by what `new` makes of it, and brings their lists up to date.
/// Returns those that have changed.
fn change(root: &Path, home: &Path, files: Vec<PathBuf>, new: &Rewriting<'_>) -> PathResult<HashSet<PathBuf>> {
    let mut changed = HashSet::new();
    let (records, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| record::is_record(path));
    for path in files {
        if let Some((content, mode)) = new_content(root, &path, new) {
            // A new file: the old one may be a hard link into an installer's cache.
            Entry::below(root, &path)?.replace(&content, Permissions::Kept(mode))?;
            changed.insert(path);
        }
    }
    if !changed.is_empty() {
        records.iter().try_for_each(|list| record::update(root, home, list, &changed))?;
    }
    Ok(changed)
}

/// The files that an installer writes itself, relative to the tree: what it unpacks from an archive names no place.
fn candidates(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = names(&root.join(BIN)).into_iter().map(|name| Path::new(BIN).join(name)).collect();
    for site in packages::site_packages(root) {
        let Ok(relative) = site.strip_prefix(root) else { continue };
        for name in names(&site) {
            let bytes = name.as_bytes();
            let is_of_an_editable = bytes.ends_with(b".pth")
                || bytes.ends_with(b".egg-link")
                || (bytes.ends_with(b".py") && memchr::memmem::find(bytes, b"editable").is_some());
            if is_of_an_editable {
                found.push(relative.join(&name));
            } else if bytes.ends_with(b".dist-info") {
                found.extend(["direct_url.json", "RECORD"].map(|file| relative.join(&name).join(file)));
            }
        }
    }
    found
}

/// The new content of a file and its permission bits; none if it stays as it is.
fn new_content(root: &Path, path: &Path, new: &Rewriting<'_>) -> Option<(Vec<u8>, u32)> {
    let file = root.join(path);
    let found = std::fs::symlink_metadata(&file).ok().filter(std::fs::Metadata::is_file)?;
    let content = fs::read_limited(&file, MAX_BYTES).ok()?;
    Some((new(path, &content)?, found.mode() & 0o7777))
}

fn names(directory: &Path) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    names.filter(|name| !fs::is_own_hidden(name) && name != OsStr::new("python")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_installer_wrote_names_the_final_place() {
        let place = tempfile::tempdir().unwrap();
        let (root, home) = (place.path().join(".op/new"), place.path().join("api"));
        let site = root.join("lib/python3.12/site-packages");
        std::fs::create_dir_all(site.join("t-1.dist-info")).unwrap();
        std::fs::create_dir(root.join("bin")).unwrap();
        let cached = place.path().join("cached");
        std::fs::write(&cached, format!("#!{}/bin/python\nprint(1)\n", root.display())).unwrap();
        std::fs::hard_link(&cached, root.join("bin/tool")).unwrap();
        std::fs::write(root.join("bin/other"), "#!/bin/sh\n").unwrap();
        std::fs::write(site.join("e.pth"), format!("{}/src/e\n", root.display())).unwrap();
        let url = format!("{{\"url\": \"file://{}/src/e\", \"dir_info\": {{}}}}", root.display());
        std::fs::write(site.join("t-1.dist-info/direct_url.json"), url).unwrap();
        std::fs::write(site.join("t-1.dist-info/RECORD"), "../../../bin/tool,sha256=old,1\nt.py,sha256=x,1\n").unwrap();
        relocate(&root, &home).unwrap();
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(read("bin/tool"), format!("#!{}/bin/python\nprint(1)\n", home.display()));
        assert_eq!(read("bin/other"), "#!/bin/sh\n");
        assert!(std::fs::read_to_string(&cached).unwrap().contains("/.op/new/"), "the cache is as it was");
        let site = "lib/python3.12/site-packages";
        assert_eq!(read(&format!("{site}/e.pth")), format!("{}/src/e\n", home.display()));
        assert!(read(&format!("{site}/t-1.dist-info/direct_url.json")).contains("/api/src/e"));
        let record = read(&format!("{site}/t-1.dist-info/RECORD"));
        assert!(!record.contains("sha256=old") && record.contains("t.py,sha256=x,1"), "{record}");
        std::fs::write(root.join("bin/elsewhere"), "#!/usr/bin/python3\n").unwrap();
        loosen(&root, &home).unwrap();
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        let head = "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/python \"$0\" \"$@\"\n' '''\n";
        assert_eq!(read("bin/tool"), format!("{head}print(1)\n"));
        assert_eq!(read("bin/elsewhere"), "#!/usr/bin/python3\n");
        assert_ne!(read(&format!("{site}/t-1.dist-info/RECORD")), record);
    }
}
