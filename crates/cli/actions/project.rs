//! Making a project: its directory, its environment, and the templates that fill it.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

use venvwrap_core::env::name::EnvName;

use super::hooks;
use super::make::{self, Wanted};
use crate::args::CreateProjectArgs;
use crate::error::{Explain, Familiar, Result};
use crate::process::{Process, is_executable};

/// Why there is no project directory.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectHomeError {
    /// It is not configured.
    #[error("PROJECT_HOME is not set")]
    Unset,
    /// It is not there.
    #[error("PROJECT_HOME `{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// The project is there already.
    #[error("the project `{}` already exists", .0.display())]
    Exists(PathBuf),
    /// A template is not there.
    #[error("there is no template `{name}`")]
    NoTemplate {
        /// Its name.
        name: String,
        /// Where templates are looked for.
        directories: Vec<PathBuf>,
    },
}

impl Explain for ProjectHomeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unset => {
                Some("set PROJECT_HOME, or `project_home` in config.toml, to the directory of your projects".into())
            }
            Self::Missing(_) => Some("create it, or set PROJECT_HOME to an existing directory".into()),
            Self::Exists(_) => Some("`--force` creates an environment for it anyway".into()),
            Self::NoTemplate { name, directories } => {
                let places: Vec<_> = directories.iter().map(|directory| format!("`{}`", directory.display())).collect();
                Some(format!("a template is an executable file `template_{name}` in {}", places.join(" or ")))
            }
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Unset => Some(Familiar::ProjectHomeUnset),
            Self::Missing(directory) => Some(Familiar::ProjectHomeMissing(directory.clone())),
            Self::Exists(directory) => Some(Familiar::ProjectExists(directory.clone())),
            Self::NoTemplate { .. } => None,
        }
    }
}

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

/// Makes the project directory and the environment; when the environment fails, the directory goes again.
pub(crate) fn make<'a>(process: &Process, args: &'a CreateProjectArgs) -> Result<Wanted<'a>> {
    let mut wanted = make::wanted(process, &args.create)?;
    templates(process, &args.templates)?;
    let directory = directory(process, &wanted.name)?;
    let is_new = !directory.is_dir();
    if !is_new && !args.force {
        return Err(ProjectHomeError::Exists(directory).into());
    }
    if is_new {
        venvwrap_core::fs::create_dir(&directory, 0o777)?;
    }
    wanted.project = Some(directory.clone());
    let made = make::make(process, &wanted);
    if made.is_err() && is_new {
        // Only if it is still empty.
        let _ = std::fs::remove_dir(&directory);
    }
    made.map(|()| wanted)
}

/// Runs the templates, for the verb that has no shell to do it.
pub(crate) fn fill(process: &Process, args: &CreateProjectArgs, wanted: &Wanted<'_>) -> Result<ExitCode> {
    let directory = directory(process, &wanted.name)?;
    hooks::run(process, "premkproject", &[wanted.name.as_os_str()]);
    for template in templates(process, &args.templates)? {
        let mut command = Command::new(&template);
        command.arg(wanted.name.as_os_str()).arg(&directory).current_dir(&directory);
        let status = command.status().map_err(|source| TemplateError::Start { path: template.clone(), source })?;
        if !status.success() {
            return Err(TemplateError::Failed { path: template, status }.into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the project of this name lies, or will lie.
pub(crate) fn directory(process: &Process, name: &EnvName) -> Result<PathBuf, ProjectHomeError> {
    let home = process.config.project_home.as_ref().ok_or(ProjectHomeError::Unset)?;
    if !home.is_dir() {
        return Err(ProjectHomeError::Missing(home.clone()));
    }
    Ok(home.join(name.as_os_str()))
}

/// The programs of these templates: executables `template_NAME` in a `templates` directory of the configuration or of
/// the hooks.
pub(crate) fn templates(process: &Process, names: &[String]) -> Result<Vec<PathBuf>, ProjectHomeError> {
    let directories = template_directories(process);
    let find = |name: &String| {
        let file = format!("template_{name}");
        let is_name = EnvName::for_existing(file.as_ref()).is_ok();
        let found =
            directories.iter().map(|directory| directory.join(&file)).find(|path: &PathBuf| is_executable(path));
        found
            .filter(|_| is_name)
            .ok_or_else(|| ProjectHomeError::NoTemplate { name: name.clone(), directories: directories.clone() })
    };
    names.iter().map(find).collect()
}

/// The names of all templates, sorted.
pub(crate) fn template_names(process: &Process) -> BTreeSet<String> {
    let entries = template_directories(process).into_iter().filter_map(|directory| std::fs::read_dir(directory).ok());
    let name = |entry: DirEntry| {
        let name = entry.file_name().to_str()?.strip_prefix("template_")?.to_string();
        is_executable(&entry.path()).then_some(name)
    };
    entries.flatten().flatten().filter_map(name).collect()
}

/// Where templates are looked for.
fn template_directories(process: &Process) -> Vec<PathBuf> {
    let bases = process.config.config_dir.iter().chain([&process.config.hook_dir]);
    bases.map(|base| base.join("templates")).collect()
}
