//! Installing packages into an environment: uv's or pip's work, started here, with their own output.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::config::Installer;
use venvwrap_core::wheel::installer_options::{self, InstallerContext, InstallerOptions, NotForUv};

use super::interrupt;
use crate::error::{Explain, FAILED, Result};
use crate::process::{self, Process, is_executable, on_path};

/// What to install.
pub(crate) struct Packages {
    /// Requirement specifiers.
    pub(crate) packages: Vec<OsString>,
    /// Files that list them.
    pub(crate) requirements: Vec<PathBuf>,
}

/// Why packages were not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// A file of requirements is missing.
    #[error("the requirements file `{}` does not exist", .0.display())]
    NoFile(PathBuf),
    /// There is nothing to install with.
    #[error("`{}` has no pip, and uv is not on PATH", env.display())]
    NoInstaller {
        /// The environment.
        env: PathBuf,
    },
    /// uv is there, and would install something other than pip.
    #[error("`{}` has no pip, and {reason}", env.display())]
    NotForUv {
        /// The environment.
        env: PathBuf,
        /// Which setting uv cannot follow.
        reason: NotForUv,
    },
    /// The installer cannot be started.
    #[error("could not run `{program}`")]
    Start {
        /// The installer.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Ctrl-C has ended the installer.
    #[error("interrupted: not all packages are installed; the environment itself is ready")]
    Interrupted,
    /// The installer has failed and said why.
    #[error("could not install the packages; the environment itself is ready")]
    Failed {
        /// The exit status of the installer.
        status: u8,
    },
}

impl InstallError {
    /// The error of an installer that could not be started.
    pub(crate) fn start(command: &Command, source: io::Error) -> Self {
        Self::Start { program: command.get_program().to_string_lossy().into_owned(), source }
    }
}

impl Explain for InstallError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoInstaller { .. } => Some("create the environment without `--no-pip`, or install uv".into()),
            Self::NotForUv { .. } => Some("create the environment without `--no-pip`, so that pip can install".into()),
            Self::NoFile(_) | Self::Start { .. } | Self::Failed { .. } | Self::Interrupted => None,
        }
    }

    fn status(&self) -> u8 {
        match self {
            Self::Failed { status } => *status,
            Self::Interrupted => interrupt::STATUS,
            Self::NoFile(_) | Self::NoInstaller { .. } | Self::NotForUv { .. } | Self::Start { .. } => FAILED,
        }
    }
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
    let watch = interrupt::wait();
    let status = command.status().map_err(|source| InstallError::start(&command, source))?;
    drop(watch);
    if interrupt::was_interrupted() {
        return Err(InstallError::Interrupted.into());
    }
    if status.success() {
        return Ok(());
    }
    let status = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(InstallError::Failed { status }.into())
}

/// The start of a command that removes packages from the environment without asking.
pub(crate) fn uninstaller(process: &Process, env: &Path) -> Result<Command, InstallError> {
    let mut command = match uv(process) {
        Some(uv) => uv_command(&uv, env, "uninstall"),
        None => pip_command(env, "uninstall").ok_or_else(|| InstallError::NoInstaller { env: env.to_path_buf() })?,
    };
    if command.get_program() == env.join("bin/python") {
        command.arg("--yes");
        remove(&mut command, &installer_options::removed_from_pip());
    }
    command.arg("--");
    Ok(command)
}

/// uv, told what pip's settings say; pip where there is no uv or none that could follow them.
fn installer(process: &Process, context: &InstallerContext<'_>) -> Result<Command, InstallError> {
    let mut reason = None;
    if let Some(uv) = uv(process) {
        match installer_options::for_uv(context) {
            Ok(options) => return Ok(with_options(uv_command(&uv, context.env, "install"), options)),
            Err(error) => reason = Some(error),
        }
    }
    let env = || context.env.to_path_buf();
    let command = pip_command(context.env, "install").ok_or_else(|| match reason {
        Some(reason) => InstallError::NotForUv { env: env(), reason },
        None => InstallError::NoInstaller { env: env() },
    })?;
    Ok(with_options(command, installer_options::for_pip(context)))
}

fn with_options(mut command: Command, options: InstallerOptions) -> Command {
    remove(&mut command, &options.removed);
    command.args(options.arguments).envs(options.variables);
    command
}

fn remove(command: &mut Command, variables: &[String]) {
    for variable in variables {
        command.env_remove(variable);
    }
}

fn uv(process: &Process) -> Option<PathBuf> {
    match process.config.installer {
        Installer::Pip => None,
        Installer::Auto | Installer::Uv => on_path("uv"),
    }
}

fn uv_command(uv: &Path, env: &Path, verb: &str) -> Command {
    let mut command = Command::new(uv);
    command.args(["pip", verb, "--python"]).arg(env.join("bin/python"));
    command
}

/// The environment's pip; none where it has none.
fn pip_command(env: &Path, verb: &str) -> Option<Command> {
    let python = env.join("bin/python");
    let has_pip =
        venvwrap_core::env::packages::site_packages(env).iter().any(|directory| directory.join("pip").is_dir());
    if !is_executable(&python) || !has_pip {
        return None;
    }
    let mut command = Command::new(python);
    command.args(["-m", "pip", verb]);
    Some(command)
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
