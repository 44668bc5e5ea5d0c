//! Which environments `allvirtualenv` may enter when it calls a function of the shell.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::dialect::Dialect;

use crate::actions::enter;
use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;
use crate::ui::report::warn;

/// `enterable SHELL`: prints the names of the environments whose script may be sourced, one a line; tells why each of the
/// others is passed over.
pub(crate) fn run(process: &Process, words: &[OsString]) -> Result<ExitCode> {
    let shell = words.first().and_then(|name| name.to_str()).and_then(Shell::from_name);
    let dialect = shell.map_or(Dialect::Posix, Shell::dialect);
    let mut names = Vec::new();
    for name in process.store.names()? {
        // A name with a line break would be two names.
        if name.as_os_str().as_bytes().contains(&b'\n') {
            continue;
        }
        let environment = process.store.environment(name);
        match enter::judge(process, &environment, &dialect.activate_script(environment.path())) {
            Ok(_) => names.extend([environment.name().as_os_str().as_bytes(), b"\n"].concat()),
            Err(error) => warn(&error),
        }
    }
    printer::data(&names)?;
    Ok(ExitCode::SUCCESS)
}
