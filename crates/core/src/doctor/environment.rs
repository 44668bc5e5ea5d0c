//! One environment at a time: its files, and what they say.

use super::check::{CREATOR_OLD, NAME_ODD, TEMPORARY_ELSEWHERE, TEMPORARY_ORPHAN};
use super::facts::Facts;
use super::finding::Finding;
use super::subject::Doctor;
use super::{editable, hooks, interpreter, packages, scripts, store};
use crate::env::distributions::installed;
use crate::env::generated::before_hash_of_pipenv;
use crate::env::health::{self, Memory};
use crate::env::metadata::Metadata;
use crate::env::name::EnvName;
use crate::env::packages::{library_directories, version_of};
use crate::env::{Environment, is_environment, usage};

/// Examines some environments, which often share a base Python.
pub(super) fn examine(doctor: &Doctor<'_>, environments: &[Environment], memory: &mut Memory) -> Vec<Finding> {
    environments.iter().flat_map(|environment| examine_one(doctor, environment, memory)).collect()
}

fn examine_one(doctor: &Doctor<'_>, environment: &Environment, memory: &mut Memory) -> Vec<Finding> {
    let left = if doctor.store.is_anywhere() { store::left_over_of(doctor, environment) } else { None };
    if left.is_some() && !is_environment(environment.path()) && !health::has_lost_marks(environment) {
        return left.into_iter().collect();
    }
    let (cfg, libraries) = (environment.cfg(), library_directories(environment.path()));
    let health = health::examine(environment, cfg.as_ref(), &libraries, memory);
    let facts = Facts { environment, cfg, libraries, health };
    let mut findings: Vec<_> = interpreter::examine(&facts).into_iter().collect();
    findings.extend(scripts::examine(&facts));
    findings.extend(scripts::exposed(doctor, environment));
    if facts.cfg.is_some() {
        let installed = installed(environment, doctor.user_home);
        findings.extend(packages::examine(environment, &installed));
        findings.extend(scripts::lost(environment, &installed));
        findings.extend(editable::examine(environment, &installed));
        findings.extend(packages::path_files(environment));
    }
    findings.extend(name(environment));
    findings.extend(hooks::of_environment(doctor, environment));
    findings.extend(left);
    findings.extend(temporary(environment));
    findings.extend(old(&facts));
    findings
}

fn name(environment: &Environment) -> Option<Finding> {
    let name = environment.name();
    if name.path().is_some() {
        return None;
    }
    let has_project = || environment.path().join(".project").is_file();
    let problem = match EnvName::for_new(name.as_os_str()) {
        Err(error) => format!("its name is hard to use: {}", error.problem),
        // pipenv notes the project in its environments.
        Ok(_) if before_hash_of_pipenv(&name.to_string()).is_some() && !has_project() => {
            "its name looks like one that pipenv has made up".to_string()
        }
        Ok(_) => return None,
    };
    Some(Finding::of(NAME_ODD, environment, problem).renamed())
}

fn temporary(environment: &Environment) -> Option<Finding> {
    Metadata::read(environment.path()).temporary?;
    if !usage::is_in_use(environment.path(), &[]) {
        return Some(
            Finding::of(TEMPORARY_ORPHAN, environment, "no shell uses this temporary environment").automatically(),
        );
    }
    let elsewhere = usage::elsewhere(environment.path());
    let hosts = elsewhere.iter().map(|owner| owner.host.clone().unwrap_or_else(|| "another machine".to_string()));
    let hosts: Vec<_> = hosts.collect();
    let host = hosts.first()?;
    let message = format!("a shell on `{host}`, or in a container or before a restart, may still use it");
    Some(Finding::of(TEMPORARY_ELSEWHERE, environment, message).fixed_by_verb("remove").detail("hosts", hosts))
}

fn old(facts: &Facts<'_>) -> Option<Finding> {
    let environment = facts.environment;
    let has = |name: &str| environment.path().join(name).exists();
    let is_old = |library: &&String| version_of(library).is_some_and(|version| version < (3, 8));
    let message = if has("conda-meta") {
        "it was made by conda, which has its own tools".to_string()
    } else if facts.libraries.iter().any(|library| has(&format!("lib/{library}/orig-prefix.txt"))) {
        "it was made by virtualenv before version 20".to_string()
    } else {
        format!("it is for {}, which most packages no longer support", facts.libraries.iter().find(is_old)?)
    };
    Some(Finding::of(CREATOR_OLD, environment, message))
}
