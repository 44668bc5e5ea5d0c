//! Snapshots that are taken without being asked for, before a change.

use venvwrap_core::env::Environment;

use crate::process::Process;
use crate::ui::report;

/// Takes a snapshot before a change. One that cannot be taken is no reason to refuse the change, but is told.
pub(crate) fn before(process: &Process, environment: &Environment, reason: &str) {
    if let Err(error) = process.store.snapshot_before(environment, reason) {
        report::warn(&NoSnapshot(error));
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no snapshot was taken")]
struct NoSnapshot(#[source] venvwrap_core::fs::PathError);
