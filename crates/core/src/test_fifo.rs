//! Pipes in the place of files, for tests: whoever opens one waits for ever.

use std::path::Path;
use std::process::Command;

/// Makes a pipe. Not every system has the call for it at a place where the others have it, but each has the command.
pub(crate) fn make(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success(), "{}", path.display());
}
