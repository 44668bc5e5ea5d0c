//! `mkvirtualenv` where a function of the shell takes the place of the creator program.

use std::process::{Command, ExitStatus};

use venvwrap_core::config::Creator;

use super::words;
use crate::actions::make::{self, Wanted};
use crate::error::Result;
use crate::process::Process;

/// Notes what a function of the shell has made in the place of a creator program; nothing when it made nothing.
pub(crate) fn note_made(process: &Process, wanted: &Wanted<'_>) -> Result<()> {
    if let Creator::Program(program) = &process.config.creator {
        make::foreign(process, wanted, program, &mut |_: &mut Command| Ok(ExitStatus::default()))?;
    }
    make::complete(process, &wanted.name);
    words::announce(wanted)
}
