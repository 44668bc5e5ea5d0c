//! What is installed, with hashes: an installer asks the index for them.

use std::process::Stdio;

use venvwrap_core::env::Environment;
use venvwrap_core::snapshot::freeze::{FreezeOptions, freeze};
use venvwrap_core::snapshot::lock_writer::{self, LockOptions, LockWriteError};
use venvwrap_core::snapshot::packages::Packages;
use venvwrap_core::wheel::policy;

use super::tool::{self, InstallError, Tool, without_secrets};
use crate::args::FreezeArgs;
use crate::error::{Error, Result};
use crate::process::Process;
use crate::ui::{printer, report};

/// Returns the lock of an environment.
pub(crate) fn as_lock(
    process: &Process,
    args: &FreezeArgs,
    environment: &Environment,
    packages: &Packages,
) -> Result<Vec<u8>> {
    let answer = ask(process, args.offline, args.all, environment, packages)?;
    let FreezeArgs { this_platform, all, credentials, .. } = *args;
    let options = LockOptions { this_platform, all, credentials };
    let written = lock_writer::write(&answer, &packages.installed, &packages.python, options)?;
    for name in &written.left_out {
        printer::warning(&format!("`{name}` is left out: no hash of its archive is recorded"));
    }
    Ok(written.text.into_bytes())
}

/// Returns the lines of a requirements file with the hashes of each package from an index.
pub(crate) fn as_requirements(
    process: &Process,
    args: &FreezeArgs,
    environment: &Environment,
    packages: &Packages,
) -> Result<Vec<u8>> {
    let hashes = lock_writer::hashes(&ask(process, args.offline, args.all, environment, packages)?)?;
    let FreezeArgs { all, exclude_editable, credentials, .. } = *args;
    let options = FreezeOptions { all, local: true, exclude_editable, credentials };
    let found = freeze(&packages.installed.distributions, packages.python.version, options);
    found.notes.iter().for_each(|note| report::warn(note));
    let mut text = Vec::new();
    for frozen in &found.lines {
        frozen.write_pip(&mut text);
        let own = hashes.get(&frozen.key).filter(|_| !frozen.is_editable && !frozen.requirement.contains(&b'@'));
        for hash in own.into_iter().flatten() {
            text.pop();
            text.extend_from_slice(format!(" \\\n    --hash={hash}\n").as_bytes());
        }
    }
    Ok(text)
}

/// Asks uv or pip for the files of every version that came from an index; the answer is a lock. `all` includes what
/// environments are seeded with.
pub(crate) fn ask(
    process: &Process,
    is_offline: bool,
    all: bool,
    environment: &Environment,
    packages: &Packages,
) -> Result<String> {
    let questions = lock_writer::questions(&packages.installed, &packages.python, all);
    if questions.is_empty() {
        return Ok(String::new());
    }
    process.config.require(&["installer"])?;
    let context = process.installer_context(environment.path(), &process.cwd);
    let tool = Tool::choose(process, &context)?;
    let pip = packages.get("pip").map(|pip| pip.version.clone());
    if let Some(version) = pip.filter(|version| matches!(tool, Tool::Pip) && !policy::tells_hashes(version)) {
        return Err(InstallError::OldPip { version }.into());
    }
    let mut command = tool::lock_command(&tool, &context, is_offline)?;
    command.current_dir(&process.cwd).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = questions.join("\n") + "\n";
    let output = tool::run(&mut command, input.as_bytes())?;
    let words = String::from_utf8_lossy(&output.stderr);
    // pip warns that its command is experimental, which the user has not called.
    let words: Vec<_> = words.lines().filter(|line| !line.contains(" experimental command")).collect();
    if !words.is_empty() {
        printer::message(&without_secrets(&words.join("\n")));
    }
    if !output.status.success() {
        let mut is_unanswered = unanswered(&words.join("\n")).is_some();
        if !is_unanswered && !is_offline && matches!(tool, Tool::Pip) {
            // Without another try pip says only then that it had no answer.
            let output = tool::run(command.arg("-vvv"), input.as_bytes())?;
            let words = [output.stderr, output.stdout].concat();
            is_unanswered = unanswered(&String::from_utf8_lossy(&words)).is_some();
        }
        return Err(InstallError::NoHashes { is_unanswered }.into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What uv and pip say where an index does not answer.
const UNANSWERED: [&str; 6] = [
    "Failed to fetch",
    "after connection broken by",
    ": connection error: ",
    "problem confirming the ssl certificate",
    " Server Error: ",
    "is not a trusted or secure host",
];

/// Returns the line of an installer which says that an index does not answer, and what uv gives as the cause at last;
/// without passwords and tokens, of which both hide some.
pub(super) fn unanswered(output: &str) -> Option<String> {
    let line = output.lines().find(|line| UNANSWERED.iter().any(|words| line.contains(words)))?;
    let line = line.trim().trim_start_matches("cause: ").trim_start_matches("error: ").trim_start_matches("WARNING: ");
    let line = line.trim_end_matches(" - skipping");
    let plain = of_pip(line);
    let line = plain.as_deref().unwrap_or(line);
    let causes = || output.lines().filter_map(|line| line.trim().strip_prefix("cause: "));
    let proxy = if causes().any(|cause| cause.starts_with("tunnel error")) { PROXY } else { "" };
    let cause = causes().next_back().filter(|cause| !line.contains(cause)).map(|cause| format!(": {proxy}{cause}"));
    // Each for itself: a secret reaches to the next blank.
    Some(without_secrets(line) + &without_secrets(&cause.unwrap_or_default()))
}

/// What comes before the words of a proxy: the index did not say them.
const PROXY: &str = "the proxy: ";

/// What pip means with the names of Python's exceptions; none for a line without them.
fn of_pip(line: &str) -> Option<String> {
    let (error, place) = line.split_once("after connection broken by '")?.1.rsplit_once("': ")?;
    // The innermost comes last, in quotes.
    let words = error.rsplit_once(['\'', '"'])?.0.rsplit(['\'', '"']).next()?;
    let words = words.rsplit("] ").next()?.rsplit(": ").next()?;
    let proxy = if error.starts_with("ProxyError") { PROXY } else { "" };
    Some(format!("{place}: {proxy}{words}"))
}

/// Whether an error says that an index does not have all packages.
pub(crate) fn is_unknown(error: &Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(InstallError::NoHashes { is_unanswered: false }))
            || matches!(cause.downcast_ref(), Some(LockWriteError::Missing { .. }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_answer_is_told_without_secrets() {
        let uv = "error: Request failed after 3 retries in 12.1s\n  cause: Failed to fetch: http://h/simple/a/?token=abc\n  \
                  cause: dns error\n  cause: Name or service not known\n";
        let told = "Failed to fetch: http://h/simple/a/?token=****: Name or service not known";
        assert_eq!(unanswered(uv).as_deref(), Some(told));
        let uv = "error: Failed to fetch: https://h/a/\n  cause: client error (Connect)\n  cause: tunnel error: failed\n  \
                  cause: Connection refused (os error 111)\n";
        let told = "Failed to fetch: https://h/a/: the proxy: Connection refused (os error 111)";
        assert_eq!(unanswered(uv).as_deref(), Some(told));
        for (line, told) in [
            (
                "WARNING: Retrying after connection broken by 'X': /a/",
                Some("Retrying after connection broken by 'X': /a/"),
            ),
            (
                "Could not fetch URL https://u:p@h/a/: 503 Server Error: Down for url: https://u:p@h/a/ - skipping",
                Some("Could not fetch URL https://****@h/a/: 503 Server Error: Down for url: https://****@h/a/"),
            ),
            (
                "WARNING: The repository located at h is not a trusted or secure host and is being ignored.",
                Some("The repository located at h is not a trusted or secure host and is being ignored."),
            ),
            (
                "WARNING: Retrying (Retry(total=0)) after connection broken by 'ProxyError('Cannot connect to proxy.', \
                 NewConnectionError('<urllib3.X object at 0x7f>: Failed to establish a new connection: [Errno 111] \
                 Connection refused'))': /simple/a/",
                Some("/simple/a/: the proxy: Connection refused"),
            ),
            (
                "WARNING: Retrying (Retry(total=0)) after connection broken by 'ReadTimeoutError(\"Pool(host='h', \
                 port=443): Read timed out. (read timeout=15)\")': /simple/a/",
                Some("/simple/a/: Read timed out. (read timeout=15)"),
            ),
            ("Could not fetch URL https://h/a/: 404 Client Error: Not Found - skipping", None),
        ] {
            assert_eq!(unanswered(&format!("x\n{line}\ny\n")).as_deref(), told);
        }
    }
}
