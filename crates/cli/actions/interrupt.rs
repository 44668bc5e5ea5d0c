//! Ctrl-C, or a terminal that is closed, while something is created or waited for: what was begun is removed, and one line
//! says what there is now.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithRawSiginfo;
use venvwrap_core::store::Store;

use super::background::Sweep;
use crate::process::Process;
use crate::ui::{printer, progress};

/// What happens at an interruption.
#[derive(Debug)]
enum Duty {
    /// The program ends with this line; what it leaves in this store is deleted in the background.
    End(String, Sweep),
    /// A program that is being started ends, and this one goes on to say so. What a process has sent to this one alone is
    /// noted: the number of the program, which has not heard of it, is not known yet.
    Wait(Option<i32>),
    /// The same, and the program is told: who ends this one by its number means both. SIGINT and SIGQUIT are passed on only
    /// to a program that goes on; those of Ctrl-C and Ctrl-\ are not, which a terminal sends to both.
    PassOn(Pid),
}

static DUTY: Mutex<Option<Duty>> = Mutex::new(None);
/// Set by the signal itself, to its number, before the thread hears of it.
static WAS_INTERRUPTED: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// Set once the thread has dealt with a signal.
static HAS_ACTED: AtomicBool = AtomicBool::new(false);

/// How long the thread may take to hear of a signal.
const PATIENCE: Duration = Duration::from_millis(200);

/// What the system notes of a signal that a process has sent, not a terminal: `SI_USER`.
const SENT: i32 = if cfg!(target_os = "macos") { 0x1_0001 } else { 0 };

/// How long a program may take to end by Ctrl-C, until it is taken for not having heard of it.
const MOMENT: Duration = Duration::from_millis(500);

/// While this exists, an interruption is dealt with; afterwards as it was before.
pub(crate) struct Watch(Option<Duty>);

/// Has a limit of the size of files (`ulimit -f`) fail what writes instead of ending the program. Programs that it starts
/// are ended as ever.
pub(crate) fn survive_file_limit() {
    if getrlimit(Resource::Fsize).current.is_some() && !is_ignored(SIGXFSZ) {
        let _ = flag::register(SIGXFSZ, Arc::default());
    }
}

/// Has an interruption say something else from now on, as long as it is dealt with.
pub(crate) fn say(_: &Watch, process: &Process, text: String) {
    set(Duty::End(text, Sweep::of(process)));
}

/// Has what is done now go on to its end, which is near: [`was_interrupted`] tells afterwards.
pub(crate) fn postpone(_: &Watch) {
    set(Duty::Wait(None));
}

/// The store of a process, which has a change that it begins go on to its end, too.
pub(crate) fn finishing(_: &Watch, process: &Process) -> Store {
    process.store.with_before_change(|| set(Duty::Wait(None)))
}

fn set(duty: Duty) {
    *DUTY.lock().unwrap_or_else(PoisonError::into_inner) = Some(duty);
}

impl Drop for Watch {
    fn drop(&mut self) {
        // What came while the program ran was meant for it, although the thread may hear of it only now.
        let start = Instant::now();
        while was_interrupted() && !HAS_ACTED.load(Ordering::Acquire) && start.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
        *DUTY.lock().unwrap_or_else(PoisonError::into_inner) = self.0.take();
    }
}

/// Ends the program at an interruption with a line that says what has not been done.
pub(crate) fn end_with(process: &Process, text: String) -> Watch {
    watch(Duty::End(text, Sweep::of(process)))
}

/// The same where the work may be done in this directory, which is no child of a store.
pub(crate) fn end_in(process: &Process, directory: &Path, text: String) -> Watch {
    watch(Duty::End(text, Sweep::of(process).and_in(directory)))
}

/// The same around programs that are waited for one after the other: what comes between them is noted.
pub(crate) fn outlast() -> Watch {
    watch(Duty::Wait(None))
}

/// Runs a program that decides what an interruption means, as an interpreter or an editor does, and waits for it.
pub(crate) fn status_of(command: &mut Command) -> io::Result<ExitStatus> {
    let (mut child, _watch) = start(command)?;
    child.wait()
}

/// The same for a program that reads `input` and whose output may be read.
pub(crate) fn output_of(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let (mut child, _watch) = start(command)?;
    if let Some(mut stdin) = child.stdin.take() {
        // What does not read its input fails by itself, and says why.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output()
}

/// The same for one whose output these readers read, from pipes whose other ends the command has.
pub(crate) fn status_with<R: FnOnce() + Send>(
    command: &mut Command,
    input: &[u8],
    readers: Vec<R>,
) -> io::Result<ExitStatus> {
    thread::scope(|scope| {
        let mut readers = readers.into_iter();
        // Where no thread can be had, there would be nobody to read.
        let has_readers = readers.try_for_each(|reader| thread::Builder::new().spawn_scoped(scope, reader).map(drop));
        let started = has_readers.and_then(|()| start(command));
        // The pipes end with the program, and so do the readers.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (mut child, _watch) = started?;
        if let Some(mut stdin) = child.stdin.take() {
            // What does not read its input fails by itself, and says why.
            let _ = stdin.write_all(input);
        }
        child.wait()
    })
}

fn start(command: &mut Command) -> io::Result<(Child, Watch)> {
    let watch = watch(Duty::Wait(None));
    let child = command.spawn()?;
    if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
        let before = DUTY.lock().unwrap_or_else(PoisonError::into_inner).replace(Duty::PassOn(pid));
        if let Some(Duty::Wait(Some(signal))) = before {
            send(pid, signal);
        }
    }
    Ok((child, watch))
}

fn send(child: Pid, signal: i32) {
    let signal = match signal {
        SIGINT => Signal::INT,
        SIGQUIT => Signal::QUIT,
        SIGHUP => Signal::HUP,
        _ => Signal::TERM,
    };
    let _ = kill_process(child, signal);
}

/// Returns whether an interruption has been waited for.
pub(crate) fn was_interrupted() -> bool {
    signal_seen() != 0
}

/// What a shell reports for a program that this signal has ended; of Ctrl-C if there was none.
pub(crate) fn status() -> u8 {
    let signal = if was_interrupted() { signal_seen() } else { SIGINT.unsigned_abs() as usize };
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

fn signal_seen() -> usize {
    WAS_INTERRUPTED.get().map_or(0, |flag| flag.load(Ordering::Relaxed))
}

fn watch(duty: Duty) -> Watch {
    static START: Once = Once::new();
    let before = DUTY.lock().unwrap_or_else(PoisonError::into_inner).replace(duty);
    START.call_once(|| {
        // A signal that is ignored, as by a shell for its jobs in the background, stays so.
        let signals: Vec<_> =
            [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal)).collect();
        let seen = WAS_INTERRUPTED.get_or_init(Arc::default);
        for signal in &signals {
            let _ = flag::register_usize(*signal, Arc::clone(seen), signal.unsigned_abs() as usize);
        }
        if let Ok(mut signals) = SignalsInfo::<WithRawSiginfo>::new(signals) {
            let _ = std::thread::Builder::new()
                .spawn(move || signals.forever().for_each(|info| act(info.si_signo, info.si_code == SENT)));
        }
    });
    Watch(before)
}

fn act(signal: i32, is_sent: bool) {
    let mut duty = DUTY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut unheard = None;
    // A terminal interrupts both; the others are for this process alone.
    let is_told_here = matches!(signal, SIGTERM | SIGHUP);
    match &mut *duty {
        Some(Duty::PassOn(child)) if is_told_here => send(*child, signal),
        // A terminal interrupts both: what is told twice may leave its own work half done.
        Some(Duty::PassOn(child)) if is_sent => unheard = Some(*child),
        Some(Duty::Wait(sent)) if is_told_here || is_sent => *sent = Some(signal),
        Some(Duty::Wait(_) | Duty::PassOn(..)) => {}
        Some(Duty::End(text, sweep)) => {
            progress::end();
            printer::message(&format!("interrupted: {text}"));
            sweep.start_after_this_process();
            end(signal);
        }
        None => end(signal),
    }
    drop(duty);
    HAS_ACTED.store(true, Ordering::Release);
    if let Some(child) = unheard {
        std::thread::sleep(MOMENT);
        pass_on(child, signal);
    }
}

/// Interrupts a program that still runs: the signal was for this process alone.
fn pass_on(child: Pid, signal: i32) {
    let duty = DUTY.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*duty, Some(Duty::PassOn(running)) if running == child) {
        send(child, signal);
    }
}

#[allow(clippy::exit, reason = "the main thread is in the middle of something")]
fn end(signal: i32) {
    let _ = std::io::stdout().flush();
    std::process::exit(128 + signal);
}

/// Returns whether the process was started with a signal ignored; only Linux tells.
fn is_ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
