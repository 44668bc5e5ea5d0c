//! The variables of a project's `.env` file, as far as that was allowed.

use std::fmt::Write as _;
use std::path::Path;

use venvwrap_core::project::decide::Switcher;
use venvwrap_core::project::dotenv::{DotenvError, Settings};

use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::report::warn;

/// How many refused variables are named in the line that tells of them.
const MAX_NAMED: usize = 12;

/// The variables of a project's `.env` file, if that was allowed; what is refused, or wrong, is told.
pub(crate) fn settings(process: &Process, switcher: &Switcher<'_>, project: &Path) -> Vec<(String, String)> {
    told_settings(process, switcher.settings(project), project)
}

pub(crate) fn told_settings(
    process: &Process,
    settings: Result<Settings, DotenvError>,
    project: &Path,
) -> Vec<(String, String)> {
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => {
            warn(&error);
            return Vec::new();
        }
    };
    if !settings.refused.is_empty() {
        let mut names = settings.refused.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        if settings.refused.len() > MAX_NAMED {
            let _ = write!(names, " and {} more", settings.refused.len() - MAX_NAMED);
        }
        let file = shown(&project.join(".env"), process.config.home.as_deref());
        printer::warning(&format!("`{file}` tried to set {names}; run `venvwrap allow --env NAME` to permit it"));
    }
    settings.variables.into_iter().map(|variable| (variable.name, variable.value)).collect()
}
