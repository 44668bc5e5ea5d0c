//! `venvwrap project`, `setvirtualenvproject`: which directories belong to which environment.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::project::of_directory::Found;
use venvwrap_core::store::mirror::Kind;

use crate::actions::{find, pins, project};
use crate::args::{ProjectArgs, ProjectCommand, ProjectListArgs, ProjectSetArgs, ProjectUnsetArgs, ProjectWhichArgs};
use crate::error::{Context as _, Explain, Result, by_name, is_active, name_at, quoted};
use crate::process::{NoState, Process};
use crate::ui::columns::{self, Cell, Column};
use crate::ui::printer::{self, BAD, shown};
use crate::ui::sentences;

/// Why there is no association to show or to remove.
#[derive(Debug, thiserror::Error)]
enum AssociationError {
    /// The environment has no project.
    #[error("`{0}` has no project directory")]
    None(EnvName),
    /// The directory is not one of its projects.
    #[error("`{}` is not a project directory of `{name}`", directory.display())]
    NotOne { directory: PathBuf, name: EnvName },
    /// The directory resolves to no environment.
    #[error("no environment belongs to `{}`", .0.display())]
    NoEnvironment(PathBuf),
}

impl Explain for AssociationError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::None(name) if is_active(name) => Some("`venvwrap project set` in a directory sets it".into()),
            Self::None(name) => Some(format!("`{} DIR` sets one", by_name("venvwrap project set", name))),
            Self::NotOne { name, .. } => Some(format!("`{}` lists them", by_name("venvwrap project show", name))),
            Self::NoEnvironment(_) => Some("`venvwrap project set NAME DIR` associates one".into()),
        }
    }
}
/// What has failed when the mirror cannot be read or written.
const NOT_MIRRORED: &str = "could not update the associations";

/// Runs one of the verbs.
pub(crate) fn run(process: &Process, args: &ProjectArgs) -> Result<ExitCode> {
    match &args.command {
        None => list(process, &ProjectListArgs::default()),
        Some(ProjectCommand::Set(args)) => set(process, args),
        Some(ProjectCommand::Show(args)) => show(process, &find::find_or_active(process, args.name.as_deref())?),
        Some(ProjectCommand::Unset(args)) => unset(process, args),
        Some(ProjectCommand::List(args)) => list(process, args),
        Some(ProjectCommand::Which(args)) => which(process, args),
    }
}

/// Associates an environment with a directory: the active one and the current directory where nothing is named.
fn set(process: &Process, args: &ProjectSetArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = set_for(process, &environment, args)?;
    let directory = shown(&directory, process.config.home.as_deref());
    let name = environment.name();
    printer::message(&if args.add {
        format!("added `{directory}` to the project directories of `{name}`")
    } else {
        format!("set the project directory of `{name}` to `{directory}`")
    });
    Ok(ExitCode::SUCCESS)
}

/// The same for an environment that was found already, without a word. Returns the directory.
pub(crate) fn set_for(process: &Process, environment: &Environment, args: &ProjectSetArgs) -> Result<PathBuf> {
    process.config.require(&["project_filename"])?;
    let directory = process.directory(args.directory.as_deref());
    if args.add {
        process.store.add_directory(environment, &directory)?;
    } else if let Some(error) = process.store.associate(environment, &directory)? {
        project::warn_of_mirror(&error);
    }
    pins::renew(process, environment, &directory);
    Ok(directory)
}

fn show(process: &Process, environment: &Environment) -> Result<ExitCode> {
    let first = process.store.project_of(environment)?;
    let others = process.store.added_directories(environment);
    if first.is_none() && others.is_empty() {
        return Err(AssociationError::None(environment.name().clone()).into());
    }
    for directory in first.into_iter().chain(others) {
        printer::line(directory.as_os_str())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unset(process: &Process, args: &ProjectUnsetArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    let directory = args.directory.as_deref().map(|directory| process.absolute(directory));
    let mut ended = process.store.dissociate(&environment, directory.as_deref())?;
    // A linked one that is gone need not be named any more.
    let linked = directory.iter().filter(|directory| process.store.forget_lost_link(&environment, Some(directory)));
    ended.extend(linked.cloned());
    if let Some(directory) = directory.filter(|_| ended.is_empty()) {
        return Err(AssociationError::NotOne { directory, name: environment.name().clone() }.into());
    }
    if ended.is_empty() {
        printer::remark(&format!("`{}` has no project directory", environment.name()));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, args: &ProjectListArgs) -> Result<ExitCode> {
    let home = process.config.home.as_deref();
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for found in process.store.associations().with_context(|| NOT_MIRRORED.into())? {
        let (directory, is_missing) = (&found.directory, !found.directory.is_dir());
        let name = found.env.file_name().unwrap_or_default();
        values.push(json!({
            "directory": directory.to_string_lossy(),
            "environment": name.to_string_lossy(),
            "path": found.env.to_string_lossy(),
            "added": found.kind == Kind::Extra,
            "missing": is_missing,
        }));
        let name = venvwrap_core::fs::text::printable(name);
        let shown_directory = shown(directory, home);
        let cell = if is_missing { Cell::styled(shown_directory + " (missing)", BAD) } else { shown_directory.into() };
        rows.push(vec![cell, name.into()]);
        if is_missing {
            let name = name_at(&found.env).filter(|name| name.path().is_none());
            let name = name.map_or_else(|| "NAME".to_string(), |name| quoted(&name));
            printer::message(&format!(
                "`{}` no longer exists; if it has moved, run `venvwrap project set {name} DIR`",
                shown(directory, home)
            ));
        }
    }
    if rows.is_empty() && !args.json {
        printer::remark("no environment has a project directory");
    }
    if args.json {
        printer::json(&values)?;
    } else if !rows.is_empty() {
        let columns = [Column::paths("project", 20), Column::names("environment", 16)];
        printer::data(columns::table(&columns, &rows).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn which(process: &Process, args: &ProjectWhichArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    process.store.sync_mirror().with_context(|| NOT_MIRRORED.into())?;
    let directory = process.directory(args.directory.as_deref());
    let home = process.config.home.as_deref();
    let answer = switcher.of_directory(&directory);
    for decision in &answer.passed_over {
        if let Some(text) = sentences::obstacle(decision, home) {
            printer::warning(&text);
        }
    }
    let Some(found) = answer.found else {
        let not_trusted = find::not_trusted(&directory, answer.passed_over);
        return Err(not_trusted.unwrap_or_else(|| AssociationError::NoEnvironment(directory).into()));
    };
    if let Found::Resolved(target) = &found {
        if let Some(text) = sentences::lost(target, home) {
            printer::warning(&text);
        }
        if process.store.has_uv_links() {
            pins::renew(process, &target.candidate.environment, &target.directory);
        }
    }
    printer::line(found.environment().path().as_os_str())?;
    printer::message(&sentences::reason(&found, home));
    Ok(ExitCode::SUCCESS)
}
