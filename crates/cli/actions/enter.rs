//! Whether an environment may be entered: what its activation script holds, and who may write to it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use venvwrap_core::env::Environment;
use venvwrap_core::fs::exposure::Exposure;
use venvwrap_core::shell::safety::{self, Safety, SafetyError};

use crate::process::Process;

/// Judges the script by which a shell enters an environment. Everything that sources one asks here first.
pub(crate) fn judge(process: &Process, environment: &Environment, script: &Path) -> Result<Safety, SafetyError> {
    let safety = safety::of_activate_script(environment, script)?;
    // Who may write there could add one that was left out.
    let bin = environment.bin();
    safety::check_owners(if script.is_file() { script } else { &bin }, process.vetting())?;
    Ok(safety)
}

/// Judges an environment whose scripts and hooks become the user's own: it is copied, packed, sent or built again.
pub(crate) fn judge_source(process: &Process, root: &Path) -> Result<(), SafetyError> {
    safety::check_owners_of_source(root, process.vetting())
}

/// Judges the programs of an environment, and the one that is to run, which is not activated.
pub(crate) fn judge_programs(process: &Process, root: &Path, program: Option<&Path>) -> Result<(), SafetyError> {
    safety::check_owners_of_programs(root, program, process.vetting())
}

/// Returns whether an environment, or its `bin`, belongs to another user than this one and root.
pub(crate) fn is_of_another(root: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    let owner = |path: &Path| std::fs::metadata(path).map_or(user, |found| found.uid());
    [root, &root.join("bin")].into_iter().any(|path| ![0, user].contains(&owner(path)))
}

/// Returns whether nothing was told yet, by this process, of a place that others may change: one open store is one fact,
/// however many hooks and environments are in it.
pub(crate) fn is_news(exposure: &Exposure) -> bool {
    static TOLD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut told = TOLD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let is_news = !told.contains(&exposure.path);
    if is_news {
        told.push(exposure.path.clone());
    }
    is_news
}
