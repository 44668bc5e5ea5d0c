//! `cpvirtualenv`: copies an environment, with the words of virtualenvwrapper, which scripts look for.

use std::ffi::OsStr;
use std::process::ExitCode;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::store::FindError;
use venvwrap_core::store::copy::{CopyError, Source};

use super::words;
use crate::actions::copy::{self, CopyRequest, make, report, source_name};
use crate::args::CpvirtualenvFunction;
use crate::error::{Context as _, Result};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::report::{report_hint, warn};

/// `cpvirtualenv`: with the words of virtualenvwrapper, which scripts look for.
pub(crate) fn run(process: &Process, function: &CpvirtualenvFunction) -> Result<ExitCode> {
    let source = match copy::source_of(process, function.source.as_deref().unwrap_or_default()) {
        Ok(source) => source,
        Err(error) => return refuse_source(error),
    };
    let request = copy::named(source, function.target.as_deref())?;
    if let Err(error) = process.store.find_source(&request.source) {
        return refuse_source(error);
    }
    copy::check_source(process, &request.source)?;
    if process.store.path_of(&request.target).symlink_metadata().is_ok() {
        return already_exists(&request.target);
    }
    let source_name = source_name(&request.source);
    printer::line(OsStr::new(&words::copying(&source_name, &request.target)))?;
    match make(process, &request) {
        Ok(copied) => Ok(report(&copied)),
        Err(CopyError::Exists { .. }) => already_exists(&request.target),
        Err(error) => Err(error).with_context(|| format!("could not copy `{}`", printable(&source_name))),
    }
}

/// The checked meaning of the arguments of `cpvirtualenv`.
pub(crate) fn request(process: &Process, function: &CpvirtualenvFunction) -> Result<CopyRequest> {
    let source = function.source.as_deref().unwrap_or_default();
    // The copy has been made: its source need not be there any more.
    let found = copy::source_of(process, source).unwrap_or_else(|_| Source::Path(source.into()));
    Ok(copy::named(found, function.target.as_deref())?)
}

fn refuse_source(error: CopyError) -> Result<ExitCode> {
    printer::line(OsStr::new(words::NO_SOURCE))?;
    match &error {
        CopyError::Source(FindError::NotAnEnvironment { .. }) => warn(&error),
        CopyError::Source(FindError::NotFound { nearest: Some(_), .. }) => report_hint(&error.into()),
        _ => {}
    }
    Ok(ExitCode::FAILURE)
}

fn already_exists(name: &EnvName) -> Result<ExitCode> {
    printer::line(OsStr::new(&words::already_exists(name)))?;
    Ok(ExitCode::FAILURE)
}
