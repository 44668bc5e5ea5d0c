//! What a shell's prompt calls an environment for which nobody has chosen a text.

use std::path::Path;

use super::Environment;

/// The name that says nothing: every project has one.
const OF_PROJECTS: &str = ".venv";

/// Returns the name of an environment at a path: that of its directory, or of the project that it is in as `.venv`.
pub fn of_path(path: &Path) -> Option<&str> {
    of_project(path).or_else(|| path.file_name()?.to_str())
}

/// Returns the names that tools give the prompt of an environment at a path when nobody has chosen one.
pub(crate) fn defaults(path: &Path) -> impl Iterator<Item = &str> {
    path.file_name().and_then(|name| name.to_str()).into_iter().chain(of_project(path))
}

/// Returns what the prompt shows for an environment whose real path is `path` and whose script or `pyvenv.cfg` has the
/// text `written`: what was chosen, or else the name under which the user has it, which may be that of a link to it. None
/// if that is not UTF-8.
pub fn shown(environment: &Environment, path: &Path, written: Option<&str>) -> Option<String> {
    let is_chosen = |written: &&str| !written.is_empty() && defaults(path).all(|name| name != *written);
    if let Some(chosen) = written.filter(is_chosen) {
        return Some(chosen.to_owned());
    }
    let name = environment.name().as_os_str();
    if name != OF_PROJECTS && path.file_name() != Some(name) && environment.path().is_symlink() {
        return name.to_str().map(str::to_owned);
    }
    of_path(path).map(str::to_owned)
}

/// The name of the project that an environment is in as `.venv`. What prompts would evaluate is none.
fn of_project(path: &Path) -> Option<&str> {
    let name = path.parent().filter(|_| path.ends_with(OF_PROJECTS))?.file_name()?.to_str()?;
    let is_plain = |character: char| character.is_alphanumeric() || " +-._".contains(character);
    name.chars().all(is_plain).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    #[test]
    fn a_venv_is_called_like_its_project() {
        for (path, name) in [
            ("/w/api", "api"),
            ("/w/web/.venv", "web"),
            ("/w/web/venv", "venv"),
            ("/.venv", ".venv"),
            ("/w/a$(b)/.venv", ".venv"),
            ("/w/ü 1+2/.venv", "ü 1+2"),
        ] {
            assert_eq!(of_path(Path::new(path)), Some(name));
        }
    }

    #[test]
    fn a_link_gives_its_name_where_nothing_was_chosen() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::create_dir_all(path("web/.venv")).unwrap();
        for link in ["api", "other/.venv"] {
            std::fs::create_dir_all(path(link).parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(path("web/.venv"), path(link)).unwrap();
        }
        let shown = |link: &str, written| {
            let name = Path::new(link).file_name().unwrap();
            let environment = Environment::new(EnvName::for_existing(name).unwrap(), path(link));
            shown(&environment, &path("web/.venv"), written).unwrap()
        };
        for written in [None, Some(""), Some(".venv"), Some("web")] {
            assert_eq!(shown("api", written), "api");
            assert_eq!([shown("web/.venv", written), shown("other/.venv", written)], ["web", "web"]);
        }
        assert_eq!([shown("api", Some("mine")), shown("web/.venv", Some("mine"))], ["mine", "mine"]);
    }
}
