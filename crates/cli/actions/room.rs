//! Room on the stack: a shell or service may leave a process little of it (`ulimit -s`).

use std::process::ExitCode;
use std::thread;

use rustix::process::{Resource, getrlimit};

/// More than any command needs.
const ENOUGH: u64 = 1 << 20;

/// As much as most systems give.
const OWN: usize = 8 << 20;

/// Runs the program where there is room for it: on a thread with a stack of its own if that of the process is small.
/// Asking for the limit takes a hundredth of what the thread does.
pub(crate) fn with_room(act: fn() -> ExitCode) -> ExitCode {
    if getrlimit(Resource::Stack).current.is_none_or(|limit| limit >= ENOUGH) {
        return act();
    }
    match thread::Builder::new().stack_size(OWN).spawn(act) {
        Ok(running) => running.join().unwrap_or_else(|_| ExitCode::from(101)),
        // Where there is no further thread, what there is may do.
        Err(_) => act(),
    }
}
