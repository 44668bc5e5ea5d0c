//! `venvwrap adopt`: gives an environment elsewhere a name in the store.

use std::ffi::OsStr;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;

use crate::args::AdoptArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Names that say nothing about the project: its directory's name is taken instead.
const GENERIC: [&str; 4] = [".venv", "venv", "env", "virtualenv"];

/// Makes the link in the store.
pub(crate) fn run(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let last = path.file_name().unwrap_or_default();
    let is_generic = GENERIC.iter().any(|generic| *generic == last);
    let parent = path.parent().and_then(|parent| parent.file_name()).unwrap_or_default();
    let derived: &OsStr = if is_generic { parent } else { last };
    let name = EnvName::for_new(args.name.as_deref().unwrap_or(derived))?;
    process.store.create_home(process.config.home.as_deref())?;
    process.store.adopt(&path, &name).with_context(|| format!("could not adopt `{}`", path.display()))?;
    let home = process.config.home.as_deref();
    printer::message(&format!("adopted `{}` as `{name}`", shown(&path, home)));
    Ok(ExitCode::SUCCESS)
}
