//! What a package manager accepts as name, version, dependency and place, and what Python's words become there.

use std::fmt::Write as _;
use std::path::{Component, Path};

use super::destination;
use super::error::PackError;
use super::interpreter_names::is_interpreter;
use super::package::PackageKind;
use super::package_depends;
use super::package_request::PackageRequest;
use crate::env::Environment;

/// Package managers read lines, and the release is a part of the name of the file.
pub(super) fn check(request: &PackageRequest<'_>) -> Result<(), PackError> {
    let wrong = |field, text: &String| Err(PackError::PackageField { field, text: text.clone() });
    let is_known = |c: char| c.is_ascii_alphanumeric() || "+.~".contains(c);
    if request.release.is_empty() || !request.release.chars().all(is_known) {
        return wrong("release", &request.release);
    }
    let depends = request.depends.iter().map(|text| ("dependency", text));
    let lines = [("licence", &request.license), ("maintainer", &request.maintainer)];
    if let Some((field, text)) = lines.into_iter().chain(depends).find(|(_, text)| !is_line(text)) {
        return wrong(field, text);
    }
    request.depends.iter().try_for_each(|text| package_depends::check(request.kind, text))?;
    for program in &request.programs {
        let is_name = Path::new(program).components().eq([Component::Normal(program.as_ref())]);
        if !is_name || !is_line(program) {
            return wrong("program", program);
        } else if is_interpreter(program) {
            return Err(PackError::Interpreter { program: program.clone() });
        }
    }
    if let Some(service) = &request.service {
        let name = service.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_unit(&name) {
            return Err(PackError::Unit { name });
        }
    }
    destination::check_of_package(&request.destination)
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(char::is_control)
}

/// Returns whether a name is one of a unit of systemd.
fn is_unit(name: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    let kind = name.rsplit_once('.').map(|(stem, kind)| (!stem.is_empty(), kind));
    let kinds = ["service", "socket", "timer", "path", "target"];
    name.chars().all(is_known) && kind.is_some_and(|(has_stem, kind)| has_stem && kinds.contains(&kind))
}

/// The name of the package.
pub(super) fn name(request: &PackageRequest<'_>, environment: &Environment) -> Result<String, PackError> {
    let given = request.name.clone().unwrap_or_else(|| environment.name().alone());
    let name = given.to_lowercase().replace(['_', ' '], "-");
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if name.len() >= 2 && begins && name.chars().all(is_allowed) {
        Ok(name)
    } else {
        Err(PackError::PackageName { name: given })
    }
}

/// The epoch, and the version in the order of the package manager: what comes before a release sorts before it.
pub(super) fn version(request: &PackageRequest<'_>) -> Result<(Option<u32>, String), PackError> {
    let wrong = || PackError::PackageVersion { version: request.version.clone() };
    let version: pep440_rs::Version = request.version.parse().map_err(|_| wrong())?;
    let later = if request.kind == PackageKind::Deb { "+" } else { "^" };
    let mut text = version.release().iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    if let Some(dev) = version.dev().filter(|_| version.pre().is_none() && version.post().is_none()) {
        let _ = write!(text, "~~dev{dev}");
    } else {
        if let Some(pre) = version.pre() {
            let _ = write!(text, "~{pre}");
        }
        if let Some(post) = version.post() {
            let _ = write!(text, "{later}post{post}");
        }
        if let Some(dev) = version.dev() {
            let _ = write!(text, "~dev{dev}");
        }
    }
    let local = version.local().iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    if !local.is_empty() {
        let _ = write!(text, "{later}{local}");
    }
    let epoch = u32::try_from(version.epoch()).ok().filter(|&epoch| epoch > 0);
    Ok((epoch, text))
}
