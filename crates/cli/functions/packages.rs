//! What is done to the packages of the active environment: `add2virtualenv`, `lssitepackages`,
//! `toggleglobalsitepackages`, `wipeenv`.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::CommandFactory;
use venvwrap_core::env::path_file;
use venvwrap_core::env::{Environment, packages};
use venvwrap_core::wheel::policy;

use super::parse::explain;
use super::words;
use crate::actions::{self, find, install, snapshots, tool};
use crate::args::{Add2virtualenvFunction, LssitepackagesFunction, ToggleglobalsitepackagesFunction, WipeenvFunction};
use crate::error::{Explain, Result};
use crate::process::Process;
use crate::ui::printer::{self, shown};

/// Why nothing was done to the packages of an environment.
#[derive(Debug, thiserror::Error)]
enum PackagesError {
    /// Its directory of packages is missing.
    #[error("`{}` has no site-packages directory", .0.display())]
    NoSitePackages(PathBuf),
    /// They could not be listed.
    #[error("could not run `ls`")]
    Ls(#[source] io::Error),
    /// The installer has failed and said why.
    #[error("could not remove all packages")]
    Incomplete,
}

impl Explain for PackagesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoSitePackages(_) => {
                Some("`mkvirtualenv --clear` with the same name recreates the environment".into())
            }
            Self::Ls(_) | Self::Incomplete => None,
        }
    }
}

/// `add2virtualenv`: directories onto the import path, or off it. Without any it shows those that are there.
pub(crate) fn add(process: &Process, function: &Add2virtualenvFunction) -> Result<ExitCode> {
    let environment = find::find_or_active(process, None)?;
    let file = site_packages(&environment)?.join(path_file::FILE_NAME);
    if function.directories.is_empty() && !function.delete {
        printer::data(b"Usage: add2virtualenv dir [dir ...]\n")?;
        let entries = path_file::entries(&file)?;
        if !entries.is_empty() {
            printer::data(b"\nExisting paths:\n")?;
        }
        entries.iter().try_for_each(|entry| printer::line(entry.as_os_str()))?;
        return Ok(ExitCode::FAILURE);
    }
    let mut directories = Vec::new();
    for directory in &function.directories {
        let absolute = process.absolute(directory);
        if absolute.as_os_str() != directory.as_os_str() {
            let (given, absolute) = (shown(directory, None), shown(&absolute, None));
            printer::message(&format!("Warning: Converting \"{given}\" to \"{absolute}\""));
        }
        directories.push(absolute);
    }
    if function.delete {
        path_file::remove(environment.path(), &file, &directories)?;
    } else {
        path_file::add(environment.path(), &file, &directories)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `lssitepackages`: `ls` with the user's options, and the directories that `add2virtualenv` has added.
pub(crate) fn list(words: &[OsString]) -> Result<ExitCode> {
    if words.get(1).is_some_and(|word| word == "--help") {
        return explain(LssitepackagesFunction::command(), words);
    }
    let process = Process::take_in(None)?;
    words::verify_home(&process)?;
    let directory = site_packages(&find::find_or_active(&process, None)?)?;
    let status = Command::new("ls").args(&words[1..]).arg(&directory).status().map_err(PackagesError::Ls)?;
    let file = directory.join(path_file::FILE_NAME);
    if let Ok(content) = path_file::read(&file) {
        printer::data(format!("\n{}:\n", path_file::FILE_NAME).as_bytes())?;
        printer::foreign(&content)?;
    }
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

/// `toggleglobalsitepackages`: whether the packages of the base Python are visible.
pub(crate) fn toggle(process: &Process, function: &ToggleglobalsitepackagesFunction) -> Result<ExitCode> {
    let environment = find::find_or_active(process, None)?;
    let is_on = environment.toggle_system_site_packages()?;
    if !function.quiet {
        let word = if is_on { "Enabled" } else { "Disabled" };
        printer::data(format!("{word} global site-packages\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `wipeenv`: removes every package that a new environment would not have, editable ones too.
pub(crate) fn wipe(process: &Process, _: &WipeenvFunction) -> Result<ExitCode> {
    let environment = find::find_or_active(process, None)?;
    let mut names: Vec<String> = Vec::new();
    for directory in packages::site_packages(environment.path()) {
        names.extend(packages::names(&directory).into_iter().filter(|name| !policy::is_seed(name)));
    }
    if names.is_empty() {
        printer::data(b"Nothing to remove.\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    // Without `pyvenv.cfg` its Python is the base one, which pip would remove them from.
    actions::packages::read(process, &environment)?;
    printer::foreign(format!("Uninstalling packages:\n\n{}\n", names.join("\n")).as_bytes())?;
    snapshots::before(process, &environment, "wipeenv");
    let mut command = install::uninstaller(process, environment.path())?;
    if !tool::run(command.args(&names), b"")?.status.success() {
        return Err(PackagesError::Incomplete.into());
    }
    Ok(ExitCode::SUCCESS)
}

fn site_packages(environment: &Environment) -> Result<PathBuf> {
    match environment.site_packages() {
        Some(path) => Ok(path),
        None => Err(PackagesError::NoSitePackages(environment.path().to_path_buf()).into()),
    }
}
