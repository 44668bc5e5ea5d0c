//! Packages that are imported from a directory outside of the environment.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::env::distributions::{Distribution, installed};
use crate::fs;
use crate::wheel::record::path_field;

/// More than any list of files.
const MAX_BYTES: u64 = 256 << 20;

/// The packages of an environment, as far as they matter for an archive.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// Name and version of each, sorted.
    pub(super) all: Vec<(String, String)>,
    /// The names of those whose files are elsewhere.
    pub(super) editable: Vec<String>,
    /// Their names and versions.
    pub(super) editable_versions: Vec<(String, String)>,
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
            packages.editable_versions.push((distribution.name.clone(), distribution.version.clone()));
            packages.projects.push(project.clone());
            packages.files.extend(files(&distribution, environment.path()));
        } else {
            packages.all.push((distribution.name.clone(), distribution.version.clone()));
        }
    }
    packages.all.sort();
    packages.editable.sort();
    packages
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
