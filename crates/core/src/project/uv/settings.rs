//! What is set for uv outside of a project: variables, and the user's and the system's files.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::files::{PYPROJECT, Source, table};
use crate::config::variables::{UV, UV_PYTHON_INSTALL_DIR, XDG_CONFIG_DIRS, XDG_CONFIG_HOME};
use crate::env::Environment;
use crate::fs;
use crate::python::Search;

/// uv's file of settings, in a project and elsewhere.
const FILE: &str = "uv.toml";

/// The options that decide about the Python of a project.
const OPTIONS: [&str; 7] = [
    "python",
    "python-preference",
    "managed-python",
    "no-managed-python",
    "project-environment",
    "no-config",
    "config-file",
];

/// The settings of uv that decide about the Python of a project.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Those of [`OPTIONS`] that variables set.
    options: Vec<(&'static str, OsString)>,
    cwd: PathBuf,
    /// The directory of the user's own files.
    user_directory: Option<PathBuf>,
    /// Files of the system.
    system_files: Vec<PathBuf>,
    /// The directory of the Pythons that uv has installed.
    managed: Option<PathBuf>,
}

/// The only Pythons that uv is told to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    /// Those that it has installed.
    Managed,
    /// All others.
    System,
}

impl Settings {
    /// Those of a process.
    pub fn of(search: &Search<'_>) -> Self {
        let value = |option: &'static str| {
            let value = (search.lookup)(&UV.variable(option)).filter(|value| !value.is_empty())?;
            Some((option, value))
        };
        let directories = search.variable(XDG_CONFIG_DIRS).unwrap_or_else(|| "/etc/xdg".into());
        let of_system = std::env::split_paths(&directories).map(|directory| directory.join("uv").join(FILE));
        let managed = search.directory(UV_PYTHON_INSTALL_DIR);
        Self {
            options: OPTIONS.into_iter().filter_map(value).collect(),
            cwd: search.cwd.to_path_buf(),
            user_directory: search.directory_or(XDG_CONFIG_HOME, ".config").map(|directory| directory.join("uv")),
            system_files: of_system.chain([search.root.join("etc/uv").join(FILE)]).collect(),
            managed: managed.or_else(|| Some(search.data_home()?.join("uv/python"))),
        }
    }

    /// The Python that `UV_PYTHON` asks for, instead of every file.
    pub(super) fn python(&self) -> Option<(Source, String)> {
        let value = self.variable("python")?;
        Some((Source::Variable(UV.variable("python")), value.to_string_lossy().into_owned()))
    }

    /// The working directory, from which paths in variables are meant.
    pub(super) fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The environment that a project uses instead of its `.venv`.
    pub fn environment(&self, project: &Path) -> Option<PathBuf> {
        self.variable("project-environment").map(|path| fs::absolute(project, Path::new(path)))
    }

    /// Whether files are read at all, those that pin a version among them.
    pub(super) fn reads_files(&self) -> bool {
        !self.is_set("no-config")
    }

    /// The directory of the user's own files.
    pub(super) fn user_directory(&self) -> Option<&Path> {
        self.user_directory.as_deref()
    }

    /// What kind of Python is the only one to be used, and what says so; `pyproject` is the file of the project.
    pub(super) fn only(&self, root: &Path, pyproject: Option<&toml::Table>) -> Option<(Source, Only)> {
        for (option, only) in [("managed-python", Only::Managed), ("no-managed-python", Only::System)] {
            if self.is_set(option) {
                return Some((Source::Variable(UV.variable(option)), only));
            }
        }
        if let Some(value) = self.variable("python-preference") {
            let source = Source::Variable(UV.variable("python-preference"));
            return only(&value.to_string_lossy()).map(|only| (source, only));
        }
        let (source, value) = self.preference(root, pyproject)?;
        Some((source, only(&value)?))
    }

    /// The preference of the first file that has one.
    fn preference(&self, root: &Path, pyproject: Option<&toml::Table>) -> Option<(Source, String)> {
        let of = |table: &toml::Table| Some(table.get("python-preference")?.as_str()?.to_owned());
        let of_file = |file: PathBuf| Some((Source::File(file.clone()), of(&table(&file)?)?));
        if let Some(file) = self.variable("config-file") {
            return of_file(fs::absolute(self.cwd(), Path::new(file)));
        }
        if !self.reads_files() {
            return None;
        }
        let own = root.join(FILE);
        let of_project = if own.is_file() {
            of_file(own)
        } else {
            let tool = pyproject.and_then(|table| table.get("tool")?.get("uv")?.as_table());
            tool.and_then(of).map(|value| (Source::File(root.join(PYPROJECT)), value))
        };
        let of_user = || of_file(self.user_directory()?.join(FILE));
        let of_system = || of_file(self.system_files.iter().find(|file| file.is_file())?.clone());
        of_project.or_else(of_user).or_else(of_system)
    }

    /// Returns whether the Python of an environment is one that uv has installed.
    pub(super) fn is_managed(&self, environment: &Environment) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        let directory = self.managed.as_deref().and_then(real);
        directory.is_some_and(|directory| real(&environment.python()).is_some_and(|it| it.starts_with(directory)))
    }

    fn variable(&self, option: &str) -> Option<&OsStr> {
        self.options.iter().find(|(name, _)| *name == option).map(|(_, value)| value.as_os_str())
    }

    fn is_set(&self, option: &str) -> bool {
        let yes = ["1", "y", "yes", "t", "true", "on"];
        self.variable(option).is_some_and(|value| yes.iter().any(|word| value.eq_ignore_ascii_case(word)))
    }
}

fn only(preference: &str) -> Option<Only> {
    match preference {
        "only-managed" => Some(Only::Managed),
        "only-system" => Some(Only::System),
        _ => None,
    }
}
