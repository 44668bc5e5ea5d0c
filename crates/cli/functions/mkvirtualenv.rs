//! `mkvirtualenv` and those of its family, `mkproject` and `mktmpenv`: what they make, by the program or by a function
//! of the shell.

use std::ffi::OsString;
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::Result;
use clap::error::ErrorKind;
use venvwrap_core::config::Creator;

use super::parse::parse;
use super::{mkproject, temporary, words};
use crate::actions::make::{self, Wanted};
use crate::args::{MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction};
use crate::process::Process;
use crate::ui::report;

/// Makes what a function of the family is asked for.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    with(&process, words, |wanted| {
        make::make(&process, wanted)?;
        words::announce(wanted)
    })
}

/// Notes what a function of the shell has made in the place of a creator program; nothing when it made nothing.
pub(crate) fn note_made(words: &[OsString]) -> Result<ExitCode> {
    let process = Process::take_in(None)?;
    with(&process, words, |wanted| {
        if let Creator::Program(program) = &process.config.creator {
            make::foreign(&process, wanted, program, &mut |_: &mut Command| Ok(ExitStatus::default()))?;
        }
        make::complete(&process, &wanted.name);
        words::announce(wanted)
    })
}

/// Hands over what a function of the family is to make, all of it checked.
pub(crate) fn with_wanted(
    process: &Process,
    words: &[OsString],
    act: impl FnOnce(&Wanted<'_>) -> Result<ExitCode>,
) -> Result<Result<ExitCode, clap::Error>> {
    let function = words.first().and_then(|name| name.to_str()).unwrap_or_default();
    let outcome = match function {
        "mkproject" => {
            parse::<MkprojectFunction>(words).map(|function| act(&mkproject::checked(process, &function.args)?))
        }
        "mktmpenv" => parse::<MktmpenvFunction>(words).map(|function| act(&temporary::wanted(&function.args))),
        _ => parse::<MkvirtualenvFunction>(words).map(|function| act(&make::wanted(process, &function.args)?)),
    };
    outcome.map_or_else(|error| Ok(Err(error)), |done| done.map(Ok))
}

fn with(process: &Process, words: &[OsString], act: impl FnOnce(&Wanted<'_>) -> Result<()>) -> Result<ExitCode> {
    match with_wanted(process, words, |wanted| act(wanted).map(|()| ExitCode::SUCCESS))? {
        Ok(status) => Ok(status),
        Err(error) => {
            let status = report::usage(&error)?;
            if error.kind() == ErrorKind::DisplayHelp && words.first().is_some_and(|name| name == "mkproject") {
                mkproject::list_templates(process)?;
            }
            Ok(status)
        }
    }
}
