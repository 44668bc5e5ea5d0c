//! `venvwrap adopt`: gives an environment elsewhere a name in the store.

use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::adopt::{AdoptError, derived_name, project_of_poetry};

use crate::args::AdoptArgs;
use crate::error::{Context as _, Error, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Makes the link in the store.
pub(crate) fn run(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let name = EnvName::for_new(args.name.as_deref().unwrap_or_else(|| derived_name(&path)));
    let name = name.map_err(|error| match args.name {
        Some(_) => Error::from(error),
        None => Error::from(error).with_hint("give a name after the path: the directory has none that would do".into()),
    })?;
    let environment = match process.store.adopt(&path, &name) {
        // They are about the path that was named.
        Err(
            error @ (AdoptError::Missing { .. }
            | AdoptError::NotAnEnvironment { .. }
            | AdoptError::Own { .. }
            | AdoptError::Conda { .. }),
        ) => {
            return Err(error.into());
        }
        other => other.with_context(|| format!("could not adopt `{}`", path.display()))?,
    };
    let home = process.config.home.as_deref();
    printer::message(&format!("adopted `{}` as `{name}`", shown(&path, home)));
    if let Some(project) = project_of_poetry(&path, process.cwd.ancestors())
        && process.store.project_of(&environment).ok().flatten().is_none()
    {
        let associated = process.store.associate(&environment, project);
        associated.with_context(|| format!("could not set the project directory of `{name}`"))?;
        printer::message(&format!("set the project directory of `{name}` to `{}`", shown(project, home)));
    }
    Ok(ExitCode::SUCCESS)
}
