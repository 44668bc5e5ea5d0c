//! Functions that do more than the verb of the same purpose, because virtualenvwrapper's do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result};
use venvwrap_core::config::Creator;
use venvwrap_core::environment::Environment;
use venvwrap_core::hook_stubs;
use venvwrap_core::name::EnvName;
use venvwrap_core::remove::{RemoveError, RemoveOptions, Removed};
use venvwrap_core::store::FindError;

use super::create::Wanted;
use super::{background, compat, create, find, hooks, project, remove, show};
use crate::args::{ProjectSetArgs, RemoveArgs, ShowArgs};
use crate::printer;
use crate::process::{Process, active, set_variable};

/// `rmvirtualenv`: as the verb, but a missing environment is no failure, so that a script can start with it.
pub(crate) fn rmvirtualenv(process: &Process, args: &RemoveArgs) -> Result<ExitCode> {
    let active = active();
    let options =
        RemoveOptions { active: active.as_deref(), force: args.force, user_home: process.config.home.as_deref() };
    let names = args.names.iter().map(|name| remove::existing_name(name)).collect::<Result<Vec<_>, _>>()?;
    for name in &names {
        if let Err(error) = process.store.check_removal(name, &options)
            && !is_missing(&error)
        {
            printer::data(format!("Removing {name}...\n").as_bytes())?;
            return Err(error).with_context(|| format!("could not remove `{name}`"));
        }
    }
    let mut has_moved = false;
    let result = names.iter().try_for_each(|name| remove_one(process, name, &options, &mut has_moved));
    if has_moved {
        background::sweep(process);
    }
    result.map(|()| ExitCode::SUCCESS)
}

fn remove_one(process: &Process, name: &EnvName, options: &RemoveOptions<'_>, has_moved: &mut bool) -> Result<()> {
    printer::data(format!("Removing {name}...\n").as_bytes())?;
    if std::fs::symlink_metadata(create::path_of(process, name)).is_err() {
        let path = create::path_of(process, name);
        printer::message(&format!("Did not find environment {} to remove.", printer::shown(&path, None)));
    }
    hooks::run(process, "prermvirtualenv", &[name.as_os_str()]);
    match remove::take_out(process, name, options) {
        Ok(removed) => *has_moved |= matches!(removed, Removed::Moved(_)),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(error).with_context(|| format!("could not remove `{name}`")),
    }
    hooks::run(process, "postrmvirtualenv", &[name.as_os_str()]);
    Ok(())
}

fn is_missing(error: &RemoveError) -> bool {
    matches!(error, RemoveError::Find(FindError::NotFound { .. }))
}

/// `showvirtualenv`: without a name and without an active environment, how it is called.
pub(crate) fn showvirtualenv(process: &Process, args: &ShowArgs) -> Result<ExitCode> {
    if args.name.is_none() && active().is_none() {
        printer::data(b"showvirtualenv [env]\n")?;
        return Ok(ExitCode::FAILURE);
    }
    show::run(process, args)
}

/// `setvirtualenvproject`: the environment may also be given by its path, which is how dotfiles call it.
pub(crate) fn setvirtualenvproject(process: &Process, args: &ProjectSetArgs) -> Result<ExitCode> {
    let given = args.name.as_deref().filter(|name| !name.is_empty());
    let by_path = given.map(Path::new).filter(|path| path.is_absolute() && path.join("bin").is_dir());
    let environment = match by_path.and_then(|path| Some((path, path.file_name()?))) {
        Some((path, name)) => Environment::new(remove::existing_name(name)?, path.to_path_buf()),
        None => find::find_or_active(process, given)?,
    };
    project::set_for(process, &environment, args)
}

/// The part of `mkproject` that comes after its first hook: the project directory.
pub(crate) fn make_project(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [env, directory] = arguments else { return Ok(ExitCode::from(2)) };
    let (env, directory) = (PathBuf::from(env), PathBuf::from(directory));
    printer::data(format!("Creating {}\n", printer::shown(&directory, None)).as_bytes())?;
    venvwrap_core::project::make_directory(&directory)?;
    let environment = Environment::new(remove::existing_name(env.file_name().unwrap_or_default())?, env.clone());
    project::associate(process, &environment, &directory)?;
    compat::project_is_set(environment.name(), &directory)?;
    Ok(ExitCode::SUCCESS)
}

/// Notes what a function of the shell has made in the place of a creator program; nothing when it made nothing.
pub(crate) fn note_made(process: &Process, wanted: &Wanted<'_>) -> Result<()> {
    if let Creator::Program(program) = &process.config.creator {
        create::foreign(process, wanted, program, &mut |_: &mut Command| Ok(ExitStatus::default()))?;
    }
    create::complete(process, &wanted.name);
    create::announce(wanted)
}

/// Makes the empty hook scripts of the directory of hooks.
pub(crate) fn make_stubs(process: &Process) -> Result<ExitCode> {
    let directory = &process.config.hook_dir;
    hook_stubs::write_global(directory, &user_shell())?;
    Ok(ExitCode::SUCCESS)
}

/// Makes those of a new environment, where the entry point of virtualenvwrapper is in use.
pub(crate) fn make_local_stubs(env: &Path) {
    if set_variable("VENVWRAP_STUBS").is_some()
        && let Err(error) = hook_stubs::write_local(&env.join("bin"), &user_shell())
    {
        printer::warning(&error.to_string());
    }
}

fn user_shell() -> String {
    let shell = set_variable("SHELL").map(|shell| shell.to_string_lossy().into_owned());
    shell.filter(|shell| !shell.contains('\n')).unwrap_or_else(|| "/bin/sh".to_string())
}
