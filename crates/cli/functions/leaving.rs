//! The hooks for leaving an environment, as plans: `leave` has them judged again, `renew` is for when the project has
//! changed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use venvwrap_core::env::project_file;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::project::decide::Switcher;
use venvwrap_core::project::trust::Verdict;
use venvwrap_core::shell::event::Places;
use venvwrap_core::shell::plan::{LeavingHooks, Plan, Step};

use super::planner::{MARK, Planner};
use crate::actions::variables;
use crate::process::set_variable;

/// The plan of `leave ENVIRONMENT CONSENT LEAVING.. -- LEFT..`: all hooks, if the directory is still as it was allowed; else
/// those that the shell names. They are judged again like the hooks of every plan.
pub(super) fn leave(planner: &Planner<'_>, words: &[OsString]) -> Plan {
    let [environment, directory, known @ ..] = words else { return Plan::default() };
    let allowed = planner.process.switcher().filter(|_| !directory.is_empty()).and_then(|switcher| {
        let (environment, directory) = (Path::new(environment), Path::new(directory));
        with_consent(planner, &switcher, environment, directory)
    });
    Plan(vec![Step::Renew(allowed.unwrap_or_else(|| named(known)))])
}

/// The hooks `LEAVING.. -- LEFT..`. A shell names an empty list by an empty word.
fn named(words: &[OsString]) -> LeavingHooks {
    let mut lists = words.split(|word| word == "--");
    let mut next = || {
        let files = lists.next().unwrap_or_default().iter().map(PathBuf::from);
        files.filter(|file| file.is_absolute()).collect()
    };
    LeavingHooks { consent: None, leaving: next(), left: next() }
}

/// The plan of `forget`: unsets what an environment that this shell has not entered itself leaves behind.
pub(super) fn forget(planner: &Planner<'_>) -> Plan {
    let mut plan = Plan::default();
    for name in variables::of_active(&planner.process) {
        plan.set(&name, None);
    }
    plan
}

/// The plan of `renew ENVIRONMENT CONSENT`: the hooks as they would be if the environment were entered now.
pub(super) fn renew(planner: &Planner<'_>, words: &[OsString]) -> Plan {
    let [environment, consent] = words else { return Plan::default() };
    let environment = Path::new(environment);
    let hooks = if consent.is_empty() {
        let file = environment.join(&planner.process.config.project_filename);
        let is_automatic = set_variable(MARK).is_some_and(|marked| marked == environment.as_os_str());
        let project = if is_automatic { None } else { project_file::read(&file).ok().flatten() };
        unasked(planner, Some(environment), project.as_deref())
    } else {
        let directory = Path::new(consent);
        let candidate = planner.process.switcher().and_then(|switcher| switcher.candidate(directory).ok().flatten());
        let is_own = candidate
            .is_some_and(|candidate| candidate.is_own && is_same_file(candidate.environment.path(), environment));
        asking(planner, environment, is_own, directory)
    };
    Plan(vec![Step::Renew(hooks)])
}

/// All hooks of an environment that a directory leads to, if the directory is still as it was allowed.
pub(super) fn with_consent(
    planner: &Planner<'_>,
    switcher: &Switcher<'_>,
    environment: &Path,
    directory: &Path,
) -> Option<LeavingHooks> {
    let candidate = switcher.candidate(directory).ok().flatten()?;
    let is_same = is_same_file(candidate.environment.path(), environment);
    let is_allowed = matches!(switcher.verdict(directory, Some(&candidate)), Ok(Verdict::Allowed(_)));
    (is_same && is_allowed).then(|| unasked(planner, Some(environment), Some(directory)))
}

/// The hooks that need no consent, where that of a directory has to be asked for on leaving.
pub(super) fn asking(planner: &Planner<'_>, environment: &Path, is_own: bool, directory: &Path) -> LeavingHooks {
    let hooks = unasked(planner, is_own.then_some(environment), None);
    LeavingHooks { consent: Some(directory.to_path_buf()), ..hooks }
}

/// The hooks of these places, for which nothing has to be asked.
pub(super) fn unasked(planner: &Planner<'_>, environment: Option<&Path>, project: Option<&Path>) -> LeavingHooks {
    let places = Places { hook_dir: &planner.process.config.hook_dir, environment, project };
    LeavingHooks::new(&places, planner.dialect)
}
