//! The configuration as one value: the environment's variables, then `config.toml`, then defaults.

mod derived;
pub mod edit;
pub mod variables;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::derived::Derived;
use self::variables::{
    PROJECT_HOME, VENVWRAP_AUTO, VENVWRAP_CONFIG, VENVWRAP_PICKER, VIRTUALENV_PYTHON, VIRTUALENVWRAPPER_HOOK_DIR,
    VIRTUALENVWRAPPER_PROJECT_FILENAME, VIRTUALENVWRAPPER_PYTHON, VIRTUALENVWRAPPER_VIRTUALENV,
    VIRTUALENVWRAPPER_VIRTUALENV_ARGS, VIRTUALENVWRAPPER_WORKON_CD, Variable, WORKON_HOME,
};
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
    /// The Python to use when none is asked for.
    pub python: Option<OsString>,
    /// The Python to use when there is none on PATH either.
    pub fallback_python: Option<OsString>,
    /// What installs packages.
    pub installer: Installer,
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
    /// Whether `workon` without a name lets people choose from a list.
    pub picker: bool,
    /// The user's home directory.
    pub home: Option<PathBuf>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Installer {
    /// uv when it is found on PATH, else the environment's pip.
    #[default]
    Auto,
    /// The environment's pip.
    Pip,
    /// uv.
    Uv,
}

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
    /// The configuration file cannot be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The configuration file is not what it should be.
    #[error("`{}` is not a valid configuration: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The parser's message, on one line.
        message: String,
    },
}

/// `config.toml`, as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    workon_home: Option<String>,
    project_home: Option<String>,
    hook_dir: Option<String>,
    project_filename: Option<String>,
    cd: Option<bool>,
    creator: Option<String>,
    creator_args: Option<String>,
    python: Option<String>,
    installer: Option<Installer>,
    auto: Option<bool>,
    picker: Option<bool>,
}

/// The largest configuration file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

impl Config {
    /// Resolves the configuration from a variable lookup and the platform's directories.
    ///
    /// `VENVWRAP_CONFIG` names another configuration file; empty variables count as unset.
    pub fn resolve(lookup: &dyn Fn(&str) -> Option<OsString>, directories: &Directories) -> Result<Self, ConfigError> {
        let value_of = |variable: Variable| lookup(variable.name).filter(|value| !value.is_empty());
        let named = value_of(VENVWRAP_CONFIG).map(PathBuf::from);
        let is_named = named.is_some();
        let path = named.or_else(|| Some(directories.config.as_deref()?.join("config.toml")));
        let file = path.as_deref().map_or_else(|| Ok(File::default()), |path| read_file(path, is_named))?;
        let derived = Derived::new(lookup);
        // A derived directory of environments still is the one in use, unless the file names another.
        let has_key = file.workon_home.is_some();
        let is_kept = |name: &str| name == WORKON_HOME.name && !has_key;
        let lookup = &|name: &str| lookup(name).filter(|value| is_kept(name) || !derived.holds(name, value));
        let value_of = |variable: Variable| lookup(variable.name).filter(|value| !value.is_empty());
        let paths = Paths { lookup, home: directories.home.as_deref() };
        let workon_home = match &directories.workon_home {
            Some(home) => home.clone(),
            None => paths.workon_home(file.workon_home.as_deref())?,
        };
        let hook_dir = paths.resolve(VIRTUALENVWRAPPER_HOOK_DIR, file.hook_dir.as_deref())?;
        Ok(Self {
            project_home: paths.resolve(PROJECT_HOME, file.project_home.as_deref())?,
            hook_dir: hook_dir.unwrap_or_else(|| workon_home.clone()),
            workon_home,
            project_filename: project_filename(value_of(VIRTUALENVWRAPPER_PROJECT_FILENAME), file.project_filename)?,
            // virtualenvwrapper changes directory for the value 1 and for no other.
            cd: value_of(VIRTUALENVWRAPPER_WORKON_CD).map_or(file.cd.unwrap_or(true), |value| value == "1"),
            creator: creator(
                value_of(VIRTUALENVWRAPPER_VIRTUALENV),
                file.creator,
                value_of(VIRTUALENVWRAPPER_VIRTUALENV_ARGS),
                file.creator_args,
            )?,
            python: value_of(VIRTUALENV_PYTHON).or_else(|| file.python.map(Into::into)),
            fallback_python: value_of(VIRTUALENVWRAPPER_PYTHON),
            installer: file.installer.unwrap_or_default(),
            picker: value_of(VENVWRAP_PICKER).map_or(file.picker.unwrap_or(true), |value| value != "0"),
            config_dir: directories.config.clone(),
            file: path,
            cache_dir: directories.cache.clone(),
            // A relative path would mean another place in each directory.
            state_dir: directories.state.clone().filter(|state| state.is_absolute()),
            auto: value_of(VENVWRAP_AUTO).map_or(file.auto.unwrap_or(false), |value| value != "0"),
            home: directories.home.clone(),
        })
    }
}

/// Resolves `~`, `$NAME` and `${NAME}` in a path and takes superfluous slashes and dots out of it; what cannot be
/// resolved stays as written.
pub fn expand(lookup: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>, value: &OsStr) -> PathBuf {
    let paths = Paths { lookup, home };
    let expanded = PathBuf::from(OsString::from_vec(paths.expand_variables(value.as_bytes())));
    let expanded = match (home, expanded.strip_prefix("~")) {
        (Some(home), Ok(rest)) => home.join(rest),
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

fn read_file(path: &Path, required: bool) -> Result<File, ConfigError> {
    let content = match fs::read_limited(path, MAX_FILE_BYTES) {
        Err(error) if !required && error.source.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        other => other?,
    };
    toml::from_str(&String::from_utf8_lossy(&content)).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(" ");
        ConfigError::Syntax { path: path.to_path_buf(), message }
    })
}

fn project_filename(variable: Option<OsString>, key: Option<String>) -> Result<OsString, ConfigError> {
    let name = variable.or_else(|| key.map(Into::into)).unwrap_or_else(|| ".project".into());
    match crate::env::name::EnvName::for_existing(&name) {
        Ok(_) => Ok(name),
        Err(error) => Err(ConfigError::Value {
            variable: VIRTUALENVWRAPPER_PROJECT_FILENAME.name,
            value: name.to_string_lossy().into_owned(),
            problem: error.problem.to_string(),
        }),
    }
}

fn creator(
    variable: Option<OsString>,
    key: Option<String>,
    args_variable: Option<OsString>,
    args_key: Option<String>,
) -> Result<Creator, ConfigError> {
    let text = |value: OsString| value.to_string_lossy().into_owned();
    let Some(program) = variable.map(text).or(key).filter(|value| value != "native") else {
        return Ok(Creator::Native);
    };
    let split = |variable: Variable, value: &str| {
        shell_words::split(value).map_err(|_| ConfigError::Value {
            variable: variable.name,
            value: value.to_string(),
            problem: "its quotes do not match".to_string(),
        })
    };
    let mut words = split(VIRTUALENVWRAPPER_VIRTUALENV, &program)?;
    if let Some(arguments) = args_variable.map(text).or(args_key) {
        words.extend(split(VIRTUALENVWRAPPER_VIRTUALENV_ARGS, &arguments)?);
    }
    Ok(if words.is_empty() { Creator::Native } else { Creator::Program(words) })
}

/// Resolves path values the way virtualenvwrapper does: variables and `~` expanded, relative paths below the home
/// directory, superfluous slashes and dots removed.
struct Paths<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    home: Option<&'a Path>,
}

impl Paths<'_> {
    fn workon_home(&self, key: Option<&str>) -> Result<PathBuf, ConfigError> {
        match self.resolve(WORKON_HOME, key)? {
            Some(path) => Ok(path),
            None => Ok(self.home(WORKON_HOME)?.join(".virtualenvs")),
        }
    }

    fn home(&self, variable: Variable) -> Result<&Path, ConfigError> {
        self.home.ok_or(ConfigError::NoHome { variable: variable.name })
    }

    /// Returns the path that a variable or its key sets.
    fn resolve(&self, variable: Variable, key: Option<&str>) -> Result<Option<PathBuf>, ConfigError> {
        let value = (self.lookup)(variable.name).filter(|value| !value.is_empty());
        let Some(value) = value.or_else(|| key.filter(|key| !key.is_empty()).map(OsString::from)) else {
            return Ok(None);
        };
        let expanded = self.expand_variables(value.as_bytes());
        let path = match expanded.strip_prefix(b"~") {
            None => PathBuf::from(OsString::from_vec(expanded)),
            Some(rest) if rest.is_empty() || rest[0] == b'/' => {
                let rest = OsStr::from_bytes(rest.strip_prefix(b"/").unwrap_or(rest));
                self.home(variable)?.join(rest)
            }
            Some(_) => {
                return Err(ConfigError::OtherUser {
                    variable: variable.name,
                    value: value.to_string_lossy().into_owned(),
                });
            }
        };
        let base = if path.is_absolute() { Path::new("/") } else { self.home(variable)? };
        Ok(Some(fs::absolute(base, &path)))
    }

    /// Replaces `$NAME` and `${NAME}`; an unknown variable stays as written, as Python's `expandvars` leaves it.
    fn expand_variables(&self, value: &[u8]) -> Vec<u8> {
        let mut result = Vec::with_capacity(value.len());
        let mut rest = value;
        while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
            result.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            let (name, length) = variable_reference(rest);
            match (self.lookup)(&String::from_utf8_lossy(name)).filter(|_| !name.is_empty()) {
                Some(found) => result.extend_from_slice(found.as_bytes()),
                None => result.extend_from_slice(&rest[..length]),
            }
            rest = &rest[length..];
        }
        result.extend_from_slice(rest);
        result
    }
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
    fn a_missing_home_matters_only_where_it_is_needed() {
        assert!(matches!(resolve(&[], ""), Err(ConfigError::NoHome { variable: "WORKON_HOME" })));
        assert_eq!(resolve(&[("WORKON_HOME", "/v")], "").unwrap().workon_home, Path::new("/v"));
    }

    #[test]
    fn a_wrong_file_is_named_in_one_line() {
        let error = resolve(&[("HOME", "/h")], "workon_hme = 1").unwrap_err();
        assert!(matches!(error, ConfigError::Syntax { .. }));
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}
