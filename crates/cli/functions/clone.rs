//! `cpvirtualenv` by the program or function that `VIRTUALENVWRAPPER_VIRTUALENV_CLONE` names, in the place of
//! our own copy.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::event::Event;
use venvwrap_core::shell::plan::Plan;
use venvwrap_core::store::copy::Source;

use super::words;
use crate::actions::{copy, hooks, make};
use crate::error::{Explain, Result};
use crate::process::{Process, own_function, set_variable};
use crate::ui::printer;
use venvwrap_core::config::variables;

/// No program was named that copies environments.
#[derive(Debug, thiserror::Error)]
#[error("VIRTUALENVWRAPPER_VIRTUALENV_CLONE is not set")]
struct NoProgram;

impl Explain for NoProgram {
    fn hint(&self) -> Option<String> {
        Some("`cpvirtualenv` without it uses the built-in copy".into())
    }
}

/// The plan that lets the shell run the program, called as virtualenvwrapper calls it: with both paths.
pub(crate) fn plan(process: &Process, dialect: Dialect, words: &[OsString]) -> Result<Plan> {
    let Some(program) = set_variable(variables::VIRTUALENVWRAPPER_VIRTUALENV_CLONE) else {
        return Err(NoProgram.into());
    };
    let home = process.store.home();
    let mut plan = Plan::default();
    if dialect == Dialect::Posix {
        // Only the shell can tell, since it may be one of its functions.
        plan.run_or_stop(home, Path::new("__venvwrap_helper_verify_resource"), [program.clone()]);
    }
    let Some(source) = words.first().and_then(|text| source(process, text)) else {
        say(&mut plan, home, 1, words::NO_SOURCE);
        return Ok(plan);
    };
    copy::check_source(process, &Source::Path(source.clone()))?;
    let source_name = source.file_name().unwrap_or_default();
    let target = words.get(1).filter(|name| !name.is_empty()).map_or(source_name, OsString::as_os_str);
    let target = EnvName::for_new(target)?;
    let path = process.store.path_of(&target);
    if path.symlink_metadata().is_ok() {
        say(&mut plan, home, 1, &words::already_exists(&target));
        return Ok(plan);
    }
    say(&mut plan, home, 0, &words::copying(source_name, &target));
    plan.run_or_stop(home, Path::new(&program), [source.clone().into_os_string(), path.into_os_string()]);
    let copied = ["__do".into(), "copied".into(), source.into_os_string(), target.as_os_str().to_os_string()];
    plan.run_or_stop(home, own_function(), copied);
    Ok(plan)
}

/// What comes between the copy and its activation: the hooks.
pub(crate) fn copied(process: &Process, arguments: &[OsString]) -> Result<ExitCode> {
    let [source, target] = arguments else { return Ok(ExitCode::from(2)) };
    let target = EnvName::for_existing(target)?;
    process.store.find(target.as_os_str())?;
    hooks::run(process, Event::PreCpvirtualenv, &[source, target.as_os_str()]);
    make::complete(process, &target);
    Ok(ExitCode::SUCCESS)
}

/// `say STATUS TEXT`: how a plan puts a line where the user's own output goes.
pub(crate) fn said(arguments: &[OsString]) -> Result<ExitCode> {
    let [status, text] = arguments else { return Ok(ExitCode::from(2)) };
    printer::line(text)?;
    Ok(if status == "0" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Adds such a line; a status other than 0 ends the plan.
pub(super) fn say(plan: &mut Plan, cwd: &Path, status: u8, text: &str) {
    plan.run_or_stop(cwd, own_function(), ["__do".into(), "say".into(), status.to_string().into(), text.into()]);
}

/// A name of the store comes first; everything else is a path.
fn source(process: &Process, text: &OsStr) -> Option<PathBuf> {
    let path = match copy::source_of(process, text).ok()? {
        Source::Name(name) => process.store.path_of(&EnvName::typed(&name).ok()?),
        Source::Path(path) => path,
    };
    path.exists().then_some(path)
}
