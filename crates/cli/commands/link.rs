//! `venvwrap link`: a `.venv` for the tools that look for one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::config::variables::UV;
use venvwrap_core::env::Environment;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::project::uv::{LinkError, Settings};
use venvwrap_core::project::{marker, uv};

use crate::actions::{find, pins, remedy};
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
    let (file, pinned) = if args.uv {
        link(process, args, &environment, &directory)?
    } else {
        let file = marker::link(&directory, environment.path(), &process.store).with_context(failure)?;
        tell(process, args, &file, &environment);
        (file, None)
    };
    if let Some(switcher) = process.switcher() {
        let _ = switcher.tree.touch();
    }
    if args.json {
        let value = json!({
            "name": environment.name().as_os_str().to_string_lossy(),
            "path": environment.path().to_string_lossy(),
            "file": file.to_string_lossy(),
            "pinned": pinned.map(|file| file.to_string_lossy().into_owned()),
        });
        printer::json(&value)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(process: &Process, args: &LinkArgs, file: &Path, environment: &Environment) {
    if args.json {
        return;
    }
    let home = process.config.home.as_deref();
    printer::message(&format!("`{}` points to `{}`", shown(file, home), shown(environment.path(), home)));
}

/// Makes the link that uv follows; returns it, and the file that pins the version if it is new.
fn link(
    process: &Process,
    args: &LinkArgs,
    environment: &Environment,
    directory: &Path,
) -> Result<(PathBuf, Option<PathBuf>)> {
    let settings = Settings::of(&process.search());
    let link = uv::Link { directory, environment, store: &process.store, settings: &settings, pin: !args.no_pin };
    // What uv has lost is known until it is linked again.
    pins::put_back_project(process, environment);
    let linked = uv::link(&link);
    let is_dead = matches!(linked, Err(LinkError::Dead { .. }));
    let linked = linked.with_context(|| format!("could not link `{}`", environment.name()));
    // What helps depends on which Pythons are left.
    let linked =
        linked.map_err(|error| if is_dead { error.with_hint(remedy::hint(process, environment)) } else { error })?;
    tell(process, args, &linked.file, environment);
    let home = process.config.home.as_deref();
    if let Some(pin) = linked.pin.as_ref().filter(|_| !args.json) {
        printer::message(&format!("wrote `{}`, so that uv keeps the environment", shown(pin, home)));
    }
    if !linked.is_pinned {
        printer::warning("uv deletes the environment if the project asks for another Python");
    }
    if let Some(other) = settings.environment(directory).filter(|other| !is_same_file(other, environment.path())) {
        let name = UV.variable("project-environment");
        printer::warning(&format!("uv does not use it as long as `{name}` is set: it uses `{}`", shown(&other, home)));
    }
    Ok((linked.file, linked.pin))
}

fn check(directory: &Path) -> Result<(), NoDirectory> {
    if directory.is_dir() { Ok(()) } else { Err(NoDirectory(directory.to_path_buf())) }
}
