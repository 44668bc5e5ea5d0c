//! `venvwrap adopt`: gives an environment elsewhere a name in the store.

use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::adopt::{AdoptError, derived_name, project_of_poetry};

use crate::args::AdoptArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Makes the link in the store.
pub(crate) fn run(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let name = EnvName::for_new(args.name.as_deref().unwrap_or_else(|| derived_name(&path)))?;
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
    if !args.json {
        printer::message(&format!("adopted `{}` as `{name}`", shown(&path, home)));
    }
    let mut owner = None;
    if let Some(project) = project_of_poetry(&path, process.cwd.ancestors())
        && process.store.project_of(&environment).ok().flatten().is_none()
    {
        let associated = process.store.associate(&environment, project);
        associated.with_context(|| format!("could not set the project directory of `{name}`"))?;
        owner = Some(project);
        if !args.json {
            printer::message(&format!("set the project directory of `{name}` to `{}`", shown(project, home)));
        }
    }
    if args.json {
        let value = json!({
            "name": name.as_os_str().to_string_lossy(),
            "path": environment.path().to_string_lossy(),
            "link": path.canonicalize().unwrap_or(path).to_string_lossy(),
            "project": owner.map(|project| project.to_string_lossy()),
        });
        printer::data((serde_json::to_string_pretty(&value)? + "\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
