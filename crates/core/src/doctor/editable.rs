//! Packages that are imported from the directory of their project, and projects that are gone.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::check::EDITABLE_GONE;
use super::finding::Finding;
use super::installer::pip;
use crate::env::Environment;
use crate::env::distributions::Installed;
use crate::env::packages::{normalized, site_packages};
use crate::fs;

/// The largest link of an old editable installation that is read, in bytes.
const MAX_LINK: u64 = 1 << 16;

/// Names the environment's own packages whose project is gone. Where it went only the user knows.
pub(super) fn examine(environment: &Environment, installed: &Installed) -> Vec<Finding> {
    let mut projects = linked(environment);
    for found in installed.distributions.iter().filter(|found| found.is_local) {
        // What is installed under the name of a link is what Python imports.
        projects.remove(&found.key);
        projects.extend(found.editable.clone().map(|project| (found.key.clone(), project)));
    }
    projects.retain(|_, project| is_gone(project));
    let finding = |(name, project): (String, PathBuf)| {
        let message = format!("`{name}` is imported from `{}`, which does not exist", project.display());
        let fix = pip(environment, "install", ["-e".to_owned(), "DIR".to_owned()]);
        let finding = Finding::of(EDITABLE_GONE, environment, message).fixed_by_both(fix);
        finding.detail("package", [name]).path("directory", &project)
    };
    projects.into_iter().map(finding).collect()
}

/// The projects that the links of old versions of setuptools name: their metadata is in the project, and gone with it.
fn linked(environment: &Environment) -> BTreeMap<String, PathBuf> {
    let entries = site_packages(environment.path()).into_iter().filter_map(|site| std::fs::read_dir(site).ok());
    let project = |link: PathBuf| {
        let name = link.file_name()?.to_str()?.strip_suffix(".egg-link")?;
        let content = fs::read_limited(&link, MAX_LINK).ok()?;
        let target = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty())?;
        Some((normalized(name), fs::absolute(link.parent()?, Path::new(OsStr::from_bytes(target)))))
    };
    entries.flatten().flatten().filter_map(|entry| project(entry.path())).collect()
}

/// What may not be looked at is not gone.
fn is_gone(path: &Path) -> bool {
    let is_no_way = |kind| matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    path.metadata().is_err_and(|error| is_no_way(error.kind()))
}
