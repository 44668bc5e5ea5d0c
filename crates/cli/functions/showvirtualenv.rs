//! `showvirtualenv`: what is known of one environment.

use std::process::ExitCode;

use crate::args::ShowArgs;
use crate::commands::show;
use crate::error::Result;
use crate::process::{Process, active};
use crate::ui::printer;

/// `showvirtualenv`: without a name and without an active environment, how it is called.
pub(crate) fn run(process: &Process, args: &ShowArgs) -> Result<ExitCode> {
    if args.name.is_none() && active().is_none() {
        printer::data(b"showvirtualenv [env]\n")?;
        return Ok(ExitCode::FAILURE);
    }
    show::run(process, args)
}
