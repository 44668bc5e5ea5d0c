//! What hints call a command: the shell function for people who use those, else the verb of the program. Cron, CI and
//! containers have no shell functions.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a shell function asks.
static IS_FUNCTION: AtomicBool = AtomicBool::new(false);

/// The directory of the user's store, and the active environment: what is elsewhere is called by its path.
static PLACES: OnceLock<(PathBuf, Option<PathBuf>)> = OnceLock::new();

/// Says where the store is, and which environment is active.
pub(crate) fn in_store(home: &Path, active: Option<PathBuf>) {
    let _ = PLACES.set((home.to_path_buf(), active));
}

/// The directory of the store, if it is known.
pub(super) fn store() -> Option<&'static Path> {
    PLACES.get().map(|(store, _)| store.as_path())
}

/// The active environment.
pub(super) fn active() -> Option<&'static Path> {
    PLACES.get()?.1.as_deref()
}

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
