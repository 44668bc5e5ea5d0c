//! Copying: another environment with the same packages, or an import from outside the store.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::config;
use venvwrap_core::env::name::{EnvName, NameError};
use venvwrap_core::relocate::Stale;
use venvwrap_core::shell::event::Event;
use venvwrap_core::store::copy::{Copied, CopyError, Source};

use super::{background, enter, hooks, interrupt, make, stale};
use crate::error::Result;
use crate::process::{self, Process};
use crate::ui::printer;
use crate::ui::progress::ByteProgress;
use crate::ui::table;

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
    let name = EnvName::typed(text).ok();
    if let Some(name) = &name
        && process.store.path_of(name).exists()
    {
        return Ok(Source::Name(name.as_os_str().to_os_string()));
    }
    let path = outside(process, text);
    match name {
        // A word is rather a name that is mistyped than a path.
        Some(name) if !path.exists() => match process.store.find(name.as_os_str()) {
            Err(error) => Err(error.into()),
            Ok(_) => Ok(Source::Name(name.as_os_str().to_os_string())),
        },
        _ => Ok(Source::Path(path)),
    }
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

/// Refuses a source that others could have changed, as `workon` does; what is wrong with it otherwise, copying tells.
pub(crate) fn check_source(process: &Process, source: &Source) -> Result<()> {
    match process.store.find_source(source) {
        Ok(root) => Ok(enter::judge_source(process, &root)?),
        Err(_) => Ok(()),
    }
}

/// Copies, and runs the hooks that come before the first activation.
pub(crate) fn make(process: &Process, request: &CopyRequest) -> Result<Copied, CopyError> {
    let source = process.store.find_source(&request.source)?;
    let watch = interrupt::end_with(process, format!("`{}` was not created", request.target));
    let progress = ByteProgress::new("copying", None);
    let store = interrupt::finishing(&watch, process);
    let copied = store.copy(&request.source, &request.target, &|bytes| progress.add(bytes))?;
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
    stale::tell_of(root, &copied.stale, "the path of the source", false);
    stale::tell(
        "these are mounted, or neither files nor directories, and were not copied",
        root,
        copied.skipped.iter(),
    );
    if !copied.regenerated.is_empty() {
        printer::warning("the activation scripts were regenerated; changes made to them by hand are not in the copy");
    }
    if let Some(problem) = table::problem(&copied.health) {
        printer::warning(&format!("the copy is broken because its source is: {problem}"));
    }
    ExitCode::from(u8::from(copied.stale.iter().any(|(_, kind)| *kind == Stale::Script)))
}
