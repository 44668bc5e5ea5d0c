//! `venvwrap send`.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::env::packages::library_directories;
use venvwrap_core::fs::text::printable;
use venvwrap_core::pack::host::Host;
use venvwrap_core::pack::manifest::Manifest;
use venvwrap_core::pack::remote::{Answer, Remote, RemoteError, destination, python_name};
use venvwrap_core::pack::{Format, GatherRequest, Layout, Output, PackRequest, can_have_python, manifest_of, pack};
use venvwrap_core::python::Interpreter;

use crate::actions::{archives, enter, find, packages, ssh};
use crate::args::SendArgs;
use crate::error::{Context as _, Error, Explain, Result, quoted_word};
use crate::process::Process;
use crate::ui::printer;
use crate::ui::progress::ByteProgress;

/// Where environments are on a machine about which nothing else is known.
const STORE: &str = ".virtualenvs";

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
enum SendError {
    /// The text names no machine.
    #[error("`{text}` is not `[USER@]HOST[:DIR]`")]
    Destination {
        /// The text.
        text: String,
    },
    /// There is no ssh.
    #[error("could not run `ssh`")]
    Start(#[source] io::Error),
    /// It failed; it has said why.
    #[error("`ssh {host}` failed ({status})")]
    Failed {
        /// The machine.
        host: Host,
        /// How it ended.
        status: ExitStatus,
        /// The last line that it printed.
        said: Option<String>,
    },
    /// The connection broke while the archive was on its way.
    #[error("the connection to `{host}` broke")]
    Broken {
        /// The machine.
        host: Host,
    },
    /// What receives the archive has failed, and has said why.
    #[error("`{host}` could not receive it ({status})")]
    Refused {
        /// The machine.
        host: Host,
        /// How it ended.
        status: ExitStatus,
    },
}

impl Explain for SendError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Destination { .. } => {
                Some("write `server:/srv/api`, and an address as `[2001:db8::1]:/srv/api`".into())
            }
            Self::Start(_) => Some("install OpenSSH, or use `venvwrap pack` and copy the file".into()),
            Self::Failed { host, status, .. } if status.code() == Some(ssh::FAILED) => Some(ssh::must_connect(host)),
            Self::Failed { said: Some(said), .. } => Some(format!("it printed `{said}`")),
            Self::Failed { host, .. } => Some(ssh::must_answer(host)),
            Self::Broken { .. } => Some("run the command again; what had arrived is removed".into()),
            Self::Refused { .. } => None,
        }
    }
}

/// Sends an environment.
pub(crate) fn run(process: &Process, args: &SendArgs) -> Result<ExitCode> {
    let environment = find::find_at(process, Some(&args.name))?;
    let (host, path) =
        destination(&args.host).ok_or_else(|| SendError::Destination { text: printable(args.host.as_ref()) })?;
    let remote = Remote::new(&target(path, &environment));
    enter::judge_source(process, environment.path())?;
    let interpreter = archives::base(process, &environment);
    let editables = archives::editables(process, &environment, args.editable)?;
    let gather = GatherRequest {
        layout: if args.with_python { Layout::WithPython } else { Layout::Relocatable },
        interpreter: interpreter.as_ref(),
        exclude: Vec::new(),
        bytecode: true,
        on_editable: editables.choice.clone(),
        with_secrets: args.with_secrets,
        time: None,
        for_system: false,
    };
    let request = PackRequest { gather, format: Format::TarGz, level: None };
    let name = printable(environment.name().as_os_str());
    let context = || format!("could not send `{name}` to `{host}`");
    let manifest = manifest_of(&environment, &request).with_context(context)?;
    let library = library_directories(environment.path()).pop().unwrap_or_default();
    let python = args.python.clone().unwrap_or_else(|| python_name(&library));
    let answer = ask(&host, &remote.probe(&python)).with_context(context)?;
    let checked = answer.check(&remote, &manifest, args.python.as_deref());
    checked.map_err(|error| explained(error, &manifest, interpreter.as_ref())).with_context(context)?;
    send(&host, &remote, &python, &environment, &request).with_context(context)?;
    archives::tell_left_out(&environment, &manifest.left_out);
    packages::tell_borrowed(process, &environment);
    if args.json {
        let (path, manifest) = (remote.target.to_string_lossy(), serde_json::to_value(&manifest)?);
        printer::json(&json!({ "host": host.to_string(), "path": path, "manifest": manifest }))?;
    }
    printer::message(&format!("sent `{name}` to `{host}:{}`", printable(remote.target.as_os_str())));
    Ok(ExitCode::SUCCESS)
}

fn target(path: Option<&Path>, environment: &Environment) -> PathBuf {
    path.map_or_else(|| Path::new(STORE).join(environment.name().as_os_str()), Path::to_path_buf)
}

/// Proposes to send the Python only where it can be sent.
fn explained(error: RemoteError, manifest: &Manifest, base: Option<&Interpreter>) -> Error {
    let is_about_python =
        matches!(error, RemoteError::NoPython { .. } | RemoteError::NotThere { .. } | RemoteError::OtherPython { .. });
    let error = Error::from(error);
    if !is_about_python || can_have_python(base) {
        return error;
    }
    let python = &manifest.python;
    let name = quoted_word(manifest.name.as_ref());
    error.with_hint(format!(
        "install {} {} there and name its path with `--python`, or use another Python: `venvwrap upgrade {name}`",
        python.implementation, python.version
    ))
}

/// Asks the machine what it is.
fn ask(host: &Host, script: &[u8]) -> Result<Answer> {
    let output = ssh::run_script(host, script).map_err(SendError::Start)?;
    if !output.status.success() {
        let mut lines = output.stdout.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let said = lines.rfind(|line| !line.is_empty()).map(|line| printable(OsStr::from_bytes(line)));
        return Err(SendError::Failed { host: host.clone(), status: output.status, said }.into());
    }
    Ok(Answer::parse(&output.stdout)?)
}

fn send(
    host: &Host,
    remote: &Remote,
    python: &str,
    environment: &Environment,
    request: &PackRequest<'_>,
) -> Result<()> {
    let (command, script) = remote.receive(python);
    let mut child = ssh::start(host, &command, Stdio::piped()).map_err(SendError::Start)?;
    let progress = ByteProgress::new("sending", None);
    let mut input = child.stdin.take();
    let sent: Result<()> = input.as_mut().map_or(Ok(()), |input| {
        input.write_all(&script).map_err(SendError::Start)?;
        let output = Output::Stream(input, Path::new(host.as_os_str()));
        Ok(pack(environment, request, output, &|step| progress.show(step)).map(|_| ())?)
    });
    drop(input);
    drop(progress);
    let status = child.wait().map_err(SendError::Start)?;
    if let Some(taken) = remote.refusal(status.code()) {
        return Err(taken.into());
    }
    if status.code() == Some(ssh::FAILED) {
        return Err(SendError::Broken { host: host.clone() }.into());
    }
    if !status.success() {
        return Err(SendError::Refused { host: host.clone(), status }.into());
    }
    sent
}
