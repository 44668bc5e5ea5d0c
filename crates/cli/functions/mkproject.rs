//! `mkproject`: the project directory that comes after its first hook.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;

use super::words;
use crate::actions::project;
use crate::process::Process;
use crate::ui::printer;

/// The part of `mkproject` that comes after its first hook: the project directory.
pub(crate) fn make_project(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [env, directory] = arguments else { return Ok(ExitCode::from(2)) };
    let (env, directory) = (PathBuf::from(env), PathBuf::from(directory));
    printer::data(format!("Creating {}\n", printer::shown(&directory, None)).as_bytes())?;
    let environment = Environment::new(EnvName::typed(env.file_name().unwrap_or_default())?, env.clone());
    project::create_directory(process, &environment, &directory)?;
    words::project_is_set(environment.name(), &directory)?;
    Ok(ExitCode::SUCCESS)
}
