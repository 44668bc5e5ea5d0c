//! How the arguments of a function are read.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Command, Parser};

use super::words::verify_home;
use crate::args::spread_search_dirs;
use crate::error::Result;
use crate::process::Process;
use crate::ui::{printer, report};

/// Parses the arguments of a function; returns clap's error for bad arguments or `--help`.
pub(crate) fn parse<T: Parser>(words: &[OsString]) -> Result<T, clap::Error> {
    T::try_parse_from(spread_search_dirs(words, 1).iter())
}

/// Acts on the arguments of a function, or shows its help or what is wrong with them.
pub(crate) fn with<T: Parser>(
    words: &[OsString],
    act: impl FnOnce(&Process, &T) -> Result<ExitCode>,
) -> Result<ExitCode> {
    match parse::<T>(words) {
        Ok(function) => {
            let process = Process::take_in(None)?;
            printer::warn_of(&process.config.problems);
            verify_home(&process)?;
            act(&process, &function)
        }
        Err(error) => report::usage(error),
    }
}

/// Shows the help of a function or what is wrong with its arguments; does nothing if they are right.
pub(crate) fn explain(command: Command, words: &[OsString]) -> Result<ExitCode> {
    match command.disable_help_flag(false).try_get_matches_from(words) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => report::usage(error),
    }
}
