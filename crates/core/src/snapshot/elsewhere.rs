//! Projects inside of other environments: who installs them from there is broken once that environment is removed.

use std::path::{Path, PathBuf};

use super::credentials;
use super::freeze::in_repository;
use super::git::{self, Source};
use super::packages::Packages;
use super::requirements::Requirements;
use crate::env::is_environment;

/// A project that comes from its repository instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved {
    /// The name of the package.
    pub name: String,
    /// The repository and the commit, without secrets.
    pub source: String,
    /// The environment that has the project.
    pub environment: PathBuf,
}

/// A project that cannot be had from anywhere else.
#[derive(Debug, thiserror::Error)]
#[error("the project of `{name}` is inside of `{}`, and in no git repository there with a remote", environment.display())]
pub struct OnlyInside {
    /// The name of the package.
    pub name: String,
    /// The environment that has the project.
    pub environment: PathBuf,
}

/// Lets what is to be installed into an environment come from git repositories, as `freeze` names them, where its projects
/// are inside of other environments. What the environment has from there already stays.
pub fn from_repositories(
    requirements: &mut Requirements,
    environment: &Path,
    now: &Packages,
) -> Result<Vec<Moved>, OnlyInside> {
    let own = environment.canonicalize().unwrap_or_else(|_| environment.to_path_buf());
    let mut moved = Vec::new();
    for line in requirements.lines.iter_mut().filter(|line| !line.is_constraint) {
        let Some(project) = line.editable.as_deref().map(Path::new).filter(|project| project.is_absolute()) else {
            continue;
        };
        let is_known = now.get(&line.requirement.key()).is_some_and(|found| found.editable.as_deref() == Some(project));
        let Some((real, root)) = inside(project, &own).filter(|_| !is_known) else { continue };
        let (name, environment) = (line.requirement.name.clone(), root.clone());
        let Some(source) = source_of(&real, &root, &name) else { return Err(OnlyInside { name, environment }) };
        let shown = credentials::hide(&source).unwrap_or_else(|| source.clone());
        moved.push(Moved { name, source: shown, environment });
        line.editable = Some(source);
    }
    Ok(moved)
}

/// Returns the real path of a project, and the other environment that has it inside. One that was made in the directory of
/// a project belongs to that, and one that has the environment `own` inside, too, is not removed without it.
fn inside(project: &Path, own: &Path) -> Option<(PathBuf, PathBuf)> {
    const OF_PROJECT: [&str; 3] = [".git", "pyproject.toml", "setup.py"];
    let real = project.canonicalize().ok().filter(|real| !real.starts_with(own))?;
    let root = real.ancestors().skip(1).find(|above| is_environment(above) && !own.starts_with(above))?.to_path_buf();
    let is_of_project = OF_PROJECT.iter().any(|file| root.join(file).exists());
    (!is_of_project).then_some((real, root))
}

/// The repository and the commit of a project, unless that is the repository of what is around the environment.
fn source_of(project: &Path, root: &Path, name: &str) -> Option<String> {
    match git::source_of(project) {
        Source::Found { url, commit, subdirectory } if git::has_tree_inside(root, project) => {
            Some(in_repository(name, &url, &commit, subdirectory.as_deref()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Environment;
    use crate::env::direct_url::file_url;
    use crate::env::name::EnvName;

    struct Place(tempfile::TempDir);

    impl Place {
        fn write(&self, path: &str, text: &str) {
            let path = self.path(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(path)
        }

        /// Makes a repository with a remote around a project.
        fn add_repository(&self, directory: &str) {
            self.write(&format!("{directory}.git/HEAD"), &"0123456789".repeat(4));
            self.write(&format!("{directory}.git/config"), "[remote \"origin\"]\nurl = https://u:p@x/r\n");
        }

        /// What becomes of an editable project, for an environment that has it from `own` already.
        fn found(&self, project: &str, own: &str) -> (Result<Vec<Moved>, OnlyInside>, String) {
            for env in ["a", "b"] {
                self.write(&format!("{env}/pyvenv.cfg"), "home = /nonexistent\nversion = 3.11.2\n");
            }
            let info = "a/lib/python3.11/site-packages/p-1.dist-info";
            self.write(&format!("{info}/METADATA"), "Metadata-Version: 2.1\nName: p\nVersion: 1\n");
            let url = format!(r#"{{"url": "{}", "dir_info": {{"editable": true}}}}"#, file_url(&self.path(own)));
            self.write(&format!("{info}/direct_url.json"), &url);
            let name = EnvName::for_existing("a".as_ref()).unwrap();
            let now = Packages::read(&Environment::new(name, self.path("a")), None).unwrap();
            let text = format!("# Editable install (p==1)\n-e {}\n", file_url(&self.path(project)));
            let mut requirements = Requirements::parse(text.as_bytes(), "/".as_ref(), "-").unwrap();
            let found = from_repositories(&mut requirements, &self.path("a"), &now);
            (found, requirements.lines[0].editable.clone().unwrap_or_default())
        }
    }

    #[test]
    fn projects_inside_of_another_environment_come_from_their_repositories() {
        let place = Place(tempfile::tempdir().unwrap());
        for project in ["b/src/p", "b/src/mono/p", "a/src/p", "b/lib/p", "p", "b/src/own/.venv/src/p"] {
            place.write(&format!("{project}/pyproject.toml"), "");
        }
        place.add_repository("b/src/p/");
        place.add_repository("b/src/mono/");
        let commit = "0123456789".repeat(4);
        for (project, subdirectory) in [("b/src/p", ""), ("b/src/mono/p", "&subdirectory=p")] {
            let (found, line) = place.found(project, "elsewhere");
            assert_eq!(line, format!("git+https://u:p@x/r@{commit}#egg=p{subdirectory}"));
            let source = line.replace("u:p", "****");
            assert_eq!(found.unwrap(), [Moved { name: "p".into(), source, environment: place.path("b") }]);
        }
        // It is there already, in the environment itself, or in none.
        for (project, own) in [("b/lib/p", "b/lib/p"), ("a/src/p", "x"), ("p", "x"), ("gone", "x")] {
            let (found, line) = place.found(project, own);
            assert!(found.unwrap().is_empty() && line.ends_with(project), "{project}: {line}");
        }
        let (found, _) = place.found("b/lib/p", "elsewhere");
        let told = format!("the project of `p` is inside of `{}`, and in", place.path("b").display());
        assert!(found.unwrap_err().to_string().starts_with(&told), "a copy without its repository");
        // An environment around both.
        place.write("pyvenv.cfg", "home = /nonexistent\nversion = 3.11.2\n");
        assert!(place.found("p", "elsewhere").0.unwrap().is_empty());
        assert!(place.found("b/lib/p", "elsewhere").0.is_err(), "it is in another one inside");
        place.add_repository("");
        assert!(place.found("b/lib/p", "elsewhere").0.is_err(), "the repository of the environments is another");
        // An environment that was made in the directory of a project.
        place.write("b/setup.py", "");
        assert!(place.found("b/lib/p", "elsewhere").0.unwrap().is_empty());
    }
}
