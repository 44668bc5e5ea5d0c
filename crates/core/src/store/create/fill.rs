//! Making an environment in a directory that holds other files, as `virtualenv .` does in a project.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{CreateError, CreateRequest, OnExisting, layout, refresh};
use crate::env::metadata::{self, Metadata};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{self, Environment};
use crate::fs::{PathResult, create_dir, remove_tree, write_new};
use crate::shell::activate;
use crate::store::home::{Store, is_of_system};
use crate::store::lock::Lock;
use crate::store::remove::RemoveOptions;

/// How programs that are installed with the environment begin.
const SEEDED: [&str; 3] = ["easy_install", "pip", "wheel"];

/// Makes what is there an environment that only has to be renewed, if it is a directory of other files. Returns whether
/// it is.
///
/// The file that says so comes first: after a crash, the same command finishes it. Nothing that is there is replaced, and
/// neither version control nor backups are told to leave the directory out, since they would leave out those files.
pub(super) fn begin(
    store: &Store,
    environment: &Environment,
    request: &CreateRequest<'_>,
) -> Result<bool, CreateError> {
    let root = environment.path();
    if !store.is_anywhere()
        || request.options.existing != OnExisting::Keep
        || !is_of_others(store, environment)
        || store.held_in(root, &RemoveOptions::default()).is_some()
        || is_of_system(root)
        || is_taken(root, request)
    {
        return Ok(false);
    }
    refresh::check_version(environment, request)?;
    let cfg = layout::configuration(&PyvenvCfg::default(), environment, request)?;
    layout::metadata(&request.options, store.now(), true).write(root)?;
    write_new(&root.join("pyvenv.cfg"), &cfg.to_bytes(), 0o666)?;
    if root.join("include").symlink_metadata().is_err() {
        create_dir(&root.join("include"), 0o777)?;
    }
    Ok(true)
}

/// Takes back what was made, after a failure. The file that says that it is an environment goes last.
pub(super) fn undo(environment: &Environment, request: &CreateRequest<'_>) -> PathResult<()> {
    let root = environment.path();
    for part in parts(root, request) {
        remove_tree(&part)?;
    }
    for directory in ["bin", "include", "lib"] {
        // One that holds other files stays.
        let _ = fs::remove_dir(root.join(directory));
    }
    remove_tree(&metadata::path(root))?;
    remove_tree(&root.join("pyvenv.cfg"))
}

/// Fails if the directory held other files before it became an environment: they would go with it.
pub(super) fn check(environment: &Environment) -> Result<(), CreateError> {
    let path = environment.path();
    if is_filled(path) { Err(CreateError::Filled { path: path.to_path_buf() }) } else { Ok(()) }
}

fn is_filled(root: &Path) -> bool {
    Metadata::read(root).filled == Some(true)
}

/// Returns whether there is a directory that is no environment of any kind.
pub(super) fn is_of_others(store: &Store, environment: &Environment) -> bool {
    fs::symlink_metadata(environment.path()).is_ok_and(|found| found.is_dir())
        && !environment.looks_like_one()
        && !env::is_of_conda(environment.path())
        && !Lock::has_empty_target(store.home(), environment.name())
}

/// Returns whether something has the name of what is to be made: another program or script, as where a Python is
/// installed, or what is no directory.
fn is_taken(root: &Path, request: &CreateRequest<'_>) -> bool {
    let is_in_the_way = |name: &&str| fs::symlink_metadata(root.join(name)).is_ok_and(|found| !found.is_dir());
    // After a crash, it is there and says so.
    let has_other_note = metadata::path(root).symlink_metadata().is_ok() && !is_filled(root);
    has_other_note || ["bin", "include", "lib"].iter().any(is_in_the_way) || !parts(root, request).is_empty()
}

/// What is there of an environment, besides directories that may hold other files.
fn parts(root: &Path, request: &CreateRequest<'_>) -> Vec<PathBuf> {
    let scripts = request.options.activators.iter().flat_map(|script| activate::file_names(*script));
    let mut names: Vec<OsString> = layout::link_names(request.interpreter).into_iter().map(Into::into).collect();
    names.push("python".into());
    names.extend(scripts.map(OsString::from));
    let is_made = |name: &OsString| {
        names.contains(name) || SEEDED.iter().any(|seed| name.as_encoded_bytes().starts_with(seed.as_bytes()))
    };
    let programs = fs::read_dir(root.join("bin")).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let programs = programs.filter(is_made).map(|name| root.join("bin").join(name));
    let library = root.join("lib").join(request.interpreter.lib_dir_name());
    programs.chain(Some(library).filter(|library| library.symlink_metadata().is_ok())).collect()
}
