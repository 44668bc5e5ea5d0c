//! What people are told when they enter an environment: that its Python is gone, or that uv will not use it.

use std::io::IsTerminal as _;
use std::path::Path;

use venvwrap_core::config::variables::UV;
use venvwrap_core::env::{Environment, health};
use venvwrap_core::fs::text::printable;
use venvwrap_core::python;
use venvwrap_core::shell::plan::Step;

use super::planner::Planner;
use crate::error::quoted;
use crate::process::lookup;
use crate::ui::{printer, table};

impl Planner<'_> {
    /// uv makes an environment of its own in a project, whichever is active: that is worth a line to a person.
    pub(super) fn advice_for_uv(&self, environment: &Environment, project: &Path) -> Option<Step> {
        let is_uvs = project.join("uv.lock").is_file() && project.join(".venv").symlink_metadata().is_err();
        let is_told =
            is_uvs && std::io::stderr().is_terminal() && lookup(&UV.variable("project-environment")).is_none();
        is_told.then(|| {
            let directory = printer::shown(project, self.process.config.home.as_deref());
            let name = quoted(environment.name());
            let text = format!(
                "`uv run` and `uv sync` will not use `{name}`; `venvwrap link --uv {name}` in `{directory}` makes them"
            );
            Step::Tell { text: printable(text.as_ref()) }
        })
    }

    /// Gives an environment whose Python is gone another one of its version, where that takes no time; else warns that
    /// another Python would run in its place, and says what helps.
    pub(super) fn mend_obstacle(&self, environment: &Environment) {
        let Some(obstacle) = health::obstacle(environment) else { return };
        let (name, search) = (quoted(environment.name()), self.process.search());
        if self.process.config.auto_repair
            && let Some(found) = self.process.store.revive(environment, &search)
        {
            let executable = printer::shown(&found.executable, self.process.config.home.as_deref());
            printer::message(&format!(
                "repaired `{}`: its Python was gone; it now uses `{executable}`",
                environment.name()
            ));
            return;
        }
        let Some(problem) = table::problem(&obstacle) else { return };
        let help = if python::has_candidate_for_existing(environment.path(), &search) {
            format!("`venvwrap repair {name}` repairs the environment")
        } else {
            format!("`venvwrap upgrade {name}` rebuilds the environment with another version")
        };
        printer::warning(&format!("{problem}; {help}"));
    }
}
