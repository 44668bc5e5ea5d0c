//! The associations of directories with environments that the prompt hook looks for.

use std::path::{Path, PathBuf};

use venvwrap_core::env::{Environment, project_file};
use venvwrap_core::store::mirror::Kind;

use crate::process::Process;

/// Mirrors an association that was found in an environment but not in the tree; costs one look where it is there.
pub(crate) fn note_association(process: &Process, environment: &Environment, project: &Path) {
    if let Some(switcher) = process.switcher()
        && !switcher.tree.has(project)
    {
        associate(process, environment.path(), project);
    }
}

/// Mirrors an association. Failure costs the switching, and nothing else.
pub(crate) fn associate(process: &Process, env: &Path, project: &Path) {
    if let Some(switcher) = process.switcher() {
        let _ = switcher.tree.associate(project, env, Kind::Project);
    }
}

/// The project directory that an environment is going to lose.
pub(crate) fn project_of(process: &Process, env: &Path) -> Option<PathBuf> {
    project_file::read(&env.join(&process.config.project_filename)).ok().flatten()
}

/// Takes an association out of the mirror.
pub(crate) fn dissociate(process: &Process, env: &Path, project: Option<PathBuf>) {
    if let (Some(switcher), Some(project)) = (process.switcher(), project) {
        let _ = switcher.tree.dissociate(&project, env);
    }
}
