//! Creating a project: its environment, then its directory, then what the templates put into it.
//!
//! The hook `premkproject` runs between the first two, as in virtualenvwrapper.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use venvwrap_core::env::Environment;
use venvwrap_core::project::templates;

use super::creation_request::{self, CreateRequest};
use crate::args::CreateProjectArgs;
use crate::error::{Explain, Result};
use crate::process::Process;
use crate::ui::printer;

/// Why a template did not populate the project directory.
#[derive(Debug, thiserror::Error)]
enum TemplateError {
    /// It cannot be started.
    #[error("could not run the template `{}`", path.display())]
    Start {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It failed.
    #[error("the template `{}` failed ({status})", path.display())]
    Failed { path: PathBuf, status: ExitStatus },
}

impl Explain for TemplateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Start { .. } | Self::Failed { .. } => {
                Some("the project directory and the environment were created".into())
            }
        }
    }
}

/// A project that can be created.
pub(crate) struct ProjectRequest<'a> {
    /// Its environment.
    pub(crate) create: CreateRequest<'a>,
    /// Its directory.
    pub(crate) directory: PathBuf,
    /// The programs of its templates.
    pub(crate) templates: Vec<PathBuf>,
}

/// The checked meaning of the options of `mkproject`.
pub(crate) fn request<'a>(process: &Process, args: &'a CreateProjectArgs) -> Result<ProjectRequest<'a>> {
    let mut create = creation_request::request(process, &args.create)?;
    let templates = templates::find(&process.config, &args.templates, process.vetting())?;
    let directory = if let Some(named) = &create.project {
        process.store.check_project(named)?;
        named.clone()
    } else {
        process.config.require(&["project_home"])?;
        templates::new_directory(&process.config, &create.name, args.force)?
    };
    create.project_files = Some(directory.clone());
    Ok(ProjectRequest { create, directory, templates })
}

/// Returns the directory of a project: the one that `-a` names, else one in `PROJECT_HOME`.
pub(crate) fn directory(process: &Process, create: &CreateRequest<'_>) -> Result<PathBuf> {
    Ok(create.project.clone().map_or_else(|| templates::directory(&process.config, &create.name), Ok)?)
}

/// Creates the directory of a project and associates it with its environment; one that `-a` names is both already.
pub(crate) fn create_directory(process: &Process, environment: &Environment, directory: &Path) -> Result<()> {
    if let Some(error) = process.store.create_project(environment, directory)? {
        warn_of_mirror(&error);
    }
    Ok(())
}

/// Runs the templates, for the verb that has no shell to do it.
pub(crate) fn fill(request: &ProjectRequest<'_>) -> Result<()> {
    for template in &request.templates {
        let mut command = Command::new(template);
        command.arg(request.create.name.as_os_str()).arg(&request.directory).current_dir(&request.directory);
        let status = command.status().map_err(|source| TemplateError::Start { path: template.clone(), source })?;
        if !status.success() {
            return Err(TemplateError::Failed { path: template.clone(), status }.into());
        }
    }
    Ok(())
}

/// Says that an association holds, but that the prompt hook does not know of it.
pub(crate) fn warn_of_mirror(error: &venvwrap_core::fs::PathError) {
    printer::warning(&format!("could not record the project for automatic activation: {error}"));
}
