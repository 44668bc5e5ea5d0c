//! Other machines, reached by ssh.
//!
//! What ssh runs goes through the login shell there, which may be any. So commands are words without special characters,
//! and whatever else is to be done is a script that `sh` reads from its input.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::process::{Child, Command, Output, Stdio};

use venvwrap_core::pack::host::Host;

/// Starts a command on a host. What it prints to standard output is lost: a login shell could print more than a pipe
/// can hold.
pub(crate) fn start(host: &Host, command: &str, input: Stdio) -> io::Result<Child> {
    spawn(host, command, input, Stdio::null())
}

fn spawn(host: &Host, command: &str, input: Stdio, output: Stdio) -> io::Result<Child> {
    let words = [OsStr::new("-T"), OsStr::new("--"), host.as_os_str(), OsStr::new(command)];
    Command::new("ssh").args(words).stdin(input).stdout(output).stderr(Stdio::inherit()).spawn()
}

/// Runs a script on a host, and returns what it has printed.
pub(crate) fn run_script(host: &Host, script: &[u8]) -> io::Result<Output> {
    let mut child = spawn(host, "sh", Stdio::piped(), Stdio::piped())?;
    if let Some(mut input) = child.stdin.take() {
        // When ssh has failed, its status says more than the broken pipe.
        let _ = input.write_all(script);
    }
    child.wait_with_output()
}
