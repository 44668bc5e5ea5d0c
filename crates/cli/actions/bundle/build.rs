//! Building wheels of projects and source archives, with the pip of this machine.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use venvwrap_core::bundle::Workshop;
use venvwrap_core::bundle::wish::package_of;
use venvwrap_core::env::direct_url::file_url;
use venvwrap_core::python::Interpreter;
use venvwrap_core::wheel::installer_options;

use super::resolve;
use crate::actions::tool::{self, InstallError};
use crate::error::{Explain, Result};
use crate::process::{self, Process};

/// Why no wheel was built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// It is no project.
    #[error("`{}` has neither `pyproject.toml` nor `setup.py`", .0.display())]
    NoProject(PathBuf),
    /// The Python that it would be for is not here.
    #[error("`{package}` cannot be built for Python {python} and `{platform}` here")]
    NotHere {
        /// The package.
        package: String,
        /// The Python.
        python: String,
        /// The system.
        platform: String,
    },
    /// A wheel is of another package than the one that was to be built.
    #[error("`{package}` was to be built, and the wheel is of `{found}`")]
    Other {
        /// The package.
        package: String,
        /// The package of the wheel.
        found: String,
    },
    /// pip has failed and said why.
    #[error("could not build a wheel of `{0}`")]
    Failed(String),
}

impl Explain for BuildError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoProject(_) => Some("`--project DIR` names the directory of a project".into()),
            Self::NotHere { .. } => Some("build it on a machine like the target, with its version of Python".into()),
            Self::Other { .. } => Some("install the project again, under the name that it has now".into()),
            Self::Failed(_) => None,
        }
    }
}

/// Fails unless a directory holds a project.
pub(crate) fn check_project(project: &Path) -> Result<(), BuildError> {
    let is_there = ["pyproject.toml", "setup.py"].iter().any(|file| project.join(file).is_file());
    if is_there { Ok(()) } else { Err(BuildError::NoProject(project.to_path_buf())) }
}

/// Builds a wheel, and returns the normalised name of its package and the URL of its file. `line` is that of a requirements file.
pub(crate) fn build(
    process: &Process,
    workshop: &Workshop,
    interpreter: &Interpreter,
    line: &str,
    title: &str,
) -> Result<(String, String)> {
    let before = workshop.built()?;
    let mut command = resolve::pip(process, interpreter)?;
    command.args(["wheel", "--quiet", "--no-deps", "-r", "/dev/stdin", "--wheel-dir"]).arg(workshop.wheels());
    let own = ["only-binary", "no-deps", "no-dependencies"];
    tool::remove(&mut command, &installer_options::pip_variables(&own, &process::names));
    if let Some(name) = line.split([' ', '=', '<', '>', '!', '~', '[', ';']).next().filter(|_| !line.contains("://")) {
        command.args(["--no-binary", name]);
    }
    command.current_dir(&process.cwd).stdin(Stdio::piped()).stdout(std::io::stderr());
    let mut child = command.spawn().map_err(|source| InstallError::start(&command, source))?;
    if let Some(mut stdin) = child.stdin.take() {
        // What does not read its input fails by itself, and says why.
        let _ = stdin.write_all(format!("{line}\n").as_bytes());
    }
    let status = child.wait().map_err(|source| InstallError::start(&command, source))?;
    let built = workshop.built()?.into_iter().find(|file| !before.contains(file));
    let named = |file: String| Some((package_of(&file)?, file_url(&workshop.wheels().join(file))));
    match built.and_then(named).filter(|_| status.success()) {
        Some(found) => Ok(found),
        None => Err(BuildError::Failed(title.to_owned()).into()),
    }
}

/// The line that names a project.
pub(crate) fn line_of(project: &Path) -> String {
    file_url(project)
}
