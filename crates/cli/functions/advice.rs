//! What people are told when they enter an environment: that its Python is gone, or that uv will not use it.

use std::path::Path;

use venvwrap_core::env::Environment;
use venvwrap_core::env::health::{self, Health};
use venvwrap_core::fs::text::{enumerated, printable};
use venvwrap_core::project::uv::{self, Advice, Settings, Source, Unfit};
use venvwrap_core::store::repair::Revived;

use super::planner::Planner;
use crate::actions::remedy;
use crate::error::{examines, quoted};
use crate::ui::{printer, sentences, table};

impl Planner<'_> {
    /// Says what uv does with the environment in its project, and where it was linked: it may have no use for it, or delete
    /// it. Printed here, because a shell without the prompt hook knows no step that tells.
    pub(super) fn advise_on_uv(&self, environment: &Environment, project: Option<&Path>) {
        let name = quoted(environment.name());
        let shown = |file: &Path| printer::shown(file, self.process.config.home.as_deref());
        let settings = Settings::of(&self.process.search());
        for advice in uv::advice(environment, project, &self.process.store, &settings) {
            match advice {
                Advice::Unfit(Unfit { source, wanted, version, is_deleted }) => {
                    let by = match &source {
                        Source::File(file) => shown(file),
                        Source::Variable(name) => name.clone(),
                    };
                    let (wanted, verb) = (printable(wanted.as_ref()), if is_deleted { "delete" } else { "refuse" });
                    printer::warning(&format!(
                        "uv would {verb} `{name}` here: `{by}` wants Python {wanted}, it has {version}"
                    ));
                }
                Advice::Replaced(directories) => {
                    // It says nowhere for which one.
                    let reason = match &directories[..] {
                        [one] => format!(" for `{}`", shown(one)),
                        _ => String::new(),
                    };
                    let examines = examines(environment.name());
                    printer::warning(&format!(
                        "uv has recreated `{name}`{reason}: its packages and hooks are gone; {examines}"
                    ));
                }
                Advice::Unlinked => self.advise_to_link(&name, project),
            }
        }
    }

    /// Once only, and therefore to a person: not into the log of a job.
    fn advise_to_link(&self, name: &str, project: Option<&Path>) {
        let is_new = |project| uv::is_first_time(self.process.config.state_dir.as_deref(), project);
        if printer::is_read() && project.is_some_and(is_new) {
            printer::message(&format!(
                "uv creates its own environment here; `venvwrap link --uv {name}` makes it use this one"
            ));
        }
    }

    /// Gives an environment whose Python is gone another one of its version, where that takes no time; else warns that
    /// another Python would run in its place, and says what helps.
    pub(super) fn mend_obstacle(&self, environment: &Environment) {
        if let Some(warning) = self.unmended_obstacle(environment) {
            printer::warning(&warning);
        }
    }

    /// The same, but returns the warning: what is done at every prompt is told once.
    pub(super) fn unmended_obstacle(&self, environment: &Environment) -> Option<String> {
        let Some(obstacle) = health::obstacle(environment) else {
            let python = health::without_permission(environment)?;
            let problem = sentences::not_executable(&python);
            let remedy = remedy::permission(&python);
            return Some(format!("{problem}, so another Python runs in its place; {remedy}"));
        };
        if self.process.config.auto_repair
            && let Some(revived) = self.process.store.revive(environment, &obstacle, &self.process.search())
        {
            printer::message(&format!("repaired `{}`: {}", environment.name(), self.revived(&obstacle, &revived)));
            return None;
        }
        let problem = table::problem(&obstacle)?;
        Some(format!("{problem}; {}", remedy::hint(&self.process, environment)))
    }

    /// What was wrong, and what is there now.
    fn revived(&self, obstacle: &Health, revived: &Revived) -> String {
        let found = match revived {
            Revived::Replaced(found) => found,
            Revived::Completed(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{}`", name.display())).collect();
                let were = if names.len() == 1 { "was" } else { "were" };
                return format!("{} {were} gone", enumerated(&names, "and"));
            }
        };
        let executable = printer::shown(&found.executable, self.process.config.home.as_deref());
        let was = match obstacle {
            Health::WrongVersion { interpreter, .. } => format!("its Python had become {interpreter}"),
            Health::NoHome => "its `pyvenv.cfg` named no Python".into(),
            _ => "its Python was gone".into(),
        };
        format!("{was}; it now uses `{executable}`")
    }
}
