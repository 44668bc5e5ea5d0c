//! Packages that are imported from a directory outside of the environment.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::manifest::ManifestPackage;
use crate::env::Environment;
use crate::env::distributions::{Distribution, installed};
use crate::fs;
use crate::snapshot::freeze::{FreezeOptions, freeze};
use crate::wheel::record::path_field;

/// More than any list of files.
const MAX_BYTES: u64 = 256 << 20;

/// The packages of an environment, as far as they matter for an archive.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// All, sorted.
    pub(super) all: Vec<ManifestPackage>,
    /// The names of those whose files are elsewhere.
    pub(super) editable: Vec<String>,
    /// The same, as they are when they are not editable.
    pub(super) editable_versions: Vec<ManifestPackage>,
    /// The directories of their projects.
    pub(super) projects: Vec<PathBuf>,
    /// What was installed into the environment for them, relative to it.
    pub(super) files: HashSet<PathBuf>,
}

/// Returns the directories of the projects that an environment imports from elsewhere.
pub fn editable_projects(environment: &Environment) -> Vec<PathBuf> {
    let real = environment.path().canonicalize().unwrap_or_else(|_| environment.path().to_path_buf());
    packages(environment, &real).projects
}

/// Reads the packages of an environment.
pub(super) fn packages(environment: &Environment, real: &Path) -> Packages {
    let mut packages = Packages::default();
    for distribution in installed(environment, None).distributions {
        if !distribution.is_local {
            continue;
        }
        let outside = distribution.editable.as_ref().filter(|project| {
            let is_inside = |root: &Path| project.starts_with(root);
            !is_inside(environment.path()) && !is_inside(real)
        });
        if let Some(project) = outside {
            packages.editable.push(distribution.name.clone());
            packages.editable_versions.push(listed(&distribution, None));
            packages.projects.push(project.clone());
            packages.files.extend(files(&distribution, environment.path()));
        } else {
            packages.all.push(listed(&distribution, requirement(&distribution)));
        }
    }
    packages.all.sort();
    packages.editable.sort();
    packages
}

fn listed(distribution: &Distribution, requirement: Option<String>) -> ManifestPackage {
    ManifestPackage { name: distribution.name.clone(), version: distribution.version.clone(), requirement }
}

/// What installs a distribution that did not come from an index.
fn requirement(distribution: &Distribution) -> Option<String> {
    if distribution.direct_url.is_none() && distribution.editable.is_none() {
        return None;
    }
    // Which Python it is decides only what else is listed.
    let options = FreezeOptions { all: true, ..FreezeOptions::default() };
    let frozen = freeze([distribution], (3, 12), options).lines.pop()?;
    let line = String::from_utf8(frozen.requirement).ok()?;
    if frozen.is_editable { Some(format!("-e {line}")) } else { Some(line).filter(|line| line.contains(" @ ")) }
}

/// The files of a distribution, by its list; for an older installation the link to its project.
fn files(distribution: &Distribution, root: &Path) -> Vec<PathBuf> {
    let relative = |path: &Path| path.strip_prefix(root).ok().map(Path::to_path_buf);
    let info = &distribution.info;
    let site = info.parent().unwrap_or(Path::new(""));
    let mut found: Vec<PathBuf> = relative(info).into_iter().collect();
    found.extend(relative(&site.join(format!("{}.egg-link", distribution.name))));
    let content = fs::read_limited(&info.join("RECORD"), MAX_BYTES).unwrap_or_default();
    for row in content.split_inclusive(|&byte| byte == b'\n') {
        let Some((_, path)) = path_field(row) else { continue };
        found.extend(relative(&fs::absolute(site, Path::new(OsStr::from_bytes(&path)))));
    }
    found
}
