//! What hints call a command: the shell function for people who use those, else the verb of the program. Cron, CI and
//! containers have no shell functions.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a shell function asks.
static IS_FUNCTION: AtomicBool = AtomicBool::new(false);

/// From now on hints name shell functions.
pub(crate) fn by_shell_functions() {
    IS_FUNCTION.store(true, Ordering::Relaxed);
}

/// Returns whether a shell function asks.
pub(crate) fn is_by_shell_function() -> bool {
    IS_FUNCTION.load(Ordering::Relaxed)
}

/// What creates environments.
pub(crate) fn create() -> &'static str {
    either("mkvirtualenv", "venvwrap create")
}

/// What lists them.
pub(crate) fn list() -> &'static str {
    either("lsvirtualenv", "venvwrap list")
}

/// What removes them.
pub(crate) fn remove() -> &'static str {
    either("rmvirtualenv", "venvwrap remove")
}

/// What creates projects.
pub(crate) fn create_project() -> &'static str {
    either("mkproject", "venvwrap create-project")
}

/// What associates environments with directories.
pub(crate) fn associate() -> &'static str {
    either("setvirtualenvproject", "venvwrap project set")
}

fn either(function: &'static str, verb: &'static str) -> &'static str {
    if is_by_shell_function() { function } else { verb }
}
