//! Makes the scripts of an environment that was moved or renamed run its own interpreter again.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::launcher::is_launcher;
use super::mapping::Mapping;
use super::record;
use super::script::{self, Head};
use crate::env::activate_path::path_in_script;
use crate::env::metadata::{self, Metadata};
use crate::env::{BIN, Environment, packages};
use crate::fs::entry::{Entry, Permissions};
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathContext, PathResult};

/// More than any script.
const MAX_BYTES: u64 = 1 << 20;

/// Returns the path that an environment had, by its activation script; none when it is where it was.
pub(crate) fn old_path(environment: &Environment) -> Option<PathBuf> {
    let script = fs::read_limited(&environment.activate_script(), MAX_BYTES).unwrap_or_default();
    path_in_script(&script).filter(|path| !is_same_file(path, environment.path()))
}

/// Notes the path of an environment whose scripts find it themselves, so that what belongs to it is known after a move.
pub(crate) fn note_path(environment: &Environment) {
    if !tells_path(environment) {
        metadata::note_path(environment.path());
    }
}

/// Returns the path that [`note_path`] has noted; none when the environment is where it was, or its scripts tell.
pub(crate) fn noted_path(environment: &Environment) -> Option<PathBuf> {
    let path = PathBuf::from(Metadata::read(environment.path()).path?);
    (!tells_path(environment) && !is_same_file(&path, environment.path())).then_some(path)
}

fn tells_path(environment: &Environment) -> bool {
    let script = fs::read_limited(&environment.activate_script(), MAX_BYTES).unwrap_or_default();
    path_in_script(&script).is_some()
}

/// Rewrites every script in `bin` that is run by the Python of the environment's old path, of one that is gone, or of one
/// whose path no kernel reads to its end because it holds blanks, and the lists that hold its hash. Returns the scripts.
/// A dry run changes none.
pub(crate) fn mend(environment: &Environment, old: Option<&Path>, dry_run: bool) -> PathResult<Vec<PathBuf>> {
    let root = environment.path();
    let bin = environment.bin();
    let mut mended = Vec::new();
    for entry in std::fs::read_dir(&bin).at("list", &bin)? {
        let name = entry.at("list", &bin)?.file_name();
        let relative = Path::new(BIN).join(&name);
        if let Some((content, mode)) = new_content(environment, &name, old) {
            if !dry_run {
                Entry::below(root, &relative)?.replace(&content, Permissions::Kept(mode))?;
            }
            mended.push(relative);
        }
    }
    if !mended.is_empty() && !dry_run {
        update_records(root, &mended.iter().cloned().collect())?;
    }
    Ok(mended)
}

/// Returns whether [`mend`] would give a script in `bin` the interpreter of its environment.
pub(crate) fn mends(environment: &Environment, name: &OsStr) -> bool {
    new_content(environment, name, None).is_some()
}

/// A script with its own interpreter, and its permission bits; none when it stays.
fn new_content(environment: &Environment, name: &OsStr, old: Option<&Path>) -> Option<(Vec<u8>, u32)> {
    let path = environment.bin().join(name);
    let found = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
    let content = fs::read_limited(&path, MAX_BYTES).ok().filter(|content| content.starts_with(b"#!"))?;
    let roots: Vec<PathBuf> = old.into_iter().chain([environment.path()]).map(Path::to_path_buf).collect();
    let head = Head::parse(&content, &roots).filter(Head::is_python)?;
    let root = head.interpreter.parent().and_then(Path::parent)?;
    let is_gone = !root.exists() && root.is_absolute();
    if is_same_file(root, environment.path()) {
        // Installers write it so for the scripts that a package brings along.
        let is_cut = !content.starts_with(b"#!/bin/sh\n")
            && head.interpreter.as_os_str().as_bytes().iter().any(u8::is_ascii_whitespace);
        let new = || [&head.first_lines(&head.interpreter), &content[head.length..]].concat();
        return is_cut.then(|| (new(), found.mode() & 0o7777));
    }
    if !(is_gone || Some(root) == old) {
        // What was written for any other Python that is gone may have a reason for it, unless it has no code of its own.
        let body = &content[head.length..];
        let is_lost = head.via.is_empty() && head.interpreter.try_exists().is_ok_and(|exists| !exists);
        let new = || [&head.first_lines(&environment.python()), body].concat();
        return (is_lost && is_launcher(body)).then(|| (new(), found.mode() & 0o7777));
    }
    let mapping = Mapping::new(&[root.to_path_buf()], environment.path());
    Some((script::rewritten(&content, &mapping)?, found.mode() & 0o7777))
}

fn update_records(root: &Path, changed: &HashSet<PathBuf>) -> PathResult<()> {
    for site in packages::site_packages(root) {
        for entry in std::fs::read_dir(&site).into_iter().flatten().flatten() {
            let list = entry.path().join("RECORD");
            if record::is_record(&list)
                && let Ok(list) = list.strip_prefix(root)
            {
                record::update(root, root, list, changed)?;
            }
        }
    }
    Ok(())
}
