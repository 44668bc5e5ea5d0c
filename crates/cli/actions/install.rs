//! Installing packages into an environment: uv's or pip's work, started here, with their own output.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::wheel::installer_options::{self, InstallerContext};

use super::snapshots;
use super::tool::{self, InstallError, Tool};
use crate::error::Result;
use crate::process::{self, Process};

/// What to install.
pub(crate) struct Packages {
    /// Requirement specifiers.
    pub(crate) packages: Vec<OsString>,
    /// Files that list them.
    pub(crate) requirements: Vec<PathBuf>,
}

impl Packages {
    /// Takes over what options say: `-i 'a b'` means two packages, as it always did in virtualenvwrapper.
    pub(crate) fn new(packages: &[OsString], requirements: &[PathBuf]) -> Self {
        Self { packages: packages.iter().flat_map(words).collect(), requirements: requirements.to_vec() }
    }

    /// Returns whether there is nothing to install.
    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.requirements.is_empty()
    }

    /// Fails unless all files exist, so that nothing is made in vain.
    pub(crate) fn check(&self, process: &Process) -> Result<(), InstallError> {
        for file in &self.requirements {
            if !is_url(file) && !process.absolute(file).is_file() {
                return Err(InstallError::NoFile(file.clone()));
            }
        }
        Ok(())
    }

    /// The files as seen from any directory. Those on the command line are the caller's.
    pub(crate) fn requirement_files(&self, process: &Process) -> Vec<PathBuf> {
        let absolute = |file: &PathBuf| if is_url(file) { file.clone() } else { process.absolute(file) };
        self.requirements.iter().map(absolute).collect()
    }
}

/// pip takes addresses of files too.
fn is_url(file: &Path) -> bool {
    file.to_string_lossy().contains("://")
}

/// The directory in which packages are installed: the project, as in virtualenvwrapper, which goes there first. What a
/// requirements file says with a relative path (`-e .`) is meant from there.
pub(crate) fn directory(process: &Process, project: Option<&Path>) -> PathBuf {
    project.filter(|project| project.is_dir()).unwrap_or(&process.cwd).to_path_buf()
}

/// Installs into the environment at this path, in this directory.
pub(crate) fn install(process: &Process, env: &Path, packages: &Packages, directory: &Path) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    process.config.require(&["installer"])?;
    if let Some(name) = env.file_name().and_then(|name| EnvName::typed(name).ok()) {
        snapshots::before(process, &Environment::new(name, env.to_path_buf()), "install");
    }
    let context = InstallerContext {
        lookup: &process::lookup,
        home: process.config.home.as_deref(),
        env,
        current_dir: directory,
    };
    let mut command = installer(process, &context)?;
    command.current_dir(directory);
    for file in packages.requirement_files(process) {
        command.arg("-r").arg(file);
    }
    // A package whose name begins with a dash is not to become an option.
    command.arg("--").args(&packages.packages).env("VIRTUAL_ENV", env);
    let status = command.status().map_err(|source| InstallError::start(&command, source))?;
    if status.success() {
        return Ok(());
    }
    let status = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(InstallError::Failed { status }.into())
}

/// The start of a command that removes packages from the environment without asking.
pub(crate) fn uninstaller(process: &Process, env: &Path) -> Result<Command, InstallError> {
    let mut command = tool::start(process, env, "uninstall")?;
    if command.get_program() == env.join("bin/python") {
        command.arg("--yes");
        tool::remove(&mut command, &installer_options::removed_from_pip());
    }
    command.arg("--");
    Ok(command)
}

/// uv, told what pip's settings say; pip where there is no uv or none that could follow them.
fn installer(process: &Process, context: &InstallerContext<'_>) -> Result<Command, InstallError> {
    tool::command(&Tool::choose(process, context)?, context)
}

/// Splits at blanks, but not a requirement that itself holds blanks: `a >= 1`, `a; python_version < "3"`, `a @ URL`.
fn words(text: &OsString) -> Vec<OsString> {
    let whole = || vec![text.clone()];
    let Some(utf8) = text.to_str() else { return whole() };
    let begins_a_name = |word: &str| word.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/'));
    if utf8.contains(';') || !utf8.split_whitespace().all(begins_a_name) || utf8.ends_with(['<', '>', '=', ',']) {
        return whole();
    }
    utf8.split_whitespace().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_option_may_name_several_packages() {
        let split = |text: &str| Packages::new(&[text.into()], &[]).packages;
        assert_eq!(split("a b==1 ./c"), ["a", "b==1", "./c"]);
        for whole in ["a >= 1", "a; python_version < '3'", "a @ https://x/y", "--evil"] {
            assert_eq!(split(whole), [whole]);
        }
    }
}
