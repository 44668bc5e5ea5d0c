//! `rmvirtualenv`, `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anyhow::{Context, Result};
use venvwrap_core::name::EnvName;
use venvwrap_core::remove::{RemoveError, RemoveOptions, Removed};

use super::{auto, background, hooks};
use crate::args::RemoveArgs;
use crate::process::{Process, active};

/// Removes the environments. One that cannot be removed keeps all the others too: a slip of the finger must not cost
/// half of a list.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| existing_name(name)).collect::<Result<BTreeSet<_>, _>>()?;
    let active = active();
    let options =
        RemoveOptions { active: active.as_deref(), force: args.force, user_home: process.config.home.as_deref() };
    for name in &names {
        process.store.check_removal(name, &options).with_context(|| failure(name))?;
    }
    let mut has_moved = false;
    let result = names.iter().try_for_each(|name| {
        has_moved |= matches!(remove_one(process, name, &options)?, Removed::Moved(_));
        Ok(())
    });
    if has_moved {
        background::sweep(process);
    }
    result.map(|()| ExitCode::SUCCESS)
}

/// The name of an environment as people type it: completion may have left a slash behind it.
pub(crate) fn existing_name(text: &OsStr) -> Result<EnvName, venvwrap_core::name::NameError> {
    let bytes = text.as_bytes();
    EnvName::for_existing(OsStr::from_bytes(bytes.strip_suffix(b"/").unwrap_or(bytes)))
}

fn remove_one(process: &Process, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed> {
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    let removed = take_out(process, name, options).with_context(|| failure(name))?;
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    Ok(removed)
}

/// Takes an environment out of the store and its project out of those that are switched to.
pub(crate) fn take_out(process: &Process, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed, RemoveError> {
    let env = process.store.home().join(name.as_os_str());
    let project = auto::project_of(process, &env);
    let removed = process.store.remove(name, options)?;
    auto::dissociate(process, &env, project);
    Ok(removed)
}

fn failure(name: &EnvName) -> String {
    format!("could not remove `{name}`")
}
