//! Where projects are created, and the templates that fill them.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::env::name::EnvName;
use crate::fs::executable::is_executable;
use crate::fs::exposure::{Exposure, Vetting};
use crate::fs::{PathContext as _, PathError};

/// What the name of a template's file begins with.
const PREFIX: &str = "template_";

/// Why there is no project directory.
#[derive(Debug, thiserror::Error)]
pub enum ProjectHomeError {
    /// `PROJECT_HOME` is not set.
    #[error("PROJECT_HOME is not set")]
    Unset,
    /// It does not exist.
    #[error("PROJECT_HOME `{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// The project exists.
    #[error("the project `{}` already exists", .0.display())]
    Exists(PathBuf),
    /// A template does not exist.
    #[error("there is no template `{name}`")]
    NoTemplate {
        /// Its name.
        name: String,
        /// Where templates are looked for.
        directories: Vec<PathBuf>,
    },
    /// Someone else could change a template, or put another in its place.
    #[error("refusing to run the template `{}`: {exposure}", template.display())]
    Exposed {
        /// The template.
        template: PathBuf,
        /// Through what, and who.
        exposure: Exposure,
    },
    /// A template could not be looked at.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Returns the directory of the project of this name, whether or not it exists.
pub fn directory(config: &Config, name: &EnvName) -> Result<PathBuf, ProjectHomeError> {
    let home = config.project_home.as_ref().ok_or(ProjectHomeError::Unset)?;
    if !home.is_dir() {
        return Err(ProjectHomeError::Missing(home.clone()));
    }
    Ok(home.join(name.as_os_str()))
}

/// Returns the directory for a project that is to be created. One that exists is refused unless `may_exist`.
pub fn new_directory(config: &Config, name: &EnvName, may_exist: bool) -> Result<PathBuf, ProjectHomeError> {
    let directory = directory(config, name)?;
    if !may_exist && directory.is_dir() {
        return Err(ProjectHomeError::Exists(directory));
    }
    Ok(directory)
}

/// Returns the programs of these templates: executables `template_NAME` in a `templates` directory next to the
/// configuration or the hooks. Fails if someone else could change one of them, as for hooks.
pub fn find(config: &Config, names: &[String], vetting: &Vetting) -> Result<Vec<PathBuf>, ProjectHomeError> {
    let directories = directories(config);
    let judged = |name: &String| {
        let template = find_one(&directories, name)?;
        match vetting.find(&template).at("read", &template)? {
            Some(exposure) => Err(ProjectHomeError::Exposed { template, exposure }),
            None => Ok(template),
        }
    };
    names.iter().map(judged).collect()
}

/// Returns the names of all templates, sorted.
pub fn names(config: &Config) -> BTreeSet<String> {
    let entries = directories(config).into_iter().filter_map(|directory| std::fs::read_dir(directory).ok());
    let name = |entry: DirEntry| {
        let name = entry.file_name().to_str()?.strip_prefix(PREFIX)?.to_string();
        is_executable(&entry.path()).then_some(name)
    };
    entries.flatten().flatten().filter_map(name).collect()
}

fn find_one(directories: &[PathBuf], name: &str) -> Result<PathBuf, ProjectHomeError> {
    // A name with a slash would lead out of the directory.
    let file = EnvName::for_existing(format!("{PREFIX}{name}").as_ref()).ok();
    let found = file.and_then(|file| {
        let mut places = directories.iter().map(|directory| directory.join(file.as_os_str()));
        places.find(|path: &PathBuf| is_executable(path))
    });
    found.ok_or_else(|| ProjectHomeError::NoTemplate { name: name.to_string(), directories: directories.to_vec() })
}

/// Where templates are looked for.
fn directories(config: &Config) -> Vec<PathBuf> {
    let bases = config.config_dir.iter().chain([&config.hook_dir]).map(PathBuf::as_path);
    bases.map(|base: &Path| base.join("templates")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Directories;
    use crate::fs::private::User;
    use std::os::unix::fs::PermissionsExt;

    fn config(root: &Path) -> Config {
        let directories =
            Directories { home: Some(root.to_path_buf()), config: Some(root.join("config")), ..Directories::default() };
        Config::resolve(&|name| (name == "PROJECT_HOME").then(|| root.join("src").into()), &directories).unwrap()
    }

    fn template(directory: &Path, name: &str, mode: u32) {
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join(name), "").unwrap();
        std::fs::set_permissions(directory.join(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn executables_in_both_places_are_templates() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path());
        let vetting = Vetting::new(User::of_this_process(), None);
        let own = root.path().join("config/templates");
        template(&own, "template_web", 0o755);
        template(&own, "template_notes", 0o644);
        template(&config.hook_dir.join("templates"), "template_web", 0o755);
        template(&config.hook_dir.join("templates"), "template_it's", 0o755);
        assert_eq!(names(&config).into_iter().collect::<Vec<_>>(), ["it's", "web"]);
        assert_eq!(find(&config, &["web".into()], &vetting).unwrap(), [own.join("template_web")]);
        for name in ["notes", "gone", "/../template_web", "x/../template_web", ""] {
            let found = find(&config, &[name.to_string()], &vetting);
            assert!(matches!(found, Err(ProjectHomeError::NoTemplate { .. })), "{name}");
        }
        // What others could change or put there is not run, as with hooks.
        for (place, mode) in [(own.join("template_web"), 0o777), (own.clone(), 0o777)] {
            let before = std::fs::metadata(&place).unwrap().permissions();
            std::fs::set_permissions(&place, PermissionsExt::from_mode(mode)).unwrap();
            let found = find(&config, &["web".into()], &vetting);
            assert!(matches!(found, Err(ProjectHomeError::Exposed { .. })), "{} {mode:o}: {found:?}", place.display());
            std::fs::set_permissions(&place, before).unwrap();
        }
        assert!(find(&config, &["web".into()], &vetting).is_ok());
    }

    #[test]
    fn a_project_is_created_only_in_a_home_that_exists_and_only_once() {
        let root = tempfile::tempdir().unwrap();
        let mut config = config(root.path());
        let name = EnvName::for_new("web".as_ref()).unwrap();
        assert!(matches!(directory(&config, &name), Err(ProjectHomeError::Missing(_))));
        std::fs::create_dir_all(root.path().join("src/web")).unwrap();
        assert_eq!(directory(&config, &name).unwrap(), root.path().join("src/web"));
        assert!(matches!(new_directory(&config, &name, false), Err(ProjectHomeError::Exists(_))));
        assert!(new_directory(&config, &name, true).is_ok());
        config.project_home = None;
        assert!(matches!(directory(&config, &name), Err(ProjectHomeError::Unset)));
    }
}
