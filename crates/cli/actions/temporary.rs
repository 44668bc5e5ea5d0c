//! Temporary environments whose shells have ended.

use venvwrap_core::env::metadata::Metadata;
use venvwrap_core::env::usage;
use venvwrap_core::store::remove::{RemoveOptions, Removed};

use super::{make, remove};
use crate::process::Process;

/// Removes temporary environments whose shells ended without a chance to do it. Best effort, in the background.
pub(crate) fn remove_orphans(process: &Process) {
    for name in process.store.names().unwrap_or_default() {
        let path = make::path_of(process, &name);
        let is_orphan = Metadata::read(&path).temporary.is_some() && !usage::is_in_use(&path, &[]);
        let options = RemoveOptions {
            active: None,
            force: false,
            user_home: process.config.home.as_deref(),
            cwd: Some(&process.cwd),
        };
        if is_orphan && let Ok(Removed::Moved(trash)) = remove::take_out(process, &name, &options) {
            let _ = trash.delete();
        }
    }
}
