//! Where wheels for new environments are looked for.

use venvwrap_core::python::{self, Interpreter};
use venvwrap_core::wheel::pip_config::PipConfig;
use venvwrap_core::wheel::{Download, Sources};

use crate::process::{self, Process};

/// The places without any option: on this machine, and where pip's settings say.
pub(crate) fn known(process: &Process, interpreter: &Interpreter) -> Sources {
    let search = process.search();
    let home = process.config.home.as_deref();
    let pip = PipConfig::read(&process::names, &process::lookup, home, &process.cwd);
    let known = Sources::on_this_machine(interpreter, python::known_stdlibs(&search), &process::lookup, home);
    Sources { search_dirs: pip.find_links, download: Download::IfMissing, index: pip.index, ..known }
}
