//! The installer of exact sets of packages: uv where it is there and can follow pip's settings, else pip.

use std::cell::{Cell, OnceCell};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use venvwrap_core::fs;
use venvwrap_core::snapshot::listing;
use venvwrap_core::snapshot::pins::{Pin, Pins};
use venvwrap_core::snapshot::requirements::is_editable_not_for_uv;
use venvwrap_core::snapshot::upgrade::Answer;
use venvwrap_core::wheel::file_options::FileOptions;
use venvwrap_core::wheel::installer_options::InstallerContext;

use super::hashed::unanswered;
use super::tool::{self, InstallError, Tool};
use crate::error::{FAILED, Result};
use crate::process::Process;
use crate::ui::printer;

/// How many newer versions of a package pip is asked for.
const MOST_VERSIONS: usize = 40;

/// Where wheels are installed, in a new environment, to see whether they are there.
const TRIED: &str = ".venvwrap-tried";

/// What installs into one environment, which need not be in its place.
pub(crate) struct Engine<'a> {
    process: &'a Process,
    env: PathBuf,
    tool: OnceCell<Tool>,
    is_offline: bool,
    /// Whether nothing is installed, but only asked for.
    is_dry: bool,
    /// Whether uv has installed something, and pip.
    has_run: Cell<(bool, bool)>,
    /// What an installer has said of an index that does not answer: none is asked afterwards.
    silence: OnceCell<String>,
}

/// What one call installs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// Lines of a requirements file.
    pub(crate) lines: Vec<String>,
    /// Also what they need, within these limits; only they themselves if there are none.
    pub(crate) constraints: Option<PathBuf>,
    /// Only from wheels.
    pub(crate) wheels_only: bool,
    /// Only archives whose hash is among those in the lines.
    pub(crate) require_hashes: bool,
    /// Also what is there already.
    pub(crate) reinstall: bool,
    /// The oldest versions that the lines admit, not the newest; only uv can do that.
    pub(crate) is_lowest: bool,
    /// Only find out whether it can be done.
    pub(crate) dry_run: bool,
    /// Say nothing.
    pub(crate) is_silent: bool,
}

impl<'a> Engine<'a> {
    /// Names the environment. The tool is chosen when there is something to install.
    pub(crate) fn new(process: &'a Process, env: &Path, is_offline: bool) -> Result<Self> {
        process.config.require(&["installer"])?;
        Ok(Self {
            process,
            env: env.to_path_buf(),
            tool: OnceCell::new(),
            is_offline,
            is_dry: false,
            has_run: Cell::default(),
            silence: OnceCell::new(),
        })
    }

    /// The same for one that only finds out what could be installed.
    pub(crate) fn for_dry_run(self, is_dry: bool) -> Self {
        Self { is_dry, ..self }
    }

    /// The same for one that knows already which index does not answer.
    pub(crate) fn after(self, silence: &OnceCell<String>) -> Self {
        Self { silence: silence.clone(), ..self }
    }

    /// What an installer has said of an index that does not answer.
    pub(crate) fn silence(&self) -> Option<&String> {
        self.silence.get()
    }

    /// Whether only what is on this machine counts.
    fn is_offline(&self) -> bool {
        self.is_offline || self.silence.get().is_some()
    }

    /// The name of what has installed something: pip takes the place of uv for some lines. None if nothing was installed.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self.has_run.get() {
            (true, true) => Some("uv and pip"),
            (true, false) => Some("uv"),
            (false, true) => Some("pip"),
            (false, false) => None,
        }
    }

    fn tool(&self) -> Result<&Tool> {
        if let Some(tool) = self.tool.get() {
            return Ok(tool);
        }
        let tool = Tool::choose(self.process, &context(self.process, &self.env))?;
        let verb = if self.is_dry { "would install" } else { "installing" };
        printer::remark(&format!("{verb} with {}", tool.name()));
        Ok(self.tool.get_or_init(|| tool))
    }

    /// Installs exactly these packages, without what they need: those from an index first, checked against their hashes.
    /// What no line names can have none.
    pub(crate) fn install(&self, pins: &Pins, lines: &dyn Fn(&Pin) -> String, reinstall: bool) -> Result<()> {
        calls(pins, lines).into_iter().try_for_each(|call| self.run(&Call { reinstall, ..call }))
    }

    /// Returns whether [`Engine::install`] would find all of these packages that come from an index, be they there already.
    pub(crate) fn would_install(&self, pins: &Pins) -> Result<bool> {
        for call in calls(&pins.only(|pin| pin.is_from_index), &|pin| pin.line.clone()) {
            if !self.would(&Call { reinstall: true, ..call })? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Installs, and fails if that does: with status 1, since that of the installer may mean a wrong command line here.
    pub(crate) fn run(&self, call: &Call) -> Result<()> {
        let status = self.start(call)?;
        if status == 0 { Ok(()) } else { Err(InstallError::Incomplete { status: FAILED }.into()) }
    }

    /// Installs the nearest newer versions of these packages, from wheels and within limits, and what they need.
    pub(crate) fn install_nearest(&self, pins: &[Pin], limits: &Path) -> Result<()> {
        let call = |lines| Call { lines, constraints: Some(limits.into()), wheels_only: true, ..Call::default() };
        let mut lines: Vec<_> = pins.iter().map(at_least).collect();
        if matches!(self.tool()?, Tool::Uv(_)) {
            return self.run(&Call { is_lowest: true, ..call(lines) });
        }
        // pip always takes the newest: it is asked for each version.
        for (at, pin) in pins.iter().enumerate() {
            for version in self.newer(pin)?.into_iter().take(MOST_VERSIONS) {
                let exact = std::mem::replace(&mut lines[at], format!("{}=={version}", pin.key));
                if self.would(&call(lines.clone()))? {
                    break;
                }
                lines[at] = exact;
            }
        }
        self.run(&call(lines))
    }

    /// The versions that pip knows of a package and that are newer, the nearest first; none if it cannot say.
    fn newer(&self, pin: &Pin) -> Result<Vec<String>> {
        let Some(version) = &pin.version else { return Ok(Vec::new()) };
        let mut command = tool::versions_command(&context(self.process, &self.env), &pin.key, self.is_offline())?;
        command.current_dir(&self.process.cwd).stdin(Stdio::null()).stderr(Stdio::null());
        let output = tool::run(command.stdout(Stdio::piped()), b"")?;
        Ok(listing::newer(&String::from_utf8_lossy(&output.stdout), version))
    }

    /// Returns whether a call would succeed.
    pub(crate) fn would(&self, call: &Call) -> Result<bool> {
        Ok(self.start(&Call { dry_run: true, is_silent: true, ..call.clone() })? == 0)
    }

    /// Returns whether newer versions of these packages, or their lines where they have none, fit within limits. If not,
    /// the installer says why.
    pub(crate) fn would_fit(&self, pins: &[Pin], limits: &Path) -> Result<bool> {
        let lines = pins.iter().map(at_least).collect();
        let call =
            Call { lines, constraints: Some(limits.into()), wheels_only: true, dry_run: true, ..Call::default() };
        let (mut command, _) = self.command(&call)?;
        // What it says of a success, such as a warning, comes again with the upgrade itself.
        let output = run(command.stdout(Stdio::null()).stderr(Stdio::piped()), &call)?;
        if !output.status.success() {
            tool::tell(&output.stderr);
        }
        Ok(output.status.success())
    }

    /// Returns whether a call would succeed, and where it does not, whether the indexes were asked and have answered. Once
    /// one has not, none is asked any more: each question would wait for it again.
    pub(crate) fn answer(&self, call: &Call) -> Result<Answer> {
        let (output, would_succeed) = self.ask(call)?;
        if would_succeed {
            return Ok(Answer::Yes);
        }
        if self.is_offline {
            return Ok(Answer::NotAsked);
        }
        if self.silence.get().is_none() {
            let words = [output.stderr, output.stdout].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
            let Some(words) = unanswered(&words) else { return Ok(Answer::No) };
            let _ = self.silence.set(words);
        }
        Ok(Answer::Unanswered)
    }

    /// The same for an archive that is downloaded: that its host does not answer says nothing about the indexes. pip would
    /// download it whatever it is told.
    pub(crate) fn answer_of_url(&self, lines: Vec<String>) -> Result<Answer> {
        let may_ask = !self.is_offline() || matches!(self.tool()?, Tool::Uv(_));
        if may_ask && self.ask(&Call { lines, ..Call::default() })?.1 {
            return Ok(Answer::Yes);
        }
        let is_silent = self.silence.get().is_some();
        Ok(if self.is_offline {
            Answer::NotAsked
        } else if is_silent {
            Answer::Unanswered
        } else {
            Answer::No
        })
    }

    /// Asks whether a call would succeed; returns also what was said.
    fn ask(&self, call: &Call) -> Result<(Output, bool)> {
        let call = Call { dry_run: true, is_silent: true, ..call.clone() };
        let (mut command, is_uv) = self.command(&call)?;
        if !is_uv {
            // Without another try pip says only then that it had no answer.
            command.arg("-vvv");
        }
        let output = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()), &call)?;
        let is_of_wheels = call.wheels_only || call.lines.iter().all(|line| line.contains(".whl"));
        let is_unsure = is_uv && is_of_wheels && self.is_offline() && would_download(&output.stderr);
        let would_succeed = output.status.success() && (!is_unsure || self.has_wheels(&call)?);
        Ok((output, would_succeed))
    }

    /// Returns whether the wheels of a call are on this machine. Without an index uv is content with what it knows of one
    /// until it installs it.
    fn has_wheels(&self, call: &Call) -> Result<bool> {
        let call = Call { dry_run: false, ..call.clone() };
        let (mut command, _) = self.command(&call)?;
        let place = self.env.join(TRIED);
        let output = run(command.arg("--target").arg(&place).stdout(Stdio::null()).stderr(Stdio::piped()), &call);
        fs::remove_tree(&place)?;
        Ok(output?.status.success())
    }

    fn start(&self, call: &Call) -> Result<u8> {
        let (mut command, is_uv) = self.command(call)?;
        if !call.dry_run {
            let (uv, pip) = self.has_run.get();
            self.has_run.set((uv || is_uv, pip || !is_uv));
        }
        command.stdout(Stdio::from(std::io::stderr()));
        // A log keeps the tokens of URLs; a terminal shows progress.
        let is_logged = !call.is_silent && !std::io::stderr().is_terminal();
        if call.is_silent {
            command.stdout(Stdio::null()).stderr(Stdio::piped());
        } else if is_logged {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        let output = run(&mut command, call)?;
        if is_logged {
            tool::tell(&output.stdout);
            tool::tell(&output.stderr);
        }
        let status = output.status;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }

    /// The command, and whether it is one of uv.
    fn command(&self, call: &Call) -> Result<(Command, bool)> {
        let context = context(self.process, &self.env);
        let file = file_options(&call.lines);
        let tool = if call.lines.iter().any(|line| is_not_for_uv(line)) {
            Tool::pip(&context).ok_or(InstallError::NotEditable)?
        } else {
            self.tool()?.clone().for_file(&context, &file)?
        };
        let mut command = tool::command(&tool, &context, &file)?;
        let is_uv = matches!(tool, Tool::Uv(_));
        command.current_dir(&self.process.cwd).env("VIRTUAL_ENV", &self.env);
        let own = if is_uv { &["-r", "-"][..] } else { &["--no-compile", "-r", "/dev/stdin"] };
        command.args(own);
        match &call.constraints {
            None => command.arg("--no-deps"),
            Some(file) => command.arg("-c").arg(file),
        };
        if call.is_lowest && is_uv {
            command.args(["--resolution", "lowest-direct"]);
        }
        // Its words say whether all is on this machine.
        let is_asked = is_uv && call.dry_run && call.is_silent && self.is_offline();
        let flags = [
            (call.require_hashes, "--require-hashes"),
            (call.reinstall, if is_uv { "--reinstall" } else { "--force-reinstall" }),
            (call.dry_run, "--dry-run"),
            // Into a log only what went wrong; pip would say far too much on a terminal too.
            (!is_asked && (!is_uv || call.dry_run || !std::io::stderr().is_terminal()), "--quiet"),
            (self.is_offline(), if is_uv { "--offline" } else { "--no-index" }),
        ];
        command.args(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag));
        if call.wheels_only {
            command.args(["--only-binary", ":all:"]);
        }
        Ok((command, is_uv))
    }
}

/// The calls that install these packages: first those whose archives must have a hash.
fn calls(pins: &Pins, lines: &dyn Fn(&Pin) -> String) -> Vec<Call> {
    let (hashed, rest): (Vec<_>, Vec<_>) = pins.pins.iter().partition(|pin| pins.needs_hash(pin));
    let groups = [(hashed, true), (rest, false)].into_iter().filter(|(group, _)| !group.is_empty());
    let call = |(group, require_hashes): (Vec<&Pin>, bool)| {
        let lines = pins.options.iter().cloned().chain(group.into_iter().map(lines)).collect();
        Call { lines, require_hashes, ..Call::default() }
    };
    groups.map(call).collect()
}

/// Returns whether uv says that something is not on this machine yet.
fn would_download(words: &[u8]) -> bool {
    String::from_utf8_lossy(words).contains("Would download ")
}

/// Runs an installer. The requirements may hold passwords, which everybody could read among the arguments.
fn run(command: &mut Command, call: &Call) -> Result<Output> {
    let text: String = call.lines.iter().flat_map(|line| [line, "\n"]).collect();
    Ok(tool::run(command.stdin(Stdio::piped()), text.as_bytes())?)
}

/// The line for a package that may become newer.
fn at_least(pin: &Pin) -> String {
    match &pin.version {
        Some(version) => format!("{}>={version}", pin.key),
        None => pin.line.clone(),
    }
}

/// Returns whether a line is for an editable project that uv does not install.
fn is_not_for_uv(line: &str) -> bool {
    line.strip_prefix("-e ").is_some_and(is_editable_not_for_uv)
}

/// The options among lines.
fn file_options(lines: &[String]) -> FileOptions {
    let is_option = |line: &&String| line.starts_with('-') && !line.starts_with("-e ");
    FileOptions { lines: lines.iter().filter(is_option).cloned().collect(), ..FileOptions::default() }
}

fn context<'a>(process: &'a Process, env: &'a Path) -> InstallerContext<'a> {
    process.installer_context(env, &process.cwd)
}
