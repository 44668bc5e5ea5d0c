//! Making an environment in a directory that holds other files, as `virtualenv .` does in a project.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::{CreateError, CreateRequest, OnExisting, extent, layout};
use crate::env::health;
use crate::env::metadata::{self, Metadata};
use crate::env::packages::library_directories;
use crate::env::{self, Environment};
use crate::fs::{PathResult, remove_tree};
use crate::shell::activate;
use crate::store::home::{Store, is_of_system};
use crate::store::lock::Lock;
use crate::store::remove::RemoveOptions;
use crate::wheel::SeedRequest;

/// What keeps git and backups from a directory.
const HIDING: [&str; 2] = [".gitignore", "CACHEDIR.TAG"];

/// How programs that are installed with the environment begin.
const SEEDED: [&str; 3] = ["easy_install", "pip", "wheel"];

/// Returns whether what is there is a directory of other files that becomes an environment. Nothing in it is replaced: fails
/// if something has the name of what is to be made.
pub(super) fn is_possible(
    store: &Store,
    environment: &Environment,
    request: &CreateRequest<'_>,
) -> Result<bool, CreateError> {
    let root = environment.path();
    let is_meant = store.is_anywhere()
        && request.options.existing == OnExisting::Keep
        && is_of_others(store, environment)
        && store.held_in(root, &RemoveOptions::default()).is_none()
        && !is_of_system(root);
    match is_meant.then(|| in_the_way(root, request)).flatten() {
        Some(path) => Err(CreateError::Occupied { path }),
        None => Ok(is_meant),
    }
}

/// Notes in the staged environment that it will be among other files. Neither version control nor backups are told to
/// leave the directory out, since they would leave out those files.
pub(super) fn mark(staging: &Path, request: &CreateRequest<'_>, now: u64) -> PathResult<()> {
    for name in HIDING.iter().chain(&["lib64"]) {
        remove_tree(&staging.join(name))?;
    }
    layout::metadata(&request.options, now, true).write(staging)
}

/// Fails if the directory held other files before it became an environment: they would go with it.
pub(super) fn check(environment: &Environment) -> Result<(), CreateError> {
    let path = environment.path().to_path_buf();
    if Metadata::is_filled(&path) { Err(CreateError::Filled { path, others: Vec::new() }) } else { Ok(()) }
}

/// Removes from a rebuilt environment what hides its directory, and with it other files, from git and backups, unless the
/// old one had it.
pub(super) fn show(store: &Store, old: &Environment, new: &Path) -> PathResult<()> {
    if store.is_anywhere() && !extent::others(old)?.is_empty() {
        for name in HIDING.iter().filter(|name| old.path().join(name).symlink_metadata().is_err()) {
            remove_tree(&new.join(name))?;
        }
    }
    Ok(())
}

/// Returns whether there is a directory that is no environment of any kind.
pub(super) fn is_of_others(store: &Store, environment: &Environment) -> bool {
    fs::symlink_metadata(environment.path()).is_ok_and(|found| found.is_dir())
        && !health::is_evident(environment)
        && !env::is_of_conda(environment.path())
        && !Lock::has_empty_target(store.home(), environment.name())
}

/// Returns what has the name of something that is to be made: another program or script, as where a Python is installed,
/// what is no directory, the library of a Python, or a package that the environment begins with.
fn in_the_way(root: &Path, request: &CreateRequest<'_>) -> Option<PathBuf> {
    let is_in_the_way = |name: &&str| fs::symlink_metadata(root.join(name)).is_ok_and(|found| !found.is_dir());
    let files = [root.join("pyvenv.cfg"), metadata::path(root)];
    if let Some(file) = files.into_iter().find(|file| file.symlink_metadata().is_ok()) {
        return Some(file);
    }
    let part = ["bin", "include", "lib"].into_iter().find(is_in_the_way).map(|name| root.join(name));
    part.or_else(|| library(root, request)).or_else(|| program(root, request))
}

/// The same in `lib`. Packages that were installed for this Python, as by `pip install --prefix`, become the environment's.
fn library(root: &Path, request: &CreateRequest<'_>) -> Option<PathBuf> {
    let own = request.interpreter.lib_dir_name();
    if let Some(other) = library_directories(root).into_iter().find(|name| *name != own) {
        return Some(root.join("lib").join(other));
    }
    let library = root.join("lib").join(own);
    if fs::symlink_metadata(&library).is_ok_and(|found| !found.is_dir()) {
        return Some(library);
    }
    let is_packages =
        |entry: &DirEntry| entry.file_name() == "site-packages" && entry.file_type().is_ok_and(|kind| kind.is_dir());
    let is_seed = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let is_of = |seed: &SeedRequest| name.split('-').next() == Some(seed.project.name());
        request.options.seeds.iter().any(is_of)
    };
    let found = entries(&library).find(|entry| !is_packages(entry));
    found.or_else(|| entries(&library.join("site-packages")).find(is_seed)).map(|entry| entry.path())
}

/// The same in `bin`.
fn program(root: &Path, request: &CreateRequest<'_>) -> Option<PathBuf> {
    let scripts = request.options.activators.iter().flat_map(|script| activate::file_names(*script));
    let mut names: Vec<OsString> = layout::link_names(request.interpreter).into_iter().map(Into::into).collect();
    names.push("python".into());
    names.extend(scripts.map(OsString::from));
    let is_made = |name: OsString| {
        names.contains(&name) || SEEDED.iter().any(|seed| name.as_encoded_bytes().starts_with(seed.as_bytes()))
    };
    entries(&root.join("bin")).find(|entry| is_made(entry.file_name())).map(|entry| entry.path())
}

fn entries(directory: &Path) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(directory).into_iter().flatten().flatten()
}
