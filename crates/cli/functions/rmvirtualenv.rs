//! `rmvirtualenv`: removes environments, in virtualenvwrapper's words.

use std::ffi::OsString;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::FindError;

use super::parse::with;
use super::words;
use crate::actions::remove::{self, Removal};
use crate::args::{RemoveArgs, RmvirtualenvFunction};
use crate::error::Result;
use crate::process::{Process, active};
use crate::ui::{printer, report};

/// Removes environments, or asks for a name as virtualenvwrapper does.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode> {
    if words.len() == 1 {
        return Ok(words::no_name());
    }
    with(words, |process, function: &RmvirtualenvFunction| remove_all(process, &function.args))
}

/// As the verb, but a missing environment is no failure, so that a script can start with it.
fn remove_all(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let names = args.names.iter().map(|name| EnvName::typed(name)).collect::<Result<Vec<_>, _>>()?;
    let active = active();
    let options = remove::options(process, args, active.as_deref());
    let announce = |name: &EnvName| announce(process, name);
    Removal { options, may_be_missing: true, announce: &announce, is_told: false }.all(process, names.iter())?;
    Ok(ExitCode::SUCCESS)
}

fn announce(process: &Process, name: &EnvName) -> Result<()> {
    printer::data(format!("Removing {name}...\n").as_bytes())?;
    let path = process.store.path_of(name);
    if path.symlink_metadata().is_err() {
        printer::message(&format!("Did not find environment {} to remove.", printer::shown(&path, None)));
        if let Err(error @ FindError::NotFound { nearest: Some(_), .. }) = process.store.find(name.as_os_str()) {
            report::report_hint(&error.into());
        }
    }
    Ok(())
}
