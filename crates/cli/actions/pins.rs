//! What was pinned for uv follows the Python of an environment.

use std::path::{Path, PathBuf};

use venvwrap_core::env::Environment;
use venvwrap_core::fs::PathResult;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::uv::{self, Settings, Source};

use crate::error::quoted;
use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::report;

/// Pins the version that an environment has now in the directories where `link --uv` has pinned the one that it had: uv
/// would delete it there.
pub(crate) fn follow(process: &Process, environment: &Environment) {
    of_projects(process, environment);
    for renewed in uv::renew_pins(environment, &process.store) {
        tell(process, renewed.map(Some));
    }
}

/// Does so in a directory that may have been moved or copied with its link, of which nothing is known then.
pub(crate) fn renew(process: &Process, environment: &Environment, directory: &Path) {
    tell(process, uv::renew_link(directory, environment, &process.store));
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
                "put back the project directory of `{}`, `{project}`, as uv has recreated it; if it is another environment \
                 now, `venvwrap project unset {}`",
                environment.name(),
                quoted(environment.name())
            ));
        }
        Err(error) => report::warn(&error),
    }
    is_back
}

/// Does so in the projects of an environment.
fn of_projects(process: &Process, environment: &Environment) {
    let project = process.store.project_of(environment).ok().flatten();
    for directory in project.into_iter().chain(process.store.added_directories(environment)) {
        renew(process, environment, &directory);
    }
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
        Ok(Some(file)) => {
            let file = shown(&file, process.config.home.as_deref());
            printer::message(&format!("`{file}` now pins its version, so that uv keeps the environment"));
        }
        Err(error) => report::warn(&error),
    }
}
