//! What the helpers of virtualenvwrapper answer, whose names dotfiles know: `virtualenvwrapper_expandpath` and others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::config;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::env::project_file;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::plan::{Plan, Step};

use super::words;
use crate::actions::{hooks, stubs};
use crate::error::Result;
use crate::process::{Process, active, lookup};
use crate::ui::printer;

/// What tells hooks which environment has been left: virtualenvwrapper's code has the one name, its documentation the
/// other.
const LAST: [&str; 2] = ["VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV", "VIRTUALENVWRAPPER_LAST_VIRTUALENV"];

/// The directory of the environments as it is meant: `~`, variables and relative paths resolved.
pub(crate) fn workon_home() -> Result<ExitCode> {
    printer::line(Process::take_in(None)?.store.home().as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the directory of the environments; silently with `-q`.
pub(crate) fn verify_home(arguments: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    if arguments.first().is_some_and(|first| first == "-q") {
        process.store.create_home()?;
    } else {
        words::verify_home(&process)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A path with `~` and variables resolved; relative ones stay so.
pub(crate) fn expand_path(arguments: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    let given = arguments.first().map(OsString::as_os_str).unwrap_or_default();
    let expanded = config::expand(&lookup, process.config.home.as_deref(), given);
    printer::line(expanded.as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// A path made absolute.
pub(crate) fn absolute_path(arguments: &[OsString]) -> Result<ExitCode> {
    let given = arguments.first().map(PathBuf::from).unwrap_or_default();
    printer::line(Process::take_in(None)?.absolute(&given).as_os_str())?;
    Ok(ExitCode::SUCCESS)
}

/// The version, alone in a line.
pub(crate) fn version() -> Result<ExitCode> {
    printer::data(concat!(env!("CARGO_PKG_VERSION"), "\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of `virtualenvwrapper_run_hook EVENT ARG...`: what belongs to the event is run or sourced. An unknown event
/// has no hooks.
pub(crate) fn run_hook(process: &Process, dialect: Dialect, words: &[OsString]) -> Plan {
    let mut plan = Plan::default();
    let [event, arguments @ ..] = words else { return plan };
    let hook_dir = &process.config.hook_dir;
    let event = event.to_str().unwrap_or_default();
    let event = event.strip_prefix("project.").unwrap_or(event);
    let name = event.replace('_', "");
    let bin = |env: &Path| env.join("bin");
    // A name that leads out of the store has no hooks.
    let env = arguments.first().and_then(|name| EnvName::typed(name).ok()).map(|name| process.store.path_of(&name));
    let named = || env.as_deref().map(bin);
    if let ("pre_mkvirtualenv", Some(name)) = (event, arguments.first())
        && let Ok(environment) = process.store.find(name)
    {
        stubs::make_local_stubs(environment.path());
    }
    let directories: Vec<PathBuf> = match event {
        "pre_mkvirtualenv" | "pre_cpvirtualenv" | "pre_rmvirtualenv" | "post_rmvirtualenv" | "pre_mkproject" => {
            vec![hook_dir.clone()]
        }
        "pre_activate" => std::iter::once(hook_dir.clone()).chain(named()).collect(),
        "get_env_details" => {
            let directories: Vec<PathBuf> = std::iter::once(hook_dir.clone()).chain(named()).collect();
            run(&mut plan, process, event, &directories, arguments);
            return plan;
        }
        _ => {
            let left = env.clone().filter(|_| event == "post_deactivate").map(PathBuf::into_os_string);
            for (name, value) in LAST.into_iter().zip(left.iter().cycle()) {
                plan.0.push(Step::Setenv { name: name.to_string(), value: value.clone() });
            }
            for directory in sourced(process, event, named()) {
                plan.source(dialect.sourced(&directory, &name));
            }
            for name in LAST.into_iter().filter(|_| left.is_some()) {
                plan.0.push(Step::Unsetenv { name: name.to_string() });
            }
            return plan;
        }
    };
    run(&mut plan, process, &name, &directories, arguments);
    plan
}

fn run(plan: &mut Plan, process: &Process, name: &str, directories: &[PathBuf], arguments: &[OsString]) {
    let directories: Vec<&Path> = directories.iter().map(PathBuf::as_path).collect();
    for hook in hooks::found(name, &directories) {
        plan.run(process.store.home(), &hook, arguments.iter().cloned());
    }
}

/// Where the hooks lie that are sourced for an event, in order.
fn sourced(process: &Process, event: &str, named: Option<PathBuf>) -> Vec<PathBuf> {
    let hook_dir = process.config.hook_dir.clone();
    let active = active();
    let own = active.as_deref().map(|env| env.join("bin"));
    let project = active.and_then(|env| project_file::read(&env.join(&process.config.project_filename)).ok().flatten());
    let project = project.map(|directory| directory.join(".virtualenvwrapper"));
    match event {
        "initialize" | "post_mkvirtualenv" | "post_cpvirtualenv" | "post_mkproject" => vec![hook_dir],
        "post_activate" => project.into_iter().chain([hook_dir]).chain(own).collect(),
        "pre_deactivate" => project.into_iter().chain(own).chain([hook_dir]).collect(),
        "post_deactivate" => named.into_iter().chain([hook_dir]).collect(),
        _ => Vec::new(),
    }
}
