//! `mkproject`: what is checked first, and the project directory that comes after its first hook.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::env::Environment;

use crate::actions::find::existing_name;
use crate::actions::make::{self, Wanted};
use crate::actions::project::{self, ProjectHomeError};
use crate::args::CreateProjectArgs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;
use crate::ui::sentences;

/// What the function makes first, the environment: the directory follows after the hook before it.
pub(crate) fn checked<'a>(process: &Process, args: &'a CreateProjectArgs) -> Result<Wanted<'a>> {
    let wanted = make::wanted(process, &args.create)?;
    project::templates(process, &args.templates)?;
    let directory = project::directory(process, &wanted.name)?;
    if directory.is_dir() && !args.force {
        return Err(ProjectHomeError::Exists(directory).into());
    }
    Ok(wanted)
}

/// The part of `mkproject` that comes after its first hook: the project directory.
pub(crate) fn make_project(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [env, directory] = arguments else { return Ok(ExitCode::from(2)) };
    let (env, directory) = (PathBuf::from(env), PathBuf::from(directory));
    printer::data(format!("Creating {}\n", printer::shown(&directory, None)).as_bytes())?;
    venvwrap_core::env::project_file::make_directory(&directory)?;
    let environment = Environment::new(existing_name(env.file_name().unwrap_or_default())?, env.clone());
    crate::commands::project::associate(process, &environment, &directory)?;
    sentences::project_is_set(environment.name(), &directory)?;
    Ok(ExitCode::SUCCESS)
}
