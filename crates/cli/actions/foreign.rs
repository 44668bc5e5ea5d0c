//! Lets another program create environments, with the options of virtualenv.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitStatus};

use venvwrap_core::store::create::ForeignRequest;

use super::creation_request::CreateRequest;
use crate::args::{EnvironmentOptions, HiddenOptions};
use crate::error::Result;
use crate::process::Process;

/// Lets another program make the environment; `run` starts it.
pub(crate) fn foreign(
    process: &Process,
    request: &CreateRequest<'_>,
    program: &[String],
    run: &mut dyn FnMut(&mut Command) -> std::io::Result<ExitStatus>,
) -> Result<()> {
    let mut arguments = foreign_arguments(request.options, request.hidden);
    arguments.extend(wishes_of_uv(program, request));
    let (project, owner) = (request.project.as_deref(), request.owner.clone());
    let foreign = ForeignRequest { program, arguments: &arguments, project, owner };
    process.store.create_foreign(&request.name, &foreign, run)?;
    Ok(())
}

/// uv would tell of an activation that nobody needs, and writes no prompt that it is not told.
fn wishes_of_uv(program: &[String], request: &CreateRequest<'_>) -> Vec<OsString> {
    let [name, verb, options @ ..] = program else { return Vec::new() };
    if Path::new(name).file_name() != Some(OsStr::new("uv")) || verb != "venv" {
        return Vec::new();
    }
    let has = |words: &[&str]| options.iter().any(|option| words.iter().any(|word| option.starts_with(word)));
    let mut wishes = Vec::new();
    if !has(&["-q", "--quiet", "-v", "--verbose"]) {
        wishes.push("--quiet".into());
    }
    if request.options.prompt.is_none() && !has(&["--prompt"]) {
        let mut option = OsString::from("--prompt=");
        option.push(request.name.as_os_str());
        wishes.push(option);
    }
    wishes
}

/// The options as virtualenv spells them, for a program that takes its place. What is set in variables is not
/// among them: the program inherits these, and one that is not virtualenv need not know the option.
pub(crate) fn foreign_arguments(options: &EnvironmentOptions, hidden: &HiddenOptions) -> Vec<OsString> {
    let flags = [
        (hidden.no_periodic_update, "--no-periodic-update"),
        (hidden.reset_app_data, "--reset-app-data"),
        (hidden.read_only_app_data, "--read-only-app-data"),
        (hidden.symlink_app_data, "--symlink-app-data"),
        (hidden.upgrade, "--upgrade"),
        (hidden.upgrade_embed_wheels, "--upgrade-embed-wheels"),
        (hidden.venv_redirect, "--venv-redirect"),
        (hidden.no_venv_redirect, "--no-venv-redirect"),
        (hidden.with_traceback, "--with-traceback"),
        (options.system_site_packages, "--system-site-packages"),
        (options.clear, "--clear"),
        (options.copies, "--copies"),
        (options.symlinks, "--symlinks"),
        (options.no_seed, "--no-seed"),
        (options.no_pip, "--no-pip"),
        (options.no_setuptools, "--no-setuptools"),
        (options.download, "--download"),
        (options.no_download, "--no-download"),
        (options.no_vcs_ignore, "--no-vcs-ignore"),
    ];
    let mut arguments: Vec<OsString> = Vec::new();
    let mut add = |option: &str, value: &OsStr| {
        let mut argument = OsString::from(option);
        argument.push("=");
        argument.push(value);
        arguments.push(argument);
    };
    options.python.iter().for_each(|python| add("--python", python));
    options.prompt.as_deref().inspect(|prompt| add("--prompt", prompt.as_ref()));
    options.pip.as_deref().inspect(|version| add("--pip", version.as_ref()));
    options.setuptools.as_deref().inspect(|version| add("--setuptools", version.as_ref()));
    options.extra_search_dir.iter().for_each(|directory| add("--extra-search-dir", directory.as_os_str()));
    hidden.creator.as_deref().inspect(|name| add("--creator", name.as_ref()));
    hidden.seeder.as_deref().inspect(|name| add("--seeder", name.as_ref()));
    hidden.discovery.as_deref().inspect(|name| add("--discovery", name.as_ref()));
    hidden.app_data.as_deref().inspect(|directory| add("--app-data", directory));
    hidden.try_first_with.iter().for_each(|python| add("--try-first-with", python));
    if !options.activators.is_empty() {
        add("--activators", options.activators.join(",").as_ref());
    }
    let given = flags.iter().filter(|(is_set, _)| *is_set);
    arguments.extend(given.map(|(_, flag)| OsString::from(flag)));
    arguments
}
