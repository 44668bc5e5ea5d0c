//! `venvwrap create-project`.

use std::process::ExitCode;

use venvwrap_core::shell::event::Event;
use venvwrap_core::store::remove::RemoveOptions;

use crate::actions::{background, hooks, install, make, project};
use crate::args::CreateProjectArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;

/// Creates an environment and a project directory for it, and runs the templates.
pub(crate) fn run(process: &Process, args: &CreateProjectArgs) -> Result<ExitCode> {
    let mut request = project::request(process, args)?;
    request.create.packages = request.create.packages.quietly(args.create.hidden.quiet);
    let name = &request.create.name;
    let made = make::make(process, &request.create)?;
    made.report(process);
    hooks::run(process, Event::PreMkproject, &[name.as_os_str()]);
    let environment = process.store.environment(name.clone());
    if request.create.project.is_none()
        && let Err(error) = project::create_directory(process, &environment, &request.directory)
    {
        if made.is_new {
            // Nothing is left of a project that could not be created.
            let _ = process.store.remove(name, &RemoveOptions::default());
            background::sweep(process);
        }
        return Err(error).with_context(|| format!("could not create the project `{name}`"));
    }
    let directory = install::directory(process, Some(&request.directory));
    install::install(process, environment.path(), &request.create.packages, &directory)?;
    project::fill(&request)?;
    Ok(ExitCode::SUCCESS)
}
