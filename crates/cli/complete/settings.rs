//! The keys of `config.toml`, each with what it sets.

use clap::builder::PossibleValue;
use venvwrap_core::config::edit::{self, Shape};

/// The keys in alphabetical order.
const KEYS: [(&str, &str); 19] = [
    ("auto", "Activate environments automatically by directory"),
    ("auto_repair", "Repair an environment whose Python is gone at `workon`"),
    ("cd", "Change to the project directory at `workon`"),
    ("creator", "Program that creates environments instead of venvwrap"),
    ("creator_args", "More arguments for that program"),
    ("default_packages", "Packages for every new environment"),
    ("hook_dir", "Directory of the global hooks"),
    ("install_python", "Whether uv or pyenv may install a Python that is missing"),
    ("installer", "Program that installs packages"),
    ("keep", "Environments that `venvwrap gc` never proposes"),
    ("link_mode", "How the code of pip gets into environments"),
    ("picker", "Choose from a list at `workon` without a name"),
    ("project_filename", "File in an environment that contains its project directory"),
    ("project_home", "Directory in which `mkproject` creates projects"),
    ("python", "Python of new environments"),
    ("seed_update", "Look for a newer pip in the background"),
    ("trash_keep", "How long removed environments are kept"),
    ("trash_max", "How much space removed environments may take"),
    ("workon_home", "Directory of the environments"),
];

/// What can be completed.
pub(super) fn keys() -> Vec<PossibleValue> {
    KEYS.iter().map(|(key, help)| PossibleValue::new(*key).help(*help)).collect()
}

/// What can be the value of a key.
pub(super) enum Values {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A directory.
    Directory,
    /// A request for a Python.
    Interpreter,
    /// Something that only the user knows.
    Free,
}

/// Returns what can be the value of a key.
pub(super) fn values(key: &str) -> Values {
    match (key, edit::KEYS.iter().find(|(name, _)| *name == key)) {
        ("hook_dir" | "project_home" | "workon_home", _) => Values::Directory,
        ("python", _) => Values::Interpreter,
        (_, Some((_, Shape::Switch))) => Values::Words(&["true", "false"]),
        (_, Some((_, Shape::OneOf(words)))) => Values::Words(words),
        _ => Values::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described() {
        assert!(KEYS.iter().map(|(key, _)| *key).eq(edit::KEYS.iter().map(|(key, _)| *key)));
    }
}
