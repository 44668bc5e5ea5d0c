//! Jobs that nobody waits for: deleting what was removed, and compiling what was installed.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use rustix::process::Pid;
use venvwrap_core::config::{CACHE_LAYOUT, Config};
use venvwrap_core::fs::made;
use venvwrap_core::fs::temporary as files;
use venvwrap_core::python::Interpreter;
use venvwrap_core::python::Request;
use venvwrap_core::wheel::{self, CacheDir, PendingBytecode, update};

use super::virtualenv_options::empty_cache;
use crate::error::Result;
use crate::process::{self, Process};

/// Says that a directory to be swept is no store.
const ANYWHERE: &str = "anywhere";

/// Begins the name of a sweep that waits for the end of the process whose number follows.
const SWEEP_AFTER: &str = "sweep-after-";

/// As many wheels as one job compiles: a command line has room for so many.
const MOST_WHEELS: usize = 1000;

/// What is to be swept.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    home: PathBuf,
    is_anywhere: bool,
    inside: Option<PathBuf>,
}

impl Sweep {
    /// The store of a process, or the directory in which it makes an environment.
    pub(crate) fn of(process: &Process) -> Self {
        Self { home: process.store.home().to_path_buf(), is_anywhere: process.store.is_anywhere(), inside: None }
    }

    /// The same, and another directory that is no store.
    pub(crate) fn and_in(self, directory: &Path) -> Self {
        Self { inside: Some(directory.to_path_buf()), ..self }
    }

    fn start(&self, moment: &str) {
        let mut arguments = vec!["__background".into(), moment.into(), self.home.as_path().into()];
        arguments.extend(self.is_anywhere.then(|| ANYWHERE.into()));
        arguments.extend(self.inside.as_deref().map(Into::into));
        process::start_in_background(&arguments);
    }

    /// Does it as soon as this process, which holds locks, has ended.
    pub(crate) fn start_after_this_process(&self) {
        self.start(&format!("{SWEEP_AFTER}{}", std::process::id()));
    }
}

/// Deletes, later, what crashed operations and removals have left in the store.
pub(crate) fn sweep(process: &Process) {
    Sweep::of(process).start("sweep");
}

/// Does so if there is anything to delete.
pub(crate) fn sweep_left_overs(process: &Process) {
    if process.store.has_leftovers() {
        sweep(process);
    }
}

/// Makes the tree of associations agree, later, with a store that has changed.
pub(crate) fn sync(process: &Process) {
    process::start_in_background(&["__background".into(), "sync".into(), process.store.home().into()]);
}

/// Compiles, later, the wheels whose bytecode the cache does not hold yet.
pub(crate) fn compile(pending: &[PendingBytecode], python: &Path) {
    // Not a process for each: starting them would take longer than all else.
    for wheels in pending.chunks(MOST_WHEELS) {
        let mut arguments = vec!["__background".into(), "compile".into(), python.into()];
        arguments.extend(wheels.iter().map(|wheel| wheel.sha256.clone().into()));
        process::start_in_background(&arguments);
    }
}

/// Looks, later, for a newer pip if it is time to.
pub(crate) fn update_pip(process: &Process, python: &Path) {
    if cache_dir(process).is_some_and(|cache| update::is_due(cache, SystemTime::now())) {
        process::start_in_background(&["__background".into(), "update-pip".into(), python.into()]);
    }
}

fn cache_dir(process: &Process) -> Option<CacheDir<'_>> {
    let Config { cache_dir, link_mode, .. } = &process.config;
    Some(CacheDir { path: cache_dir.as_deref()?, user: process::user(), link_mode: *link_mode })
}

fn interpreter(process: &Process, python: &OsString) -> Result<Interpreter> {
    let search = process.search();
    let request = Request::parse(python, search.cwd, search.home)?;
    Ok(venvwrap_core::python::find(Some(&request), &search)?)
}

/// Does a job; this is the background process.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    // A session of its own: the job outlives the terminal.
    let _ = rustix::process::setsid();
    match arguments {
        [job, home, kind @ ..] if job == "sweep" || parent_of(job).is_some() => {
            parent_of(job).into_iter().for_each(wait_for_parent);
            if let Some((_, inside)) = kind.split_first().filter(|(kind, _)| *kind == ANYWHERE) {
                let process = Process::take_in(None)?;
                let sweep = |home: &OsString| process.anywhere(home.into()).store.sweep();
                return Ok([home].into_iter().chain(inside).try_for_each(sweep).map(|()| ExitCode::SUCCESS)?);
            }
            let process = Process::take_in(Some(home.into()))?;
            sweep_own_directories(&process);
            // What cannot be removed now keeps nothing else from being removed.
            let swept = process.store.sweep();
            process.store.remove_orphans();
            process.store.sweep_snapshots();
            process.store.sweep_shells();
            swept?;
        }
        [job, home] if job == "sync" => {
            let process = Process::take_in(Some(home.into()))?;
            if process.store.mirror().is_some() {
                process.store.sync_mirror()?;
            }
        }
        [job, python, wheels @ ..] if job == "compile" => {
            in_cache(python, |_, cache, interpreter| {
                // One that cannot be compiled keeps no other from it.
                let compile = |sha256: &OsString| {
                    wheel::compile_pending(cache, &sha256.to_string_lossy(), interpreter).map(|_| ())
                };
                let results: Vec<_> = wheels.iter().map(compile).collect();
                Ok(results.into_iter().collect::<std::result::Result<(), _>>()?)
            })?;
        }
        [job, python] if job == "update-pip" => {
            in_cache(python, |process, cache, interpreter| {
                let sources = super::sources::known(process, interpreter);
                if let Some(pending) = update::update_pip(cache, &sources, interpreter, SystemTime::now())? {
                    wheel::compile_pending(cache, &pending.sha256, interpreter)?;
                }
                Ok(())
            })?;
        }
        _ => return Ok(ExitCode::from(2)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Does a job in the cache, which the process that has started this one has used. If somebody removes it before or
/// meanwhile, as `setup --undo` does, none is there afterwards.
fn in_cache(python: &OsString, job: impl FnOnce(&Process, CacheDir<'_>, &Interpreter) -> Result<()>) -> Result<()> {
    let process = Process::take_in(Some("/".into()))?;
    let Some(cache) = cache_dir(&process) else { return Ok(()) };
    let own = cache.path.join(CACHE_LAYOUT);
    // Whoever removes it may have begun with this note.
    let above = made::noted(cache.path);
    // Open, so that no other directory gets its number.
    let Ok(before) = File::open(&own) else { return Ok(()) };
    let done = interpreter(&process, python).and_then(|interpreter| job(&process, cache, &interpreter));
    let identity = |found: Metadata| (found.dev(), found.ino());
    if before.metadata().map(identity).ok() != own.metadata().map(identity).ok() {
        empty_cache(cache.path)?;
        made::remove_empty(cache.path, above);
    }
    done
}

/// The process that a job waits for.
fn parent_of(job: &OsStr) -> Option<Pid> {
    job.to_str()?.strip_prefix(SWEEP_AFTER)?.parse().ok().and_then(Pid::from_raw)
}

/// Waits until the process that has started this one is gone, but not for ever. Its number is known from before: it may
/// be gone already.
fn wait_for_parent(parent: Pid) {
    for _ in 0..1000 {
        if has_ended(parent) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn has_ended(parent: Pid) -> bool {
    rustix::process::getppid() != Some(parent)
}

/// Removes the temporary files that crashes have left in the directories of this program.
fn sweep_own_directories(process: &Process) {
    let config = &process.config;
    config.config_dir.iter().for_each(|directory| files::sweep(directory));
    files::sweep(&config.hook_dir);
    config.state_dir.iter().chain(&config.cache_dir).for_each(|directory| files::sweep_below(directory));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_gone_before_is_not_waited_for() {
        let own = rustix::process::getpid();
        assert!(has_ended(own) && !rustix::process::getppid().is_some_and(has_ended));
        assert_eq!(parent_of(format!("{SWEEP_AFTER}{}", own.as_raw_nonzero()).as_ref()), Some(own));
        for other in ["sweep", SWEEP_AFTER, "sweep-after-x", "sweep-after-0"] {
            assert_eq!(parent_of(other.as_ref()), None);
        }
    }
}
