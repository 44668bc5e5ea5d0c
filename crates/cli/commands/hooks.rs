//! Hook programs that run in the foreground, outside of a plan.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::hooks::{self, HookUser};

use crate::printer;
use crate::process::Process;

/// Runs a global hook in the store's directory, whatever it returns.
pub(crate) fn run(process: &Process, name: &str, arguments: &[&OsStr]) {
    for hook in found(name, &[&process.config.hook_dir]) {
        let mut command = Command::new(&hook);
        command.args(arguments).current_dir(process.store.home());
        if let Err(error) = command.status() {
            printer::warning(&format!("could not run the hook `{}`: {error}", hook.display()));
        }
    }
}

/// The hook programs of this name that are to run; refused ones are reported.
pub(crate) fn found(name: &str, directories: &[&Path]) -> Vec<PathBuf> {
    let user = HookUser { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() };
    let found = hooks::find_run_hooks(name, directories.iter().copied(), user);
    for refusal in &found.refused {
        printer::warning(&format!("{refusal}; it is not run"));
    }
    found.ready
}
