//! Which versions a target gets: uv resolves for any, pip only for the machine that it runs on.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use venvwrap_core::bundle::offer::{self, Offer};
use venvwrap_core::bundle::platform::Platform;
use venvwrap_core::bundle::wish::Question;
use venvwrap_core::bundle::{Workshop, of_report};
use venvwrap_core::python::Interpreter;
use venvwrap_core::wheel::file_options::FileOptions;
use venvwrap_core::wheel::installer_options::{self, InstallerContext, InstallerOptions, NoOptions, NotForUv};
use venvwrap_core::wheel::pip_on_this_machine;

use super::target::Targets;
use super::words::{self, warn_of_yanked, without_wheel};
use crate::actions::sources;
use crate::actions::tool::{self, InstallError};
use crate::error::{CREDENTIALS, Error, Explain, Result};
use crate::process::{self, Process};
use crate::ui::printer;

/// More packages without a wheel than anybody wants to read of.
const MOST_LISTED: usize = 50;
/// The file in which pip tells all that it does.
const LOG: &str = "pip.log";

/// Why nothing was resolved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// pip knows this machine only.
    #[error("pip cannot resolve for `{platform}` and Python {python} from here")]
    NotHere {
        /// The system.
        platform: Platform,
        /// The Python.
        python: String,
    },
    /// uv is there, and would resolve something else than pip.
    #[error("pip cannot resolve for `{platform}` from here, and {reason}")]
    NotForUv {
        /// The system.
        platform: Platform,
        /// Which setting uv cannot follow.
        reason: NotForUv,
    },
    /// There is neither.
    #[error("uv is not on PATH, and this machine has no pip")]
    NoResolver,
    /// Packages that are only there as source code.
    #[error("{} only source archives for `{platform}`: {}", packages(.names), quoted(.names))]
    OnlySource {
        /// The system.
        platform: Platform,
        /// Their normalised names.
        names: Vec<String>,
    },
    /// The resolver has failed and said why.
    #[error("could not resolve the packages for `{platform}`")]
    Failed {
        /// The system.
        platform: Platform,
        /// Whether an index wants another user or password.
        is_denied: bool,
    },
}

impl Explain for ResolveError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotHere { .. } | Self::NoResolver => Some("install uv, which resolves for every system".into()),
            Self::NotForUv { .. } => Some("run it on a machine like the target".into()),
            Self::OnlySource { .. } => {
                Some("`--build PACKAGE` builds a wheel, on a machine and with a Python like the target's".into())
            }
            Self::Failed { is_denied, .. } => is_denied.then(|| CREDENTIALS.into()),
        }
    }
}

fn packages(names: &[String]) -> &'static str {
    if names.len() == 1 { "a package has" } else { "packages have" }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What resolves, and where.
pub(crate) struct Resolver<'a> {
    /// The process.
    pub(crate) process: &'a Process,
    /// The Python and the systems.
    pub(crate) targets: &'a Targets,
    /// Where wheels were built.
    pub(crate) workshop: &'a Workshop,
    /// The environment whose pip settings count.
    pub(crate) env: &'a Path,
}

impl Resolver<'_> {
    /// Returns the packages for a system, with their files.
    pub(crate) fn resolve(&self, question: &Question, platform: &Platform) -> Result<Vec<Offer>> {
        self.process.config.require(&["installer"])?;
        let Some(uv) = tool::uv(self.process)? else { return self.with_pip(question, platform, None) };
        let lines = question.lines.iter().filter(|line| line.starts_with('-')).cloned().collect();
        match installer_options::for_uv(&self.context(), &FileOptions { lines, ..FileOptions::default() }) {
            Ok(options) => self.with_uv(&uv, options, question, platform),
            Err(NoOptions::NotForUv(reason)) => self.with_pip(question, platform, Some(reason)),
            Err(NoOptions::Refused(refusal)) => Err(InstallError::Settings(refusal).into()),
        }
    }

    fn context(&self) -> InstallerContext<'_> {
        self.process.installer_context(self.env, &self.process.cwd)
    }

    fn with_uv(
        &self,
        uv: &Path,
        options: InstallerOptions,
        question: &Question,
        platform: &Platform,
    ) -> Result<Vec<Offer>> {
        let python = self.targets.python;
        let mut command = tool::uv_pip(uv, "compile");
        command.args(["--no-header", "--color", "never", "--format", "pylock.toml"]);
        command.args(["--no-python-downloads", "--only-binary", ":all:"]);
        command.arg("--python-version").arg(format!("3.{}", python.version().1));
        if let Some(any) = self.targets.any() {
            command.arg("--python").arg(any);
        }
        match platform.for_uv().filter(|_| python.is_plain()) {
            Some(name) => {
                command.args(["--python-platform", &name.name]);
                command.envs(name.macos.map(|version| ("MACOSX_DEPLOYMENT_TARGET", version)));
            }
            // uv knows no such target: it resolves for all, and the markers are evaluated here.
            None => {
                command.arg("--universal");
            }
        }
        command.args(question.is_complete.then_some("--no-deps"));
        tool::remove(&mut command, &options.removed);
        let is_ours = |argument: &&std::ffi::OsString| {
            let text = argument.to_string_lossy();
            !["--no-binary", "--only-binary", "--no-deps", "--require-hashes"].iter().any(|own| text.starts_with(own))
        };
        command.args(options.arguments.iter().filter(is_ours)).envs(options.variables);
        self.constrain(&mut command, question)?;
        let (mut excluded, mut is_cacheless): (Vec<String>, bool) = (Vec::new(), false);
        loop {
            let mut again = copy(&command);
            if !excluded.is_empty() {
                again.arg("--excludes").arg(self.workshop.write("excludes.txt", &excluded.join("\n"))?);
            }
            let (is_done, answer, words) = self.run(again.arg("-"), question)?;
            // A home that cannot be written, or is not there.
            if !is_done && !is_cacheless && words.contains("Failed to initialize cache") {
                is_cacheless = true;
                command.arg("--no-cache");
                continue;
            }
            let new = if is_done || excluded.len() >= MOST_LISTED { None } else { without_wheel(&words) };
            match new.filter(|name| !excluded.contains(name)) {
                Some(name) => excluded.push(name),
                None if excluded.is_empty() && is_done => {
                    warn_of_yanked(&words);
                    let markers = python.markers(platform);
                    return Ok(offer::of_lock(&answer, &self.process.cwd, &markers)?);
                }
                None if excluded.is_empty() => return Err(failed(&words, platform)),
                None => {
                    excluded.sort();
                    return Err(ResolveError::OnlySource { platform: platform.clone(), names: excluded }.into());
                }
            }
        }
    }

    fn with_pip(&self, question: &Question, platform: &Platform, reason: Option<NotForUv>) -> Result<Vec<Offer>> {
        let python = self.targets.python;
        let Some(interpreter) = self.targets.here(platform) else {
            let platform = platform.clone();
            return Err(match reason {
                Some(reason) => ResolveError::NotForUv { platform, reason },
                None => ResolveError::NotHere { platform, python: python.to_string() },
            }
            .into());
        };
        let mut command = pip(self.process, interpreter)?;
        command.args(["install", "--quiet", "--dry-run", "--ignore-installed", "--no-user", "--report", "-"]);
        command.arg("--target").arg(self.workshop.wheels());
        command.args(["--only-binary", ":all:", "--python-version", &format!("3.{}", python.version().1)]);
        command.args(platform.tags().iter().flat_map(|tag| ["--platform", tag]));
        command.args(question.is_complete.then_some("--no-deps"));
        self.constrain(&mut command, question)?;
        // What pip says aloud is the same, whatever keeps it from finding a package.
        command.arg("--log").arg(self.workshop.write(LOG, "")?);
        let (mut is_done, mut answer, mut words) = self.run(command.args(["-r", "/dev/stdin"]), question)?;
        // Whom it would ask for a user has no answer. It asks a keyring only where it may ask people, too.
        if !is_done && words.contains("EOFError") {
            (is_done, answer, words) = self.run(command.env("PIP_NO_INPUT", "1"), question)?;
        }
        if is_done {
            warn_of_yanked(&words);
            return Ok(of_report(&answer)?);
        }
        let log = self.workshop.read(LOG);
        match words::only_source(&words, &log) {
            Some(name) => Err(ResolveError::OnlySource { platform: platform.clone(), names: vec![name] }.into()),
            None => Err(failed(&(words::unfetched(&words, &log) + &words), platform)),
        }
    }

    fn constrain(&self, command: &mut Command, question: &Question) -> Result<()> {
        if !question.constraints.is_empty() {
            command.arg("-c").arg(self.workshop.write("constraints.txt", &(question.constraints.join("\n") + "\n"))?);
        }
        Ok(())
    }

    /// Runs a resolver; returns whether it succeeded, its answer and its words.
    fn run(&self, command: &mut Command, question: &Question) -> Result<(bool, String, String)> {
        command.current_dir(&self.process.cwd).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| InstallError::start(command, source))?;
        let mut lines = question.lines.clone();
        if !self.workshop.built()?.is_empty() {
            lines.push(format!("--find-links {}", venvwrap_core::env::direct_url::file_url(&self.workshop.wheels())));
        }
        let text = lines.join("\n") + "\n";
        if let Some(mut stdin) = child.stdin.take() {
            // What does not read its input fails by itself, and says why.
            let _ = stdin.write_all(text.as_bytes());
        }
        let output = child.wait_with_output().map_err(|source| InstallError::start(command, source))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((output.status.success(), text(output.stdout), text(output.stderr)))
    }
}

/// The start of a command of the pip on this machine, run by an interpreter without an environment.
pub(crate) fn pip(process: &Process, interpreter: &Interpreter) -> Result<Command> {
    let sources = sources::known(process, interpreter);
    let wheel = pip_on_this_machine(&sources, interpreter).ok_or(ResolveError::NoResolver)?;
    let mut command = Command::new(&interpreter.executable);
    command.arg(wheel.join("pip"));
    tool::remove(&mut command, &installer_options::removed_from_pip(&process::names));
    command.envs(installer_options::PIP_AT_WORK).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    Ok(command)
}

fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => copy.env(name, value),
            None => copy.env_remove(name),
        };
    }
    copy
}

fn failed(words: &str, platform: &Platform) -> Error {
    tell(words);
    ResolveError::Failed { platform: platform.clone(), is_denied: words::is_denied(words) }.into()
}

/// Shows what a resolver has said.
fn tell(words: &str) {
    printer::draw(&format!("{}\n", words.trim_end()));
}
