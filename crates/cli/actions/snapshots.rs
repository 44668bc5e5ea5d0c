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

/// Takes one of what a change has led to, for a Python that has none yet.
pub(crate) fn after(process: &Process, environment: &Environment, reason: &str) {
    before(process, environment, &format!("{AFTER}{reason}"));
}

/// Begins the reason for a snapshot that was not taken before the change.
pub(crate) const AFTER: &str = "after ";

#[derive(Debug, thiserror::Error)]
#[error("no snapshot was taken")]
struct NoSnapshot(#[source] venvwrap_core::fs::PathError);
