//! The packages of an environment, by their metadata.

use std::path::{Path, PathBuf};

use super::altered;
use super::check::{PACKAGES_INCONSISTENT, PACKAGES_LEFTOVER, PACKAGES_TWICE, PATH_FILE_ENCODING};
use super::finding::{Finding, text};
use super::installer::pip;
use crate::env::Environment;
use crate::env::distributions::{Installed, Oddity};
use crate::env::packages::{normalized, site_packages};
use crate::fs;
use crate::snapshot::check::{ProblemKind, check};
use crate::snapshot::python::Python;

/// The largest `.pth` file that is read, in bytes.
const MAX_PATH_FILE: u64 = 1 << 20;

/// Examines the packages of an environment.
pub(super) fn examine(environment: &Environment, installed: &Installed) -> Vec<Finding> {
    let Some(python) = Python::of(environment) else { return Vec::new() };
    let mut findings = Vec::new();
    let mut problems = check(installed, &python);
    problems.retain(|problem| !matches!(problem.kind, ProblemKind::Twice { .. }));
    if let Some(first) = problems.first() {
        let more = match problems.len() {
            1 => String::new(),
            count => format!(" ({} more)", count - 1),
        };
        let message = format!("{}{more}", first.to_string().trim_end_matches('.'));
        let needed = problems.iter().filter_map(|problem| match &problem.kind {
            ProblemKind::Missing { requirement, .. } | ProblemKind::Conflict { requirement, .. } => {
                Some(requirement.clone())
            }
            _ => None,
        });
        let needed: Vec<_> = needed.collect();
        let finding = Finding::of(PACKAGES_INCONSISTENT, environment, message)
            .detail("problems", problems.iter().map(ToString::to_string));
        let finding =
            if needed.is_empty() { finding } else { finding.fixed_by_both(pip(environment, "install", needed)) };
        findings.push(finding);
    }
    for oddity in &installed.oddities {
        if let Oddity::Twice { name, used, unused, .. } = oddity {
            let message = format!("`{name}` is installed twice: versions {used} and {unused}");
            let finding = Finding::of(PACKAGES_TWICE, environment, message);
            let finding = match once(environment, installed, name) {
                Some(words) => finding.fixed_by_both(words),
                None => finding,
            };
            let known = findings.last_mut().filter(|last| last.fix.is_some() && last.fix == finding.fix);
            match known.and_then(|last| last.details.get_mut("versions")) {
                Some(versions) => versions.push(unused.clone()),
                None => findings.push(finding.detail("versions", [used.clone(), unused.clone()])),
            }
        }
    }
    let left = left_over(environment);
    if let Some(first) = left.first() {
        let message = format!("an interrupted installation has left `{}`", first.display());
        let finding = Finding::of(PACKAGES_LEFTOVER, environment, message).automatically();
        findings.push(finding.detail("paths", left.iter().map(|path| text(path))));
    }
    findings
}

/// What leaves one version of a package: the metadata of the others is deleted, which pip would do to one of them only. The
/// version stays whose files are there; without one, that which Python finds is installed again. None for what the
/// environment only shows.
fn once(environment: &Environment, installed: &Installed, name: &str) -> Option<[Vec<String>; 2]> {
    let key = normalized(name);
    let used = installed.distributions.iter().find(|found| found.key == key && found.is_local)?;
    let of = |oddity: &Oddity| match oddity {
        Oddity::Twice { name, unused, info, .. } if normalized(name) == key => {
            let mut found = used.clone();
            (found.version, found.info) = (unused.clone(), info.clone());
            Some(found)
        }
        _ => None,
    };
    let all: Vec<_> = std::iter::once(used.clone()).chain(installed.oddities.iter().filter_map(of)).collect();
    let kept = all.iter().position(|found| found.has_record() && !altered::is_damaged(environment, found));
    let others = all.iter().enumerate().filter(|(at, _)| *at != kept.unwrap_or_default());
    let remove = ["rm", "-r", "--"].map(str::to_owned).into_iter().chain(others.map(|(_, found)| text(&found.info)));
    let words = ["--force-reinstall".into(), "--no-deps".into(), format!("{name}=={}", used.version)];
    let again = || pip(environment, "install", words).into_iter().rfind(|words| !words.is_empty());
    Some([remove.collect(), if kept.is_some() { Vec::new() } else { again().unwrap_or_default() }])
}

/// The `.pth` files that Python cannot decode: it ends with a traceback when it starts.
pub(super) fn path_files(environment: &Environment) -> Vec<Finding> {
    let sites = site_packages(environment.path());
    let entries = sites.iter().filter_map(|site| std::fs::read_dir(site).ok()).flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_path_file(path)).collect();
    files.sort();
    files.retain(|path| fs::read_limited(path, MAX_PATH_FILE).is_ok_and(|text| str::from_utf8(&text).is_err()));
    let finding = |path: PathBuf| {
        let message = format!("Python does not start, as `{}` is not UTF-8", path.display());
        let words = ["mv".to_string(), "--".to_string(), text(&path), format!("{}.disabled", text(&path))];
        Finding::of(PATH_FILE_ENCODING, environment, message).fixed_by(words).path("file", &path)
    };
    files.into_iter().map(finding).collect()
}

fn is_path_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".pth") && !name.starts_with(b".")
}

/// What pip has set aside before it removes a package: names that begin with `~`, below directories of the environment
/// itself.
pub(super) fn left_over(environment: &Environment) -> Vec<PathBuf> {
    let Ok(root) = environment.path().canonicalize() else { return Vec::new() };
    let is_own = |site: &Path| site.canonicalize().is_ok_and(|real| real.starts_with(&root));
    let sites = site_packages(environment.path()).into_iter().filter(|site| is_own(site));
    let entries = sites.filter_map(|site| std::fs::read_dir(site).ok()).flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"~") && entry.file_name() != "~")
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
