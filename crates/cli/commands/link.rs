//! `venvwrap link`: a `.venv` for the tools that look for one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::project::uv::LinkError;
use venvwrap_core::project::{marker, uv};

use crate::actions::{find, remedy};
use crate::args::LinkArgs;
use crate::error::{Context as _, Explain, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// There is no such directory.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a directory", .0.display())]
struct NoDirectory(PathBuf);

impl Explain for NoDirectory {
    fn hint(&self) -> Option<String> {
        Some("give the directory of a project, or change to it".into())
    }
}

/// Writes the file, or makes the link.
pub(crate) fn run(process: &Process, args: &LinkArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = process.directory(args.directory.as_deref());
    let failure = || format!("could not link `{}`", environment.name());
    check(&directory).with_context(failure)?;
    let file = if args.uv {
        let linked = uv::link(&directory, &environment, &process.store);
        let is_dead = matches!(linked, Err(LinkError::Dead { .. }));
        let linked = linked.with_context(failure);
        // What helps depends on which Pythons are left.
        linked.map_err(|error| if is_dead { error.with_hint(remedy::hint(process, &environment)) } else { error })?
    } else {
        marker::link(&directory, environment.path(), &process.store).with_context(failure)?
    };
    if let Some(switcher) = process.switcher() {
        let _ = switcher.tree.touch();
    }
    let home = process.config.home.as_deref();
    if !args.json {
        printer::message(&format!("`{}` points to `{}`", shown(&file, home), shown(environment.path(), home)));
    }
    let pinned = if args.uv { pin(process, args, &environment, &directory)? } else { None };
    if args.json {
        let value = json!({
            "name": environment.name().as_os_str().to_string_lossy(),
            "path": environment.path().to_string_lossy(),
            "file": file.to_string_lossy(),
            "pinned": pinned.map(|file| file.to_string_lossy().into_owned()),
        });
        printer::data((serde_json::to_string_pretty(&value)? + "\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(directory: &Path) -> Result<(), NoDirectory> {
    if directory.is_dir() { Ok(()) } else { Err(NoDirectory(directory.to_path_buf())) }
}

/// Pins the version if that is asked for; returns the file if it is new.
fn pin(process: &Process, args: &LinkArgs, environment: &Environment, directory: &Path) -> Result<Option<PathBuf>> {
    if !args.pin {
        if uv::pin_of(directory).is_none() {
            printer::remark("uv deletes the environment if the project asks for another Python; `--pin` prevents that");
        }
        return Ok(None);
    }
    let pinned = uv::pin(directory, environment).with_context(|| "could not pin the version of Python".into())?;
    if let Some(file) = pinned.as_ref().filter(|_| !args.json) {
        printer::message(&format!("wrote `{}`", shown(file, process.config.home.as_deref())));
    }
    Ok(pinned)
}
