//! Which Python the files of a project ask for: `.python-version`, and `requires-python` in `pyproject.toml`.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::names::Guess;
use super::request::{Request, RequestError};
use crate::fs::read_limited;

/// A file that holds the names of a few versions.
const LIST_LIMIT: u64 = 4 * 1024;

/// The file that describes a project.
const PROJECT_FILE: &str = "pyproject.toml";

/// The largest one that is read.
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

/// A file of a project that should say which Python is meant, and cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

/// Returns what the files in a directory, or in the nearest directory above it, ask for, and the first one on the way
/// that cannot be understood.
///
/// Only versions count: a file that comes with a project must not choose a program to run. Nothing above the home
/// directory is read, and nothing in a directory that everybody may write to, such as `/tmp`.
pub(super) fn pinned(directory: &Path, home: Option<&Path>) -> (Option<Pinned>, Option<Unusable>) {
    let mut unusable = None;
    for level in directory.ancestors().filter(|level| level.parent().is_some()) {
        let mut found = None;
        if is_guarded(level) {
            found = python_version(level).or_else(|| match requires_python(level) {
                Ok(found) => found,
                Err(problem) => {
                    let file = level.join(PROJECT_FILE);
                    unusable = unusable.take().or(Some(Unusable { file, problem }));
                    None
                }
            });
        }
        if found.is_some() || Some(level) == home {
            return (found, unusable);
        }
    }
    (None, unusable)
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

/// Fails with what is wrong with the file; a file that is missing is not wrong.
fn requires_python(directory: &Path) -> Result<Option<Pinned>, String> {
    let file = directory.join(PROJECT_FILE);
    let content = match read_limited(&file, PROJECT_LIMIT) {
        Ok(content) => content,
        Err(error) if matches!(error.source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error.source.to_string()),
    };
    let content = String::from_utf8(content).map_err(|_| "it is not UTF-8".to_owned())?;
    let table: toml::Table = content.parse().map_err(|error| syntax(&content, &error))?;
    let Some(value) = table.get("project").and_then(|project| project.get("requires-python")) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| "`requires-python` must be a string in quotes".to_owned())?.trim();
    let pinned = || Pinned { file, key: "requires-python", text: text.to_owned(), request: request(text) };
    Ok((!text.is_empty()).then(pinned))
}

fn syntax(content: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(1, |span| content[..span.start].matches('\n').count() + 1);
    format!("line {line}: {}", error.message().split_whitespace().collect::<Vec<_>>().join(" "))
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
            let found = pinned(&self.0.path().join(directory), Some(&home)).0?;
            let request = found.request.map_or("none".into(), |request| match request {
                Ok(request) => request.to_string(),
                Err(error) => format!("error: {error}"),
            });
            Some((found.text, found.key, request))
        }
    }

    impl Tree {
        fn problem(&self, directory: &str) -> Option<String> {
            pinned(&self.0.path().join(directory), Some(&self.0.path().join("home"))).1.map(|found| found.problem)
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
            let problem = tree.problem("home/p/sub");
            assert_eq!(problem.is_some(), text.starts_with("not") || text.contains('3'), "{text}: {problem:?}");
        }
        tree.write("home/p/pyproject.toml", "[project]\nname = 'p'\nrequires-python = >=3.9\n");
        assert!(tree.problem("home/p").unwrap().starts_with("line 3: "), "{:?}", tree.problem("home/p"));
        tree.write("home/p/pyproject.toml", "[project]\nrequires-python = 3\n");
        assert_eq!(tree.problem("home/p").unwrap(), "`requires-python` must be a string in quotes");
        tree.write("home/.python-version", "3.12");
        assert_eq!(tree.pinned("home/p").unwrap().1, ".python-version", "a file above it still counts");
        assert_eq!(tree.problem("home"), None);
        tree.write("open/.python-version", "3.12");
        std::fs::set_permissions(tree.0.path().join("open"), std::fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(tree.pinned("open/sub"), None, "everybody may write there");
    }
}
