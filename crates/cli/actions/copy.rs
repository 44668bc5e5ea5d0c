//! Copying: another environment with the same packages, or an import from outside the store.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::config;
use venvwrap_core::env::name::{EnvName, NameError};
use venvwrap_core::fs::text::printable;
use venvwrap_core::relocate::Stale;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::copy::{Copied, CopyError, Source};

use super::{background, hooks, interrupt, make};
use crate::error::Result;
use crate::process::{self, Process};
use crate::ui::printer;
use crate::ui::progress::CopyProgress;
use crate::ui::table;

/// How many files of one kind are named; the number of the others is told.
const NAMED: usize = 10;

/// What to copy, and the name of the copy.
pub(crate) struct CopyRequest {
    /// What is copied.
    pub(crate) source: Source,
    /// The name of the copy.
    pub(crate) target: EnvName,
}

/// The checked meaning of a source and a target.
pub(crate) fn resolve(process: &Process, source: &OsStr, target: Option<&OsStr>) -> Result<CopyRequest> {
    Ok(named(source_of(process, source)?, target)?)
}

/// The copy under the name that was given, else under the source's own.
pub(crate) fn named(source: Source, target: Option<&OsStr>) -> Result<CopyRequest, NameError> {
    let name = target.filter(|target| !target.is_empty()).map_or_else(|| source_name(&source), OsStr::to_os_string);
    Ok(CopyRequest { target: EnvName::for_new(&name)?, source })
}

/// A name of the store comes first, as in virtualenvwrapper; everything else is a path.
pub(crate) fn source_of(process: &Process, text: &OsStr) -> Result<Source, CopyError> {
    if text.is_empty() {
        return Err(CopyError::Missing { path: PathBuf::new() });
    }
    if let Ok(name) = EnvName::typed(text)
        && process.store.path_of(&name).exists()
    {
        return Ok(Source::Name(name.as_os_str().to_os_string()));
    }
    Ok(Source::Path(outside(process, text)))
}

/// A path as it is written; one that is not there with `~` and variables resolved, as virtualenvwrapper does.
fn outside(process: &Process, text: &OsStr) -> PathBuf {
    let path = process.absolute(Path::new(text));
    if path.exists() {
        return path;
    }
    process.absolute(&config::expand(&process::lookup, process.config.home.as_deref(), text))
}

pub(crate) fn source_name(source: &Source) -> OsString {
    match source {
        Source::Name(name) => name.clone(),
        Source::Path(path) => path.file_name().unwrap_or_default().to_os_string(),
    }
}

/// Copies, and runs the hooks that come before the first activation.
pub(crate) fn make(process: &Process, request: &CopyRequest) -> Result<Copied, CopyError> {
    let source = process.store.find_source(&request.source)?;
    let watch = interrupt::end_with(process, format!("`{}` was not created", request.target));
    let progress = CopyProgress::new();
    let copied = process.store.copy(&request.source, &request.target, &|bytes| progress.add(bytes))?;
    drop((progress, watch));
    background::sweep_left_overs(process);
    let target = request.target.as_os_str();
    hooks::run(process, Event::PreCpvirtualenv, &[source.as_os_str(), target]);
    make::complete(process, &request.target);
    Ok(copied)
}

/// Tells what is not as it should be; a program that would run another environment's Python makes the command fail.
pub(crate) fn report(copied: &Copied) -> ExitCode {
    let root = copied.environment.path();
    let of = |kind| copied.stale.iter().filter(move |(_, own)| *own == kind).map(|(path, _)| path);
    tell("these scripts run the Python of another environment", root, of(Stale::Script));
    tell("these still contain the path of the source; mind the quotes when you edit them", root, of(Stale::Hook));
    tell("these binary files still contain the path of the source", root, of(Stale::Binary));
    tell("these still contain the path of the source", root, of(Stale::Text));
    tell("these are neither files nor directories and were not copied", root, copied.skipped.iter());
    tell("these activation scripts were regenerated", root, copied.regenerated.iter());
    if let Some(problem) = table::problem(&copied.health) {
        printer::warning(&format!("the copy is broken because its source is: {problem}"));
    }
    ExitCode::from(u8::from(of(Stale::Script).next().is_some()))
}

fn tell<'a>(what: &str, root: &Path, paths: impl Iterator<Item = &'a PathBuf>) {
    let paths: Vec<_> = paths.collect();
    if paths.is_empty() {
        return;
    }
    printer::warning(&format!("{what}:"));
    for path in paths.iter().take(NAMED) {
        printer::message(&format!("  {}", printable(root.join(path).as_os_str())));
    }
    if paths.len() > NAMED {
        printer::message(&format!("  and {} more", paths.len() - NAMED));
    }
}
