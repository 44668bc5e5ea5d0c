//! Which Python the files of a project ask for: `.python-version`, and `requires-python` in `pyproject.toml`.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::names::Guess;
use super::request::{Request, RequestError};
use crate::fs::read_limited;

/// A file that holds the names of a few versions.
const LIST_LIMIT: u64 = 4 * 1024;

/// A file that describes a project.
const PROJECT_LIMIT: u64 = 1024 * 1024;

/// What the files of a project ask for.
#[derive(Debug)]
pub struct Pinned {
    /// The file.
    pub file: PathBuf,
    /// What people call the place: `.python-version` or `requires-python`.
    pub key: &'static str,
    /// The version, as written.
    pub text: String,
    /// The version as a request; none where it is no version, but the name of an environment for instance.
    pub request: Option<Result<Request, RequestError>>,
}

/// Returns what the files in a directory, or in the nearest directory above it, ask for.
///
/// Only versions count: a file that comes with a project must not choose a program to run. Nothing above the home
/// directory is read, and nothing in a directory that everybody may write to, such as `/tmp`.
pub(super) fn pinned(directory: &Path, home: Option<&Path>) -> Option<Pinned> {
    for level in directory.ancestors().filter(|level| level.parent().is_some()) {
        let found = is_guarded(level).then(|| python_version(level).or_else(|| requires_python(level))).flatten();
        if found.is_some() || Some(level) == home {
            return found;
        }
    }
    None
}

/// Returns whether not everybody may put files into a directory.
fn is_guarded(directory: &Path) -> bool {
    std::fs::metadata(directory).is_ok_and(|found| found.mode() & 0o002 == 0)
}

/// The first version in the file that pyenv, uv and others read.
fn python_version(directory: &Path) -> Option<Pinned> {
    let file = directory.join(".python-version");
    let content = String::from_utf8(read_limited(&file, LIST_LIMIT).ok()?).ok()?;
    let lines = content.trim_start_matches('\u{feff}').lines().map(str::trim);
    let text = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'))?;
    // pyenv's word for: whatever is on PATH.
    (text != "system").then(|| Pinned { file, key: ".python-version", text: text.to_owned(), request: request(text) })
}

fn requires_python(directory: &Path) -> Option<Pinned> {
    let file = directory.join("pyproject.toml");
    let content = String::from_utf8(read_limited(&file, PROJECT_LIMIT).ok()?).ok()?;
    let table: toml::Table = content.parse().ok()?;
    let text = table.get("project")?.get("requires-python")?.as_str()?.trim();
    (!text.is_empty()).then(|| Pinned { file, key: "requires-python", text: text.to_owned(), request: request(text) })
}

/// The request for a version in any of the spellings that version managers use.
fn request(text: &str) -> Option<Result<Request, RequestError>> {
    match Request::parse_version(text) {
        Ok(Some(request)) => return Some(Ok(request)),
        Err(error) => return Some(Err(error)),
        Ok(None) => {}
    }
    let guess = Guess::of_directory(text);
    guess.minor?;
    Request::parse_version(&guess.to_string()).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, path: &str, content: &str) {
            let path = self.0.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }

        fn pinned(&self, directory: &str) -> Option<(String, &'static str, String)> {
            let home = self.0.path().join("home");
            let found = pinned(&self.0.path().join(directory), Some(&home))?;
            let request = found.request.map_or("none".into(), |request| match request {
                Ok(request) => request.to_string(),
                Err(error) => format!("error: {error}"),
            });
            Some((found.text, found.key, request))
        }
    }

    #[test]
    fn the_nearest_file_counts_and_the_version_before_the_range() {
        let tree = Tree::new();
        tree.write("home/a/.python-version", "\u{feff}# pinned\n\n 3.12.4 \n3.11\n");
        tree.write("home/a/pyproject.toml", "[project]\nrequires-python = '>=3.9'\n");
        tree.write("home/a/b/pyproject.toml", "[project]\nname = 'b'\nrequires-python = ' >=3.10,<4 '\n");
        let version = Some(("3.12.4".to_string(), ".python-version", "3.12.4".to_string()));
        assert_eq!(tree.pinned("home/a"), version);
        assert_eq!(tree.pinned("home/a/b/c"), Some((">=3.10,<4".into(), "requires-python", ">=3.10,<4".into())));
        assert_eq!(tree.pinned("home/a/nowhere/at/all"), version);
        tree.write(".python-version", "3.8");
        assert_eq!(tree.pinned("home/other"), None, "above the home directory");
    }

    #[test]
    fn only_versions_are_requests() {
        let tree = Tree::new();
        let cases = [
            ("3.13t", "3.13t"),
            ("pypy3.10-7.3.17", "pypy3.10"),
            ("cpython-3.12.7-linux-x86_64-gnu", "3.12"),
            ("3.13-dev", "3.13"),
            ("my-env", "none"),
            ("/tmp/evil/python", "none"),
            ("$(touch PWN)", "none"),
            ("python3; touch PWN", "none"),
            ("../python3.12", "none"),
        ];
        for (text, expected) in cases {
            tree.write("home/p/.python-version", text);
            assert_eq!(tree.pinned("home/p").unwrap().2, expected, "{text}");
        }
        tree.write("home/p/.python-version", "2.7");
        assert!(tree.pinned("home/p").unwrap().2.starts_with("error: "));
        for nothing in ["", "\n# only\n", "system\n"] {
            tree.write("home/p/.python-version", nothing);
            assert_eq!(tree.pinned("home/p"), None, "{nothing:?}");
        }
    }

    #[test]
    fn what_is_no_project_file_is_passed_over() {
        let tree = Tree::new();
        std::fs::create_dir_all(tree.0.path().join("home/p/.python-version")).unwrap();
        for text in ["not toml [", "[project]\nrequires-python = 3\n", "[tool]\nx = 1\n", "project = 'x'\n"] {
            tree.write("home/p/pyproject.toml", text);
            assert_eq!(tree.pinned("home/p"), None, "{text}");
        }
        tree.write("open/.python-version", "3.12");
        std::fs::set_permissions(tree.0.path().join("open"), std::fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(tree.pinned("open/sub"), None, "everybody may write there");
    }
}
