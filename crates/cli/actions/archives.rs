//! What all archives and packages of environments depend on.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use venvwrap_core::config::variables::SOURCE_DATE_EPOCH;
use venvwrap_core::env::Environment;
use venvwrap_core::env::packages::library_directories;
use venvwrap_core::fs::text::printable;
use venvwrap_core::fs::{self, PathContext as _};
use venvwrap_core::pack::manifest::LeftOut;
use venvwrap_core::pack::{OnEditable, editable_projects};
use venvwrap_core::python::Interpreter;
use venvwrap_core::store::lock::Lock;

use super::{interpreters, listing, tool};
use crate::args::EditableChoice;
use crate::error::{Explain, Result};
use crate::process::{Process, set_variable};
use crate::ui::printer;

/// The variable for reproducible archives holds something else than a time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WrongTime {
    #[error("`SOURCE_DATE_EPOCH` is not a number of seconds")]
    NotANumber,
    #[error("`SOURCE_DATE_EPOCH` is after February 2106, which archives cannot record")]
    TooLate,
}

impl Explain for WrongTime {
    fn hint(&self) -> Option<String> {
        Some("set it to a number such as `$(git log -1 --format=%ct)`, or unset it".into())
    }
}

/// A name with a slash at its end is that of a directory.
#[derive(Debug, thiserror::Error)]
#[error("there is no directory `{}`", .0.display())]
pub(crate) struct NoDirectory(PathBuf);

impl Explain for NoDirectory {
    fn hint(&self) -> Option<String> {
        Some("create it first, or leave out the slash at the end to name a file".into())
    }
}

/// The directory of an environment on another machine is not relative to one on this.
#[derive(Debug, thiserror::Error)]
#[error("`--dest {}` is a relative path", .0.display())]
pub(crate) struct RelativeDestination(PathBuf);

impl Explain for RelativeDestination {
    fn hint(&self) -> Option<String> {
        Some("name the directory on the other machine, as in `--dest /opt/venvs/web`".into())
    }
}

/// Refuses a destination that depends on the current directory.
pub(crate) fn check_destination(destination: Option<&Path>) -> Result<(), RelativeDestination> {
    match destination {
        Some(directory) if directory.is_relative() => Err(RelativeDestination(directory.to_path_buf())),
        _ => Ok(()),
    }
}

/// The base of an environment, if it is here.
pub(crate) fn base(process: &Process, environment: &Environment) -> Option<Interpreter> {
    let found = interpreters::choose_for_existing(process, environment.path()).ok()?.interpreter;
    library_directories(environment.path()).contains(&found.lib_dir_name()).then_some(found)
}

/// The file to write: what was named, else one with the usual name in the directory that was named, or in this one.
pub(crate) fn output(process: &Process, named: Option<&Path>, usual: impl FnOnce() -> OsString) -> Result<PathBuf> {
    let Some(named) = named else { return Ok(process.try_absolute(usual().as_ref())?) };
    let path = process.try_absolute(named)?;
    if path.is_dir() {
        Ok(path.join(usual()))
    } else if named.as_os_str().as_bytes().ends_with(b"/") {
        Err(NoDirectory(path).into())
    } else {
        Ok(path)
    }
}

/// The time that all entries get, if the user wants that.
pub(crate) fn time() -> Result<Option<u64>, WrongTime> {
    let Some(value) = set_variable(SOURCE_DATE_EPOCH) else { return Ok(None) };
    let digits = value.to_str().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = digits.ok_or(WrongTime::NotANumber)?;
    // Neither zip nor rpm knows later times, and one rule is for all.
    digits.parse::<u32>().map(|seconds| Some(seconds.into())).map_err(|_| WrongTime::TooLate)
}

/// Warns where what came from elsewhere cannot be used: neither programs nor compiled packages.
pub(crate) fn tell_inert(path: &Path) {
    if fs::is_inert(path) {
        let shown = printable(path.as_os_str());
        printer::warning(&format!("`{shown}` is on a file system from which nothing may be run"));
    }
}

/// Says what of an environment does not come along.
pub(crate) fn tell_left_out(environment: &Environment, left_out: &LeftOut) {
    let paths =
        |paths: &[PathBuf]| paths.iter().map(|path| environment.path().join(path).into_os_string()).collect::<Vec<_>>();
    let names: Vec<_> = left_out.editable.iter().map(Into::into).collect();
    listing::tell("these hold passwords and were left out", &paths(&left_out.secrets));
    listing::tell("these editable packages were left out", &names);
    listing::tell("these links lead out of the environment and were left out", &paths(&left_out.links));
    listing::tell("these have names that the archive cannot hold, and were left out", &paths(&left_out.names));
    listing::tell("these are mounted, or neither files nor directories, and were left out", &paths(&left_out.special));
}

/// What happens to editable packages, and what holds what was made of them until it is packed.
pub(crate) struct Editables {
    /// What happens to them.
    pub(crate) choice: OnEditable,
    _lock: Option<Lock>,
}

/// The pip of the environment did not install a project.
#[derive(Debug, thiserror::Error)]
#[error("could not install `{}` with the environment's pip", project.display())]
struct NotInstalled {
    project: PathBuf,
}

impl Explain for NotInstalled {
    fn hint(&self) -> Option<String> {
        Some("its output above says why; `--editable skip` leaves such packages out".into())
    }
}

/// Decides about editable packages. Those that are to be copied are installed into the hidden directory of an operation
/// on the environment, which the next command removes if this one is killed.
pub(crate) fn editables(process: &Process, environment: &Environment, choice: EditableChoice) -> Result<Editables> {
    let choice = match choice {
        EditableChoice::Fail => OnEditable::Fail,
        EditableChoice::Skip => OnEditable::Skip,
        EditableChoice::Copy => {
            let lock = process.store.lock(environment.name())?;
            let directory = lock.staging();
            std::fs::create_dir(&directory).at("create", &directory)?;
            for project in editable_projects(environment) {
                install(environment, &project, &directory)?;
            }
            return Ok(Editables { choice: OnEditable::Copy(directory), _lock: Some(lock) });
        }
    };
    Ok(Editables { choice, _lock: None })
}

fn install(environment: &Environment, project: &Path, directory: &Path) -> Result<()> {
    let mut pip = tool::pip_of(&environment.python());
    pip.args(["--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-compile"]);
    pip.arg("--target").arg(directory).arg("--").arg(project).stdin(Stdio::null());
    // Standard output is for data, and pip's words are none.
    let is_installed = tool::run(pip.stdout(std::io::stderr()), b"")?.status.success();
    if is_installed { Ok(()) } else { Err(NotInstalled { project: project.to_path_buf() }.into()) }
}
