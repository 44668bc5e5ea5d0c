//! Making an environment in a directory that holds other files, as `virtualenv .` does in a project.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::{CreateError, CreateRequest, OnExisting, layout};
use crate::env::metadata::{self, Metadata};
use crate::env::packages::library_directories;
use crate::env::{self, Environment};
use crate::fs::{PathResult, remove_tree};
use crate::shell::activate;
use crate::store::home::{Store, is_of_system};
use crate::store::lock::Lock;
use crate::store::remove::RemoveOptions;

/// How programs that are installed with the environment begin.
const SEEDED: [&str; 3] = ["easy_install", "pip", "wheel"];

/// Returns whether what is there is a directory of other files that can become an environment. Nothing in it is replaced.
pub(super) fn is_possible(store: &Store, environment: &Environment, request: &CreateRequest<'_>) -> bool {
    let root = environment.path();
    store.is_anywhere()
        && request.options.existing == OnExisting::Keep
        && is_of_others(store, environment)
        && store.held_in(root, &RemoveOptions::default()).is_none()
        && !is_of_system(root)
        && !is_taken(root, request)
}

/// Notes in the staged environment that it will be among other files. Neither version control nor backups are told to
/// leave the directory out, since they would leave out those files.
pub(super) fn mark(staging: &Path, request: &CreateRequest<'_>, now: u64) -> PathResult<()> {
    for name in [".gitignore", "CACHEDIR.TAG", "lib64"] {
        remove_tree(&staging.join(name))?;
    }
    layout::metadata(&request.options, now, true).write(staging)
}

/// Fails if the directory held other files before it became an environment: they would go with it.
pub(super) fn check(environment: &Environment) -> Result<(), CreateError> {
    let path = environment.path();
    if Metadata::is_filled(path) { Err(CreateError::Filled { path: path.to_path_buf() }) } else { Ok(()) }
}

/// Returns whether there is a directory that is no environment of any kind.
pub(super) fn is_of_others(store: &Store, environment: &Environment) -> bool {
    fs::symlink_metadata(environment.path()).is_ok_and(|found| found.is_dir())
        && !environment.looks_like_one()
        && !env::is_of_conda(environment.path())
        && !Lock::has_empty_target(store.home(), environment.name())
}

/// Returns whether something has the name of what is to be made: another program or script, as where a Python is
/// installed, what is no directory, or the library of any Python.
fn is_taken(root: &Path, request: &CreateRequest<'_>) -> bool {
    let is_in_the_way = |name: &&str| fs::symlink_metadata(root.join(name)).is_ok_and(|found| !found.is_dir());
    metadata::path(root).symlink_metadata().is_ok()
        || ["bin", "include", "lib"].iter().any(is_in_the_way)
        || !library_directories(root).is_empty()
        || has_program(root, request)
}

/// Returns whether a program has the name of one that is to be made.
fn has_program(root: &Path, request: &CreateRequest<'_>) -> bool {
    let scripts = request.options.activators.iter().flat_map(|script| activate::file_names(*script));
    let mut names: Vec<OsString> = layout::link_names(request.interpreter).into_iter().map(Into::into).collect();
    names.push("python".into());
    names.extend(scripts.map(OsString::from));
    let is_made = |name: OsString| {
        names.contains(&name) || SEEDED.iter().any(|seed| name.as_encoded_bytes().starts_with(seed.as_bytes()))
    };
    let mut programs = fs::read_dir(root.join("bin")).into_iter().flatten().flatten().map(|entry| entry.file_name());
    programs.any(is_made)
}
