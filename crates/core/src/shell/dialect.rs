//! The languages of the shells: how the files are named that a shell sources.

use std::path::{Path, PathBuf};

/// The language of the hooks that a shell sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// bash, zsh and other Bourne shells: the names that virtualenvwrapper uses.
    Posix,
    /// fish, which cannot read the others: the same names with `.fish` at the end.
    Fish,
}

impl Dialect {
    /// Returns the language of a script that [`Self::sourced`] has named.
    pub fn of_script(script: &Path) -> Self {
        if script.extension().is_some_and(|extension| extension == "fish") { Self::Fish } else { Self::Posix }
    }

    /// Returns the path of the hook with this name in a directory, whether or not it exists.
    pub fn sourced(self, directory: &Path, name: &str) -> PathBuf {
        match self {
            Self::Posix => directory.join(name),
            Self::Fish => directory.join(format!("{name}.fish")),
        }
    }

    /// Returns the path of the activate script of an environment for this language.
    pub fn activate_script(self, environment: &Path) -> PathBuf {
        self.sourced(&environment.join("bin"), "activate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_shell() {
        let directory = Path::new("/hooks");
        assert_eq!(Dialect::Posix.sourced(directory, "postactivate"), Path::new("/hooks/postactivate"));
        assert_eq!(Dialect::Fish.sourced(directory, "postactivate"), Path::new("/hooks/postactivate.fish"));
        assert_eq!(Dialect::Fish.activate_script(Path::new("/e")), Path::new("/e/bin/activate.fish"));
    }
}
