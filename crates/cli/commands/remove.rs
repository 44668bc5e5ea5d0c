//! `rmvirtualenv`, `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anyhow::{Context, Result};
use venvwrap_core::name::EnvName;
use venvwrap_core::remove::{RemoveOptions, Removed};

use super::{background, hooks};
use crate::args::RemoveArgs;
use crate::process::Process;

/// Removes the environments in the order given; the first that cannot be removed ends it.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| existing_name(name)).collect::<Result<Vec<_>, _>>()?;
    let mut has_moved = false;
    let result = names.iter().try_for_each(|name| {
        let removed = remove_one(process, name, args.force).with_context(|| format!("could not remove `{name}`"))?;
        has_moved |= matches!(removed, Removed::Moved(_));
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

fn remove_one(process: &Process, name: &EnvName, force: bool) -> Result<Removed> {
    let active = process.active();
    let options = RemoveOptions { active: active.as_deref(), force, user_home: process.config.home.as_deref() };
    process.store.check_removal(name, &options)?;
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    let removed = process.store.remove(name, &options)?;
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    Ok(removed)
}
