//! What was pinned for uv follows the Python of an environment.

use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::fs::PathResult;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::marker;
use venvwrap_core::project::uv::{self, Settings, Source};

use crate::error::quoted;
use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::report;

/// Pins the versions that environments have now in the directories where `link --uv` has pinned those that they had: uv
/// would delete them there. To be called with each environment that has got a name or another Python.
pub(crate) fn follow(process: &Process, environment: &Environment) {
    if !process.store.has_uv_links() {
        return;
    }
    of_projects(process, environment);
    tell_all(process, uv::renew_pins(&process.store));
    warn_of_lost(process, environment, environment);
}

/// Does so for one environment, in all directories that are known.
pub(crate) fn renew_of(process: &Process, environment: &Environment) {
    tell_all(process, uv::renew_pins_of(environment, &process.store));
}

fn tell_all(process: &Process, renewed: Vec<PathResult<PathBuf>>) {
    for renewed in renewed {
        tell(process, renewed.map(Some));
    }
}

/// Names the linked directories that are gone: of one that was moved, nothing is known, and its pin cannot follow `other`,
/// the environment as it is going to be.
pub(crate) fn warn_of_lost(process: &Process, environment: &Environment, other: &Environment) {
    let name = quoted(environment.name());
    for directory in uv::lost(environment, other, &process.store) {
        let directory = shown(&directory, process.config.home.as_deref());
        printer::warning(&format!(
            "`{directory}`, which was linked to `{name}`, is gone; if it was moved, `venvwrap link --uv {name} DIR` \
             keeps uv from deleting `{name}` there"
        ));
    }
}

/// Makes known the directory that the current one is in, if it was moved or copied with its link to an environment.
pub(crate) fn renew_here(process: &Process, environment: &Environment) {
    let above = process.cwd.ancestors().find(|above| above.join(marker::FILES[0]).is_symlink());
    if let Some(here) = above.filter(|_| process.store.has_uv_links()) {
        renew(process, environment, here);
    }
}

/// Does so in a directory that may have been moved or copied with its link, of which nothing is known then.
pub(crate) fn renew(process: &Process, environment: &Environment, directory: &Path) {
    tell(process, uv::renew_link(directory, environment, &process.store));
}

/// The same for the prompt hook, which says it itself.
pub(crate) fn renewed(process: &Process, environment: &Environment, directory: &Path) -> Option<String> {
    if !process.store.has_uv_links() {
        return None;
    }
    let file = uv::renew_link(directory, environment, &process.store).ok()??;
    Some(sentence(process, &file))
}

/// Puts back the project of an environment that uv has recreated, and says so; returns whether it had one.
pub(crate) fn put_back_project(process: &Process, environment: &Environment) -> bool {
    let found = process.store.put_back_project(environment);
    let is_back = matches!(found, Ok(Some(_)));
    match found {
        Ok(None) => {}
        Ok(Some(project)) => {
            let project = shown(&project, process.config.home.as_deref());
            printer::message(&format!(
                "uv has recreated `{}`, so its project directory `{project}` was put back; if that is wrong, \
                 `venvwrap project unset {}`",
                environment.name(),
                quoted(environment.name())
            ));
        }
        Err(error) => report::warn(&error),
    }
    is_back
}

/// Does so in the projects of an environment, and in the directory that the current one is in.
fn of_projects(process: &Process, environment: &Environment) {
    let project = process.store.project_of(environment).ok().flatten();
    for directory in project.into_iter().chain(process.store.added_directories(environment)) {
        renew(process, environment, &directory);
    }
    renew_here(process, environment);
}

/// Names what asks for another Python than an environment is about to get, that of `staged`, where uv uses it.
pub(crate) fn warn_before(process: &Process, environment: &Environment, staged: &Environment) {
    of_projects(process, environment);
    let settings = Settings::of(&process.search());
    for unfit in uv::unfit_after(environment, staged, &process.store, &settings) {
        let (wanted, verb) = (printable(unfit.wanted.as_ref()), if unfit.is_deleted { "delete" } else { "refuse" });
        let by = match &unfit.source {
            Source::File(file) => shown(file, process.config.home.as_deref()),
            Source::Variable(name) => name.clone(),
        };
        let (name, version) = (quoted(environment.name()), unfit.version);
        printer::warning(&format!("uv would then {verb} `{name}`: `{by}` wants Python {wanted}, it gets {version}"));
    }
}

fn tell(process: &Process, renewed: PathResult<Option<PathBuf>>) {
    match renewed {
        Ok(None) => {}
        Ok(Some(file)) => printer::message(&sentence(process, &file)),
        Err(error) => report::warn(&error),
    }
}

fn sentence(process: &Process, file: &Path) -> String {
    let file = shown(file, process.config.home.as_deref());
    format!("`{file}` now pins its version, so that uv keeps the environment")
}
