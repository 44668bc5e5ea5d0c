//! The variables of a project's `.env` file, as far as that was allowed.

use std::fmt::Write as _;
use std::path::Path;

use venvwrap_core::project::decide::Switcher;
use venvwrap_core::project::dotenv::{self, DotenvError, Settings};

use crate::error::quoted_path;
use crate::process::Process;
use crate::ui::printer::{self, shown};
use crate::ui::report::warn;

/// How many refused variables are named in the line that tells of them.
const MAX_NAMED: usize = 12;

/// How many options the command in that line has at most.
const MAX_OPTIONS: usize = 3;

/// The variables of a project's `.env` file, if that was allowed; what is wrong with it is told.
pub(crate) fn settings(process: &Process, switcher: &Switcher<'_>, project: &Path) -> Vec<(String, String)> {
    told_settings(process, switcher.settings(project), project)
}

/// The variables that a file sets; what is wrong with it is told. What was refused has been told when the file was
/// allowed, unless an older version allowed it that refused less: that is told once.
pub(crate) fn told_settings(
    process: &Process,
    settings: Result<Settings, DotenvError>,
    project: &Path,
) -> Vec<(String, String)> {
    let settings = settings.unwrap_or_else(|error| {
        warn(&error);
        Settings::default()
    });
    warn_of_untold(process, &settings.refused, project);
    settings.variables.into_iter().map(|variable| (variable.name, variable.value)).collect()
}

/// The variables of a project's `.env` file that a program gets although no shell can, if that was allowed.
pub(crate) fn for_programs(process: &Process, project: &Path) -> Vec<(String, String)> {
    let settings = process.switcher().and_then(|switcher| switcher.settings(project).ok());
    let variables = settings.unwrap_or_default().for_programs.into_iter();
    variables.map(|variable| (variable.name, variable.value)).collect()
}

/// Warns of what a file that was just allowed does not set, and names the command that permits it.
pub(crate) fn warn_of_refused(process: &Process, settings: Result<Settings, DotenvError>, project: &Path) {
    let refused = match settings {
        Ok(settings) => settings.refused,
        Err(error) => return warn(&error),
    };
    if let Some(switcher) = process.switcher() {
        let _ = switcher.trust.untold(project, &refused);
    }
    name_refused(process, &refused, project);
}

fn warn_of_untold(process: &Process, refused: &[String], project: &Path) {
    let switcher = process.switcher().filter(|_| !refused.is_empty());
    name_refused(
        process,
        &switcher.map(|switcher| switcher.trust.untold(project, refused)).unwrap_or_default(),
        project,
    );
}

fn name_refused(process: &Process, refused: &[String], project: &Path) {
    if refused.is_empty() {
        return;
    }
    let mut names = refused.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if refused.len() > MAX_NAMED {
        let _ = write!(names, " and {} more", refused.len() - MAX_NAMED);
    }
    let file = shown(&project.join(dotenv::FILE_NAME), process.config.home.as_deref());
    let remedy = remedy(process, refused, project);
    printer::warning(&format!("`{file}` may not set {names}{remedy}"));
}

/// What permits those that can be permitted. The command decides anew, so it names what was permitted before as well.
fn remedy(process: &Process, refused: &[String], project: &Path) -> String {
    let programs: Vec<_> = refused.iter().filter(|name| dotenv::is_for_programs(name)).map(String::as_str).collect();
    let note = if programs.is_empty() {
        String::new()
    } else {
        format!("; shells keep {} for themselves, `venvwrap run` sets them", programs.join(", "))
    };
    let names: Vec<_> = refused.iter().filter(|name| dotenv::is_grantable(name)).collect();
    if names.is_empty() {
        return note;
    }
    let permitted = process.switcher().and_then(|switcher| switcher.trust.granted(project));
    let permitted = permitted.map(|grants| grants.variables).unwrap_or_default();
    let of = |names: &[&String]| names.iter().flat_map(|name| [" --env ", name.as_str()]).collect::<String>();
    let others = if names.len() > MAX_OPTIONS { " --env NAME".to_string() } else { of(&names) };
    let options = of(&permitted.iter().collect::<Vec<_>>()) + &others;
    let place = if project == process.cwd { String::new() } else { format!(" {}", quoted_path(project)) };
    format!("{note}; `venvwrap allow{options}{place}` permits {}", if names.len() == 1 { "it" } else { "them" })
}
