//! What installs: uv, told what pip's settings say, or the environment's pip.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};

use venvwrap_core::config::Installer;
use venvwrap_core::env::packages::has_pip;
use venvwrap_core::fs::PathError;
use venvwrap_core::shell::safety::SafetyError;
use venvwrap_core::snapshot::credentials::hide_in_words;
use venvwrap_core::wheel::file_options::FileOptions;
use venvwrap_core::wheel::installer_options::{self, InstallerContext, InstallerOptions, NoOptions, NotForUv};
use venvwrap_core::wheel::pip_refusal::PipRefusal;

use super::{enter, interrupt, passed_on};
use crate::error::{Explain, FAILED};
use crate::process::{Process, is_executable, on_path};
use crate::ui::printer;

/// Why packages were not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// A file of requirements is missing.
    #[error("the requirements file `{}` does not exist", .0.display())]
    NoFile(PathBuf),
    /// It is there, and no file.
    #[error("the requirements file `{}` is not a file", .0.display())]
    NotAFile(PathBuf),
    /// A file of requirements is hidden from the user.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A directory to install holds no project.
    #[error("`{}` has neither `pyproject.toml` nor `setup.py`", .0.display())]
    NoProject(PathBuf),
    /// There is nothing to install with.
    #[error("the environment has no pip, and uv is not on PATH")]
    NoInstaller,
    /// The same before anything is made.
    #[error("no packages can be installed: the environment is to have no pip, and uv is not on PATH")]
    WithoutPip,
    /// The setting wants nothing else.
    #[error("`installer` is `uv`, which is not on PATH")]
    NoUv,
    /// pip would do nothing.
    #[error(transparent)]
    Settings(#[from] PipRefusal),
    /// uv is there, and would install something other than pip.
    #[error("the environment has no pip, and {reason}")]
    NotForUv {
        /// Which setting uv cannot follow.
        reason: NotForUv,
    },
    /// uv is there, and refuses what pip installs.
    #[error("the environment has no pip, and uv refuses editable packages such as `-e git+https://…` or `-e './a#b'`")]
    NotEditable,
    /// The installer cannot be started.
    #[error("could not run `{program}`")]
    Start {
        /// The installer.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others could have put a program into the environment.
    #[error(transparent)]
    Unsafe(#[from] SafetyError),
    /// Ctrl-C has ended the installer.
    #[error("interrupted: not all packages are installed; the environment itself is ready")]
    Interrupted,
    /// Ctrl-C has ended what works on an environment that is there already.
    #[error("interrupted")]
    Stopped,
    /// The installer has failed and said why.
    #[error("could not install the packages; the environment itself is ready")]
    Failed {
        /// The exit status of the installer.
        status: u8,
        /// It is a pip that does not know `--group`.
        is_old: bool,
    },
    /// An index wants a user name and a password.
    #[error("pip cannot ask for the user name and password of an index here")]
    NobodyToAsk,
    /// The environment's pip cannot ask the index for hashes.
    #[error("pip {version} does not tell hashes")]
    OldPip {
        /// Its version.
        version: String,
    },
    /// The installer has failed to ask the index, and said why.
    #[error("could not find the hashes of all packages")]
    NoHashes {
        /// Whether an index has not answered.
        is_unanswered: bool,
    },
    /// The installer of an exact set of packages has failed and said why.
    #[error("could not install the packages")]
    Incomplete {
        /// The exit status of the installer.
        status: u8,
    },
}

/// What installs.
#[derive(Clone, Debug)]
pub(super) enum Tool {
    /// uv, at this path.
    Uv(PathBuf),
    /// The environment's pip.
    Pip,
}

impl Tool {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Uv(_) => "uv",
            Self::Pip => "pip",
        }
    }

    /// Returns pip, if an environment has it.
    pub(super) fn pip(context: &InstallerContext<'_>) -> Option<Self> {
        pip_command(context.env, "install").map(|_| Self::Pip)
    }

    /// Chooses what installs something that uv may refuse: pip takes its place then, and a line says so.
    pub(super) fn choose_for(
        process: &Process,
        context: &InstallerContext<'_>,
        is_not_for_uv: bool,
        file: &FileOptions,
    ) -> Result<Self, InstallError> {
        match Self::choose(process, context)?.for_file(context, file)? {
            Self::Uv(_) if is_not_for_uv => {
                let pip = Self::pip(context).ok_or(InstallError::NotEditable)?;
                printer::message(
                    "installing with pip: uv refuses editable packages such as `-e git+https://…` or `-e './a#b'`",
                );
                Ok(pip)
            }
            tool => Ok(tool),
        }
    }

    /// Returns what installs from a requirements file with these options: pip where uv would ask other indexes.
    pub(super) fn for_file(self, context: &InstallerContext<'_>, file: &FileOptions) -> Result<Self, InstallError> {
        match (&self, installer_options::for_uv(context, file)) {
            (Self::Uv(_), Err(NoOptions::NotForUv(reason))) => {
                Self::pip(context).ok_or(InstallError::NotForUv { reason })
            }
            _ => Ok(self),
        }
    }

    /// Chooses what installs into an environment.
    pub(super) fn choose(process: &Process, context: &InstallerContext<'_>) -> Result<Self, InstallError> {
        enter::judge_programs(process, context.env, None)?;
        let mut reason = None;
        if let Some(uv) = uv(process)? {
            match installer_options::for_uv(context, &FileOptions::default()) {
                Ok(_) => return Ok(Self::Uv(uv)),
                Err(NoOptions::NotForUv(error)) => reason = Some(error),
                Err(NoOptions::Refused(refusal)) => return Err(refusal.into()),
            }
        }
        // pip says so itself, but when the environment is made.
        installer_options::for_pip(context)?;
        match (pip_command(context.env, "install"), reason) {
            (Some(_), _) => Ok(Self::Pip),
            (None, Some(reason)) => Err(InstallError::NotForUv { reason }),
            (None, None) => Err(InstallError::NoInstaller),
        }
    }
}

impl From<NoOptions> for InstallError {
    fn from(error: NoOptions) -> Self {
        match error {
            NoOptions::Refused(refusal) => Self::Settings(refusal),
            NoOptions::NotForUv(reason) => Self::NotForUv { reason },
        }
    }
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
            Self::Unsafe(error) => error.hint(),
            Self::NoProject(_) => Some("`-e DIR` installs the project in DIR; `-i PACKAGE` installs a package".into()),
            Self::NoInstaller => Some("`python -m ensurepip` in the environment installs pip; or install uv".into()),
            Self::NoUv => Some("install uv, or let pip take its place: `venvwrap config set installer auto`".into()),
            Self::WithoutPip => Some("leave out `--no-pip`, or install uv".into()),
            Self::NotEditable => Some("`python -m ensurepip` in the environment installs pip, which takes them".into()),
            Self::NotForUv { .. } => Some("`python -m ensurepip` in the environment installs pip, which has it".into()),
            Self::Settings(refusal) => refusal.hint(),
            Self::OldPip { .. } => Some("upgrade pip in the environment to 25.1 or later, or install uv".into()),
            Self::NobodyToAsk => Some("pip takes them from `~/.netrc`, a keyring, or the URL of the index".into()),
            Self::NoHashes { is_unanswered: true } => Some("try again when the index answers".into()),
            Self::NoHashes { .. } => Some("packages that no index has cannot be in a lock".into()),
            Self::Path(error) => error.hint(),
            Self::Failed { is_old: true, .. } => {
                Some("`--group` needs pip 25.1 or later, or uv: upgrade pip in the environment, or install uv".into())
            }
            Self::NoFile(_)
            | Self::NotAFile(_)
            | Self::Start { .. }
            | Self::Failed { .. }
            | Self::Incomplete { .. }
            | Self::Interrupted
            | Self::Stopped => None,
        }
    }

    fn status(&self) -> u8 {
        match self {
            Self::Failed { status, .. } | Self::Incomplete { status } => *status,
            Self::Interrupted | Self::Stopped => interrupt::status(),
            Self::NoFile(_)
            | Self::NotAFile(_)
            | Self::NotEditable
            | Self::Path(_)
            | Self::NoProject(_)
            | Self::NoInstaller
            | Self::NoUv
            | Self::WithoutPip
            | Self::NotForUv { .. }
            | Self::Settings(_)
            | Self::OldPip { .. }
            | Self::NobodyToAsk
            | Self::NoHashes { .. }
            | Self::Start { .. }
            | Self::Unsafe(_) => FAILED,
        }
    }

    fn is_interruption(&self) -> bool {
        matches!(self, Self::Interrupted)
    }
}

/// Runs an installer, which reads `input`, to its end, and returns what it has printed. Fails if it was interrupted:
/// nothing more must be done then.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Result<Output, InstallError> {
    let output = interrupt::output_of(command, input).map_err(|source| InstallError::start(command, source))?;
    if output.status.code() == Some(ASKED) && !interrupt::was_interrupted() {
        // It names the index, also where nothing else that it says is of interest.
        tell(&output.stderr);
    }
    judged(output.status).map(|_| output)
}

/// Runs an installer whose words people read as it says them, and returns how it has ended.
pub(super) fn run_aloud(command: &mut Command, input: &[u8]) -> Result<ExitStatus, InstallError> {
    let status = passed_on::run(command, input);
    judged(status.map_err(|source| InstallError::start(command, source))?)
}

/// The same where all that it says is for standard error.
pub(super) fn run_to_stderr(command: &mut Command, input: &[u8]) -> Result<ExitStatus, InstallError> {
    let status = passed_on::run_to_stderr(command, input);
    judged(status.map_err(|source| InstallError::start(command, source))?)
}

fn judged(status: ExitStatus) -> Result<ExitStatus, InstallError> {
    match status.code() {
        _ if interrupt::was_interrupted() => Err(InstallError::Stopped),
        Some(ASKED) => Err(InstallError::NobodyToAsk),
        _ => Ok(status),
    }
}

/// Passes on what an installer has said, without the passwords and tokens of URLs, of which both hide some.
pub(super) fn tell(words: &[u8]) {
    let text = String::from_utf8_lossy(words);
    let text = text.trim_end();
    if !text.is_empty() {
        printer::message(&without_secrets(text));
    }
}

/// Returns what an installer has said, line by line without passwords and tokens.
pub(super) fn without_secrets(text: &str) -> String {
    let hidden = |line: &str| hide_in_words(line).unwrap_or_else(|| line.to_owned());
    text.lines().map(hidden).collect::<Vec<_>>().join("\n")
}

/// The start of a command of uv, else of the environment's pip.
pub(super) fn start(process: &Process, env: &Path, verb: &str) -> Result<Command, InstallError> {
    enter::judge_programs(process, env, None)?;
    match uv(process)? {
        Some(uv) => Ok(uv_command(&uv, env, verb)),
        None => pip_command(env, verb).ok_or(InstallError::NoInstaller),
    }
}

/// The start of a command that installs, told what pip's settings say.
pub(super) fn command(
    tool: &Tool,
    context: &InstallerContext<'_>,
    file: &FileOptions,
) -> Result<Command, InstallError> {
    match tool {
        Tool::Uv(uv) => {
            let options = installer_options::for_uv(context, file)?;
            Ok(with_options(uv_command(uv, context.env, "install"), options))
        }
        Tool::Pip => {
            let command = pip_command(context.env, "install").ok_or(InstallError::NoInstaller)?;
            Ok(with_options(command, installer_options::for_pip(context)?))
        }
    }
}

/// A command that answers with a lock of the requirements on its standard input.
pub(super) fn lock_command(
    tool: &Tool,
    context: &InstallerContext<'_>,
    is_offline: bool,
) -> Result<Command, InstallError> {
    match tool {
        Tool::Uv(uv) => {
            let options = installer_options::for_uv(context, &FileOptions::default())?;
            let mut command = uv_pip(uv, "compile");
            command.args(["--quiet", "--no-deps", "--no-header", "--format", "pylock.toml"]);
            command.arg("--python").arg(context.env.join("bin/python")).arg("-");
            command.args(is_offline.then_some("--offline"));
            Ok(with_options(command, options))
        }
        Tool::Pip => {
            let command = pip_command(context.env, "lock").ok_or(InstallError::NoInstaller)?;
            let options = installer_options::for_pip(context)?;
            let mut command = with_options(command, InstallerOptions { arguments: Vec::new(), ..options });
            command.args(["--quiet", "--no-deps", "-r", "/dev/stdin", "-o", "-"]);
            command.args(is_offline.then_some("--no-index"));
            Ok(command)
        }
    }
}

/// A command that prints the versions of a package that have wheels for an environment, as pip knows them.
pub(super) fn versions_command(
    context: &InstallerContext<'_>,
    package: &str,
    is_offline: bool,
) -> Result<Command, InstallError> {
    let command = pip_command(context.env, "index").ok_or(InstallError::NoInstaller)?;
    let options = installer_options::for_pip(context)?;
    let mut command = with_options(command, InstallerOptions { arguments: Vec::new(), ..options });
    command.args(["versions", "--only-binary", ":all:"]).args(is_offline.then_some("--no-index")).args(["--", package]);
    Ok(command)
}

fn with_options(mut command: Command, options: InstallerOptions) -> Command {
    remove(&mut command, &options.removed);
    command.args(options.arguments).envs(options.variables);
    command
}

/// Takes variables away.
pub(super) fn remove(command: &mut Command, variables: &[String]) {
    for variable in variables {
        command.env_remove(variable);
    }
}

/// uv, where it is on PATH and settings do not rule it out.
pub(super) fn uv(process: &Process) -> Result<Option<PathBuf>, InstallError> {
    match process.config.installer {
        Installer::Pip => Ok(None),
        Installer::Auto => Ok(on_path("uv")),
        Installer::Uv => on_path("uv").map(Some).ok_or(InstallError::NoUv),
    }
}

fn uv_command(uv: &Path, env: &Path, verb: &str) -> Command {
    let mut command = uv_pip(uv, verb);
    command.arg("--python").arg(env.join("bin/python"));
    command
}

/// uv without the settings of whoever wrote the `uv.toml` or `pyproject.toml` around the directory that we are in: they
/// could name another index, another version, another place. The user's own settings count.
pub(super) fn uv_pip(uv: &Path, verb: &str) -> Command {
    let mut command = Command::new(uv);
    command.args(["pip", verb, "--project", "/"]);
    command
}

/// The environment's pip; none where it has none.
fn pip_command(env: &Path, verb: &str) -> Option<Command> {
    let python = env.join("bin/python");
    if !is_executable(&python) || !has_pip(env) {
        return None;
    }
    let mut command = pip_of(&python);
    command.arg(verb);
    Some(command)
}

/// `python -m pip`, of which the directory that we are in is no part: a `pip.py` or `types.py` there would be run. `-P` does
/// that too, and Python knows it since 3.11. Nor does a `setup.cfg` there say where packages go, which pip heeds before
/// Python 3.10 unless it is told that `sysconfig` knows. Where nobody can type a user name, it ends with [`ASKED`], not
/// with a traceback; told to ask nobody, it would not ask a keyring either, and would not say what it lacks.
const PIP: &str = "import sys; sys.path[:1] = [path for path in sys.path[:1] if path]
import builtins, runpy, sysconfig; sysconfig._PIP_USE_SYSCONFIG = True
asked = []
def ask(question='', ask=input):
    if not question.startswith('User for '): return ask(question)
    asked.append(question)
    from pip._internal.exceptions import CommandError
    raise CommandError(question[9:].strip(': ') + ' wants a user name')
if not sys.stdin or not sys.stdin.isatty(): builtins.input = ask
try: runpy.run_module('pip', None, '__main__', True)
finally:
    if asked: sys.exit(93)";

/// The status with which pip ends where it would ask for a user name. Neither pip nor Python has it for something else.
const ASKED: i32 = 93;

/// The start of a command of pip. No setting leads it to another environment, or makes it do nothing.
pub(super) fn pip_of(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", PIP]).envs(installer_options::PIP_AT_WORK);
    command
}
