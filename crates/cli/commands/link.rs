//! `venvwrap link`, `venvwrap adopt`: between the store and the `.venv` that other tools look for.

use std::ffi::OsStr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use venvwrap_core::name::EnvName;
use venvwrap_core::redirect;

use super::find;
use crate::args::{AdoptArgs, LinkArgs};
use crate::printer::{self, shown};
use crate::process::Process;

/// Names that say nothing about the project: its directory's name is taken instead.
const GENERIC: [&str; 4] = [".venv", "venv", "env", "virtualenv"];

/// Writes the file.
pub(crate) fn link(process: &Process, args: &LinkArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = process.directory(args.directory.as_deref());
    let file = redirect::link(&directory, environment.path())
        .with_context(|| format!("could not link `{}`", environment.name()))?;
    if let Some(switcher) = process.switcher() {
        let _ = switcher.tree.touch();
    }
    let home = process.config.home.as_deref();
    printer::message(&format!("`{}` leads to `{}`", shown(&file, home), shown(environment.path(), home)));
    Ok(ExitCode::SUCCESS)
}

/// Makes the link in the store.
pub(crate) fn adopt(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let last = path.file_name().unwrap_or_default();
    let is_generic = GENERIC.iter().any(|generic| *generic == last);
    let parent = path.parent().and_then(|parent| parent.file_name()).unwrap_or_default();
    let derived: &OsStr = if is_generic { parent } else { last };
    let name = EnvName::for_new(args.name.as_deref().unwrap_or(derived))?;
    process.store.create_home(process.config.home.as_deref())?;
    let link = process.store.adopt(&path, &name).with_context(|| format!("could not adopt `{}`", path.display()))?;
    let home = process.config.home.as_deref();
    printer::message(&format!("`{name}` is `{}`, by the link `{}`", shown(&path, home), shown(&link, home)));
    Ok(ExitCode::SUCCESS)
}
