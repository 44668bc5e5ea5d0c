//! Making an environment in a directory that holds other files, as `virtualenv .` does in a project.

use std::fs;
use std::path::Path;

use super::{CreateError, CreateRequest, OnExisting, layout, refresh};
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{self, Environment};
use crate::fs::{create_dir, write_new};
use crate::shell::activate;
use crate::store::home::{Store, is_of_system};
use crate::store::lock::Lock;
use crate::store::remove::RemoveOptions;

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
    refresh::check_directories(root, request)?;
    let cfg = layout::configuration(&PyvenvCfg::default(), environment, request)?;
    if root.join("include").symlink_metadata().is_err() {
        create_dir(&root.join("include"), 0o777)?;
    }
    write_new(&root.join("pyvenv.cfg"), &cfg.to_bytes(), 0o666)?;
    Ok(true)
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
    let is_there = |name: &str| root.join("bin").join(name).symlink_metadata().is_ok();
    let mut scripts = request.options.activators.iter().flat_map(|script| activate::file_names(*script));
    let is_in_the_way = |name: &&str| fs::symlink_metadata(root.join(name)).is_ok_and(|found| !found.is_dir());
    ["bin", "include", "lib"].iter().any(is_in_the_way)
        || is_there("python")
        || scripts.any(|name| is_there(name))
        || layout::link_names(request.interpreter).iter().any(|name| is_there(name))
}
