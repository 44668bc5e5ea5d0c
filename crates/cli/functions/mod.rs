//! What the shell functions do in the foreground: `venvwrap __do FUNCTION ARG...`, with the real terminal.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use venvwrap_core::fs::text::printable;

mod allvirtualenv;
mod choose;
mod clone;
mod cpvirtualenv;
mod follow;
mod helpers;
mod mkproject;
mod mkvirtualenv;
mod packages;
pub(crate) mod plan;
mod rmvirtualenv;
mod setvirtualenvproject;
mod showvirtualenv;
mod temporary;
pub(crate) mod virtualenvwrapper;
mod words;

use crate::actions::install::{self, Packages};
use crate::actions::make::{self as making, Wanted};
use crate::actions::{project, stubs};
use crate::args::{
    AddFunction, CpvirtualenvFunction, LsvirtualenvFunction, MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction,
    NoArgumentsFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction, ShowvirtualenvFunction, ToggleFunction,
    WorkonFunction,
};
use crate::commands::list;
use crate::error::{Explain, Result};
use crate::process::Process;
use crate::ui::{printer, report};

/// A shim asked for a function that this program does not have.
#[derive(Debug, thiserror::Error)]
#[error("there is no function `{}`", .0.escape_debug())]
struct UnknownFunction(String);

impl Explain for UnknownFunction {
    fn hint(&self) -> Option<String> {
        Some(OTHER_VERSION.into())
    }
}

/// What helps when a shim asks for something that this program does not have.
const OTHER_VERSION: &str = "the shell loaded another version of venvwrap; open a new terminal";

/// Runs the part of a function that needs no shell; the first argument is the function's name.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let Some(function) = arguments.first().and_then(|name| name.to_str()) else { return ExitCode::from(2) };
    words::conclude(function, dispatch(function, arguments))
}

fn dispatch(function: &str, arguments: &[OsString]) -> Result<ExitCode> {
    match function {
        "workon" => with(arguments, |_: &Process, _: WorkonFunction| Ok(ExitCode::SUCCESS)),
        "mkvirtualenv" | "mkproject" | "mktmpenv" => {
            let process = Process::take_in(None)?;
            make(&process, arguments, |wanted| {
                making::make(&process, wanted)?;
                words::announce(wanted)
            })
        }
        "cpvirtualenv" => {
            with(arguments, |process, function: CpvirtualenvFunction| cpvirtualenv::run(process, &function))
        }
        "rmvirtualenv" if arguments.len() == 1 => Ok(words::no_name()),
        "rmvirtualenv" => {
            with(arguments, |process, function: RmvirtualenvFunction| rmvirtualenv::run(process, &function.args))
        }
        "lsvirtualenv" => with(arguments, |process, function: LsvirtualenvFunction| list::run(process, &function.args)),
        "showvirtualenv" => {
            with(arguments, |process, function: ShowvirtualenvFunction| showvirtualenv::run(process, &function.args))
        }
        "setvirtualenvproject" => with(arguments, |process, function: SetvirtualenvprojectFunction| {
            setvirtualenvproject::run(process, &function.args)
        }),
        "add2virtualenv" => with(arguments, |process, function: AddFunction| packages::add(process, &function)),
        "lssitepackages" => packages::list(&Process::take_in(None)?, &arguments[1..]),
        "toggleglobalsitepackages" => {
            with(arguments, |process, function: ToggleFunction| packages::toggle(process, &function))
        }
        "wipeenv" => with(arguments, |process, function: NoArgumentsFunction| packages::wipe(process, &function)),
        "allvirtualenv" => allvirtualenv::run(&Process::take_in(None)?, &arguments[1..]),
        "virtualenvwrapper" => virtualenvwrapper::run(&Process::take_in(None)?),
        "make-project" => mkproject::make_project(&Process::take_in(None)?, &arguments[1..]),
        "made" => {
            let process = Process::take_in(None)?;
            make(&process, &arguments[1..], |wanted| mkvirtualenv::note_made(&process, wanted))
        }
        "copied" => clone::copied(&Process::take_in(None)?, &arguments[1..]),
        "say" => clone::said(&arguments[1..]),
        "stubs" => stubs::make_stubs(&Process::take_in(None)?),
        "verify-home" => helpers::verify_home(&arguments[1..]),
        "expand-path" => helpers::expand_path(&arguments[1..]),
        "absolute-path" => helpers::absolute_path(&arguments[1..]),
        "version" => helpers::version(),
        "workon-home" => helpers::workon_home(),
        "reap" => temporary::reap(&Process::take_in(None)?, &arguments[1..]),
        "choices" => list::choices(&Process::take_in(arguments.get(1).map(PathBuf::from))?),
        "install" => install_into(&arguments[1..]),
        other => Err(UnknownFunction(other.to_string()).into()),
    }
}

/// Hands over what a function of the family of `mkvirtualenv` is to make, all of it checked.
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
        _ => parse::<MkvirtualenvFunction>(words).map(|function| act(&making::wanted(process, &function.args)?)),
    };
    outcome.map_or_else(|error| Ok(Err(error)), |done| done.map(Ok))
}

fn make(process: &Process, words: &[OsString], act: impl FnOnce(&Wanted<'_>) -> Result<()>) -> Result<ExitCode> {
    match with_wanted(process, words, |wanted| act(wanted).map(|()| ExitCode::SUCCESS))? {
        Ok(status) => Ok(status),
        Err(error) => {
            let status = report::usage(&error)?;
            if error.kind() == ErrorKind::DisplayHelp && words.first().is_some_and(|name| name == "mkproject") {
                tell_templates(process)?;
            }
            Ok(status)
        }
    }
}

/// What else there is to know for `mkproject -t`.
fn tell_templates(process: &Process) -> Result<()> {
    let mut text = "\nAvailable project templates:\n".to_string();
    let names = project::template_names(process);
    if names.is_empty() {
        text.push_str("  No templates installed.\n");
    }
    for name in &names {
        let _ = writeln!(text, "  {}", printable(name.as_ref()));
    }
    printer::data(text.as_bytes())
}

/// Parses the arguments of a function; tells the way of clap when they are wrong or help is wanted.
pub(crate) fn parse<T: Parser>(arguments: &[OsString]) -> Result<T, clap::Error> {
    T::try_parse_from(arguments)
}

fn with<T: Parser>(arguments: &[OsString], act: impl FnOnce(&Process, T) -> Result<ExitCode>) -> Result<ExitCode> {
    match parse::<T>(arguments) {
        Ok(function) => {
            let process = Process::take_in(None)?;
            making::verify_home(&process)?;
            act(&process, function)
        }
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
