//! What of a directory is sent to the builder: nothing but what the Dockerfile copies.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Component, Path};

use crate::env::is_environment;
use crate::fs::{PathContext as _, PathResult};

/// What a path may have besides letters and digits, so that the Dockerfile and `.dockerignore` take it as it is.
const MARKS: &str = " ._-+@,=~%:()/";

/// Directories that no project is built from.
const JUNK: [&str; 8] = ["__pycache__", "build", "dist", "env", "htmlcov", "node_modules", "target", "venv"];

/// What is never sent, wherever it is.
const NEVER: [&str; 5] = ["**/.*", "**/__pycache__", "**/*.py[co]", "**/*.egg-info", "**/node_modules"];

/// Files in the uppermost directory of a project that it is built from, and what their names begin with.
const FILES: [&str; 5] = ["MANIFEST.in", "pyproject.toml", "setup.cfg", "setup.py", "Cargo.toml"];
const TEXTS: [&str; 10] =
    ["AUTHORS", "CHANGE", "COPYING", "HISTORY", "LICENCE", "LICENSE", "NOTICE", "README", "REQUIREMENTS", "VERSION"];

/// A project that is built in the image, because this machine imports or has installed it from its directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its normalised name.
    pub key: String,
    /// Its directory relative to the one that is sent; empty if it is that one.
    pub directory: String,
    /// Whether it has nothing compiled.
    pub is_pure: bool,
}

/// Returns the path of a project relative to the directory that is sent; none if it is elsewhere, or has a name that
/// cannot be written into the files.
pub fn path_in(context: &Path, project: &Path) -> Option<String> {
    let (context, project) = (context.canonicalize().ok()?, project.canonicalize().ok()?);
    let relative = project.strip_prefix(&context).ok()?;
    let is_normal = |component: Component<'_>| match component {
        Component::Normal(name) => name.to_str().is_some_and(is_plain),
        _ => false,
    };
    let path = relative.components().all(is_normal).then(|| relative.to_str().map(str::to_owned)).flatten()?;
    // Nothing whose name begins with a dot is sent.
    (!path.split('/').any(|part| part.starts_with('.'))).then_some(path)
}

/// Returns `.dockerignore`: nothing is sent but the lock, and what projects are built from.
pub fn dockerignore(lock: &str, sources: &[String]) -> String {
    let mut text = format!("# Nothing is sent to the builder but what is listed here.\n*\n!{lock}\n");
    for source in sources.iter().filter(|source| *source != lock) {
        let _ = writeln!(text, "!{source}");
    }
    if !sources.is_empty() {
        text.extend(NEVER.iter().flat_map(|pattern| [pattern, "\n"]));
    }
    text
}

/// Lists what the projects are built from. What is in the directory of one of them is not sent because another is around it.
pub fn sources(context: &Path, projects: &[Project]) -> PathResult<Vec<String>> {
    let mut found = Vec::new();
    for project in projects {
        found.extend(sources_of(context, project)?);
    }
    found.retain(|source| projects.iter().all(|project| project.directory != *source));
    Ok(found)
}

/// Lists what a project is built from, relative to the directory that is sent: of the entries of its directory those that
/// look like it. Data, environments and secrets are not among them.
fn sources_of(context: &Path, project: &Project) -> PathResult<Vec<String>> {
    let directory = context.join(&project.directory);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&directory).at("list", &directory)? {
        let entry = entry.at("list", &directory)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_plain(name) && !name.starts_with('.')) else { continue };
        let is_source = match entry.file_type() {
            Ok(kind) if kind.is_dir() => is_source_directory(name, &entry.path()),
            Ok(kind) if kind.is_file() => is_source_file(name),
            _ => false,
        };
        if is_source {
            let separator = if project.directory.is_empty() { "" } else { "/" };
            found.push(format!("{}{separator}{name}", project.directory));
        }
    }
    found.sort();
    Ok(found)
}

/// Returns whether the files take a name as it is. Blanks at its ends would be lost.
fn is_plain(name: &str) -> bool {
    name.trim() == name && name.chars().all(|c| c.is_alphanumeric() || MARKS.contains(c))
}

fn is_source_directory(name: &str, path: &Path) -> bool {
    !JUNK.contains(&name) && !name.ends_with(".egg-info") && !is_environment(path)
}

fn is_source_file(name: &str) -> bool {
    let is_module = Path::new(name).extension() == Some(OsStr::new("py"));
    is_module || FILES.contains(&name) || TEXTS.iter().any(|text| name.to_ascii_uppercase().starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_in_the_directory_that_is_sent() {
        let root = tempfile::tempdir().unwrap();
        let context = root.path().join("context");
        for directory in
            ["context/a b/c", "context/$x", "context/it\"s", "context/[x]", "context/.x", "context/x\\", "x"]
        {
            std::fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        std::os::unix::fs::symlink("../x", context.join("link")).unwrap();
        let path_in = |path: &str| path_in(&context, &context.join(path));
        assert_eq!(path_in("").as_deref(), Some(""));
        assert_eq!(path_in("a b/c").as_deref(), Some("a b/c"));
        for path in ["../x", "link", "gone", "$x", "it\"s", "[x]", ".x", "x\\"] {
            assert_eq!(path_in(path), None, "{path}");
        }
    }

    #[test]
    fn what_a_project_is_built_from_is_listed() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["src", ".git", "own-env", "build", "x.egg-info", "a*b", "docs"] {
            std::fs::create_dir(root.path().join(directory)).unwrap();
        }
        let files =
            ["pyproject.toml", "readme.rst", "module.py", "id_rsa", ".env", "data.csv", "own-env/pyvenv.cfg", "x\n.py"];
        for file in files {
            std::fs::write(root.path().join(file), "").unwrap();
        }
        let project = |directory: &str| Project { key: "x".into(), directory: directory.into(), is_pure: true };
        let found = sources(root.path(), &[project("")]).unwrap();
        assert_eq!(found, ["docs", "module.py", "pyproject.toml", "readme.rst", "src"]);
        std::fs::create_dir(root.path().join("src/pkg")).unwrap();
        let inner = sources(root.path(), &[project("src")]).unwrap();
        assert_eq!(inner, ["src/pkg"]);
        let both = sources(root.path(), &[project(""), project("src")]).unwrap();
        assert_eq!(both, ["docs", "module.py", "pyproject.toml", "readme.rst", "src/pkg"]);
        let text = dockerignore("requirements.lock", &[&found[..1], &inner].concat());
        let never = "**/.*\n**/__pycache__\n**/*.py[co]\n**/*.egg-info\n**/node_modules\n";
        assert!(text.ends_with(&format!("\n*\n!requirements.lock\n!docs\n!src/pkg\n{never}")), "{text}");
        assert!(dockerignore("x", &[]).ends_with("\n*\n!x\n"));
    }
}
