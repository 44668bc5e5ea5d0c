//! `rmvirtualenv`, `venvwrap remove`: each environment out of the way at once, its files deleted in the background.

use std::collections::BTreeSet;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::remove::{RemoveOptions, Removed};

use crate::actions::find::existing_name;
use crate::actions::remove::take_out;
use crate::actions::{background, hooks};
use crate::args::RemoveArgs;
use crate::error::{Context as _, Result};
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

fn remove_one(process: &Process, name: &EnvName, options: &RemoveOptions<'_>) -> Result<Removed> {
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    let removed = take_out(process, name, options).with_context(|| failure(name))?;
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    Ok(removed)
}

fn failure(name: &EnvName) -> String {
    format!("could not remove `{name}`")
}
