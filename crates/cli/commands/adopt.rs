//! `venvwrap adopt`: gives an environment elsewhere a name in the store.

use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::store::adopt::{AdoptError, derived_name};

use crate::args::AdoptArgs;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Makes the link in the store.
pub(crate) fn run(process: &Process, args: &AdoptArgs) -> Result<ExitCode> {
    let path = process.absolute(&args.path);
    let name = EnvName::for_new(args.name.as_deref().unwrap_or_else(|| derived_name(&path)))?;
    match process.store.adopt(&path, &name) {
        // They are about the path that was named.
        Err(error @ (AdoptError::Missing { .. } | AdoptError::NotAnEnvironment { .. } | AdoptError::Own { .. })) => {
            return Err(error.into());
        }
        other => other.with_context(|| format!("could not adopt `{}`", path.display()))?,
    };
    printer::message(&format!("adopted `{}` as `{name}`", shown(&path, process.config.home.as_deref())));
    Ok(ExitCode::SUCCESS)
}
