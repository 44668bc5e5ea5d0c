//! Runs commands under strace: to count the processes that they start, to wait for all of these, and to let their
//! system calls fail.

use std::ffi::OsStr;
use std::process::Command;

use super::sandbox::Sandbox;
use super::tools::{find_program, skip};

/// Returns the command that runs another one under strace with these options; nothing where there is none. It ends when
/// the last process has ended that the other command has started.
pub(crate) fn under_strace(plain: &Command, options: &[impl AsRef<OsStr>]) -> Option<Command> {
    let mut traced = Command::new(find_program("strace")?);
    traced.arg("-f").args(options).arg(plain.get_program()).args(plain.get_args()).env_clear();
    traced.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.current_dir(plain.get_current_dir()?);
    Some(traced)
}

/// Returns the command that runs another one under strace, which notes what it starts; nothing where there is none.
pub(crate) fn traced(sandbox: &Sandbox, plain: &Command) -> Option<Command> {
    let trace = sandbox.path("trace").into_os_string().into_string().ok()?;
    under_strace(plain, &["-e", "trace=clone,clone3,fork,vfork", "-e", "signal=none", "-o", &trace])
}

/// Returns how many processes the command started, which ended like this; nothing, and says so, where it could not be
/// traced.
pub(crate) fn count_starts(sandbox: &Sandbox, has_worked: bool) -> Option<usize> {
    let text = std::fs::read_to_string(sandbox.path("trace")).ok().filter(|_| has_worked);
    let Some(text) = text else {
        skip("no working `strace`");
        return None;
    };
    let starts = text.lines().filter(|line| line.contains("clone") || line.contains("fork("));
    Some(starts.filter(|line| !line.contains("resumed>") && !line.contains("CLONE_THREAD")).count())
}
