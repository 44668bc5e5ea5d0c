//! Installing packages into an environment: uv's or pip's work, started here, with their own output.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::config::Installer;

use crate::error::{Explain, FAILED, Result};
use crate::process::{Process, is_executable, on_path};

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
    /// The installer cannot be started.
    #[error("could not run `{program}`")]
    Start {
        /// The installer.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
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
            Self::NoFile(_) | Self::Start { .. } | Self::Failed { .. } => None,
        }
    }

    fn status(&self) -> u8 {
        match self {
            Self::Failed { status } => *status,
            Self::NoFile(_) | Self::NoInstaller { .. } | Self::Start { .. } => FAILED,
        }
    }
}

impl Packages {
    /// Takes over what options say: `-i 'a b'` means two packages, as it always did in virtualenvwrapper.
    pub(crate) fn new(packages: &[OsString], requirements: &[PathBuf]) -> Self {
        Self { packages: packages.iter().flat_map(words).collect(), requirements: requirements.to_vec() }
    }

    /// Tells whether there is nothing to install.
    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.requirements.is_empty()
    }

    /// Fails unless all files exist, so that nothing is made in vain.
    pub(crate) fn check(&self, process: &Process) -> Result<(), InstallError> {
        for file in &self.requirements {
            // pip takes URLs too.
            let is_url = file.to_string_lossy().contains("://");
            if !is_url && !process.absolute(file).is_file() {
                return Err(InstallError::NoFile(file.clone()));
            }
        }
        Ok(())
    }
}

/// Installs into the environment at this path, in the current directory.
pub(crate) fn install(process: &Process, env: &Path, packages: &Packages) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let mut command = tool(process, env, "install")?;
    for file in &packages.requirements {
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
    let mut command = tool(process, env, "uninstall")?;
    if command.get_program() == env.join("bin/python") {
        command.arg("--yes");
    }
    command.arg("--");
    Ok(command)
}

fn tool(process: &Process, env: &Path, verb: &str) -> Result<Command, InstallError> {
    let python = env.join("bin/python");
    let uv = match process.config.installer {
        Installer::Pip => None,
        Installer::Auto | Installer::Uv => on_path("uv"),
    };
    if let Some(uv) = uv {
        let mut command = Command::new(uv);
        command.args(["pip", verb, "--python"]).arg(&python);
        return Ok(command);
    }
    let has_pip =
        venvwrap_core::env::packages::site_packages(env).iter().any(|directory| directory.join("pip").is_dir());
    if !is_executable(&python) || !has_pip {
        return Err(InstallError::NoInstaller { env: env.to_path_buf() });
    }
    let mut command = Command::new(python);
    command.args(["-m", "pip", verb]);
    Ok(command)
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
