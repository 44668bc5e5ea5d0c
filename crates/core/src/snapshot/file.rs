//! A file that says what to install, of any kind that is read: requirements, a snapshot, or a lock.

use std::ffi::OsStr;
use std::path::Path;

use super::pylock::{self, PylockError};
use super::requirements::{self, Lookup, Requirements, RequirementsError};
use crate::fs;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is no requirements file.
    #[error(transparent)]
    Requirements(#[from] RequirementsError),
    /// It is no lock.
    #[error("could not read `{file}` as a lock file")]
    Pylock {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: PylockError,
    },
    /// It is the lock of another tool, in a form of its own.
    #[error("`{file}` is a lock of {tool}, which only that reads")]
    OfAnotherTool {
        /// The file.
        file: String,
        /// The tool.
        tool: &'static str,
        /// Its command that writes a file for all.
        export: &'static str,
    },
}

/// The locks of other tools, and how each says the same to all.
const OTHERS: [(&str, &str, &str); 4] = [
    ("uv.lock", "uv", "uv export -o requirements.txt"),
    ("poetry.lock", "poetry", "poetry export -o requirements.txt"),
    ("pdm.lock", "pdm", "pdm export -o requirements.txt"),
    ("Pipfile.lock", "pipenv", "pipenv requirements > requirements.txt"),
];

/// Reads a file; one that ends in `.toml` is a lock, and so is one that says so itself. `lookup` has the values of
/// variables in lines of requirements.
pub fn read(path: &Path, lookup: &Lookup<'_>) -> Result<Requirements, FileError> {
    if let Some((_, tool, export)) = OTHERS.iter().find(|(name, ..)| path.file_name() == Some(OsStr::new(name))) {
        fs::open_regular(path).map_err(RequirementsError::from)?;
        return Err(FileError::OfAnotherTool { file: path.display().to_string(), tool, export });
    }
    let content = fs::read_limited(path, MAX_BYTES).map_err(RequirementsError::from)?;
    if !is_lock_of(path, &content) {
        return Ok(Requirements::read(path, lookup)?);
    }
    lock(&content, path.parent().unwrap_or(Path::new("/")), &path.display().to_string())
}

/// Returns whether a file is read as a lock, by its name or by what is in it.
pub fn is_lock(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("toml"))
        || fs::read_limited(path, MAX_BYTES).is_ok_and(|content| is_lock_of(path, &content))
}

fn is_lock_of(path: &Path, content: &[u8]) -> bool {
    path.extension() == Some(OsStr::new("toml")) || pylock::is_one(&String::from_utf8_lossy(content))
}

/// Parses content that has no file name: a lock is known by what is in it. `directory` is where it looks for the files
/// that it names, `name` is what messages call it.
pub fn parse(content: &[u8], directory: &Path, name: &str, lookup: &Lookup<'_>) -> Result<Requirements, FileError> {
    if pylock::is_one(&String::from_utf8_lossy(content)) {
        return lock(content, directory, name);
    }
    Ok(Requirements::parse_with(content, directory, name, lookup)?)
}

fn lock(content: &[u8], directory: &Path, file: &str) -> Result<Requirements, FileError> {
    let text = requirements::decoded(content, file)?;
    pylock::parse(&text, directory).map_err(|source| FileError::Pylock { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toml_file_that_is_no_lock_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("pyproject.toml");
        for text in ["[project]\nname = \"a\"\n", "a==1\n", ""] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(read(&path, &|_| None), Err(FileError::Pylock { .. })), "{text}");
        }
        std::fs::write(&path, "lock-version = \"1.0\"\ncreated-by = \"x\"\npackages = []\n").unwrap();
        assert!(read(&path, &|_| None).unwrap().lines.is_empty());
    }

    #[test]
    fn a_lock_is_known_by_what_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        for name in ["pylock.toml.bak", "lock", "requirements.txt"] {
            let path = root.path().join(name);
            std::fs::write(&path, "lock-version = \"1.0\"\ncreated-by = \"x\"\npackages = []\n").unwrap();
            assert!(is_lock(&path) && read(&path, &|_| None).unwrap().lines.is_empty(), "{name}");
            std::fs::write(&path, "lock-version==1.0\n").unwrap();
            assert!(!is_lock(&path) && read(&path, &|_| None).unwrap().lines.len() == 1, "{name}");
        }
    }

    #[test]
    fn the_lock_of_another_tool_is_called_so() {
        let root = tempfile::tempdir().unwrap();
        for (name, tool, _) in OTHERS {
            assert!(
                matches!(read(&root.path().join(name), &|_| None), Err(FileError::Requirements(_))),
                "{name} is missing"
            );
            std::fs::write(root.path().join(name), "version = 1\n").unwrap();
            let found = read(&root.path().join(name), &|_| None);
            assert!(matches!(&found, Err(FileError::OfAnotherTool { tool: found, .. }) if *found == tool), "{name}");
        }
    }

    #[test]
    fn what_comes_without_a_name_is_known_by_its_content() {
        let found = parse(b"lock-version = '1.0'\npackages = []\n", Path::new("/"), "-", &|_| None).unwrap();
        assert!(found.lines.is_empty());
        assert_eq!(parse(b"lock-version==1.0\n", Path::new("/"), "-", &|_| None).unwrap().lines.len(), 1);
    }
}
