//! Lines that name a place, not a package.

use std::path::Path;

use super::names::project_name;
use crate::env::direct_url::{file_url, path_of};
use crate::fs;
use crate::snapshot::requirement::Requirement;

/// Returns what installs the project in a directory, whose files tell the name.
pub(super) fn requirement_of_project(text: &str, directory: &Path) -> Option<Requirement> {
    let (place, marker) = without_marker(text);
    let (base, extras) = without_extras(place);
    let is_path = base.starts_with('.') || (base.contains('/') && !base.contains("://"));
    let path = path_of(base).or_else(|| is_path.then(|| fs::absolute(directory, Path::new(base))))?;
    Requirement::parse(&format!("{}{extras} @ {}{marker}", project_name(&path)?, file_url(&path)))
}

/// Divides a line into the place of a project, and its marker with what separates them.
pub(super) fn without_marker(text: &str) -> (&str, &str) {
    let (place, marker) = text.split_at(text.find(" ;").unwrap_or(text.len()));
    (place.trim(), marker)
}

/// Divides the place of a project from the extras behind it, with their brackets.
pub(super) fn without_extras(place: &str) -> (&str, &str) {
    let start = place.rfind('[').filter(|_| place.ends_with(']')).unwrap_or(place.len());
    place.split_at(start)
}
