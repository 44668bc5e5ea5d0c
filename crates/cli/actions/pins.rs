//! What was pinned for uv follows the Python of an environment.

use venvwrap_core::env::Environment;
use venvwrap_core::project::uv;

use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::report;

/// Pins the version that an environment has now in the directories where `link --uv` has pinned the one that it had: uv
/// would delete it there.
pub(crate) fn follow(process: &Process, environment: &Environment) {
    for renewed in uv::renew_pins(environment, &process.store) {
        match renewed {
            Ok(file) => {
                let file = shown(&file, process.config.home.as_deref());
                printer::message(&format!("`{file}` now pins its version, so that uv keeps the environment"));
            }
            Err(error) => report::warn(&error),
        }
    }
}
