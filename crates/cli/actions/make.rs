//! Making an environment: from options to a finished one. Behind `venvwrap create`, `mkvirtualenv`, `mkproject` and `mktmpenv`.

use std::ffi::OsString;
use std::process::Command;

use venvwrap_core::config::Creator;
use venvwrap_core::env::metadata::Metadata;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::project::groups;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::create::CreateError;
use venvwrap_core::store::trash::Put;

use super::creation_request::CreateRequest;
use super::defaults::Defaults;
use super::foreign::foreign;
use super::install::Packages;
use super::native::{self, native};
use super::virtualenv_options::{self, Place};
use super::{archives, background, enter, hooks, install, interrupt, pins, stubs};
use crate::args::PackageOptions;
use crate::error::{Context as _, Error, Result, called, quoted_word};
use crate::process::Process;
use crate::ui::{printer, report};

/// What came of a request.
pub(crate) struct Made {
    /// Whether the environment was not there before.
    pub(crate) is_new: bool,
    /// Whether the directory of the environments was not there before.
    pub(crate) has_created_home: bool,
}

impl Made {
    /// Says what was created along with the environment, in the words of the verbs.
    pub(crate) fn report(&self, process: &Process) {
        if self.has_created_home {
            let home = printer::shown(process.store.home(), process.config.home.as_deref());
            printer::message(&format!("created the directory of environments `{home}`"));
        }
    }
}

/// Checks what can be checked before anything is created.
pub(crate) fn check(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    process.config.require(&["creator", "creator_args", "project_filename"])?;
    if request.options.python.is_empty() {
        process.config.require(&["python"])?;
    }
    if process.config.creator == Creator::Native {
        virtualenv_options::check(request.options, request.hidden, Place::Store)?;
    }
    request.packages.check(process)?;
    check_owner(process, request)?;
    check_groups(process, request)?;
    check_installer(process, request)?;
    process.config.require(&["default_packages"])?;
    if let Some(directory) = &request.project {
        process.store.check_project(directory)?;
    }
    Ok(())
}

/// Checks whether an environment that is there is another user's, before anything of it is written again. What would install
/// into it refuses more, and is asked now.
fn check_owner(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    let env = process.store.path_of(&request.name);
    if request.options.clear || !env.exists() {
        return Ok(());
    }
    match enter::judge_programs(process, &env, None) {
        Err(error) if !request.packages.is_empty() || enter::is_of_another(&env) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Checks the groups where the installer will look for them. A project that does not exist yet may get some.
fn check_groups(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    let stays = called::is_by_shell_function() && !process.config.cd;
    let project = request.project_files.as_deref().filter(|_| !stays).unwrap_or(&process.cwd);
    if project.is_dir() {
        request.packages.groups.iter().try_for_each(|group| groups::check(project, group))?;
    }
    Ok(())
}

/// Checks that something can install the packages if the environment will have no pip, and that pip would not refuse
/// its settings.
fn check_installer(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    let is_ours = process.config.creator == Creator::Native && request.bundle.is_none();
    if request.packages.is_empty() {
        return Ok(());
    }
    let env = process.store.path_of(&request.name);
    let directory = install::directory(process, request.project_files.as_deref());
    install::check_settings(process, &env, &directory)?;
    if !is_ours {
        return Ok(());
    }
    let defaults = Defaults::read(process)?;
    let options = defaults.complete(request.options);
    if native::wants_pip(&options) {
        return Ok(());
    }
    Ok(install::check_installer(process, &env, &directory, !options.clear)?)
}

/// Creates the environment, and runs the hook that comes before its first activation.
pub(crate) fn make(process: &Process, request: &CreateRequest<'_>) -> Result<Made> {
    let defaults = Defaults::read(process)?;
    defaults.warn_of_ignored(request.hidden);
    check(process, request)?;
    let with_cache = virtualenv_options::with_cache(process, &defaults.hidden, request.hidden)?;
    let process = with_cache.as_ref().unwrap_or(process);
    let watch = interrupt::end_with(process, format!("`{}` was not created", request.name));
    let has_created_home = !process.store.home().is_dir();
    let is_new = process.store.path_of(&request.name).symlink_metadata().is_err();
    match &process.config.creator {
        // Another program could not install what is in it.
        _ if request.bundle.is_some() => native(process, request, &defaults, &watch).map(drop),
        Creator::Native => native(process, request, &defaults, &watch)
            .map(drop)
            .map_err(|error| or_upgrade(process, error, &request.name)),
        Creator::Program(program) => foreign(process, request, program, &mut Command::status),
    }
    .with_context(|| format!("could not create `{}`", request.name))?;
    drop(watch);
    background::sweep_left_overs(process);
    if request.bundle.is_some() {
        archives::tell_inert(&process.store.path_of(&request.name));
    }
    complete(process, &request.name);
    if request.owner.is_none() && (is_new || request.options.clear) {
        install_defaults(process, request);
    }
    if request.owner.is_some() {
        // Those of shells that were killed go now.
        background::sweep(process);
    }
    Ok(Made { is_new, has_created_home })
}

/// Whoever wants another Python for an environment of the store hardly wants to lose its packages.
fn or_upgrade(process: &Process, error: Error, name: &EnvName) -> Error {
    let is_other = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<CreateError>() {
        Some(CreateError::OtherPython { requested, .. }) => Some(quoted_word(requested.as_ref())),
        _ => None,
    };
    let is_filled = Metadata::is_filled(&process.store.path_of(name));
    let python = error.chain().find_map(is_other).filter(|_| !is_filled);
    match python {
        Some(python) => error.with_hint(format!(
            "`venvwrap upgrade {} -p {python}` rebuilds it with its packages; `--clear` replaces it",
            quoted_word(name.as_os_str())
        )),
        None => error,
    }
}

/// Installs what the configuration wants in every new environment. That this fails is no reason not to have it.
fn install_defaults(process: &Process, request: &CreateRequest<'_>) {
    if process.config.default_packages.is_empty() {
        return;
    }
    let packages = process.config.default_packages.iter().map(OsString::from).collect();
    let packages = Packages::new(&PackageOptions { packages, ..PackageOptions::default() });
    let env = process.store.path_of(&request.name);
    if let Err(error) = install::install(process, &env, &packages, &process.cwd) {
        report::warn_of("the packages of `default_packages` were not installed", &error);
    }
}

/// Creates an environment that belongs to no store: without hooks, and never by another program.
pub(crate) fn bare(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    let defaults = Defaults::read(process)?;
    defaults.warn_of_ignored(request.hidden);
    virtualenv_options::check(request.options, request.hidden, Place::Anywhere)?;
    check_owner(process, request)?;
    let with_cache = virtualenv_options::with_cache(process, &defaults.hidden, request.hidden)?;
    let process = with_cache.as_ref().unwrap_or(process);
    if request.options.python.is_empty() {
        process.config.require(&["python"])?;
    }
    let path = process.store.path_of(&request.name);
    let watch = interrupt::end_in(process, &path, format!("`{}` was not created", request.name));
    let replaced = native(process, request, &defaults, &watch)?;
    // The new one is there: what is left of the old one is deleted without this process, too.
    let watch = replaced.is_some().then_some(watch);
    if let Some(watch) = &watch {
        let text = format!("`{}` was created; the old one is deleted in the background", request.name);
        interrupt::say(watch, process, text);
    }
    if defaults.wants_redirect(request.hidden) {
        virtualenv_options::redirect(process, &process.store.path_of(&request.name));
    }
    if let Some(Put::Aside(replaced) | Put::NotKept(replaced)) = replaced {
        replaced.delete()?;
    }
    drop(watch);
    pins::follow(process, &process.store.environment(request.name.clone()));
    // What was killed here before.
    background::sweep_left_overs(process);
    Ok(())
}

/// What is done with every new environment before its first activation: its own hooks, and the global one.
pub(crate) fn complete(process: &Process, name: &EnvName) {
    stubs::make_local_stubs(&process.store.path_of(name));
    pins::follow(process, &process.store.environment(name.clone()));
    hooks::run(process, Event::PreMkvirtualenv, &[name.as_os_str()]);
}
