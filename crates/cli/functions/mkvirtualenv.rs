//! `mkvirtualenv` where a function of the shell takes the place of the creator program.

use std::process::{Command, ExitStatus};

use anyhow::Result;
use venvwrap_core::config::Creator;

use super::words;
use crate::actions::make::{self, CreateRequest};
use crate::process::Process;

/// Notes what a function of the shell has made in the place of a creator program; nothing when it made nothing.
pub(crate) fn note_made(process: &Process, request: &CreateRequest<'_>) -> Result<()> {
    if let Creator::Program(program) = &process.config.creator {
        make::foreign(process, request, program, &mut |_: &mut Command| Ok(ExitStatus::default()))?;
    }
    make::complete(process, &request.name);
    words::announce(request)
}
