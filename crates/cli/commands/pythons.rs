//! `venvwrap pythons`: the interpreters that `-p` can name.

use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::python::{self, Interpreter};

use crate::actions::interpreters::title;
use crate::args::PythonsArgs;
use crate::error::{Explain, Result};
use crate::process::Process;
use crate::ui::columns::{self, Cell, Column};
use crate::ui::printer::{self, HEADING, shown};
use crate::ui::report::warn;

/// There is no interpreter on this machine.
#[derive(Debug, thiserror::Error)]
#[error("no Python found")]
struct None;

impl Explain for None {
    fn hint(&self) -> Option<String> {
        Some("install Python 3.8 or later".into())
    }
}

/// Lists them in the order in which they are looked for. One that is known from before is not run; one that does not work
/// is told.
pub(crate) fn run(process: &Process, args: &PythonsArgs) -> Result<ExitCode> {
    let search = process.search();
    let default = python::find(Option::None, &search).ok().map(|found| found.executable);
    let (found, broken): (Vec<_>, Vec<_>) = python::all(&search).partition(Result::is_ok);
    let found: Vec<_> = found.into_iter().flatten().collect();
    broken.iter().filter_map(|found| found.as_ref().err()).for_each(|error| warn(error));
    let is_default = |python: &Interpreter| default.as_ref() == Some(&python.executable);
    if args.json {
        let of = |python: &Interpreter| {
            json!({
                "version": python.version.to_string(),
                "implementation": python.implementation.name(),
                "free_threaded": python.is_free_threaded(),
                "path": python.executable.to_string_lossy(),
                "default": is_default(python),
            })
        };
        printer::json(&found.iter().map(of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        return Err(None.into());
    }
    let row = |python: &Interpreter| {
        let style = if is_default(python) { HEADING } else { anstyle::Style::new() };
        let note = if is_default(python) { "default" } else { "" };
        let path = shown(&python.executable, process.config.home.as_deref());
        vec![Cell::styled(title(python), style), path.into(), note.to_string().into()]
    };
    let columns = [Column::whole("python"), Column::paths("path", 14), Column::whole("").dropped(1)];
    printer::data(columns::table(&columns, &found.iter().map(row).collect::<Vec<_>>()).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
