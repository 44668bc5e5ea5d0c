//! `virtualenvwrapper`: what there is, in one screen.

use std::process::ExitCode;

use crate::error::Result;
use crate::process::{Process, own_path};
use crate::ui::printer;

/// Every shell function, and what it is for.
pub(crate) const FUNCTIONS: [(&str, &str); 20] = [
    ("add2virtualenv", "put a directory onto the import path of the active environment"),
    ("allvirtualenv", "run a command in every environment"),
    ("cdproject", "change to the project directory of the active environment"),
    ("cdsitepackages", "change to the site-packages of the active environment"),
    ("cdvirtualenv", "change to the directory of the active environment"),
    ("cpvirtualenv", "copy an environment"),
    ("deactivate", "leave the active environment"),
    ("lssitepackages", "list the site-packages of the active environment"),
    ("lsvirtualenv", "list the environments"),
    ("mkproject", "make a project directory with an environment of its own"),
    ("mktmpenv", "make an environment that is removed when it is left (also: mktempenv)"),
    ("mkvirtualenv", "make an environment and activate it"),
    ("rmvirtualenv", "remove environments"),
    ("setvirtualenvproject", "associate an environment with a project directory"),
    ("showvirtualenv", "show what is known of an environment"),
    ("toggleglobalsitepackages", "show or hide the packages of the base Python"),
    ("venvwrap", "the program behind all this; it also works without a shell"),
    ("virtualenvwrapper", "show this"),
    ("wipeenv", "remove all packages from the active environment"),
    ("workon", "activate an environment, or choose from all of them"),
];

/// Prints the overview.
pub(crate) fn run(process: &Process) -> Result<ExitCode> {
    let width = FUNCTIONS.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let functions: Vec<_> = FUNCTIONS.iter().map(|(name, help)| format!("  {name:width$}  {help}\n")).collect();
    let functions = functions.concat();
    let home = process.config.home.as_deref();
    let projects =
        process.config.project_home.as_ref().map_or_else(|| "not set".to_string(), |path| printer::shown(path, home));
    let text = format!(
        "venvwrap {} keeps Python environments by name, as virtualenvwrapper does.\n\n\
         program       {}\nWORKON_HOME   {}\nPROJECT_HOME  {projects}\nhooks         {}\n\n\
         Commands available; most have --help:\n\n{functions}",
        env!("CARGO_PKG_VERSION"),
        printer::shown(&own_path(), home),
        printer::shown(process.store.home(), home),
        printer::shown(&process.config.hook_dir, home),
    );
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
