//! `rmvirtualenv`: removes environments, in virtualenvwrapper's words.

use std::process::ExitCode;

use anyhow::Result;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::remove::RemoveOptions;

use crate::actions::remove::Removal;
use crate::args::RemoveArgs;
use crate::process::{Process, active};
use crate::ui::printer;

/// `rmvirtualenv`: as the verb, but a missing environment is no failure, so that a script can start with it.
pub(crate) fn run(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| EnvName::typed(name)).collect::<Result<Vec<_>, _>>()?;
    let active = active();
    let options = RemoveOptions { active: active.as_deref(), force: args.force, cwd: Some(&process.cwd) };
    let announce = |name: &EnvName| announce(process, name);
    Removal { options, may_be_missing: true, announce: &announce }.all(process, names.iter())?;
    Ok(ExitCode::SUCCESS)
}

fn announce(process: &Process, name: &EnvName) -> Result<()> {
    printer::data(format!("Removing {name}...\n").as_bytes())?;
    let path = process.store.path_of(name);
    if path.symlink_metadata().is_err() {
        printer::message(&format!("Did not find environment {} to remove.", printer::shown(&path, None)));
    }
    Ok(())
}
