//! Which Python is meant: the one asked for, else the configured one, else the first on PATH.

use std::ffi::OsStr;

use venvwrap_core::python::{self, FindError, Interpreter, Request};

use crate::error::Result;
use crate::process::Process;

/// An interpreter, and the words that asked for it.
pub(crate) struct Chosen {
    /// The interpreter.
    pub(crate) interpreter: Interpreter,
    /// What was asked for; none for the default.
    pub(crate) requested: Option<String>,
}

/// Finds the interpreter for a new environment.
pub(crate) fn choose(process: &Process, asked: Option<&OsStr>) -> Result<Chosen> {
    let asked = asked.map(OsStr::to_os_string).or_else(|| process.config.python.clone());
    if let Some(asked) = asked {
        return find(process, &asked);
    }
    match python::find(None, &process.search()) {
        Ok(interpreter) => Ok(Chosen { interpreter, requested: None }),
        Err(error @ (FindError::NotFound { .. } | FindError::NoPython)) => match process.config.fallback_python.clone()
        {
            Some(fallback) => find(process, &fallback),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

fn find(process: &Process, asked: &OsStr) -> Result<Chosen> {
    let search = process.search();
    let request = Request::parse(asked, search.cwd, search.home)?;
    let interpreter = python::find(Some(&request), &search)?;
    Ok(Chosen { interpreter, requested: Some(asked.to_string_lossy().into_owned()) })
}
