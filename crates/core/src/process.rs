//! Running a program that may do anything: bounded in time and output, and ended with all that it started.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What a program printed is kept up to this size; the rest is not read.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// What a program did that ended in time.
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

/// Why a program gave no outcome.
#[derive(Debug)]
pub enum ChildError {
    /// It could not be started.
    Start(io::Error),
    /// It, or something it started that holds its output, was still running at the limit.
    TimedOut,
}

/// Runs a command without input, in a new process group, and kills the group when the limit has passed.
pub fn run(command: &mut Command, limit: Duration) -> Result<Outcome, ChildError> {
    let started = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = start(command)?;
    let left = || limit.saturating_sub(started.elapsed());
    let pipes = read_aside(child.stdout.take()).and_then(|stdout| Ok((stdout, read_aside(child.stderr.take())?)));
    let outcome = pipes.map_err(ChildError::Start).and_then(|pipes| collect(&mut child, &pipes, left));
    if outcome.is_err() {
        end(&mut child);
    }
    outcome
}

/// Starts the command. An executable that was written a moment ago is busy while another thread of this process is
/// about to start a program of its own: that is soon over and is waited for.
fn start(command: &mut Command) -> Result<Child, ChildError> {
    for _ in 0..50 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(Duration::from_millis(1)),
            other => return other.map_err(ChildError::Start),
        }
    }
    command.spawn().map_err(ChildError::Start)
}

/// Reads a pipe in a thread, because two pipes cannot be read in turn without a risk of waiting for the wrong one.
/// A thread whose pipe is held open by a process that escaped the group is abandoned.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = channel();
    if let Some(pipe) = pipe {
        thread::Builder::new().spawn(move || {
            let mut content = Vec::new();
            let _ = pipe.take(OUTPUT_LIMIT).read_to_end(&mut content);
            let _ = sender.send(content);
        })?;
    }
    Ok(receiver)
}

fn collect(
    child: &mut Child,
    (stdout, stderr): &(Receiver<Vec<u8>>, Receiver<Vec<u8>>),
    left: impl Fn() -> Duration,
) -> Result<Outcome, ChildError> {
    let stdout = stdout.recv_timeout(left()).map_err(|_| ChildError::TimedOut)?;
    let stderr = stderr.recv_timeout(left()).map_err(|_| ChildError::TimedOut)?;
    let mut pause = Duration::from_micros(100);
    loop {
        if let Some(status) = child.try_wait().map_err(ChildError::Start)? {
            return Ok(Outcome { status, stdout, stderr });
        }
        if left().is_zero() {
            return Err(ChildError::TimedOut);
        }
        // With both pipes closed the end is near: the first waits are short.
        thread::sleep(pause.min(left()));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
