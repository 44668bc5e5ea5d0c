//! `venvwrap project`, `setvirtualenvproject`: which directories belong to which environment.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::project_file;
use venvwrap_core::store::mirror::{Association, Kind};

use crate::actions::{associations, find};
use crate::args::{ProjectCommand, ProjectListArgs, ProjectSetArgs, ProjectUnsetArgs, ProjectWhichArgs};
use crate::error::{Context as _, Explain, Result};
use crate::process::{NoState, Process};
use crate::ui::printer::{self, BAD, shown, styled};
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
            Self::None(name) => Some(format!("`venvwrap project set {name} DIR` sets one")),
            Self::NotOne { name, .. } => Some(format!("`venvwrap project show {name}` lists them")),
            Self::NoEnvironment(_) => Some("`venvwrap project set NAME DIR` associates one".into()),
        }
    }
}

/// Runs one of the verbs.
pub(crate) fn run(process: &Process, command: &ProjectCommand) -> Result<ExitCode> {
    match command {
        ProjectCommand::Set(args) => set(process, args),
        ProjectCommand::Show(args) => show(process, &find::find_or_active(process, args.name.as_deref())?),
        ProjectCommand::Unset(args) => unset(process, args),
        ProjectCommand::List(args) => list(process, args),
        ProjectCommand::Which(args) => which(process, args),
    }
}

/// Associates an environment with a directory: the active one and the current directory where nothing is named.
pub(crate) fn set(process: &Process, args: &ProjectSetArgs) -> Result<ExitCode> {
    let environment = find::find_or_active(process, args.name.as_deref())?;
    set_for(process, &environment, args)
}

/// The same for an environment that was found already.
pub(crate) fn set_for(process: &Process, environment: &Environment, args: &ProjectSetArgs) -> Result<ExitCode> {
    let directory = process.directory(args.directory.as_deref());
    if args.add {
        if !directory.is_dir() {
            return Err(project_file::ProjectError::NotADirectory { directory }.into());
        }
        let switcher = process.switcher().ok_or(NoState)?;
        switcher.tree.associate(&directory, environment.path(), Kind::Extra)?;
    } else {
        associate(process, environment, &directory)?;
    }
    sentences::project_is_set(environment.name(), &directory)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a directory the project of an environment, in the place of the one that was.
pub(crate) fn associate(process: &Process, environment: &Environment, directory: &Path) -> Result<()> {
    let old = associations::project_of(process, environment.path());
    project_file::write(&environment.project_file(&process.config.project_filename), directory)?;
    associations::dissociate(process, environment.path(), old);
    mirror(process, environment.path(), directory);
    Ok(())
}

fn show(process: &Process, environment: &Environment) -> Result<ExitCode> {
    let first = project_file::read(&environment.project_file(&process.config.project_filename))?;
    let others = extras(process, environment.path());
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
    let file = environment.project_file(&process.config.project_filename);
    let first = project_file::read(&file).unwrap_or_default();
    let wanted = args.directory.as_deref().map(|directory| process.absolute(directory));
    let is_meant = |directory: &PathBuf| wanted.as_ref().is_none_or(|wanted| wanted == directory);
    let mut removed: Vec<_> = extras(process, environment.path()).into_iter().filter(is_meant).collect();
    if wanted.is_none() || first.as_ref().is_some_and(is_meant) {
        project_file::remove(&file)?;
        removed.extend(first);
    }
    if let Some(wanted) = wanted.filter(|_| removed.is_empty()) {
        return Err(AssociationError::NotOne { directory: wanted, name: environment.name().clone() }.into());
    }
    for directory in removed {
        associations::dissociate(process, environment.path(), Some(directory));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, args: &ProjectListArgs) -> Result<ExitCode> {
    let home = process.config.home.as_deref();
    let mut text = String::new();
    let mut values = Vec::new();
    for found in associations(process)? {
        let (directory, is_missing) = (&found.directory, !found.directory.is_dir());
        let name = found.env.file_name().unwrap_or_default();
        values.push(json!({
            "directory": directory.to_string_lossy(),
            "environment": name.to_string_lossy(),
            "path": found.env.to_string_lossy(),
            "added": found.kind == Kind::Extra,
            "missing": is_missing,
        }));
        let mark = if is_missing { styled("  (missing)", BAD) } else { String::new() };
        let name = venvwrap_core::fs::text::printable(name);
        let _ = writeln!(text, "{}  {name}{mark}", shown(directory, home));
        if is_missing {
            let name = printable_word(&name);
            printer::message(&format!(
                "`{}` no longer exists; if it has moved, run `venvwrap project set {name} DIR`",
                shown(directory, home)
            ));
        }
    }
    if args.json {
        text = serde_json::to_string_pretty(&values)? + "\n";
    }
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn which(process: &Process, args: &ProjectWhichArgs) -> Result<ExitCode> {
    let switcher = process.switcher().ok_or(NoState)?;
    sync(process)?;
    let directory = process.directory(args.directory.as_deref());
    let home = process.config.home.as_deref();
    let answer = switcher.of_directory(&directory);
    for decision in &answer.passed_over {
        if let Some(text) = sentences::obstacle(decision, home) {
            printer::warning(&text);
        }
    }
    let found = answer.found.ok_or(AssociationError::NoEnvironment(directory))?;
    printer::line(found.environment().path().as_os_str())?;
    printer::message(&sentences::reason(&found, home));
    Ok(ExitCode::SUCCESS)
}

/// All associations of this store after the mirror agrees with it, without the second form of one reached by a link.
fn associations(process: &Process) -> Result<Vec<Association>> {
    sync(process)?;
    let all = process.switcher().ok_or(NoState)?.tree.list();
    let mine = all.into_iter().filter(|found| found.env.parent() == Some(process.store.home()));
    Ok(mine.collect())
}

fn extras(process: &Process, env: &Path) -> Vec<PathBuf> {
    let all = process.switcher().map(|switcher| switcher.tree.list()).unwrap_or_default();
    let extras = all.into_iter().filter(|found| found.env == env && found.kind == Kind::Extra);
    extras.map(|found| found.directory).collect()
}

fn sync(process: &Process) -> Result<()> {
    let switcher = process.switcher().ok_or(NoState)?;
    switcher
        .tree
        .sync(&process.store, &process.config.project_filename)
        .with_context(|| "could not update the associations".into())
}

fn mirror(process: &Process, env: &Path, directory: &Path) {
    let Some(switcher) = process.switcher() else { return };
    if let Err(error) = switcher.tree.associate(directory, env, Kind::Project) {
        printer::warning(&format!("could not record the project for automatic switching: {error}"));
    }
}

/// A name as one word of a command line that is only shown.
fn printable_word(name: &str) -> String {
    String::from_utf8_lossy(&venvwrap_core::shell::quote::posix(name.as_bytes())).into_owned()
}
