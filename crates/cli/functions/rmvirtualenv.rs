//! `rmvirtualenv`: removes environments, in virtualenvwrapper's words.

use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::FindError;
use venvwrap_core::store::remove::{RemoveError, RemoveOptions, Removed};

use crate::actions::find::existing_name;
use crate::actions::{background, hooks, make, remove};
use crate::args::RemoveArgs;
use crate::error::{Context as _, Result};
use crate::process::{Process, active};
use crate::ui::printer;

/// `rmvirtualenv`: as the verb, but a missing environment is no failure, so that a script can start with it.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let active = active();
    let options =
        RemoveOptions { active: active.as_deref(), force: args.force, user_home: process.config.home.as_deref() };
    let names = args.names.iter().map(|name| existing_name(name)).collect::<Result<Vec<_>, _>>()?;
    for name in &names {
        if let Err(error) = process.store.check_removal(name, &options)
            && !is_missing(&error)
        {
            printer::data(format!("Removing {name}...\n").as_bytes())?;
            return Err(error).with_context(|| format!("could not remove `{name}`"));
        }
    }
    let mut has_moved = false;
    let result = names.iter().try_for_each(|name| remove_one(process, name, &options, &mut has_moved));
    if has_moved {
        background::sweep(process);
    }
    result.map(|()| ExitCode::SUCCESS)
}

fn remove_one(process: &Process, name: &EnvName, options: &RemoveOptions<'_>, has_moved: &mut bool) -> Result<()> {
    printer::data(format!("Removing {name}...\n").as_bytes())?;
    if std::fs::symlink_metadata(make::path_of(process, name)).is_err() {
        let path = make::path_of(process, name);
        printer::message(&format!("Did not find environment {} to remove.", printer::shown(&path, None)));
    }
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    match remove::take_out(process, name, options) {
        Ok(removed) => *has_moved |= matches!(removed, Removed::Moved(_)),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(error).with_context(|| format!("could not remove `{name}`")),
    }
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    Ok(())
}

fn is_missing(error: &RemoveError) -> bool {
    matches!(error, RemoveError::Find(FindError::NotFound { .. }))
}
