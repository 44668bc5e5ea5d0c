//! What is where something else was expected.

use std::path::Path;

/// What is in the place of an interpreter, or of the directory of one, that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing, or a link to nothing.
    Nothing,
    /// A directory.
    Directory,
    /// A file that holds nothing.
    Empty,
    /// Another file.
    Other,
}

impl Instead {
    /// Looks at a path.
    pub fn of(path: &Path) -> Self {
        match path.metadata() {
            Err(_) => Self::Nothing,
            Ok(found) if found.is_dir() => Self::Directory,
            Ok(found) if found.is_file() && found.len() == 0 => Self::Empty,
            Ok(_) => Self::Other,
        }
    }

    /// Says what is wrong with it as an interpreter, behind its path.
    pub fn instead_of_interpreter(self) -> &'static str {
        match self {
            Self::Directory => "is a directory",
            Self::Empty => "is empty",
            Self::Nothing | Self::Other => "no longer exists",
        }
    }

    /// The same for the directory of one.
    pub fn instead_of_directory(self) -> &'static str {
        match self {
            Self::Empty | Self::Other => "is a file",
            Self::Nothing | Self::Directory => "no longer exists",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_said() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::write(path("empty"), "").unwrap();
        std::fs::write(path("file"), "x").unwrap();
        std::os::unix::fs::symlink("/nowhere", path("dangling")).unwrap();
        std::os::unix::fs::symlink("loop", path("loop")).unwrap();
        for (name, interpreter, directory) in [
            ("", "is a directory", "no longer exists"),
            ("empty", "is empty", "is a file"),
            ("file", "no longer exists", "is a file"),
            ("missing", "no longer exists", "no longer exists"),
            ("dangling", "no longer exists", "no longer exists"),
            ("loop", "no longer exists", "no longer exists"),
        ] {
            let instead = Instead::of(&path(name));
            let words = (instead.instead_of_interpreter(), instead.instead_of_directory());
            assert_eq!(words, (interpreter, directory), "{name}");
        }
    }
}
