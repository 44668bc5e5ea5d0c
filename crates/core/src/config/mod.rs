//! The configuration as one value: the environment's variables, then `config.toml`, then defaults.

mod choices;
mod derived;
pub mod edit;
mod error;
mod file;
mod keys;
mod paths;
mod problem;
pub mod quantity;
mod repair;
pub mod variables;
pub mod virtualenv;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use self::choices::{Creator, InstallPython, Installer, LinkMode, OWN_CREATOR};
pub use self::error::ConfigError;
pub use self::paths::expand;
pub use self::problem::FileProblem;

use self::choices::{before, creator, install_python, installer, link_mode, project_filename, split};
use self::derived::Derived;
use self::file::File;
use self::paths::Paths;
use self::variables::{
    PROJECT_HOME, VENVWRAP_AUTO, VENVWRAP_CONFIG, VENVWRAP_PICKER, VIRTUALENV_PYTHON, VIRTUALENVWRAPPER_HOOK_DIR,
    VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_PYTHON, VIRTUALENVWRAPPER_VIRTUALENV,
    VIRTUALENVWRAPPER_VIRTUALENV_ARGS, VIRTUALENVWRAPPER_WORKON_CD, Variable, WORKON_HOME,
};

/// Everything that the user can set, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// The directory whose direct children are the environments; absolute.
    pub workon_home: PathBuf,
    /// Where `mkproject` makes project directories; absolute.
    pub project_home: Option<PathBuf>,
    /// Where the global hook scripts lie; absolute. The same as `workon_home` unless set.
    pub hook_dir: PathBuf,
    /// The name of the file in an environment that holds its project directory.
    pub project_filename: OsString,
    /// Whether `workon` changes to the project directory.
    pub cd: bool,
    /// What makes environments.
    pub creator: Creator,
    /// Options for every new environment, as written; only where [`Creator::Native`] makes them.
    pub creator_args: Option<OsString>,
    /// The variable or key that they are from.
    pub creator_args_from: &'static str,
    /// The Python to use when none is asked for.
    pub python: Option<OsString>,
    /// The Python to use when there is none on PATH either.
    pub fallback_python: Option<OsString>,
    /// What is installed into every new environment that is not temporary.
    pub default_packages: Vec<String>,
    /// What installs packages.
    pub installer: Installer,
    /// Whether a Python that is missing is installed.
    pub install_python: InstallPython,
    /// Whether a newer pip is looked for now and then.
    pub seed_update: bool,
    /// How the files of pip get from the cache into environments.
    pub link_mode: LinkMode,
    /// The names of environments that are never proposed for removal.
    pub keep: Vec<String>,
    /// How long removed environments are kept; a day unless set.
    pub trash_keep: Option<Duration>,
    /// How many bytes they may take together.
    pub trash_max: Option<u64>,
    /// Where the user's configuration lies; templates are looked for in it.
    pub config_dir: Option<PathBuf>,
    /// The configuration file, whether or not it exists.
    pub file: Option<PathBuf>,
    /// Where unpacked wheels and interpreter answers are kept.
    pub cache_dir: Option<PathBuf>,
    /// Where associations and what was allowed are remembered; absolute.
    pub state_dir: Option<PathBuf>,
    /// Whether shells enter and leave environments as the directory changes.
    pub auto: bool,
    /// Whether `workon` gives an environment whose Python is gone another one of its version.
    pub auto_repair: bool,
    /// Whether `workon` without a name lets people choose from a list.
    pub picker: bool,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// What is wrong with the configuration file, in the order of its lines.
    pub problems: Vec<FileProblem>,
}

/// The directory in that of the cache which holds this layout of it; everything else there is of other versions.
pub const CACHE_LAYOUT: &str = "v1";

/// The directories that the platform gives to this program; the caller knows the platform.
#[derive(Clone, Debug, Default)]
pub struct Directories {
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Where this program's configuration is.
    pub config: Option<PathBuf>,
    /// Where this program may cache.
    pub cache: Option<PathBuf>,
    /// Where this program may remember things.
    pub state: Option<PathBuf>,
    /// The directory of environments, where the command line names one; absolute. It overrules the variable.
    pub workon_home: Option<PathBuf>,
}

impl Config {
    /// Resolves the configuration from a variable lookup and the platform's directories.
    ///
    /// `VENVWRAP_CONFIG` names another configuration file; empty variables count as unset.
    pub fn resolve(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Result<Self, ConfigError> {
        let config = Self::with_problems(lookup, directories)?;
        // Where the environments are is never guessed.
        config.require(&["workon_home"])?;
        Ok(config)
    }

    /// The same, whatever is wrong with the configuration file.
    fn with_problems(
        lookup: &dyn Fn(&str) -> Option<OsString>,
        directories: &Directories,
    ) -> Result<Self, ConfigError> {
        let value_of = |variable: Variable| lookup(variable.name).filter(|value| !value.is_empty());
        let path = file_path(lookup, directories);
        let is_named = value_of(VENVWRAP_CONFIG).is_some();
        let mut file = path.as_deref().map_or_else(|| Ok(File::default()), |path| File::read(path, is_named))?;
        let derived = Derived::new(lookup);
        // A derived directory still is the one in use, unless the file names another.
        let [is_home_set, are_hooks_set] = ["workon_home", "hook_dir"].map(|key| file.text(key).is_some());
        let is_kept = |name: &str| {
            (name == WORKON_HOME.name && !is_home_set) || (name == VIRTUALENVWRAPPER_HOOK_DIR.name && !are_hooks_set)
        };
        let lookup = &|name: &str| lookup(name).filter(|value| is_kept(name) || !derived.holds(name, value));
        let value_of = |variable: Variable| lookup(variable.name).filter(|value| !value.is_empty());
        let mut paths = Paths { lookup, home: directories.home.as_deref(), file: &mut file };
        let workon_home = match &directories.workon_home {
            Some(home) => home.clone(),
            None => paths.workon_home()?,
        };
        let hook_dir = paths.set(VIRTUALENVWRAPPER_HOOK_DIR, "hook_dir")?;
        let project_home = paths.set(PROJECT_HOME, "project_home")?;
        let project_filename = project_filename(value_of(VIRTUALENVWRAPPER_PROJECT_FILENAME), &mut file)?;
        let (creator, own_args) =
            creator(value_of(VIRTUALENVWRAPPER_VIRTUALENV), value_of(VIRTUALENVWRAPPER_VIRTUALENV_ARGS), &mut file)?;
        let creator_args =
            value_of(VIRTUALENVWRAPPER_VIRTUALENV_ARGS).or_else(|| file.text("creator_args").map(Into::into));
        let creator_args = before(&own_args, creator_args);
        let is_variable = value_of(VIRTUALENVWRAPPER_VIRTUALENV_ARGS).is_some() || !own_args.is_empty();
        let is_overruled =
            |key: &str| is_set(key, &value_of) || (key == "workon_home" && directories.workon_home.is_some());
        file.problems.iter_mut().for_each(|problem| problem.affected.retain(|key| !is_overruled(key)));
        Ok(Self {
            project_home,
            hook_dir: hook_dir.unwrap_or_else(|| workon_home.clone()),
            workon_home,
            project_filename,
            // virtualenvwrapper changes directory for the value 1 and for no other.
            cd: value_of(VIRTUALENVWRAPPER_WORKON_CD).map_or(file.switch("cd").unwrap_or(true), |value| value == "1"),
            creator,
            creator_args,
            creator_args_from: if is_variable { VIRTUALENVWRAPPER_VIRTUALENV_ARGS.name } else { "creator_args" },
            python: value_of(VIRTUALENV_PYTHON).or_else(|| file.text("python").map(Into::into)),
            fallback_python: value_of(VIRTUALENVWRAPPER_PYTHON),
            default_packages: file.list("default_packages"),
            installer: installer(file.text("installer")),
            install_python: install_python(file.text("install_python")),
            link_mode: link_mode(file.text("link_mode")),
            keep: shell_words::split(file.text("keep").unwrap_or_default()).unwrap_or_default(),
            trash_keep: file.text("trash_keep").and_then(quantity::duration),
            trash_max: file.text("trash_max").and_then(quantity::size),
            seed_update: file.switch("seed_update").unwrap_or(true),
            auto_repair: file.switch("auto_repair").unwrap_or(true),
            picker: value_of(VENVWRAP_PICKER).map_or(file.switch("picker").unwrap_or(true), |value| value != "0"),
            config_dir: directories.config.clone(),
            file: path,
            cache_dir: directories.cache.clone(),
            // A relative path would mean another place in each directory.
            state_dir: directories.state.clone().filter(|state| state.is_absolute()),
            auto: value_of(VENVWRAP_AUTO).map_or(file.switch("auto").unwrap_or(false), |value| value != "0"),
            home: directories.home.clone(),
            problems: file.problems,
        })
    }

    /// Fails if the value of one of these keys is not known, because it is wrong in the configuration file.
    pub fn require(&self, keys: &[&str]) -> Result<(), ConfigError> {
        let is_wanted = |problem: &&FileProblem| problem.affected.iter().any(|key| keys.contains(key));
        match self.problems.iter().find(is_wanted) {
            Some(problem) => Err(problem.clone().into()),
            None => Ok(()),
        }
    }

    /// Returns the options for every new environment that [`Creator::Native`] makes, split like shell words. A mistake
    /// in them is told to those who create, not to every command.
    pub fn creator_options(&self) -> Result<Vec<String>, ConfigError> {
        match self.creator {
            Creator::Native => split(self.creator_args_from, self.creator_args.as_deref().unwrap_or_default()),
            // They are among its words.
            Creator::Program(_) => Ok(Vec::new()),
        }
    }
}

/// Returns what is wrong with the configuration file, in the order of its lines; nothing if it does not exist.
pub fn problems(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Vec<FileProblem> {
    let found = Config::with_problems(lookup, directories).map(|config| config.problems);
    // Where a variable is wrong, the file may be, too.
    found.unwrap_or_else(|_| {
        let file = file_path(lookup, directories).and_then(|path| File::read(&path, false).ok());
        file.map(|file| file.problems).unwrap_or_default()
    })
}

/// Returns the path of the configuration file, whether or not it exists.
pub fn file_path(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Option<PathBuf> {
    let named = lookup(VENVWRAP_CONFIG.name).filter(|value| !value.is_empty());
    named.map(PathBuf::from).or_else(|| Some(directories.config.as_deref()?.join("config.toml")))
}

/// Returns whether the variable of a key is set.
fn is_set(key: &str, value_of: &dyn Fn(Variable) -> Option<OsString>) -> bool {
    let variable = variables::ALL.iter().find(|variable| variable.key == Some(key));
    variable.is_some_and(|variable| value_of(*variable).is_some())
}

#[cfg(test)]
mod tests;
