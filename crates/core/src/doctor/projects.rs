//! Environments and their project directories.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::check::{NAME_ODD, PROJECT_GONE, PROJECT_SHARED, REPLACED_BY_UV, UV_WOULD_REPLACE};
use super::finding::{Finding, text};
use super::subject::Doctor;
use crate::env::Environment;
use crate::env::metadata;
use crate::fs::identity::is_same_file;
use crate::project::uv::{self, Source, Unfit};
use crate::store::mirror::{Kind, Tree};

/// Examines what environments have to do with directories and with each other.
pub(super) fn examine(doctor: &Doctor<'_>, environments: &[Environment]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut by_project: BTreeMap<PathBuf, Vec<&Environment>> = BTreeMap::new();
    for environment in environments {
        let Ok(Some(project)) = doctor.store.project_of(environment) else { continue };
        if !project.is_dir() {
            let message = format!("its project directory `{}` does not exist", project.display());
            let name = environment.name().as_os_str().to_string_lossy().into_owned();
            let quoted = shell_words::quote(&name);
            let message = message + &format!("; if it was moved, `venvwrap project set {quoted} DIR` puts that right");
            let words = ["venvwrap".to_string(), "project".to_string(), "unset".to_string(), name];
            let finding = Finding::of(PROJECT_GONE, environment, message).fixed_by(words).path("project", &project);
            findings.push(finding);
            continue;
        }
        findings.extend(excluded(doctor, environment, &project));
        by_project.entry(project).or_default().push(environment);
    }
    let by_project = by_project.into_iter().map(|(project, sharing)| (project, without_links(sharing)));
    for (project, sharing) in by_project.filter(|(_, sharing)| sharing.len() > 1) {
        let names: Vec<_> = sharing.iter().map(|environment| environment.name().to_string()).collect();
        let message = format!("`{}` is the project directory of {}", project.display(), names.join(", "));
        let finding = Finding::of(PROJECT_SHARED, sharing[0], message).path("project", &project);
        findings.push(finding.detail("environments", names));
    }
    findings.extend(twins(environments));
    findings.extend(replaced(doctor, environments));
    for finding in linked(doctor, environments).into_iter().chain(lost(doctor, environments)) {
        let is_known = |known: &Finding| {
            known.id == finding.id && known.environment == finding.environment && known.details == finding.details
        };
        if !findings.iter().any(is_known) {
            findings.push(finding);
        }
    }
    findings
}

/// Leaves out the links to environments that are there already: they are not further ones.
fn without_links(mut sharing: Vec<&Environment>) -> Vec<&Environment> {
    if sharing.len() > 1 {
        let mut seen = HashSet::new();
        sharing.sort_by_key(|environment| environment.path().is_symlink());
        sharing.retain(|environment| environment.path().canonicalize().is_ok_and(|real| seen.insert(real)));
    }
    sharing
}

/// What a project asks of Python, where uv would use the environment for it: uv deletes one that does not fit.
fn excluded(doctor: &Doctor<'_>, environment: &Environment, project: &Path) -> Option<Finding> {
    let is_linked = is_same_file(&project.join(".venv"), environment.path());
    if !is_linked && !project.join("uv.lock").is_file() {
        return None;
    }
    let Unfit { source, wanted, version, is_deleted } = uv::unfit(environment, project, doctor.uv)?;
    let (by, verb) = (source.to_string(), if is_deleted { "delete" } else { "refuse" });
    let message = format!("uv would {verb} it: `{by}` wants Python {wanted}, it has {version}");
    let finding = Finding::of(UV_WOULD_REPLACE, environment, message).detail("wanted", [wanted]);
    let finding = match source {
        Source::File(file) => finding.path("file", &file),
        Source::Variable(name) => finding.detail("variable", [name]),
    };
    // What was pinned for the link is renewed with it.
    let is_own = || uv::own_pin(project, doctor.store).is_some();
    let finding = if is_linked && is_own() {
        finding.fixed_by(relink(environment, project)).path("project", project).without_loss()
    } else {
        finding
    };
    // It says so itself, and nothing is lost.
    Some(if is_deleted { finding } else { finding.into_note() })
}

/// The same for directories that were linked to environments without being their projects.
fn linked(doctor: &Doctor<'_>, environments: &[Environment]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let links = doctor.store.uv_links();
    for environment in environments {
        let own: Vec<_> = links.iter().filter(|link| link.leads_to(environment)).collect();
        let replaced: Vec<_> = own.iter().filter(|link| link.is_replaced(environment)).collect();
        if let Some(first) = replaced.first() {
            // uv did it once, and says nowhere for which of several.
            let directory = &first.directory;
            let reason = if replaced.len() > 1 { String::new() } else { format!(" for `{}`", directory.display()) };
            let message = format!("uv has recreated it{reason}: its packages, variables and hooks are gone");
            // Where a pin does not fit, it cannot be linked.
            let mut linked = replaced.iter().map(|link| &link.directory);
            let linked = linked.find(|linked| uv::unfit(environment, linked, doctor.uv).is_none()).unwrap_or(directory);
            let finding = Finding::of(REPLACED_BY_UV, environment, message).fixed_by(relink(environment, linked));
            findings.push(finding.path("project", linked));
        }
        findings.extend(own.iter().filter_map(|link| excluded(doctor, environment, &link.directory)));
    }
    findings
}

/// Linked directories that are gone, whose pin could not follow the environment if they were moved.
fn lost(doctor: &Doctor<'_>, environments: &[Environment]) -> Vec<Finding> {
    let find = |environment: &Environment| {
        let name = environment.name().as_os_str().to_string_lossy().into_owned();
        let directories = uv::lost(environment, environment, doctor.store).into_iter();
        let finding = move |directory: PathBuf| {
            let message = format!(
                "`{}`, which was linked to it, does not exist; if it was moved, `venvwrap link --uv {} DIR` keeps uv \
                 from deleting the environment there",
                directory.display(),
                shell_words::quote(&name)
            );
            let words = ["venvwrap", "project", "unset"].map(str::to_string).into_iter();
            let words = words.chain([name.clone(), text(&directory)]);
            Finding::of(PROJECT_GONE, environment, message).fixed_by(words).path("project", &directory)
        };
        directories.map(finding).collect::<Vec<_>>()
    };
    environments.iter().flat_map(find).collect()
}

/// The command that links a directory, and pins the version that the environment has.
pub(super) fn relink(environment: &Environment, directory: &Path) -> impl Iterator<Item = String> {
    let name = environment.name().as_os_str().to_string_lossy().into_owned();
    ["venvwrap", "link", "--uv"].map(str::to_string).into_iter().chain([name, text(directory)])
}

/// Names that differ only in case are one on some file systems.
fn twins(environments: &[Environment]) -> Vec<Finding> {
    let mut by_name: BTreeMap<String, Vec<&Environment>> = BTreeMap::new();
    for environment in environments {
        by_name.entry(environment.name().to_string().to_lowercase()).or_default().push(environment);
    }
    let pairs = by_name.into_values().filter(|twins| twins.len() > 1);
    pairs
        .map(|twins| {
            let message = format!("its name differs from `{}` only in case", twins[0].name());
            Finding::of(NAME_ODD, twins[1], message).renamed()
        })
        .collect()
}

/// The mirror still knows the project of an environment that uv has recreated.
fn replaced(doctor: &Doctor<'_>, environments: &[Environment]) -> Vec<Finding> {
    let associated = doctor.store.mirror().map(Tree::list).unwrap_or_default();
    let is_lost = |environment: &Environment| {
        environment.cfg().is_some_and(|cfg| cfg.get("uv").is_some())
            && !metadata::path(environment.path()).exists()
            && matches!(doctor.store.project_of(environment), Ok(None))
    };
    let by_path: HashMap<_, _> = environments.iter().map(|environment| (environment.path(), environment)).collect();
    let projects = associated.iter().filter(|found| found.kind == Kind::Project);
    let mut findings = Vec::new();
    for association in projects {
        let environment = by_path.get(association.env.as_path());
        if let Some(environment) = environment.filter(|environment| is_lost(environment)) {
            let message = "uv has recreated it: its packages, variables, hooks and project are gone";
            let name = environment.name().as_os_str().to_string_lossy().into_owned();
            let words =
                ["venvwrap".to_string(), "project".to_string(), "set".to_string(), name, text(&association.directory)];
            let finding = Finding::of(REPLACED_BY_UV, environment, message).fixed_by(words);
            findings.push(finding.path("project", &association.directory));
        }
    }
    findings.dedup();
    findings
}
