//! Installing packages into an environment: uv's or pip's work, started here, with their own output.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::env::Environment;
use venvwrap_core::env::direct_url::file_url;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::PathContext as _;
use venvwrap_core::wheel::installer_options;

use super::installed_words::{QUIET, Words};
use super::tool::{self, InstallError, Tool};
use super::{inputs, snapshots};
use crate::args::PackageOptions;
use crate::error::Result;
use crate::process::{self, Process};

/// What to install.
#[expect(clippy::struct_field_names, reason = "one of its fields is what people call packages")]
pub(crate) struct Packages {
    /// Requirement specifiers.
    pub(crate) packages: Vec<OsString>,
    /// Files that list them.
    pub(crate) requirements: Vec<PathBuf>,
    /// Projects to install in editable mode, with extras perhaps.
    pub(crate) editables: Vec<PathBuf>,
    /// Dependency groups of the project.
    pub(crate) groups: Vec<String>,
    /// Whether the installer says only what goes wrong.
    pub(crate) is_quiet: bool,
}

impl Packages {
    /// Takes over what options say: `-i 'a b'` means two packages, as it always did in virtualenvwrapper.
    pub(crate) fn new(options: &PackageOptions) -> Self {
        Self::from_directory(options, Path::new(""))
    }

    fn from_directory(options: &PackageOptions, directory: &Path) -> Self {
        Self {
            packages: options.packages.iter().flat_map(|text| words(text, directory)).collect(),
            requirements: options.requirements.clone(),
            editables: options.editables.clone(),
            groups: options.groups.clone(),
            is_quiet: false,
        }
    }

    /// The same with paths meant from the directory of the project, where the installer looks for `./PATH`.
    pub(crate) fn relative_to(options: &PackageOptions, directory: &Path) -> Self {
        let packages = Self::from_directory(options, directory);
        let absolute = |place: PathBuf| if is_url(&place) { place } else { directory.join(place) };
        Self { editables: packages.editables.into_iter().map(absolute).collect(), ..packages }
    }

    /// The same, installed without a word if `quiet` was given.
    ///
    /// `mkvirtualenv -q` is virtualenvwrapper's: there it is the creator that says nothing, and the installer speaks.
    pub(crate) fn quietly(self, quiet: u8) -> Self {
        Self { is_quiet: quiet > 0, ..self }
    }

    /// Returns whether there is nothing to install.
    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.requirements.is_empty() && self.editables.is_empty() && self.groups.is_empty()
    }

    /// Fails unless all files exist, so that nothing is made in vain.
    pub(crate) fn check(&self, process: &Process) -> Result<(), InstallError> {
        for file in &self.requirements {
            let path = process.absolute(file);
            match std::fs::metadata(&path) {
                _ if is_url(file) || inputs::is_pipe(file) => {}
                Ok(found) if found.is_file() => {}
                Ok(_) => return Err(InstallError::NotAFile(file.clone())),
                Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    Err(error).at("read", &path)?;
                }
                Err(_) => return Err(InstallError::NoFile(file.clone())),
            }
        }
        for project in self.editables.iter().filter(|project| !is_url(project)) {
            let directory = process.absolute(divided(process, project).0);
            if !["pyproject.toml", "setup.py"].iter().any(|file| directory.join(file).is_file()) {
                return Err(InstallError::NoProject(directory));
            }
        }
        Ok(())
    }

    /// The words for pip and uv. Paths on the command line are those of the caller, whatever the directory is.
    pub(crate) fn words(&self, process: &Process) -> Vec<OsString> {
        let absolute = |path: &Path| if is_url(path) { path.to_path_buf() } else { process.absolute(path) };
        let mut words = Vec::new();
        words.extend(self.is_quiet.then(|| QUIET.into()));
        for file in &self.requirements {
            let file = if inputs::is_pipe(file) { file.clone() } else { absolute(file) };
            words.extend(["-r".into(), file.into_os_string()]);
        }
        for project in &self.editables {
            let (directory, extras) = divided(process, project);
            let mut word = absolute(directory).into_os_string();
            if extras.is_empty() && word.as_bytes().ends_with(b"]") && !is_url(project) {
                word = file_url(Path::new(&word)).into();
            }
            word.push(extras);
            words.extend(["-e".into(), word]);
        }
        for group in &self.groups {
            words.push(format!("--group={group}").into());
        }
        // A package whose name begins with a dash is not to become an option.
        words.push("--".into());
        words.extend(self.packages.iter().cloned());
        words
    }
}

/// Does so, as pip does, only where that leaves a directory: the brackets may be in the name of one.
fn divided<'p>(process: &Process, project: &'p Path) -> (&'p Path, &'p OsStr) {
    let (directory, extras) = without_extras(project);
    let is_name = !process.absolute(directory).is_dir() && process.absolute(project).is_dir();
    if is_name { (project, OsStr::new("")) } else { (directory, extras) }
}

/// Separates a directory from the extras in brackets after it.
fn without_extras(project: &Path) -> (&Path, &OsStr) {
    let bytes = project.as_os_str().as_bytes();
    let at = bytes.iter().rposition(|&byte| byte == b'[').filter(|at| *at > 0 && bytes.ends_with(b"]"));
    let (directory, extras) = bytes.split_at(at.unwrap_or(bytes.len()));
    (Path::new(OsStr::from_bytes(directory)), OsStr::from_bytes(extras))
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

/// Fails if pip would refuse its settings, or what the user wants to install with is not here.
pub(crate) fn check_settings(process: &Process, env: &Path, directory: &Path) -> Result<(), InstallError> {
    installer_options::for_pip(&process.installer_context(env, directory))?;
    tool::uv(process).map(drop)
}

/// Fails if nothing could install into an environment that will get no pip; what it has, it keeps if `keeps` is true.
pub(crate) fn check_installer(
    process: &Process,
    env: &Path,
    directory: &Path,
    keeps: bool,
) -> Result<(), InstallError> {
    let context = process.installer_context(env, directory);
    match Tool::choose(process, &context) {
        Ok(Tool::Pip) if !keeps => Err(InstallError::WithoutPip),
        Err(InstallError::NoInstaller) if !keeps || !env.exists() => Err(InstallError::WithoutPip),
        other => other.map(|_| ()),
    }
}

/// Installs into the environment at this path, in this directory.
pub(crate) fn install(process: &Process, env: &Path, packages: &Packages, directory: &Path) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    install_words(process, env, &packages.words(process), directory, Output::Plain)
}

/// Where the installer's own words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Where it writes them.
    Plain,
    /// To standard error, and only those that matter: standard output is another command's.
    Quiet,
}

/// Installs what [`Packages::words`] says.
pub(crate) fn install_words(
    process: &Process,
    env: &Path,
    words: &[OsString],
    directory: &Path,
    output: Output,
) -> Result<()> {
    process.config.require(&["installer"])?;
    if let Some(name) = env.file_name().and_then(|name| EnvName::typed(name).ok()) {
        snapshots::before(process, &Environment::new(name, env.to_path_buf()), "install");
    }
    let context = process.installer_context(env, directory);
    let words = Words::read(words, directory)?;
    if words.is_empty() {
        return Ok(());
    }
    let tool = Tool::choose_for(process, &context, words.is_not_for_uv, &words.options)?;
    let mut command = tool::command(&tool, &context, &words.options)?;
    command.current_dir(directory);
    if output == Output::Quiet {
        command.arg(QUIET);
    }
    if words.is_quiet() {
        // pip would speak of its own new version.
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    }
    let input = words.add_to(&mut command, &tool);
    command.env("VIRTUAL_ENV", env);
    let status = match output {
        Output::Quiet => tool::run_to_stderr(&mut command, input)?,
        Output::Plain => match tool::run_aloud(&mut command, input) {
            // The environment is new.
            Err(InstallError::Stopped) => return Err(InstallError::Interrupted.into()),
            other => other?,
        },
    };
    if status.success() {
        return Ok(());
    }
    let status = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    let is_pip = matches!(tool, Tool::Pip);
    // Of a temporary environment nothing is left.
    Err(match output {
        Output::Quiet => InstallError::Incomplete { status },
        Output::Plain => InstallError::Failed { status, is_old: is_pip && words.has_unknown_option(status) },
    }
    .into())
}

/// The start of a command that removes packages from the environment without asking.
pub(crate) fn uninstaller(process: &Process, env: &Path) -> Result<Command, InstallError> {
    let mut command = tool::start(process, env, "uninstall")?;
    if command.get_program() == env.join("bin/python") {
        command.arg("--yes");
        tool::remove(&mut command, &installer_options::removed_from_pip(&process::names));
    }
    command.arg("--");
    Ok(command)
}

/// Splits at blanks, but not a requirement that itself holds blanks: `a >= 1`, `a; python_version < "3"`, `a @ URL`, and
/// the path of something that is there.
fn words(text: &OsString, directory: &Path) -> Vec<OsString> {
    let whole = || vec![text.clone()];
    let Some(utf8) = text.to_str() else { return whole() };
    let begins_a_name = |word: &str| word.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/'));
    let is_path = || utf8.contains('/') && directory.join(without_extras(Path::new(text)).0).exists();
    if is_path()
        || utf8.contains(';')
        || !utf8.split_whitespace().all(begins_a_name)
        || utf8.ends_with(['<', '>', '=', ','])
    {
        return whole();
    }
    utf8.split_whitespace().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extras_are_no_part_of_a_directory() {
        for (text, directory, extras) in
            [(".", ".", ""), (".[dev]", ".", "[dev]"), ("/a[b]/c[x,y]", "/a[b]/c", "[x,y]")]
        {
            assert_eq!(without_extras(Path::new(text)), (Path::new(directory), OsStr::new(extras)));
        }
        assert_eq!(without_extras(Path::new("[x]")).0, Path::new("[x]"));
    }

    #[test]
    fn one_option_may_name_several_packages() {
        let split = |text: &str| {
            Packages::new(&PackageOptions { packages: vec![text.into()], ..PackageOptions::default() }).packages
        };
        assert_eq!(split("a b==1 ./c"), ["a", "b==1", "./c"]);
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("{}/{name}", root.path().display());
        std::fs::create_dir(path("my proj")).unwrap();
        for text in [path("my proj"), path("my proj[dev, docs]")] {
            assert_eq!(split(&text), [text.as_str()]);
        }
        let options = PackageOptions { packages: vec!["./my proj[dev]".into()], ..PackageOptions::default() };
        assert_eq!(Packages::relative_to(&options, root.path()).packages, ["./my proj[dev]"]);
        assert_eq!(split(&path("my other")), [path("my").as_str(), "other"]);
        assert_eq!(split(".[dev,docs]"), [".[dev,docs]"]);
        for whole in ["a >= 1", "a; python_version < '3'", "a @ https://x/y", "--evil"] {
            assert_eq!(split(whole), [whole]);
        }
    }
}
