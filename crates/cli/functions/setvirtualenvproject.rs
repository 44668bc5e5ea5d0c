//! `setvirtualenvproject`: associates an environment with a project directory.

use std::path::Path;
use std::process::ExitCode;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;

use super::words;
use crate::actions::find;
use crate::args::ProjectSetArgs;
use crate::commands::project;
use crate::error::Result;
use crate::process::Process;

/// `setvirtualenvproject`: the environment may also be given by its path, which is how dotfiles call it.
pub(crate) fn run(process: &Process, args: &ProjectSetArgs) -> Result<ExitCode> {
    let given = args.name.as_deref().filter(|name| !name.is_empty());
    let by_path = given.map(Path::new).filter(|path| path.is_absolute() && path.join("bin").is_dir());
    let environment = match by_path.and_then(|path| Some((path, path.file_name()?))) {
        Some((path, name)) => Environment::new(EnvName::typed(name)?, path.to_path_buf()),
        None => find::find_or_active(process, given)?,
    };
    let directory = project::set_for(process, &environment, args)?;
    words::project_is_set(environment.name(), &directory)?;
    Ok(ExitCode::SUCCESS)
}
