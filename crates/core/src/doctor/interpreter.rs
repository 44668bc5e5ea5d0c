//! The interpreter: whether it is there, and the one that it is meant to be.

use std::path::{Path, PathBuf};

use super::check::{
    CFG_LIES, INTERPRETER_COPY, INTERPRETER_GONE, INTERPRETER_HOME, INTERPRETER_MINOR, INTERPRETER_NESTED,
};
use super::facts::Facts;
use super::finding::{Finding, FixKind};
use crate::env::Environment;
use crate::env::health::{self, Health, Memory, has_lost_cfg, lost_names, version_without_packages};
use crate::env::packages::{library_directories, minor_of, version_of};
use crate::fs::instead::Instead;
use crate::fs::text::enumerated;
use crate::store::repair::wrong_version;

/// Returns whether a finding about the interpreter of an environment names an upgrade, be it to the version that it has.
pub fn needs_rebuild(environment: &Environment) -> bool {
    rebuilt(environment).is_some()
}

/// Returns whether the interpreter is a copy that is not its base any more.
pub fn has_outdated_copy(environment: &Environment) -> bool {
    rebuilt(environment).is_some_and(|finding| finding.id == INTERPRETER_COPY.id)
}

/// The finding about the interpreter, if an upgrade puts it right.
fn rebuilt(environment: &Environment) -> Option<Finding> {
    let (cfg, libraries) = (environment.cfg(), library_directories(environment.path()));
    let health = health::examine(environment, cfg.as_ref(), &libraries, &mut Memory::default());
    let finding = examine(&Facts { environment, cfg, libraries, health })?;
    (finding.fix.as_ref()?.kind == FixKind::Rebuild).then_some(finding)
}

/// Examines the interpreter of an environment.
pub(super) fn examine(facts: &Facts<'_>) -> Option<Finding> {
    let environment = facts.environment;
    match &facts.health {
        Health::DanglingInterpreter { target } => {
            let what = Instead::of(target).instead_of_interpreter();
            let message = format!("its interpreter `{}` {what}", target.display());
            let finding = Finding::of(INTERPRETER_GONE, environment, message).path("target", target);
            // Without programs and packages nothing is left that a repair would keep.
            let without = Some(facts).filter(|_| !environment.bin().is_dir()).and_then(without_packages);
            return Some(match without {
                Some(version) => finding.rebuilt(Some(&version)),
                None => finding.repaired(),
            });
        }
        Health::HomeMissing { home } => {
            let what = Instead::of(home).instead_of_directory();
            let message = format!("the directory `{}` of its base Python {what}", home.display());
            return Some(Finding::of(INTERPRETER_HOME, environment, message).repaired().path("home", home));
        }
        Health::WrongVersion { packages, interpreter } => {
            let message = format!("its packages are for Python {packages}, its interpreter is {interpreter}");
            let finding = Finding::of(INTERPRETER_MINOR, environment, message).repaired();
            return Some(finding.detail("packages", [packages.clone()]).detail("interpreter", [interpreter.clone()]));
        }
        Health::NoHome => {
            return Some(Finding::of(CFG_LIES, environment, "its `pyvenv.cfg` names no Python").repaired_on_request());
        }
        // One of conda has a finding of its own.
        Health::NotAnEnvironment if environment.path().join("conda-meta").exists() => return None,
        Health::NotAnEnvironment => {
            let finding = Finding::of(CFG_LIES, environment, "it has no `pyvenv.cfg`");
            return Some(if has_lost_cfg(environment) {
                finding.repaired_on_request()
            } else {
                finding.recreated(environment)
            });
        }
        Health::Ok | Health::LostName { .. } | Health::Moved { .. } | Health::NoActivateScript => {}
    }
    lost_name(facts)
        .or_else(|| no_library(facts))
        .or_else(|| lie(facts))
        .or_else(|| nested(facts))
        .or_else(|| copy(facts))
}

/// A name of the interpreter is gone, under which another one would run.
fn lost_name(facts: &Facts<'_>) -> Option<Finding> {
    let environment = facts.environment;
    let name = lost_names(environment)
        .into_iter()
        .next()
        .filter(|_| matches!(facts.health, Health::Ok | Health::LostName { .. }))?;
    let finding = Finding::of(INTERPRETER_GONE, environment, format!("it has no working `bin/{name}`"));
    Some(finding.repaired().path("target", &environment.bin().join(name)))
}

fn without_packages(facts: &Facts<'_>) -> Option<String> {
    version_without_packages(facts.environment, facts.cfg.as_ref(), &facts.libraries)
}

/// The packages are gone, all at once.
fn no_library(facts: &Facts<'_>) -> Option<Finding> {
    let version = without_packages(facts)?;
    let message = format!("its packages are gone: there is no `lib/python{version}/site-packages`");
    Some(Finding::of(CFG_LIES, facts.environment, message).rebuilt(Some(&version)))
}

/// After `venv --upgrade` of another version: the files name a version that the interpreter does not have.
fn lie(facts: &Facts<'_>) -> Option<Finding> {
    let cfg = facts.cfg.as_ref()?;
    let recorded = minor_of(&cfg.version()?)?;
    let real = facts.environment.python().canonicalize().ok()?;
    let is_outside = !real.starts_with(facts.environment.path());
    let actual = real.file_name().and_then(|name| name.to_str()).filter(|_| is_outside).and_then(version_of);
    let has_library =
        facts.libraries.is_empty() || facts.libraries.iter().any(|name| version_of(name) == Some(recorded));
    let other = match actual {
        Some(actual) if actual != recorded => format!("its interpreter is {}.{}", actual.0, actual.1),
        None | Some(_) if !has_library => format!("its packages are in {}", enumerated(&facts.libraries, "and")),
        None | Some(_) => return None,
    };
    let message = format!("its `pyvenv.cfg` says Python {}.{}, but {other}", recorded.0, recorded.1);
    let finding = Finding::of(CFG_LIES, facts.environment, message);
    if wrong_version(facts.environment, &facts.libraries).is_some() {
        return Some(finding.repaired_on_request());
    }
    Some(finding.rebuilt(packages_for(facts).as_deref()))
}

fn nested(facts: &Facts<'_>) -> Option<Finding> {
    let home = PathBuf::from(facts.cfg.as_ref()?.home()?);
    let parent = home.parent().filter(|parent| parent.join("pyvenv.cfg").is_file())?;
    let message = format!("its base Python is that of the environment `{}`", parent.display());
    Some(
        Finding::of(INTERPRETER_NESTED, facts.environment, message)
            .rebuilt(packages_for(facts).as_deref())
            .path("home", &home),
    )
}

/// A copy does not follow an upgrade of its base.
fn copy(facts: &Facts<'_>) -> Option<Finding> {
    let python = facts.environment.python();
    let size = |path: &Path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len());
    let is_copy = std::fs::symlink_metadata(&python).is_ok_and(|found| found.is_file());
    let cfg = facts.cfg.as_ref().filter(|_| is_copy)?;
    let home = PathBuf::from(cfg.home()?);
    let (major, minor) = minor_of(&cfg.version()?)?;
    let names = [format!("python{major}.{minor}"), format!("python{major}"), "python".to_string()];
    let bases: Vec<_> = names.iter().filter_map(|name| size(&home.join(name))).collect();
    let own = size(&python)?;
    if bases.is_empty() || bases.contains(&own) || cfg.implementation().is_some_and(|name| name != "CPython") {
        return None;
    }
    let message = format!("its copied interpreter is not the one in `{}` any more", home.display());
    Some(
        Finding::of(INTERPRETER_COPY, facts.environment, message)
            .rebuilt(packages_for(facts).as_deref())
            .path("home", &home),
    )
}

/// The version that the packages are for, if it is one.
fn packages_for(facts: &Facts<'_>) -> Option<String> {
    match &facts.libraries[..] {
        [library] => version_of(library).map(|(major, minor)| format!("{major}.{minor}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    #[test]
    fn a_copy_of_another_python_is_one_to_rebuild() {
        let root = tempfile::tempdir().unwrap();
        let env = root.path().join("api");
        std::fs::create_dir_all(env.join("lib/python3.12/site-packages")).unwrap();
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::create_dir_all(root.path().join("base")).unwrap();
        let cfg = format!("home = {}\nversion = 3.12.1\n", root.path().join("base").display());
        std::fs::write(env.join("pyvenv.cfg"), cfg).unwrap();
        std::fs::write(env.join("bin/activate"), "").unwrap();
        for name in ["python", "python3", "python3.12"] {
            std::fs::write(env.join("bin").join(name), "one").unwrap();
        }
        let environment = Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env);
        std::fs::write(root.path().join("base/python3.12"), "one").unwrap();
        assert!(!needs_rebuild(&environment) && !has_outdated_copy(&environment));
        std::fs::write(root.path().join("base/python3.12"), "another").unwrap();
        assert!(needs_rebuild(&environment) && has_outdated_copy(&environment));
        crate::fs::remove_tree(&environment.path().join("lib")).unwrap();
        assert!(needs_rebuild(&environment) && !has_outdated_copy(&environment));
    }
}
