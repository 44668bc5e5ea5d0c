//! Hooks outside of a shell: which of them may run, running them in the foreground, and the log of what ran.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use venvwrap_core::env::Environment;
use venvwrap_core::env::inside;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::event::{Event, Places};
use venvwrap_core::shell::hooks::{self, HookRefusal, Sourced};
use venvwrap_core::shell::plan::{Plan, Step};

use crate::actions::enter;
use crate::error::shell;
use crate::process::{Process, lookup, set_variable};
use crate::ui::printer::{self, HELP};
use crate::ui::report::warn;
use crate::ui::times::rfc3339;
use venvwrap_core::config::variables;

/// Where the `initialize` hook is.
pub(crate) fn initialize(process: &Process, dialect: Dialect) -> PathBuf {
    dialect.sourced(&process.config.hook_dir, Event::Initialize.name())
}

/// Runs a global hook in the store's directory, whatever it returns.
pub(crate) fn run(process: &Process, event: Event, arguments: &[&OsStr]) {
    let places = Places { hook_dir: &process.config.hook_dir, environment: None, project: None };
    run_each(process, &found(process, event, &places), arguments, None);
}

/// Runs the hooks that add to what is shown of an environment: the global one, then the environment's own. Both see the
/// environment as if it were active.
pub(crate) fn show_details(process: &Process, environment: &Environment) {
    let places = Places { hook_dir: &process.config.hook_dir, environment: Some(environment.path()), project: None };
    let hooks = found(process, Event::GetEnvDetails, &places);
    run_each(process, &hooks, &[environment.name().as_os_str()], Some(environment));
}

/// The hook programs of an event that are to run; refused ones are reported.
pub(crate) fn found(process: &Process, event: Event, places: &Places<'_>) -> Vec<PathBuf> {
    let directories = event.directories(places);
    let found = hooks::find_run_hooks(event.name(), directories.iter().map(PathBuf::as_path), process.vetting());
    for refusal in &found.refused {
        tell(refusal);
    }
    for hook in &found.ready {
        log(&format!("running {}", hook.display()));
    }
    found.ready
}

/// Returns whether a hook must not be sourced, because others may write to it; it is reported if it does something.
pub(crate) fn is_refused(process: &Process, hook: &Path) -> bool {
    match hooks::judge_sourced(hook, process.vetting()) {
        Sourced::Safe => false,
        Sourced::Exposed => true,
        Sourced::Refused(refusal) => {
            tell(&refusal);
            true
        }
    }
}

/// Takes the hooks that others may write to out of a plan; each is reported once.
pub(crate) fn vet(process: &Process, plan: &mut Plan) {
    plan.refuse(|hook| is_refused(process, hook));
    // A look at each of them that nobody reads about would be for nothing.
    if set_variable(variables::VIRTUALENVWRAPPER_LOG_FILE).is_none() {
        return;
    }
    for step in &plan.0 {
        if let Step::Source { file, .. } = step
            && file.is_file()
        {
            log(&format!("sourcing {}", file.display()));
        }
    }
}

/// Warns of a hook that is passed over; of several for the same reason only once.
fn tell(refusal: &HookRefusal) {
    let HookRefusal::Exposed { exposure, .. } = refusal else { return warn(refusal) };
    if enter::is_news(exposure) {
        warn(refusal);
        printer::note("hint", HELP, &shell::accept(exposure));
    }
}

fn run_each(process: &Process, hooks: &[PathBuf], arguments: &[&OsStr], active: Option<&Environment>) {
    for hook in hooks {
        let mut command = Command::new(hook);
        command.args(arguments).current_dir(process.store.home());
        command.env("WORKON_HOME", process.store.home()).env("VIRTUALENVWRAPPER_HOOK_DIR", &process.config.hook_dir);
        if let Some(environment) = active {
            command.env("VIRTUAL_ENV", environment.path()).env("PATH", inside::path(environment, &lookup));
        }
        if let Err(error) = status(&mut command, hook) {
            printer::warning(&format!("could not run the hook `{}`: {error}", hook.display()));
        }
    }
}

/// Shells run a script without a first line that names its interpreter by themselves; so do we.
fn status(command: &mut Command, hook: &Path) -> std::io::Result<()> {
    match command.status() {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
            let mut script = Command::new("/bin/sh");
            script.arg(hook).args(command.get_args());
            script.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
            script.envs(command.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
            script.status().map(|_| ())
        }
        other => other.map(|_| ()),
    }
}

/// Appends a line to the file that `VIRTUALENVWRAPPER_LOG_FILE` names. A log that cannot be written stops nothing.
fn log(event: &str) {
    let Some(path) = set_variable(variables::VIRTUALENVWRAPPER_LOG_FILE) else { return };
    let line = format!("{} INFO venvwrap {event}\n", rfc3339(SystemTime::now()).unwrap_or_default());
    if let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path) {
        let _ = file.write_all(line.as_bytes());
    }
}
