//! What is put right without loss: everything else is left to the command that the finding names.

use std::path::Path;

use super::check::{OPERATION_LEFTOVER, PACKAGES_LEFTOVER, TEMPORARY_ORPHAN};
use super::finding::Finding;
use super::packages;
use super::subject::Doctor;
use crate::fs;

/// Puts a finding right; returns whether it is.
pub(super) fn fix(doctor: &Doctor<'_>, finding: &Finding) -> bool {
    match finding.id {
        id if id == PACKAGES_LEFTOVER.id => remove_left_over(doctor, finding),
        id if id == TEMPORARY_ORPHAN.id => {
            doctor.store.remove_orphans();
            finding.environment.as_ref().is_some_and(|name| !doctor.store.path_of(name).exists())
        }
        id if id == OPERATION_LEFTOVER.id => {
            // What stays is found again.
            let _ = doctor.store.sweep();
            finding.details.get("paths").into_iter().flatten().all(|path| !Path::new(path).exists())
        }
        _ => false,
    }
}

fn remove_left_over(doctor: &Doctor<'_>, finding: &Finding) -> bool {
    let Some(name) = &finding.environment else { return false };
    let Ok(_lock) = doctor.store.lock(name) else { return false };
    let environment = doctor.store.environment(name.clone());
    packages::left_over(&environment).iter().all(|path| fs::remove_tree(path).is_ok())
}
