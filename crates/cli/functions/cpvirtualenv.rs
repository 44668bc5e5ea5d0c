//! `cpvirtualenv`: copies an environment, with the words of virtualenvwrapper, which scripts look for.

use std::ffi::OsStr;
use std::process::ExitCode;

use anyhow::Result;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::FindError;
use venvwrap_core::store::copy::CopyError;

use super::words;
use crate::actions::copy::{self, CopyRequest, make, report, source_name};
use crate::args::CpvirtualenvFunction;
use crate::process::Process;
use crate::ui::printer;

/// `cpvirtualenv`: with the words of virtualenvwrapper, which scripts look for.
pub(crate) fn run(process: &Process, function: &CpvirtualenvFunction) -> Result<ExitCode> {
    let request = match request(process, function) {
        Ok(request) => request,
        Err(error) if is_about_source(&error) => return refuse_source(&error),
        Err(error) => return Err(error),
    };
    if let Err(error) = process.store.find_source(&request.source) {
        return refuse_source(&error.into());
    }
    if process.store.path_of(&request.target).symlink_metadata().is_ok() {
        return already_exists(&request.target);
    }
    let source_name = source_name(&request.source);
    printer::line(OsStr::new(&words::copying(&source_name, &request.target)))?;
    match make(process, &request) {
        Ok(copied) => Ok(report(&copied)),
        Err(error) if matches!(error.downcast_ref(), Some(CopyError::Exists { .. })) => already_exists(&request.target),
        Err(error) => Err(error.context(format!("could not copy `{}`", printable(&source_name)))),
    }
}

/// The checked meaning of the arguments of `cpvirtualenv`.
pub(crate) fn request(process: &Process, function: &CpvirtualenvFunction) -> Result<CopyRequest> {
    copy::resolve(process, function.source.as_deref().unwrap_or_default(), function.target.as_deref())
}

fn is_about_source(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(CopyError::Missing { .. } | CopyError::Source(_)))
}

fn refuse_source(error: &anyhow::Error) -> Result<ExitCode> {
    printer::line(OsStr::new(words::NO_SOURCE))?;
    if let Some(CopyError::Source(FindError::NotAnEnvironment { .. })) = error.downcast_ref() {
        printer::warning(&error.to_string());
    }
    Ok(ExitCode::FAILURE)
}

fn already_exists(name: &EnvName) -> Result<ExitCode> {
    printer::line(OsStr::new(&words::already_exists(name)))?;
    Ok(ExitCode::FAILURE)
}
