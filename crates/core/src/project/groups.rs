//! What a project's `pyproject.toml` names for people to choose: dependency groups (PEP 735), of which one is looked for
//! before anything is made for it, and extras.

use std::path::{Path, PathBuf};

use crate::env::packages::normalized;
use crate::fs::{self, PathError};

/// A `pyproject.toml` is larger only in tests.
const MAX_BYTES: u64 = 1 << 20;

/// The file that holds the groups.
const FILE: &str = "pyproject.toml";

/// Why the packages of a group cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// There is no file with groups.
    #[error("there is no `{}` with the dependency group `{group}`", file.display())]
    NoFile {
        /// Where it would be.
        file: PathBuf,
        /// The group.
        group: String,
    },
    /// The file is not TOML.
    #[error("`{}` is not valid TOML: {problem}", file.display())]
    Toml {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The file has no such group.
    #[error("`{}` has no dependency group `{group}`", file.display())]
    Unknown {
        /// The file.
        file: PathBuf,
        /// The group.
        group: String,
        /// The groups that it has.
        known: Vec<String>,
    },
    /// The system refuses.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Checks that a project has a group, which is named as for pip: `dev`, or `DIR/pyproject.toml:dev`.
pub fn check(directory: &Path, text: &str) -> Result<(), GroupError> {
    let (path, group) = text.rsplit_once(':').unwrap_or((FILE, text));
    let (file, group) = (fs::absolute(directory, Path::new(path)), group.to_owned());
    if !file.exists() {
        return Err(GroupError::NoFile { file, group });
    }
    let known = groups_of(&read(&file)?);
    if known.iter().any(|name| normalized(name) == normalized(&group)) {
        Ok(())
    } else {
        Err(GroupError::Unknown { file, group, known })
    }
}

/// The dependency groups of the project in a directory; none where that cannot be found out.
pub fn names(directory: &Path) -> Vec<String> {
    read(&directory.join(FILE)).map(|table| groups_of(&table)).unwrap_or_default()
}

/// The extras of the project in a directory, in the same way.
pub fn extras(directory: &Path) -> Vec<String> {
    let of = |table: &toml::Table| keys(table.get("project")?.get("optional-dependencies"));
    read(&directory.join(FILE)).ok().and_then(|table| of(&table)).unwrap_or_default()
}

fn read(file: &Path) -> Result<toml::Table, GroupError> {
    let content = fs::read_limited(file, MAX_BYTES)?;
    toml::from_str(&String::from_utf8_lossy(&content))
        .map_err(|error| GroupError::Toml { file: file.to_owned(), problem: error.message().to_owned() })
}

fn groups_of(table: &toml::Table) -> Vec<String> {
    keys(table.get("dependency-groups")).unwrap_or_default()
}

fn keys(value: Option<&toml::Value>) -> Option<Vec<String>> {
    Some(value?.as_table()?.keys().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_chosen_is_empty_where_it_cannot_be_read() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert!(names(root).is_empty() && extras(root).is_empty());
        let content = "[project.optional-dependencies]\ntest = []\ncli = []\n[dependency-groups]\ndev = []\n";
        std::fs::write(root.join(FILE), content).unwrap();
        assert_eq!((names(root), extras(root)), (vec!["dev".to_owned()], vec!["cli".to_owned(), "test".to_owned()]));
        for content in ["[", "project = 3\ndependency-groups = 3\n", "[project]\noptional-dependencies = []\n"] {
            std::fs::write(root.join(FILE), content).unwrap();
            assert!(names(root).is_empty() && extras(root).is_empty(), "{content}");
        }
    }

    #[test]
    fn a_group_is_found_by_its_normalised_name() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert!(matches!(check(root, "dev"), Err(GroupError::NoFile { .. })));
        std::fs::write(root.join(FILE), "[dependency-groups]\nDev_Tools = ['a']\ntest = []\n").unwrap();
        for group in ["test", "dev-tools", "Dev.Tools", "pyproject.toml:test"] {
            check(root, group).unwrap();
        }
        let Err(GroupError::Unknown { known, .. }) = check(root, "docs") else { panic!() };
        assert_eq!(known, ["Dev_Tools", "test"]);
        assert!(matches!(check(root, ""), Err(GroupError::Unknown { .. })));
        assert!(matches!(check(root, "sub/pyproject.toml:test"), Err(GroupError::NoFile { .. })));
        let file = root.join(FILE).to_str().unwrap().to_owned();
        check(Path::new("/"), &format!("{file}:test")).unwrap();
        for (content, is_toml) in [("[project]\nname = 'x'\n", true), ("dependency-groups = 3\n", true), ("[", false)] {
            std::fs::write(root.join(FILE), content).unwrap();
            let error = check(root, "test").unwrap_err();
            assert_eq!(matches!(error, GroupError::Unknown { .. }), is_toml, "{error}");
        }
        std::fs::remove_file(root.join(FILE)).unwrap();
        std::fs::create_dir(root.join(FILE)).unwrap();
        assert!(matches!(check(root, "test"), Err(GroupError::Path(_))));
    }
}
