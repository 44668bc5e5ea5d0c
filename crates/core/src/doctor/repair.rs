//! What is put right without loss: everything else is left to the command that the finding names.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use super::check::{
    ACTIVATE_MISSING, ACTIVATE_UNSAFE, CFG_LIES, Check, INTERPRETER_COPY, INTERPRETER_GONE, INTERPRETER_HOME,
    INTERPRETER_MINOR, INTERPRETER_NESTED, MOVED, OPERATION_LEFTOVER, PACKAGES_LEFTOVER, REPLACED_BY_UV, SCRIPT_DEAD,
    SCRIPT_LOCKED, SCRIPT_LOST, TEMPORARY_ORPHAN, UV_WOULD_REPLACE, VENV_DEAD,
};
use super::dot_venv;
use super::finding::{Finding, FixKind};
use super::packages;
use super::projects::relink;
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::first_line::interpreter_of;
use crate::env::health::version_without_packages;
use crate::env::name::EnvName;
use crate::env::packages::library_directories;
use crate::env::usage;
use crate::fs::{self, PathError};
use crate::project::uv;
use crate::python::{self, Remedy, Search};
use crate::relocate::runnable::unrunnable;
use crate::store::UvLink;
use crate::store::error::OperationError;
use crate::store::lock::LockError;
use crate::store::repair::{RepairError, Repaired};

/// What [`Store::repair`](crate::store::Store::repair) puts right.
const REPAIRED: [&Check; 9] = [
    INTERPRETER_GONE,
    INTERPRETER_HOME,
    INTERPRETER_MINOR,
    MOVED,
    SCRIPT_DEAD,
    SCRIPT_LOST,
    SCRIPT_LOCKED,
    ACTIVATE_MISSING,
    ACTIVATE_UNSAFE,
];

/// What only another Python of the version puts right.
const NEEDS_PYTHON: [&Check; 6] =
    [INTERPRETER_GONE, INTERPRETER_HOME, INTERPRETER_MINOR, INTERPRETER_COPY, INTERPRETER_NESTED, CFG_LIES];

/// The word in the place of a Python that only the user can choose: none is taken unasked.
const ANOTHER: Option<&str> = Some("PYTHON");

/// Says of environments elsewhere, to which links lead, who repairs them: no command here changes them.
pub(super) fn leave_links(doctor: &Doctor<'_>, findings: &mut [Finding]) {
    for finding in findings {
        let kind = finding.fix.as_ref().map(|fix| fix.kind);
        let (Some(FixKind::Repair | FixKind::Rebuild), Some(name)) = (kind, &finding.environment) else { continue };
        if let Some(target) = doctor.store.environment(name.clone()).link_target() {
            let _ = write!(finding.message, "; it is a link to `{}`, to be repaired there", target.display());
            finding.fix = None;
        }
    }
}

/// Names an upgrade to a version that is there where another Python of the version would help and none is left. Python
/// is looked for once for each version.
pub(super) fn name_remedies(doctor: &Doctor<'_>, findings: &mut [Finding], search: &Search<'_>) {
    let mut known: HashMap<(Vec<String>, bool), Remedy> = HashMap::new();
    for finding in findings.iter_mut().filter(|found| NEEDS_PYTHON.iter().any(|check| check.id == found.id)) {
        let Some(name) = &finding.environment else { continue };
        let environment = doctor.store.environment(name.clone());
        // A name that is missing next to an interpreter that works needs no other one.
        if finding.fix.is_none() || finding.id == INTERPRETER_GONE.id && environment.python().exists() {
            continue;
        }
        let kind = (library_directories(environment.path()), environment.bin().is_dir());
        if finding.fix.as_ref().is_some_and(|fix| fix.kind == FixKind::Rebuild)
            && name.path().is_none()
            && version_without_packages(&environment, environment.cfg().as_ref(), &kind.0).is_some()
            && has_snapshot(doctor, &environment)
        {
            *finding = finding.clone().fixed_by_verb("restore");
            continue;
        }
        // Only `pyvenv.cfg` tells the version of one without packages.
        if kind.0.is_empty() {
            continue;
        }
        let remedy = known.entry(kind).or_insert_with(|| python::remedy(environment.path(), search));
        if let Remedy::Upgrade(to) = remedy {
            *finding = finding.clone().rebuilt(to.as_deref().or(ANOTHER));
        }
    }
}

/// Returns whether there is a snapshot with packages.
fn has_snapshot(doctor: &Doctor<'_>, environment: &Environment) -> bool {
    let kept = doctor.store.history(environment).and_then(|history| history.list().ok()).unwrap_or_default();
    let names_any = |text: String| text.lines().any(|line| !line.is_empty() && !line.starts_with('#'));
    kept.iter().any(|snapshot| snapshot.read().is_ok_and(names_any))
}

/// Why something could not be put right.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// The environment could not be repaired.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// Another process changes the environment.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Its project could not be put back.
    #[error(transparent)]
    Project(#[from] OperationError),
    /// The system refuses.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Puts a finding right; returns whether it is.
pub(super) fn fix(doctor: &Doctor<'_>, finding: &mut Finding, search: &Search<'_>) -> Result<bool, FixError> {
    match finding.id {
        id if id == PACKAGES_LEFTOVER.id => remove_left_over(doctor, finding),
        id if id == TEMPORARY_ORPHAN.id => {
            doctor.store.remove_orphans();
            Ok(finding.environment.as_ref().is_some_and(|name| !doctor.store.path_of(name).exists()))
        }
        id if id == OPERATION_LEFTOVER.id => {
            match &finding.environment {
                Some(name) => doctor.store.sweep_left_over_of(name)?,
                None => doctor.store.sweep()?,
            }
            Ok(finding.details.get("paths").into_iter().flatten().all(|path| !Path::new(path).exists()))
        }
        id if id == REPLACED_BY_UV.id => put_back(doctor, finding),
        id if id == UV_WOULD_REPLACE.id => renew_pin(doctor, finding),
        id if id == VENV_DEAD.id => Ok(dot_venv::remove(doctor, finding)?),
        id if REPAIRED.iter().any(|check| check.id == id) => repair(doctor, finding, search),
        _ => Ok(false),
    }
}

/// Puts back the project of an environment that uv has recreated. What else is gone is still to be told.
fn put_back(doctor: &Doctor<'_>, finding: &mut Finding) -> Result<bool, FixError> {
    let Some(name) = &finding.environment else { return Ok(false) };
    let environment = doctor.store.environment(name.clone());
    let Some(project) = doctor.store.put_back_project(&environment)? else { return Ok(false) };
    let _ = write!(finding.message, "; its project `{}` was put back", project.display());
    // That is done. What is left to do is the link, where there is one.
    let is_of = |link: &UvLink| link.leads_to(&environment) && link.is_replaced(&environment);
    finding.fix = None;
    if let Some(link) = doctor.store.uv_links().into_iter().find(is_of) {
        *finding = finding.clone().fixed_by(relink(&environment, &link.directory));
    }
    Ok(false)
}

/// Pins the version that the environment has, where another one was pinned for the link.
fn renew_pin(doctor: &Doctor<'_>, finding: &Finding) -> Result<bool, FixError> {
    let directory = finding.details.get("project").and_then(|paths| paths.first()).map(Path::new);
    let (Some(name), Some(directory)) = (&finding.environment, directory) else { return Ok(false) };
    let environment = doctor.store.environment(name.clone());
    uv::renew_link(directory, &environment, doctor.store)?;
    uv::renew_pins(doctor.store).into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(uv::unfit(&environment, directory, doctor.uv).is_none())
}

/// Repairs the environment. If no Python of its version is left, the finding names what helps then.
fn repair(doctor: &Doctor<'_>, finding: &mut Finding, search: &Search<'_>) -> Result<bool, FixError> {
    let Some(name) = &finding.environment else { return Ok(false) };
    let repaired = doctor.store.repair(name, search, false);
    if let Ok(Repaired { beside, .. }) = &repaired {
        for old in beside {
            let _ = write!(finding.message, "; what was changed in an old script is in `{}`", old.display());
        }
    }
    let Some(name) = &finding.environment else { return Ok(false) };
    match repaired {
        Ok(_) if finding.id == SCRIPT_DEAD.id => Ok(!is_still_dead(doctor, finding, name)),
        // Some file systems keep no permissions.
        Ok(_) if finding.id == SCRIPT_LOCKED.id => Ok(unrunnable(&doctor.store.environment(name.clone())).is_empty()),
        Ok(_) => Ok(true),
        Err(RepairError::NoPython { nearest, .. }) => {
            *finding = finding.clone().rebuilt(nearest.as_deref().or(ANOTHER));
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns whether one of the scripts still names the interpreter that does not exist.
fn is_still_dead(doctor: &Doctor<'_>, finding: &Finding, name: &EnvName) -> bool {
    let bin = doctor.store.environment(name.clone()).bin();
    let values = |key: &str| finding.details.get(key).into_iter().flatten();
    let is_named = |script: &String| {
        let found = interpreter_of(&bin.join(script));
        found.is_some_and(|found| values("interpreter").any(|interpreter| found == Path::new(interpreter)))
    };
    values("scripts").any(is_named)
}

/// Programs that only have an environment active: every other one may be pip, which brings back what it has set aside.
const BYSTANDERS: [&str; 8] = ["bash", "zsh", "fish", "sh", "dash", "ksh", "tcsh", "venvwrap"];

fn remove_left_over(doctor: &Doctor<'_>, finding: &Finding) -> Result<bool, FixError> {
    let Some(name) = &finding.environment else { return Ok(false) };
    let _lock = doctor.store.lock(name)?;
    let environment = doctor.store.environment(name.clone());
    let users = usage::users_of(environment.path(), &[]);
    if users.iter().any(|user| !BYSTANDERS.contains(&user.program.as_str())) {
        return Ok(false);
    }
    packages::left_over(&environment).iter().try_for_each(|path| fs::remove_tree(path))?;
    Ok(true)
}
