//! Other machines, reached by ssh.
//!
//! What ssh runs goes through the login shell there, which may be any. So commands are words without special characters,
//! and whatever else is to be done is a script that `sh` reads from its input.

use std::ffi::OsStr;
use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use venvwrap_core::pack::host::Host;

use crate::error::quoted_word;

/// More than what any environment has packages.
const MAX_ANSWER: u64 = 16 << 20;

/// The status of ssh where it is not that of the command there.
pub(crate) const FAILED: i32 = 255;

/// Returns the words that call ssh for a host, to copy.
pub(crate) fn call(host: &Host) -> String {
    format!("ssh {}", quoted_word(host.as_os_str()))
}

/// What to try if ssh has failed.
pub(crate) fn must_connect(host: &Host) -> String {
    format!("`{} true` must work without a question", call(host))
}

/// What to try if the login shell there gives no answer.
pub(crate) fn must_answer(host: &Host) -> String {
    format!("`echo echo ok | {} sh` must print `ok`", call(host))
}

/// Starts a command on a host. What it prints to standard output is lost: a login shell could print more than a pipe
/// can hold.
pub(crate) fn start(host: &Host, command: &str, input: Stdio) -> io::Result<Child> {
    spawn(host, command, input, Stdio::null())
}

fn spawn(host: &Host, command: &str, input: Stdio, output: Stdio) -> io::Result<Child> {
    let words = [OsStr::new("-T"), OsStr::new("--"), host.as_os_str(), OsStr::new(command)];
    Command::new("ssh").args(words).stdin(input).stdout(output).stderr(Stdio::inherit()).spawn()
}

/// Runs a script on a host, and returns what it has printed: nothing if that is more than an answer can be.
pub(crate) fn run_script(host: &Host, script: &[u8]) -> io::Result<Output> {
    let mut child = spawn(host, "sh", Stdio::piped(), Stdio::piped())?;
    if let Some(mut input) = child.stdin.take() {
        // When ssh has failed, its status says more than the broken pipe.
        let _ = input.write_all(script);
    }
    let stdout = child.stdout.take().map_or(Ok(Some(Vec::new())), answer)?;
    let Some(stdout) = stdout else {
        // It may never end.
        child.kill()?;
        child.wait()?;
        return Ok(Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() });
    };
    Ok(Output { status: child.wait()?, stdout, stderr: Vec::new() })
}

/// Reads an answer; none if it is too long.
fn answer(output: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut answer = Vec::new();
    output.take(MAX_ANSWER + 1).read_to_end(&mut answer)?;
    Ok((answer.len() as u64 <= MAX_ANSWER).then_some(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_an_end_is_none() {
        assert_eq!(answer(&b"a==1\n"[..]).unwrap(), Some(b"a==1\n".to_vec()));
        assert_eq!(
            answer(io::repeat(b'a').take(MAX_ANSWER)).unwrap().map(|answer| answer.len() as u64),
            Some(MAX_ANSWER)
        );
        assert_eq!(answer(io::repeat(b'a')).unwrap(), None);
    }
}
