//! Jupyter kernels of the user that do not start, or in which other programs are found than in their environment.

use std::path::Path;

use super::check::{KERNEL_DEAD, KERNEL_PATH};
use super::finding::Finding;
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::kernels::Kernel;
use crate::store::kernels::KernelState;

/// Kernels whose interpreter is gone, with what it was in.
pub(super) fn dead(doctor: &Doctor<'_>) -> Vec<Finding> {
    // Where the environment is there, it is the one to repair.
    let dead = doctor.kernels.iter().filter(|found| found.state == KernelState::Dead && found.environment.is_none());
    dead.map(|found| dead_one(&found.kernel)).collect()
}

fn dead_one(kernel: &Kernel) -> Finding {
    let (id, program) = (kernel.id.to_string_lossy().into_owned(), kernel.program.display());
    let owner = kernel.environment.as_ref().map(|name| format!(", which venvwrap wrote for `{name}`,"));
    let owner = owner.unwrap_or_default();
    let message = format!("the Jupyter kernel `{id}`{owner} starts `{program}`, which does not exist");
    let force = kernel.environment.is_none().then_some("--force");
    let words = ["venvwrap", "kernel", "remove"].into_iter().chain(force).chain([id.as_str()]);
    Finding::new(KERNEL_DEAD, message).fixed_by(words).path("kernel", kernel.directory())
}

/// Kernels of environments in which `!pip` is another one.
pub(super) fn paths(doctor: &Doctor<'_>, environments: &[Environment]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in doctor.kernels {
        let environment = environments.iter().find(|other| found.environment.as_ref() == Some(other.name()));
        let Some(environment) = environment.filter(|_| found.state != KernelState::Dead) else { continue };
        // Who has written one with `--no-path` knows what it does.
        let is_meant = found.kernel.environment.is_some() && found.kernel.path.is_none();
        if !is_meant && !found.kernel.has_path_of(environment.path()) {
            findings.push(path(environment, &found.kernel));
        }
    }
    findings
}

fn path(environment: &Environment, kernel: &Kernel) -> Finding {
    let id = kernel.id.to_string_lossy().into_owned();
    let (name, directory): (_, &Path) = (environment.name().as_os_str().to_string_lossy(), kernel.directory());
    let message = format!("in the Jupyter kernel `{id}`, `!pip` is not that of the environment");
    let words = ["venvwrap", "kernel", "add", "--force", "--id", &id, &name];
    Finding::of(KERNEL_PATH, environment, message).fixed_by(words).path("kernel", directory)
}
