//! `mkproject`: the project directory that comes after its first hook.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::templates;

use super::words;
use crate::actions::project;
use crate::error::Result;
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

/// Lists the values of `-t`, below the help.
pub(crate) fn list_templates(process: &Process) -> Result<()> {
    let mut text = "\nAvailable project templates:\n".to_string();
    let names = templates::names(&process.config);
    if names.is_empty() {
        text.push_str("  No templates installed.\n");
    }
    for name in &names {
        let _ = writeln!(text, "  {}", printable(name.as_ref()));
    }
    printer::data(text.as_bytes())
}
