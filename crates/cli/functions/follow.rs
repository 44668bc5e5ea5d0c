//! Entering and leaving as the directory changes: what the prompt hook asks for, and what keeps the associations that it
//! looks for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use venvwrap_core::env::inside::is_in_effect;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::decide::{Decision, Question, Reason, Switcher, Target, granted_settings};
use venvwrap_core::project::dotenv::{DotenvError, Settings};
use venvwrap_core::shell::plan::{Plan, Scope, Step};

use super::leaving;
use super::planner::{Destination, Entry, Lifetime, MARK, Planner};
use crate::actions::{dotenv, pins};
use crate::error::Result;
use crate::process::{Process, active, lookup, set_variable};
use crate::ui::printer::shown;
use crate::ui::report::one_line;
use crate::ui::sentences;

/// The plan of the prompt hook: `follow DIRECTORY [OLD_DIRECTORY]`. The second is given where leaving needs consent.
///
/// Whatever is wrong ends in a plan that does less: nobody has typed anything that could fail.
pub(super) fn plan(planner: &Planner<'_>, words: &[OsString]) -> Plan {
    let process = &planner.process;
    let directory = |at: usize| words.get(at).map(Path::new).filter(|path| path.is_absolute());
    let directory = |at: usize| directory(at).map(|path| venvwrap_core::fs::absolute(path, Path::new("")));
    let mut plan = Plan::default();
    let current = active();
    let path = lookup("PATH").unwrap_or_default();
    let in_effect = current.clone().filter(|environment| is_in_effect(environment, &path));
    // What the user has activated stays.
    if in_effect.is_some() && in_effect != set_variable(MARK).map(PathBuf::from) {
        return plan;
    }
    let Some(switcher) = process.switcher() else { return plan };
    let decisions = directory(0).map(|directory| switcher.decide(&directory)).unwrap_or_default();
    for decision in &decisions {
        plan.0.extend(told(process, decision).map(|text| Step::Tell { text }));
    }
    let target = decisions.into_iter().find_map(|decision| match decision {
        Decision::Enter(target) => Some(target),
        _ => None,
    });
    // A project that was moved is seen here first.
    let seen = target.as_ref().and_then(|it| pins::renewed(process, &it.candidate.environment, &it.directory));
    plan.0.extend(seen.map(|text| Step::Tell { text: format!("venvwrap: {text}") }));
    let is_automatic = current.is_some() && current == set_variable(MARK).map(PathBuf::from);
    // Asked before a plan is made: that notes the use, reads the hooks and tells of what is wrong with them.
    let is_there = |target: &Target| {
        in_effect.as_ref().is_some_and(|current| is_same_file(target.candidate.environment.path(), current))
    };
    // Several directories may share an environment, and each may bring a `.env` file and hooks of its own.
    let brought = directory(1);
    let brings_the_same = |target: &Target| {
        let brings = target.grants.is_some().then_some(target.directory.as_path());
        brings == brought.as_deref()
    };
    if is_automatic && target.as_ref().is_some_and(|target| is_there(target) && brings_the_same(target)) {
        return plan;
    }
    let entered = target.map(|target| entering(planner, &target));
    // Why something is not entered is told once, as everything else here.
    if let Some(Err(error)) = &entered {
        plan.0.push(Step::Tell { text: printable(format!("venvwrap: {}", one_line(error.chain())).as_ref()) });
    }
    if is_automatic {
        leave(planner, &switcher, brought.as_deref(), &mut plan);
    }
    plan.0.extend(entered.into_iter().flatten().flat_map(|steps| steps.0));
    plan
}

/// The steps that enter what was decided; fails where it cannot be entered.
fn entering(planner: &Planner<'_>, target: &Target) -> Result<Plan> {
    let environment = &target.candidate.environment;
    let project = target.grants.is_some().then_some(target.directory.as_path());
    let hooks = match project {
        Some(directory) => leaving::asking(planner, environment.path(), target.candidate.is_own, directory),
        None => leaving::unasked(planner, Some(environment.path()), None),
    };
    let destination = Destination::Stay { project: None };
    let entry = Entry { project, destination, lifetime: Lifetime::Lasting, is_automatic: true, hooks };
    let warning = planner.unmended_obstacle(environment);
    let mut plan = planner.steps(environment, entry)?;
    plan.0.extend(warning.map(|warning| Step::Tell { text: printable(format!("venvwrap: {warning}").as_ref()) }));
    if let Some(grants) = &target.grants {
        let settings = granted_settings(&target.directory, grants);
        put(&planner.process, settings, &target.directory, &mut plan);
    }
    Ok(plan)
}

/// Leaves; where the directory brought code along, that runs only if it is still what was allowed.
fn leave(planner: &Planner<'_>, switcher: &Switcher<'_>, old: Option<&Path>, plan: &mut Plan) {
    if let Some(old) = old {
        let environment = active().unwrap_or_default();
        // Without consent the shell keeps to the hooks that need none, and need not ask a second time.
        let hooks = leaving::with_consent(planner, switcher, &environment, old);
        plan.0.push(Step::Renew(hooks.unwrap_or_else(|| {
            let candidate = switcher.candidate(old).ok().flatten();
            let is_own = candidate
                .is_some_and(|candidate| candidate.is_own && is_same_file(candidate.environment.path(), &environment));
            leaving::unasked(planner, is_own.then_some(environment.as_path()), None)
        })));
    }
    plan.0.push(Step::Leave);
}

/// What people should know about a decision, in one line.
fn told(process: &Process, decision: &Decision) -> Option<String> {
    let home = process.config.home.as_deref();
    match decision {
        Decision::Ask(Question { directory, candidate, reason }) => {
            let what = candidate.file.as_deref().unwrap_or(candidate.environment.path());
            if let Reason::Untrustworthy(error) = reason {
                let error = printable(error.to_string().as_ref());
                return Some(format!("venvwrap: ignoring `{}`: {error}", shown(what, home)));
            }
            Some(format!(
                "venvwrap: `{}` {}; run `venvwrap allow` in `{}`",
                shown(what, home),
                sentences::why(reason),
                shown(directory, home)
            ))
        }
        Decision::Broken(error) => Some(printable(format!("venvwrap: {error}").as_ref())),
        Decision::Enter(target) if target.candidate.is_ambiguous => {
            let file = shown(target.candidate.file.as_deref()?, home);
            Some(format!("venvwrap: `{file}` matches both an environment and a directory; using the environment"))
        }
        Decision::Enter(target) => sentences::lost(target, home).map(|text| format!("venvwrap: {text}")),
        Decision::Denied { .. } => None,
    }
}

/// Adds the variables of a project's `.env` file to a plan that enters, if that was allowed.
pub(super) fn put_settings(process: &Process, plan: &mut Plan, project: &Path) {
    if let Some(switcher) = process.switcher() {
        put(process, switcher.settings(project), project, plan);
    }
}

fn put(process: &Process, settings: Result<Settings, DotenvError>, project: &Path, plan: &mut Plan) {
    let settings = dotenv::told_settings(process, settings, project).into_iter();
    put_variables(plan, settings.map(|(name, value)| (name, value.into())));
}

/// Adds variables to a plan that enters, until the environment is left; one that the plan sets already keeps that value.
pub(super) fn put_variables(plan: &mut Plan, variables: impl Iterator<Item = (String, OsString)>) {
    let at = position(plan);
    let is_set = |new: &str| {
        plan.0.iter().any(|step| matches!(step, Step::Set { scope: Scope::Environment, name, .. } if name == new))
    };
    let variables = variables.filter(|(name, _)| !is_set(name));
    let steps = variables.map(|(name, value)| Step::Set { scope: Scope::Environment, name, value: Some(value) });
    let steps: Vec<_> = steps.collect();
    plan.0.splice(at..at, steps);
}

/// After the step that enters.
fn position(plan: &Plan) -> usize {
    plan.0.iter().position(|step| matches!(step, Step::Enter(_))).map_or(plan.0.len(), |at| at + 1)
}
