//! What the shell functions do in the foreground: `venvwrap __do FUNCTION ARG...`, with the real terminal.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;

use super::{copy, create, list, mkproject, project, remove, show, temporary};
use crate::args::{
    CpvirtualenvFunction, LsvirtualenvFunction, MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction,
    RmvirtualenvFunction, SetvirtualenvprojectFunction, ShowvirtualenvFunction, WorkonFunction,
};
use crate::install::{self, Packages};
use crate::process::Process;
use crate::report;

/// Runs the part of a function that needs no shell; the first argument is the function's name.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let Some(function) = arguments.first().and_then(|name| name.to_str()) else { return Ok(ExitCode::from(2)) };
    match function {
        "workon" => with(arguments, |_: &Process, _: WorkonFunction| Ok(ExitCode::SUCCESS)),
        "mkvirtualenv" => with(arguments, |process, function: MkvirtualenvFunction| {
            create::make(process, &create::wanted(process, &function.args)?).map(|()| ExitCode::SUCCESS)
        }),
        "mkproject" => with(arguments, |process, function: MkprojectFunction| {
            mkproject::make(process, &function.args).map(|_| ExitCode::SUCCESS)
        }),
        "mktmpenv" => with(arguments, |process, function: MktmpenvFunction| temporary::make(process, &function.args)),
        "cpvirtualenv" => with(arguments, |process, function: CpvirtualenvFunction| copy::function(process, &function)),
        "rmvirtualenv" => {
            with(arguments, |process, function: RmvirtualenvFunction| remove::run(process, &function.args))
        }
        "lsvirtualenv" => with(arguments, |process, function: LsvirtualenvFunction| list::run(process, &function.args)),
        "showvirtualenv" => {
            with(arguments, |process, function: ShowvirtualenvFunction| show::run(process, &function.args))
        }
        "setvirtualenvproject" => {
            with(arguments, |process, function: SetvirtualenvprojectFunction| project::set(process, &function.args))
        }
        "reap" => temporary::reap(&Process::take_in(None)?, &arguments[1..]),
        "choices" => list::choices(&Process::take_in(arguments.get(1).map(PathBuf::from))?),
        "install" => install_into(&arguments[1..]),
        other => bail!("there is no function `{}`", other.escape_debug()),
    }
}

/// Parses the arguments of a function; tells the way of clap when they are wrong or help is wanted.
pub(crate) fn parse<T: Parser>(arguments: &[OsString]) -> Result<T, clap::Error> {
    T::try_parse_from(arguments)
}

fn with<T: Parser>(arguments: &[OsString], act: impl FnOnce(&Process, T) -> Result<ExitCode>) -> Result<ExitCode> {
    match parse::<T>(arguments) {
        Ok(function) => act(&Process::take_in(None)?, function),
        Err(error) => report::usage(&error),
    }
}

/// `install ENV COUNT REQUIREMENT... PACKAGE...`: how a plan says what to install; the count is that of the files.
fn install_into(arguments: &[OsString]) -> Result<ExitCode> {
    let [env, count, rest @ ..] = arguments else { return Ok(ExitCode::from(2)) };
    let count: usize = count.to_str().and_then(|count| count.parse().ok()).unwrap_or(0).min(rest.len());
    let packages =
        Packages { requirements: rest[..count].iter().map(PathBuf::from).collect(), packages: rest[count..].to_vec() };
    install::install(&Process::take_in(None)?, env.as_ref(), &packages)?;
    Ok(ExitCode::SUCCESS)
}
