//! `mkvirtualenv` and those of its family, `mkproject` and `mktmpenv`: what they make, by the program or by a function
//! of the shell.

use std::ffi::OsString;
use std::process::{Command, ExitCode, ExitStatus};

use clap::error::ErrorKind;
use venvwrap_core::config::Creator;

use super::parse::parse;
use super::{mkproject, temporary, words};
use crate::actions::creation_request::{self, CreateRequest};
use crate::actions::{foreign, make, project};
use crate::args::{MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction};
use crate::error::Result;
use crate::process::Process;
use crate::ui::{printer, report};

/// Makes what a function of the family is asked for.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    printer::warn_of(&process.config.problems);
    with(&process, words, |request| {
        make::check(&process, request)?;
        words::verify_home(&process)?;
        make::make(&process, request)?;
        words::announce(request)
    })
}

/// Notes what a function of the shell has made in the place of a creator program; nothing when it made nothing.
pub(crate) fn note_made(words: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    with(&process, words, |request| {
        if let Creator::Program(program) = &process.config.creator {
            foreign::foreign(&process, request, program, &mut |_: &mut Command| Ok(ExitStatus::default()))?;
        }
        make::complete(&process, &request.name);
        words::announce(request)
    })
}

/// Hands over what a function of the family is to make, all of it checked.
pub(crate) fn with_request(
    process: &Process,
    words: &[OsString],
    act: impl FnOnce(&CreateRequest<'_>) -> Result<ExitCode>,
) -> Result<Result<ExitCode, clap::Error>> {
    let function = words.first().and_then(|name| name.to_str()).unwrap_or_default();
    let outcome = match function {
        "mkproject" => {
            parse::<MkprojectFunction>(words).map(|function| act(&project::request(process, &function.args)?.create))
        }
        "mktmpenv" => parse::<MktmpenvFunction>(words).map(|function| act(&temporary::request(&function.args))),
        _ => parse::<MkvirtualenvFunction>(words)
            .map(|function| act(&creation_request::request(process, &function.args)?)),
    };
    outcome.map_or_else(|error| Ok(Err(error)), |done| done.map(Ok))
}

fn with(process: &Process, words: &[OsString], act: impl FnOnce(&CreateRequest<'_>) -> Result<()>) -> Result<ExitCode> {
    match with_request(process, words, |request| act(request).map(|()| ExitCode::SUCCESS))? {
        Ok(status) => Ok(status),
        Err(error) => {
            let is_help = error.kind() == ErrorKind::DisplayHelp;
            let status = report::usage(error)?;
            if is_help && words.first().is_some_and(|name| name == "mkproject") {
                mkproject::list_templates(process)?;
            }
            Ok(status)
        }
    }
}
