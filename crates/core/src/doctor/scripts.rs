//! The programs of an environment, and the script that activates it.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::altered::owner_of;
use super::check::{
    ACTIVATE_EXPOSED, ACTIVATE_MISSING, ACTIVATE_UNSAFE, MOVED, SCRIPT_DEAD, SCRIPT_LOCKED, SCRIPT_LOST, Severity,
};
use super::facts::Facts;
use super::finding::{Finding, text};
use super::installer::pip;
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::distributions::Installed;
use crate::env::first_line::interpreter_of;
use crate::env::health::{Health, has_lost_cfg, is_program};
use crate::fs;
use crate::fs::executable::is_executable;
use crate::fs::identity::is_same_file;
use crate::fs::private::{Danger, danger_of};
use crate::relocate::damage::{Damage, damaged, is_foreign};
use crate::relocate::mend::{is_of_another, mends};
use crate::relocate::programs::{self, Programs};
use crate::relocate::runnable::unrunnable;
use crate::shell::safety::{self, SafetyError};

/// More than any script.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;

/// Examines the scripts of an environment.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let environment = facts.environment;
    let mut findings = Vec::new();
    match &facts.health {
        Health::Moved { from } => {
            let message = format!("its scripts are for `{}`", from.display());
            findings.push(Finding::of(MOVED, environment, message).repaired().path("from", from));
        }
        Health::NoActivateScript => {
            findings.push(Finding::of(ACTIVATE_MISSING, environment, "it has no activate script").repaired());
        }
        _ => {}
    }
    findings.extend(of_damaged(facts));
    findings.extend(dead(facts));
    findings.extend(locked(environment));
    findings
}

/// The activation scripts of all shells: where that of one is fine, those of others may not be.
fn of_damaged(facts: &Facts<'_>) -> Vec<Finding> {
    let environment = facts.environment;
    let mut damaged = damaged(environment);
    let is_moved = matches!(facts.health, Health::Moved { .. });
    let wrong = damaged.iter().find_map(|(name, damage)| match damage {
        Damage::Unsafe => {
            let message = "its activate script would run a part of its path as a command";
            Some(Finding::of(ACTIVATE_UNSAFE, environment, message).repaired())
        }
        Damage::Elsewhere(path) if !is_moved => {
            let message = format!("its `{}` is for `{}`", name.display(), path.display());
            Some(Finding::of(MOVED, environment, message).repaired().path("from", path))
        }
        _ => None,
    });
    let stale = damaged.iter().find_map(|(name, damage)| match damage {
        Damage::Stale(path) if !is_moved => {
            let message = format!(
                "its `{}` is for `{}`: change that by hand, as this path needs quotes there",
                name.display(),
                path.display()
            );
            let finding = Finding::of(MOVED, environment, message).path("from", path);
            Some(Finding { severity: Severity::Warning, ..finding })
        }
        _ => None,
    });
    let other = damaged.iter().all(|(name, _)| name != "activate").then(|| of_another_program(facts)).flatten();
    let is_told = |name: &OsString| name == "activate" && facts.health == Health::NoActivateScript;
    // `repair` refuses it.
    let is_beyond_repair = facts.health == Health::NotAnEnvironment && !has_lost_cfg(environment);
    damaged.retain(|(name, damage)| damage.lack().is_some() && !is_told(name));
    wrong.into_iter().chain(stale).chain(other).chain(of_incomplete(environment, &damaged, is_beyond_repair)).collect()
}

/// A script that activates no environment of Python, as that of nodeenv: `workon` fails. A renewal keeps it next to its own.
fn of_another_program(facts: &Facts<'_>) -> Option<Finding> {
    let environment = facts.environment;
    facts.cfg.as_ref()?;
    let text = fs::read_limited(&environment.activate_script(), MAX_SCRIPT_BYTES).ok()?;
    let message = "its `activate` is another program's: it does not set `VIRTUAL_ENV`";
    is_foreign(&text).then(|| Finding::of(ACTIVATE_MISSING, environment, message).renewed())
}

/// Scripts that are missing, empty or cut off. Where that of a POSIX shell is fine, only other shells suffer.
fn of_incomplete(environment: &Environment, damaged: &[(OsString, Damage)], is_beyond_repair: bool) -> Option<Finding> {
    let words = damaged.iter().filter_map(|(name, damage)| Some(format!("`{}` is {}", name.display(), damage.lack()?)));
    let (first, _) = damaged.first()?;
    let message = format!("its {}", words.collect::<Vec<_>>().join(", "));
    let finding = Finding::of(ACTIVATE_MISSING, environment, message);
    let finding = if is_beyond_repair { finding.recreated(environment) } else { finding.repaired() };
    let finding = finding.detail("scripts", damaged.iter().map(|(name, _)| name.to_string_lossy().into_owned()));
    Some(if first == "activate" { finding } else { Finding { severity: Severity::Warning, ..finding } })
}

/// Scripts of packages that do not exist, or in whose place a directory is, which nothing replaces.
pub(super) fn lost(environment: &Environment, installed: &Installed) -> Vec<Finding> {
    let local = installed.distributions.iter().filter(|found| found.is_local);
    let lost = programs::lost_of(environment, local.map(|found| found.info.as_path()));
    let (taken, gone): (Vec<_>, Vec<_>) = lost.into_iter().partition(|lost| lost.is_directory);
    let [taken, gone] = [taken, gone].map(|found| found.into_iter().map(|lost| lost.name).collect::<Vec<_>>());
    let mut findings = Vec::new();
    let what = match &gone[..] {
        [] => None,
        [name] => Some(format!("`{name}` is gone; packages record it")),
        [first, rest @ ..] => Some(format!("`{first}` and {} more scripts are gone; packages record them", rest.len())),
    };
    findings.extend(what.map(|what| Finding::of(SCRIPT_LOST, environment, what).repaired().detail("scripts", gone)));
    findings.extend(taken.into_iter().map(|name| {
        let message = format!("`bin/{name}` is a directory; a package records a script there: move the directory away");
        Finding::of(SCRIPT_LOST, environment, message).detail("scripts", [name])
    }));
    findings
}

/// Programs that nobody may run.
fn locked(environment: &Environment) -> Option<Finding> {
    let names: Vec<_> = unrunnable(environment).iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let what = match &names[..] {
        [] => return None,
        [name] => format!("`{name}`"),
        [first, rest @ ..] => format!("`{first}` and {} more programs", rest.len()),
    };
    let finding =
        Finding::of(SCRIPT_LOCKED, environment, format!("{what} cannot be executed: the permissions are lost"));
    Some(finding.repaired().detail("scripts", names))
}

/// What `workon` refuses: another user could change what it sources. What is above the environment is the store's.
pub(super) fn exposed(doctor: &Doctor<'_>, environment: &Environment) -> Option<Finding> {
    let (env, script) = (environment.path(), environment.activate_script());
    // A few looks tell of nearly all environments that nothing is wrong. What a link leads by is for a longer one.
    let is_suspect = |path: &Path| {
        path.is_symlink() || std::fs::metadata(path).is_ok_and(|found| danger_of(&found, doctor.user).is_some())
    };
    if ![env, &environment.bin(), &script].into_iter().any(is_suspect) {
        return None;
    }
    let Err(SafetyError::Exposed { exposure, .. }) = safety::check_owners(&script, &doctor.vetting()) else {
        return None;
    };
    let is_above = env != exposure.path && env.starts_with(&exposure.path);
    let is_of_store = || doctor.vetting().find(doctor.store.home()).is_ok_and(|found| found.is_some());
    if is_above && (!env.is_symlink() || is_of_store()) {
        return None;
    }
    let path = text(&exposure.path);
    let finding = Finding::of(ACTIVATE_EXPOSED, environment, format!("it is not activated: {exposure}"));
    let finding = finding.path("path", &exposure.path);
    if exposure.is_for_everybody(doctor.temp_dir, doctor.user.uid) {
        return Some(finding);
    }
    Some(match exposure.danger {
        Danger::ForeignOwner(_) | Danger::ForeignEntry(_) => finding.fixed_by(["venvwrap", "allow", "--shared", &path]),
        _ if !exposure.is_for_user_to_close(doctor.user.uid) => finding,
        Danger::WritableByGroup(_) | Danger::WritableByOthers => finding.fixed_by(["chmod", "go-w", &path]),
    })
}

/// Scripts by the interpreter that they name and that is not there, or is another environment's. What has a finding already is not told again, and what
/// is neither of a package nor for the environment's own path is the user's.
fn dead(facts: &Facts<'_>) -> Vec<Finding> {
    let environment = facts.environment;
    let moved_from = match &facts.health {
        Health::Moved { from } => Some(from),
        _ => None,
    };
    let is_told = |interpreter: &Path| {
        let is_own_python = is_python(interpreter) && interpreter.starts_with(environment.path());
        (is_own_python && matches!(facts.health, Health::DanglingInterpreter { .. }))
            || moved_from.is_some_and(|from| interpreter.starts_with(from))
    };
    let programs = LazyCell::new(|| Programs::of(environment));
    let is_own = |interpreter: &Path| interpreter.parent().is_some_and(|bin| is_same_file(bin, &environment.bin()));
    let (mut gone, mut elsewhere) = (BTreeMap::new(), BTreeMap::new());
    for entry in std::fs::read_dir(environment.bin()).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let script = entry.path();
        let Some(interpreter) = interpreter_of(&script).filter(|interpreter| is_file && !is_told(interpreter)) else {
            continue;
        };
        let is_cut = is_cut(environment, &interpreter);
        let is_gone = is_cut || !interpreter.is_file();
        if (is_gone || is_python(&interpreter) && is_of_another(environment, &interpreter))
            && is_executable(&script)
            && (is_cut || (is_gone && is_own(&interpreter)) || programs.has(&entry.file_name()))
        {
            let scripts = if is_gone { &mut gone } else { &mut elsewhere };
            let scripts: &mut Vec<_> = scripts.entry(interpreter).or_default();
            scripts.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    let elsewhere = elsewhere.into_iter().map(|(python, scripts)| of_another(environment, &python, scripts));
    gone.into_iter().map(|(interpreter, scripts)| of_dead(facts, &interpreter, scripts)).chain(elsewhere).collect()
}

/// Scripts of packages that work, with the packages of another environment.
fn of_another(environment: &Environment, python: &Path, mut scripts: Vec<String>) -> Finding {
    scripts.sort();
    let what = match &scripts[..] {
        [first, rest @ ..] if !rest.is_empty() => format!("`{first}` and {} more scripts run", rest.len()),
        _ => format!("`{}` runs", scripts.concat()),
    };
    let message = format!("{what} the Python of another environment: `{}`", python.display());
    Finding::of(MOVED, environment, message).repaired().path("interpreter", python).detail("scripts", scripts)
}

fn of_dead(facts: &Facts<'_>, interpreter: &Path, mut scripts: Vec<String>) -> Finding {
    scripts.sort();
    let what = match &scripts[..] {
        [script] => format!("`{script}` has"),
        [first, rest @ ..] => format!("`{first}` and {} more scripts have", rest.len()),
        [] => String::new(),
    };
    let message = format!("{what} an interpreter that does not exist: `{}`", interpreter.display());
    let has_launcher = scripts.iter().any(|script| mends(facts.environment, script.as_ref()));
    let finding = Finding::of(SCRIPT_DEAD, facts.environment, message).path("interpreter", interpreter);
    let finding = finding.detail("scripts", scripts);
    // Only those that were made for a Python whose whole directory is gone can be taken for the environment's, and those
    // that an installer has generated.
    let is_gone = |root: &Path| !root.exists();
    let was_python = is_python(interpreter) && interpreter.parent().and_then(Path::parent).is_some_and(is_gone);
    // Nothing can be installed without a Python.
    let is_dead = !is_program(&facts.environment.python());
    if was_python || is_dead || has_launcher || is_cut(facts.environment, interpreter) {
        finding.repaired()
    } else {
        reinstalled(facts, finding)
    }
}

/// The package that has brought along the first of the scripts can be installed again; nobody knows more about the others.
fn reinstalled(facts: &Facts<'_>, mut finding: Finding) -> Finding {
    let environment = facts.environment;
    let script = finding.details.get("scripts").and_then(|scripts| scripts.first());
    if let Some(owner) = script.and_then(|script| owner_of(environment, &environment.bin().join(script))) {
        let requirement = format!("{}=={}", owner.name, owner.version);
        let words = ["--force-reinstall".to_string(), "--no-deps".to_string(), requirement];
        finding.fixed_by_both(pip(environment, "install", words))
    } else {
        finding.message += "; install that, or change the first line";
        finding
    }
}

/// Returns whether an interpreter is the beginning of the environment's path: kernels read that up to the first blank.
fn is_cut(environment: &Environment, interpreter: &Path) -> bool {
    let path = environment.path().as_os_str().as_bytes();
    path.strip_prefix(interpreter.as_os_str().as_bytes()).is_some_and(|rest| rest.starts_with(b" "))
}

fn is_python(interpreter: &Path) -> bool {
    let name = interpreter.file_name().unwrap_or_default().to_string_lossy();
    ["python", "pypy", "graalpy"].iter().any(|known| name.starts_with(known))
}
