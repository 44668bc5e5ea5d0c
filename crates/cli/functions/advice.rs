//! What people are told when they enter an environment: that its Python is gone, or that uv will not use it.

use std::io::IsTerminal as _;
use std::path::Path;

use venvwrap_core::config::variables::{UV, VENVWRAP_UV_TOLD as UV_TOLD};
use venvwrap_core::env::{Environment, health};
use venvwrap_core::python;
use venvwrap_core::shell::plan::Plan;

use super::planner::Planner;
use crate::error::quoted;
use crate::process::{lookup, set_variable};
use crate::ui::{printer, table};

impl Planner<'_> {
    /// uv makes an environment of its own in a project, whichever is active: that is worth a line to a person, once in a
    /// session.
    pub(super) fn advise_about_uv(&self, plan: &mut Plan, environment: &Environment, project: &Path) {
        let is_uvs = project.join("uv.lock").is_file() && project.join(".venv").symlink_metadata().is_err();
        let is_known = || set_variable(UV_TOLD).is_some() || lookup(&UV.variable("project-environment")).is_some();
        if !is_uvs || !std::io::stderr().is_terminal() || is_known() {
            return;
        }
        let directory = printer::shown(project, self.process.config.home.as_deref());
        let name = quoted(environment.name());
        printer::message(&format!(
            "`uv run` and `uv sync` do not use `{name}`; run `venvwrap link --uv {name}` in `{directory}`, and they do"
        ));
        plan.set(UV_TOLD.name, Some("1".into()));
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
