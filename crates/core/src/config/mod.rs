//! The configuration as one value: the environment's variables, then `config.toml`, then defaults.

mod derived;
pub mod edit;
mod file;
mod keys;
mod problem;
pub mod quantity;
mod repair;
pub mod variables;
pub mod virtualenv;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::problem::FileProblem;

use self::derived::Derived;
use self::file::File;
use self::variables::{
    PROJECT_HOME, VENVWRAP_AUTO, VENVWRAP_CONFIG, VENVWRAP_PICKER, VIRTUALENV_PYTHON, VIRTUALENVWRAPPER_HOOK_DIR,
    VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_PYTHON, VIRTUALENVWRAPPER_VIRTUALENV,
    VIRTUALENVWRAPPER_VIRTUALENV_ARGS, VIRTUALENVWRAPPER_WORKON_CD, Variable, WORKON_HOME,
};
use crate::env::name::EnvName;
use crate::fs::{self, PathError};

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

/// What makes environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creator {
    /// Ourselves.
    Native,
    /// Another program with its first arguments: `virtualenv`, or `uv venv`.
    Program(Vec<String>),
}

/// What installs packages into environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Installer {
    /// uv when it is found on PATH, else the environment's pip.
    #[default]
    Auto,
    /// The environment's pip.
    Pip,
    /// uv.
    Uv,
}

/// Whether uv or pyenv is called for a Python that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstallPython {
    /// Unasked.
    Always,
    /// If the user agrees on a terminal.
    #[default]
    Ask,
    /// Only for the option that asks for it.
    Never,
}

/// How a file gets from the cache into an environment, in uv's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkMode {
    /// Code by a hard link, which every environment then shares; never for root, who gets [`LinkMode::Clone`].
    #[default]
    Hardlink,
    /// By a copy on write where the file system has it, else by a copy.
    Clone,
    /// By a copy.
    Copy,
}

/// The program that takes virtualenv's arguments and is this one: what scripts find in `VIRTUALENVWRAPPER_VIRTUALENV`.
pub const OWN_CREATOR: &str = "venvwrap-venv";

/// The directory in that of the cache which holds this layout of it; everything else there is of other versions.
pub const CACHE_LAYOUT: &str = "v1";

/// The directories that the platform gives to this program; the caller knows the platform.
#[derive(Clone, Debug, Default)]
pub struct Directories {
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Where this program's configuration lies.
    pub config: Option<PathBuf>,
    /// Where this program may cache.
    pub cache: Option<PathBuf>,
    /// Where this program may remember things.
    pub state: Option<PathBuf>,
    /// The directory of environments, where the command line names one; absolute. It overrules the variable.
    pub workon_home: Option<PathBuf>,
}

/// Why there is no valid configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A path is relative to the home directory, and there is none.
    #[error("could not resolve {variable}: the home directory is unknown")]
    NoHome {
        /// The variable or key whose value needs it.
        variable: &'static str,
    },
    /// `~user` is for the shell to resolve.
    #[error("{variable} is `{value}`: the home directory of another user must be written in full")]
    OtherUser {
        /// The variable or key.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// A value that is not one of those allowed.
    #[error("{variable} is `{value}`: {problem}")]
    Value {
        /// The variable or key.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The configuration file that a variable names cannot be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// A value that is needed is wrong in the configuration file.
    #[error(transparent)]
    File(#[from] FileProblem),
}

impl Config {
    /// Resolves the configuration from a variable lookup and the platform's directories.
    ///
    /// `VENVWRAP_CONFIG` names another configuration file; empty variables count as unset.
    pub fn resolve(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Result<Self, ConfigError> {
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
        let is_overruled = |key: &str| {
            let variable = variables::ALL.iter().find(|variable| variable.key == Some(key));
            variable.is_some_and(|variable| value_of(*variable).is_some())
                || (key == "workon_home" && directories.workon_home.is_some())
        };
        for problem in &mut file.problems {
            problem.affected.retain(|key| !is_overruled(key));
        }
        let config = Self {
            project_home,
            hook_dir: hook_dir.unwrap_or_else(|| workon_home.clone()),
            workon_home,
            project_filename,
            // virtualenvwrapper changes directory for the value 1 and for no other.
            cd: value_of(VIRTUALENVWRAPPER_WORKON_CD).map_or(file.switch("cd").unwrap_or(true), |value| value == "1"),
            creator,
            creator_args,
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
        };
        // Where the environments are is never guessed.
        config.require(&["workon_home"])?;
        Ok(config)
    }

    /// Fails if the value of one of these keys is not known, because it is wrong in the configuration file.
    pub fn require(&self, keys: &[&str]) -> Result<(), ConfigError> {
        let is_wanted = |problem: &&FileProblem| problem.affected.iter().any(|key| keys.contains(key));
        match self.problems.iter().find(is_wanted) {
            Some(problem) => Err(problem.clone().into()),
            None => Ok(()),
        }
    }
}

/// Returns what is wrong with a configuration file, in the order of its lines; nothing if it does not exist.
pub fn problems_of(path: &Path) -> Vec<FileProblem> {
    File::read(path, false).map(|file| file.problems).unwrap_or_default()
}

/// Returns the path of the configuration file, whether or not it exists.
pub fn file_path(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Option<PathBuf> {
    let named = lookup(VENVWRAP_CONFIG.name).filter(|value| !value.is_empty());
    named.map(PathBuf::from).or_else(|| Some(directories.config.as_deref()?.join("config.toml")))
}

impl Config {
    /// Returns the options for every new environment that [`Creator::Native`] makes, split like shell words. A mistake
    /// in them is told to those who create, not to every command.
    pub fn creator_options(&self) -> Result<Vec<String>, ConfigError> {
        match self.creator {
            Creator::Native => {
                split(VIRTUALENVWRAPPER_VIRTUALENV_ARGS, self.creator_args.as_deref().unwrap_or_default())
            }
            // They are among its words.
            Creator::Program(_) => Ok(Vec::new()),
        }
    }
}

/// Resolves `~`, `$NAME` and `${NAME}` in a path and takes superfluous slashes and dots out of it; what cannot be
/// resolved stays as written.
pub fn expand(lookup: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>, value: &OsStr) -> PathBuf {
    let expanded = PathBuf::from(OsString::from_vec(expand_variables(lookup, value.as_bytes())));
    let expanded = match (home, expanded.strip_prefix("~")) {
        // Behind `~//` the rest would be a path from the root.
        (Some(home), Ok(rest)) => home.join(rest.strip_prefix("/").unwrap_or(rest)),
        _ => expanded,
    };
    if expanded.is_absolute() { fs::absolute(Path::new("/"), &expanded) } else { relative(&expanded) }
}

/// A relative path without `.` and `x/..`, by text alone; `..` at its beginning stays.
fn relative(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}

fn project_filename(variable: Option<OsString>, file: &mut File) -> Result<OsString, ConfigError> {
    let problem = |name: &OsStr| EnvName::for_existing(name).err().map(|error| error.problem.to_string());
    if let Some(value) = variable {
        return match problem(&value) {
            None => Ok(value),
            Some(problem) => {
                let variable = VIRTUALENVWRAPPER_PROJECT_FILENAME.name;
                Err(ConfigError::Value { variable, value: value.to_string_lossy().into_owned(), problem })
            }
        };
    }
    let key = "project_filename";
    match file.text(key).map(|name| (OsString::from(name), problem(name.as_ref()))) {
        Some((name, None)) => return Ok(name),
        Some((_, Some(problem))) => file.reject(key, problem),
        None => {}
    }
    Ok(".project".into())
}

/// What makes environments, and the options that the value of its key holds for this program.
fn creator(
    program: Option<OsString>,
    arguments: Option<OsString>,
    file: &mut File,
) -> Result<(Creator, Vec<String>), ConfigError> {
    // Scripts export what they have read; the path may hold blanks.
    if program.as_deref().is_some_and(|program| is_named(program, OWN_CREATOR)) {
        return Ok((Creator::Native, Vec::new()));
    }
    let program = words(VIRTUALENVWRAPPER_VIRTUALENV, program, "creator", file)?;
    if let Some(own) = own_arguments(&program) {
        return Ok((Creator::Native, own.to_vec()));
    }
    let arguments = words(VIRTUALENVWRAPPER_VIRTUALENV_ARGS, arguments, "creator_args", file)?;
    Ok((Creator::Program([program, arguments].concat()), Vec::new()))
}

/// The arguments in the command line of a creator that is this program.
fn own_arguments(words: &[String]) -> Option<&[String]> {
    match words {
        [] => Some(&[]),
        [program] if program == "native" => Some(&[]),
        [program, rest @ ..] if is_named(program.as_ref(), OWN_CREATOR) => Some(rest),
        [program, verb, rest @ ..] if is_named(program.as_ref(), "venvwrap") && verb == "venv" => Some(rest),
        _ => None,
    }
}

fn is_named(program: &OsStr, name: &str) -> bool {
    Path::new(program).file_name() == Some(name.as_ref())
}

/// Options as written, after these words.
fn before(words: &[String], options: Option<OsString>) -> Option<OsString> {
    if words.is_empty() {
        return options;
    }
    let mut all = OsString::from(shell_words::join(words));
    if let Some(options) = options {
        all.push(" ");
        all.push(options);
    }
    Some(all)
}

/// The words of a variable, else of a key; none where neither is set.
fn words(
    variable: Variable,
    value: Option<OsString>,
    key: &'static str,
    file: &mut File,
) -> Result<Vec<String>, ConfigError> {
    let problem = "its quotes do not match".to_string();
    if let Some(value) = value {
        let value = value.to_string_lossy().into_owned();
        let variable = variable.name;
        return shell_words::split(&value).map_err(|_| ConfigError::Value { variable, value, problem });
    }
    let Ok(words) = shell_words::split(file.text(key).unwrap_or_default()) else {
        file.reject(key, problem);
        return Ok(Vec::new());
    };
    Ok(words)
}

fn link_mode(value: Option<&str>) -> LinkMode {
    match value {
        Some("copy") => LinkMode::Copy,
        Some("clone") => LinkMode::Clone,
        _ => LinkMode::Hardlink,
    }
}

fn install_python(value: Option<&str>) -> InstallPython {
    match value {
        Some("always") => InstallPython::Always,
        Some("never") => InstallPython::Never,
        _ => InstallPython::Ask,
    }
}

fn installer(value: Option<&str>) -> Installer {
    match value {
        Some("pip") => Installer::Pip,
        Some("uv") => Installer::Uv,
        _ => Installer::Auto,
    }
}

/// The words of a value, as a shell splits them.
fn split(variable: Variable, value: &OsStr) -> Result<Vec<String>, ConfigError> {
    let value = value.to_string_lossy();
    shell_words::split(&value).map_err(|_| ConfigError::Value {
        variable: variable.name,
        value: value.to_string(),
        problem: "its quotes do not match".to_string(),
    })
}

/// Resolves path values the way virtualenvwrapper does: variables and `~` expanded, relative paths below the home
/// directory, superfluous slashes and dots removed.
struct Paths<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    home: Option<&'a Path>,
    file: &'a mut File,
}

impl Paths<'_> {
    fn workon_home(&mut self) -> Result<PathBuf, ConfigError> {
        match self.set(WORKON_HOME, "workon_home")? {
            Some(path) => Ok(path),
            // Whether the default holds is checked when all of the file is known.
            None => Ok(self.home(WORKON_HOME)?.join(".virtualenvs")),
        }
    }

    fn home(&self, variable: Variable) -> Result<&Path, ConfigError> {
        self.home.ok_or(ConfigError::NoHome { variable: variable.name })
    }

    /// Returns the path that a variable or its key sets.
    fn set(&mut self, variable: Variable, key: &'static str) -> Result<Option<PathBuf>, ConfigError> {
        if let Some(value) = (self.lookup)(variable.name).filter(|value| !value.is_empty()) {
            return self.resolve(variable, &value).map(Some);
        }
        let Some(value) = self.file.text(key).filter(|value| !value.is_empty()).map(OsString::from) else {
            return Ok(None);
        };
        match self.resolve(variable, &value) {
            Err(ConfigError::OtherUser { .. }) => {
                self.file.reject(key, "the home directory of another user must be written in full".to_string());
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    fn resolve(&self, variable: Variable, value: &OsStr) -> Result<PathBuf, ConfigError> {
        let expanded = expand_variables(self.lookup, value.as_bytes());
        let path = match expanded.strip_prefix(b"~") {
            None => PathBuf::from(OsString::from_vec(expanded)),
            Some(rest) if rest.is_empty() || rest[0] == b'/' => {
                // Behind `~//` the rest would be a path from the root.
                let start = rest.iter().take_while(|byte| **byte == b'/').count();
                self.home(variable)?.join(OsStr::from_bytes(&rest[start..]))
            }
            Some(_) => {
                return Err(ConfigError::OtherUser {
                    variable: variable.name,
                    value: value.to_string_lossy().into_owned(),
                });
            }
        };
        let base = if path.is_absolute() { Path::new("/") } else { self.home(variable)? };
        Ok(fs::absolute(base, &path))
    }
}

/// Replaces `$NAME` and `${NAME}`; an unknown variable stays as written, as Python's `expandvars` leaves it.
fn expand_variables(lookup: &dyn Fn(&str) -> Option<OsString>, value: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
        result.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (name, length) = variable_reference(rest);
        match lookup(&String::from_utf8_lossy(name)).filter(|_| !name.is_empty()) {
            Some(found) => result.extend_from_slice(found.as_bytes()),
            None => result.extend_from_slice(&rest[..length]),
        }
        rest = &rest[length..];
    }
    result.extend_from_slice(rest);
    result
}

/// The name in a text that begins with `$`, and the length of the whole reference.
fn variable_reference(text: &[u8]) -> (&[u8], usize) {
    let body = &text[1..];
    if let Some(braced) = body.strip_prefix(b"{")
        && let Some(end) = braced.iter().position(|&byte| byte == b'}')
    {
        return (&braced[..end], end + 3);
    }
    let end = body.iter().position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(body.len());
    (&body[..end], end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("config.toml"), file).unwrap();
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let home = variables.iter().find(|(key, _)| *key == "HOME").map(|(_, value)| PathBuf::from(value));
        Config::resolve(
            &lookup,
            &Directories { home, config: Some(directory.path().to_path_buf()), ..Directories::default() },
        )
    }

    fn workon_home(value: &str) -> PathBuf {
        resolve(&[("HOME", "/home/me"), ("FOO", "/srv/x"), ("WORKON_HOME", value)], "").unwrap().workon_home
    }

    #[test]
    fn workon_home_takes_every_form_that_virtualenvwrapper_takes() {
        assert_eq!(workon_home(""), Path::new("/home/me/.virtualenvs"));
        assert_eq!(workon_home("/srv/envs/"), Path::new("/srv/envs"));
        assert_eq!(workon_home("//srv//envs"), Path::new("/srv/envs"));
        assert_eq!(workon_home("my envs"), Path::new("/home/me/my envs"));
        assert_eq!(workon_home("~/envs"), Path::new("/home/me/envs"));
        assert_eq!(workon_home("~"), Path::new("/home/me"));
        assert_eq!(workon_home("~//envs"), Path::new("/home/me/envs"));
        assert_eq!(workon_home("$FOO/envs"), Path::new("/srv/x/envs"));
        assert_eq!(workon_home("${FOO}envs"), Path::new("/srv/xenvs"));
        assert_eq!(workon_home("/a/$UNKNOWN"), Path::new("/a/$UNKNOWN"));
        assert_eq!(workon_home("/a/$(touch PWN)"), Path::new("/a/$(touch PWN)"));
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_defaults() {
        let file = "workon_home = \"~/filed\"\nproject_home = \"~/src\"\ncd = false\n";
        let config = resolve(&[("HOME", "/h"), ("WORKON_HOME", "/v")], file).unwrap();
        assert_eq!(config.workon_home, Path::new("/v"));
        assert_eq!(config.hook_dir, Path::new("/v"));
        assert_eq!(config.project_home.as_deref(), Some(Path::new("/h/src")));
        assert!(!config.cd);
        assert!(resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_WORKON_CD", "1")], file).unwrap().cd);
        assert_eq!(resolve(&[("HOME", "/h")], file).unwrap().workon_home, Path::new("/h/filed"));
    }

    #[test]
    fn hooks_follow_the_directory_that_the_command_line_names_unless_they_have_their_own() {
        let resolve = |variables: &[(&str, &str)]| {
            let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            let directories = Directories { workon_home: Some("/o/$HOME".into()), ..Directories::default() };
            Config::resolve(&lookup, &directories).unwrap()
        };
        let config = resolve(&[("WORKON_HOME", "/v")]);
        assert_eq!((config.workon_home, config.hook_dir), ("/o/$HOME".into(), "/o/$HOME".into()));
        assert_eq!(resolve(&[("VIRTUALENVWRAPPER_HOOK_DIR", "/hooks")]).hook_dir, Path::new("/hooks"));
    }

    #[test]
    fn the_file_is_known_also_where_it_does_not_exist() {
        let directories = Directories { home: Some("/h".into()), config: Some("/c".into()), ..Directories::default() };
        assert_eq!(Config::resolve(&|_| None, &directories).unwrap().file, Some("/c/config.toml".into()));
        let missing = Config::resolve(&|name| (name == "VENVWRAP_CONFIG").then(|| "/no".into()), &directories);
        assert!(matches!(missing, Err(ConfigError::Read(_))));
    }

    #[test]
    fn what_the_entry_point_has_derived_is_no_setting() {
        let note = "|WORKON_HOME=/h/.virtualenvs|VIRTUALENVWRAPPER_HOOK_DIR=/h/.virtualenvs|\
                    VIRTUALENVWRAPPER_PROJECT_FILENAME=.project|VIRTUALENVWRAPPER_WORKON_CD=1|";
        let derived = [
            ("HOME", "/h"),
            ("WORKON_HOME", "/h/.virtualenvs"),
            ("VIRTUALENVWRAPPER_HOOK_DIR", "/h/.virtualenvs"),
            ("VIRTUALENVWRAPPER_PROJECT_FILENAME", ".project"),
            ("VIRTUALENVWRAPPER_WORKON_CD", "1"),
        ];
        let file = "workon_home = \"/f\"\nhook_dir = \"/hooks\"\nproject_filename = \".p\"\ncd = false\n";
        let config = resolve(&[&derived[..], &[("VENVWRAP_DEFAULTS", note)]].concat(), file).unwrap();
        assert_eq!((config.workon_home, config.hook_dir), ("/f".into(), "/hooks".into()));
        assert_eq!((config.project_filename.to_str(), config.cd), (Some(".p"), false));
        // Without the note, or with another value, the user has set them.
        let config = resolve(&derived, file).unwrap();
        assert_eq!((config.hook_dir, config.cd), ("/h/.virtualenvs".into(), true));
        let note = [("VENVWRAP_DEFAULTS", "|VIRTUALENVWRAPPER_HOOK_DIR=/other|")];
        let config = resolve(&[&derived[..], &note].concat(), file).unwrap();
        assert_eq!(config.hook_dir, Path::new("/h/.virtualenvs"));
    }

    #[test]
    fn the_picker_is_on_unless_turned_off() {
        let picker = |value: &str, file| resolve(&[("HOME", "/h"), ("VENVWRAP_PICKER", value)], file).unwrap().picker;
        assert!(picker("", "") && picker("1", "picker = false"));
        assert!(!picker("0", "") && !picker("", "picker = false"));
    }

    #[test]
    fn creators_are_split_as_shell_words() {
        let config = resolve(
            &[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "--prompt 'a b'")],
            "creator = \"uv venv\"",
        )
        .unwrap();
        assert_eq!(config.creator, Creator::Program(["uv", "venv", "--prompt", "a b"].map(String::from).to_vec()));
        assert_eq!(resolve(&[("HOME", "/h")], "creator = \"native\"").unwrap().creator, Creator::Native);
        let unbalanced = resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", "a 'b")], "");
        assert!(matches!(unbalanced, Err(ConfigError::Value { .. })));
    }

    #[test]
    fn the_program_that_scripts_run_is_this_one() {
        for (value, args, expected) in [
            ("/opt/my apps/bin/venvwrap-venv", None, &[][..]),
            ("venvwrap-venv", Some("-p 3.12"), &["-p", "3.12"]),
            ("'/my apps/venvwrap-venv' --prompt 'a b'", Some("--copies"), &["--prompt", "a b", "--copies"]),
            ("/usr/bin/venvwrap venv --no-pip", None, &["--no-pip"]),
        ] {
            let mut variables = vec![("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", value)];
            variables.extend(args.map(|args| ("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", args)));
            let config = resolve(&variables, "creator = 'uv venv'").unwrap();
            assert_eq!(
                (config.creator.clone(), config.creator_options().unwrap()),
                (Creator::Native, expected.iter().map(ToString::to_string).collect()),
                "{value}"
            );
        }
        for other in ["venvwrap-venv2", "/x/venvwrap-venv/virtualenv", "venvwrap create", "my-venvwrap venv"] {
            let config = resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", other)], "").unwrap();
            assert!(matches!(config.creator, Creator::Program(_)), "{other}");
        }
    }

    #[test]
    fn a_missing_home_matters_only_where_it_is_needed() {
        assert!(matches!(resolve(&[], ""), Err(ConfigError::NoHome { variable: "WORKON_HOME" })));
        assert_eq!(resolve(&[("WORKON_HOME", "/v")], "").unwrap().workon_home, Path::new("/v"));
    }

    #[test]
    fn a_wrong_value_stops_only_what_needs_it() {
        let home = ("HOME", "/h");
        for (file, key) in [
            ("picker = maybe", "picker"),
            ("creator = 'uv \"venv'", "creator"),
            ("creator_args = 7\ncreator = 'uv venv'", "creator_args"),
            ("project_filename = '../x'", "project_filename"),
            ("project_home = '~bob/src'", "project_home"),
            ("hook_dir = ['x']", "hook_dir"),
        ] {
            let config = resolve(&[home], file).unwrap();
            assert_eq!(config.problems.len(), 1, "{file}");
            assert!(matches!(config.require(&[key]), Err(ConfigError::File(_))), "{file}");
            let others: Vec<_> = edit::KEYS.iter().map(|(known, _)| *known).filter(|known| *known != key).collect();
            let is_split = file.starts_with("creator_args");
            assert!(is_split || config.require(&others).is_ok(), "{file}");
        }
    }

    #[test]
    fn where_the_environments_are_is_never_guessed() {
        for file in ["workon_home = 1", "workon_home = '/x", "workon_home = '~bob'", "'workon\\_home' = = "] {
            assert!(matches!(resolve(&[("HOME", "/h")], file), Err(ConfigError::File(_))), "{file}");
            let config = resolve(&[("HOME", "/h"), ("WORKON_HOME", "/v")], file).unwrap();
            assert_eq!(config.workon_home, Path::new("/v"), "{file}");
        }
    }

    #[test]
    fn an_unknown_key_stops_nothing() {
        let config = resolve(&[("HOME", "/h")], "workon_hme = '/x'\ncd = false").unwrap();
        assert!(!config.cd && config.problems[0].affected.is_empty());
    }
}
