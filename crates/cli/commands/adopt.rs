//! `venvwrap adopt`: gives an environment elsewhere a name in the store.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::adopt::{AdoptError, check_there, derived_name, project_of_poetry};

use crate::actions::pins;
use crate::args::AdoptArgs;
use crate::error::{Context as _, Error, Result, quoted_path};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// The name that it gets where none is given.
fn derived(args: &AdoptArgs, path: &Path) -> Result<EnvName> {
    check_there(path)?;
    EnvName::for_new(derived_name(path)).map_err(|error| {
        let hint = format!("give a name: `venvwrap adopt {} NAME`", quoted_path(&args.path));
        Error::from(error).with_hint(hint)
    })
}

/// Makes the link in the store.
pub(crate) fn run(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let name = if let Some(name) = &args.name { EnvName::for_new(name)? } else { derived(args, &path)? };
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
    pins::follow(process, &environment);
    if args.json {
        let value = json!({
            "name": name.as_os_str().to_string_lossy(),
            "path": environment.path().to_string_lossy(),
            "link": path.canonicalize().unwrap_or(path).to_string_lossy(),
            "project": owner.map(|project| project.to_string_lossy()),
        });
        printer::json(&value)?;
    }
    Ok(ExitCode::SUCCESS)
}
