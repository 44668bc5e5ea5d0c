//! Every environment variable that is read, declared once. [`ALL`] is what documents and shims are generated from, and
//! the type keeps every other variable from being read.

/// An environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it sets or says, in Markdown.
    pub meaning: &'static str,
    /// The key of `config.toml` that sets the same.
    pub key: Option<&'static str>,
    /// What holds when it is not set, in Markdown; only for a setting.
    pub default: Option<&'static str>,
    /// Who reads it.
    pub reader: Reader,
    /// Whether the shims pass it on to the program when the user has set it in the shell but not exported it.
    pub is_passed_on: bool,
}

/// Who reads a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// [`Config`](super::Config).
    Config,
    /// The function that it changes.
    Function,
    /// What decides where files are.
    Directories,
    /// The search for interpreters.
    Interpreters,
    /// What finds, fetches and installs wheels.
    Wheels,
    /// What writes archives and packages.
    Archives,
    /// What writes to the terminal.
    Terminal,
    /// What sets up a shell.
    Setup,
    /// The shims, and the program when they call it.
    Shims,
}

/// Variables that share a prefix: one for each option of another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    prefix: &'static str,
}

impl Family {
    /// Returns the name of the variable for an option: `PIP_INDEX_URL` for `index-url`.
    pub fn variable(self, option: &str) -> String {
        format!("{}{}", self.prefix, option.to_uppercase().replace('-', "_"))
    }
}

/// The options of virtualenv.
pub const VIRTUALENV: Family = Family { prefix: "VIRTUALENV_" };

/// The options of pip.
pub const PIP: Family = Family { prefix: "PIP_" };

/// The options of uv.
pub const UV: Family = Family { prefix: "UV_" };

impl Variable {
    const fn read_by(reader: Reader) -> Self {
        Self { name: "", meaning: "", key: None, default: None, reader, is_passed_on: false }
    }

    const fn setting(key: &'static str, default: &'static str) -> Self {
        Self { key: Some(key), ..Self::read_by(Reader::Config).or(default) }
    }

    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn passed_on(self) -> Self {
        Self { is_passed_on: true, ..self }
    }
}

macro_rules! variables {
    ($($(#[doc = $meaning:literal])+ $name:ident = $kind:expr;)+) => {
        $(
            $(#[doc = $meaning])+
            pub const $name: Variable = Variable { name: stringify!($name), meaning: concat!($($meaning),+).trim_ascii(), ..$kind };
        )+

        /// Every variable, in the order of the documents.
        pub const ALL: &[Variable] = &[$($name),+];
    };
}

variables! {
    /// the directory of the environments
    WORKON_HOME = Variable::setting("workon_home", "`~/.virtualenvs`").passed_on();
    /// where `mkproject` creates project directories
    PROJECT_HOME = Variable::setting("project_home", "not set").passed_on();
    /// whether environments follow the directory ([switching](switching.md)): `0` is off, any other value on
    VENVWRAP_AUTO = Variable::setting("auto", "off");
    /// the directory of the global hooks
    VIRTUALENVWRAPPER_HOOK_DIR = Variable::setting("hook_dir", "`WORKON_HOME`").passed_on();
    /// the file in an environment that contains its project directory
    VIRTUALENVWRAPPER_PROJECT_FILENAME = Variable::setting("project_filename", "`.project`").passed_on();
    /// whether `workon` changes to the project directory: `1` in the variable (any other value is no), `true` or
    /// `false` in `config.toml`
    VIRTUALENVWRAPPER_WORKON_CD = Variable::setting("cd", "yes").passed_on();
    /// a program that creates environments instead of venvwrap, with its arguments: `virtualenv`, `uv venv`; `native`
    /// means venvwrap
    VIRTUALENVWRAPPER_VIRTUALENV = Variable::setting("creator", "`native`").passed_on();
    /// more arguments for that program, split like shell words; for venvwrap, options of `mkvirtualenv`
    VIRTUALENVWRAPPER_VIRTUALENV_ARGS = Variable::setting("creator_args", "none").passed_on();
    /// a program or shell function that `cpvirtualenv` calls instead of copying natively
    VIRTUALENVWRAPPER_VIRTUALENV_CLONE = Variable::read_by(Reader::Function).or("not set").passed_on();
    /// the Python of new environments without `-p`
    VIRTUALENV_PYTHON = Variable::setting("python", "the first `python3`, then `python`, on PATH");
    /// the Python to use if PATH has none either
    VIRTUALENVWRAPPER_PYTHON = Variable::read_by(Reader::Config).or("not set").passed_on();
    /// a log of the hooks that run ([hooks](hooks.md#log))
    VIRTUALENVWRAPPER_LOG_FILE = Variable::read_by(Reader::Function).or("not set").passed_on();
    /// whether `workon` without a name opens a picker on a terminal: `0` in the variable is no (any other value is
    /// yes), `true` or `false` in `config.toml`
    VENVWRAP_PICKER = Variable::setting("picker", "yes").passed_on();

    /// a different configuration file; it must exist, unless `venvwrap config set` or `config edit` makes it
    VENVWRAP_CONFIG = Variable::read_by(Reader::Directories);
    /// the configuration file of virtualenv, whose options count here; default `virtualenv/virtualenv.ini` in the base
    /// directory of configuration files
    VIRTUALENV_CONFIG_FILE = Variable::read_by(Reader::Directories);
    /// the cache: unpacked wheels and facts about interpreters; default `~/.cache/venvwrap`, on macOS
    /// `~/Library/Caches/venvwrap`
    VENVWRAP_CACHE_DIR = Variable::read_by(Reader::Directories);
    /// the state: associations and trust decisions; default `~/.local/state/venvwrap`, on macOS
    /// `~/Library/Application Support/venvwrap`
    VENVWRAP_STATE_DIR = Variable::read_by(Reader::Directories);
    /// the base directory of configuration files, as usual
    XDG_CONFIG_HOME = Variable::read_by(Reader::Directories);
    /// the base directory of caches, as usual; on macOS only for those of other programs
    XDG_CACHE_HOME = Variable::read_by(Reader::Directories);
    /// the base directory of state, as usual; not used on macOS
    XDG_STATE_HOME = Variable::read_by(Reader::Directories);
    /// the user's Jupyter directory, whose kernels follow a renamed environment
    JUPYTER_DATA_DIR = Variable::read_by(Reader::Directories);
    /// further directories of Jupyter, whose kernels are listed, follow and are removed as well
    JUPYTER_PATH = Variable::read_by(Reader::Directories);
    /// the base directory of the data of uv, mise, Jupyter and others, as usual
    XDG_DATA_HOME = Variable::read_by(Reader::Directories);
    /// the home directory; the system's user database is not consulted
    HOME = Variable::read_by(Reader::Directories);
    /// the name of the current directory if it has been removed
    PWD = Variable::read_by(Reader::Directories);

    /// the directories of interpreters and other programs
    PATH = Variable::read_by(Reader::Interpreters);
    /// the directory of pyenv; default `~/.pyenv`
    PYENV_ROOT = Variable::read_by(Reader::Interpreters);
    /// the versions that pyenv selects
    PYENV_VERSION = Variable::read_by(Reader::Interpreters);
    /// the directory of asdf; default `~/.asdf`
    ASDF_DATA_DIR = Variable::read_by(Reader::Interpreters);
    /// the versions that asdf selects
    ASDF_PYTHON_VERSION = Variable::read_by(Reader::Interpreters);
    /// the directory of mise; default `mise` in `XDG_DATA_HOME`
    MISE_DATA_DIR = Variable::read_by(Reader::Interpreters);
    /// the versions that mise selects
    MISE_PYTHON_VERSION = Variable::read_by(Reader::Interpreters);
    /// the directory of uv's interpreters
    UV_PYTHON_INSTALL_DIR = Variable::read_by(Reader::Interpreters);
    /// how many milliseconds an interpreter may take to describe itself; default `10000`
    VENVWRAP_QUERY_TIMEOUT_MS = Variable::read_by(Reader::Interpreters);

    /// another configuration file of pip; `/dev/null` means none at all
    PIP_CONFIG_FILE = Variable::read_by(Reader::Wheels);
    /// the base directories of pip's global configuration
    XDG_CONFIG_DIRS = Variable::read_by(Reader::Wheels);
    /// the proxy for `https`, also in lower case
    HTTPS_PROXY = Variable::read_by(Reader::Wheels);
    /// the proxy if there is no `HTTPS_PROXY`, also in lower case
    ALL_PROXY = Variable::read_by(Reader::Wheels);
    /// the hosts to reach without a proxy, also in lower case
    NO_PROXY = Variable::read_by(Reader::Wheels);
    /// the file with user names and passwords for servers, instead of `~/.netrc`
    NETRC = Variable::read_by(Reader::Wheels);
    /// a file of certificates to trust; of this and the next two, the first that is set counts
    REQUESTS_CA_BUNDLE = Variable::read_by(Reader::Wheels);
    /// a file of certificates to trust
    CURL_CA_BUNDLE = Variable::read_by(Reader::Wheels);
    /// a file of certificates to trust
    SSL_CERT_FILE = Variable::read_by(Reader::Wheels);
    /// the directory where virtualenv keeps its wheels
    VIRTUALENV_OVERRIDE_APP_DATA = Variable::read_by(Reader::Wheels);

    /// the time of everything in an archive, in seconds since 1970; compiled files are left out then
    SOURCE_DATE_EPOCH = Variable::read_by(Reader::Archives);

    /// turns colours off
    NO_COLOR = Variable::read_by(Reader::Terminal);
    /// turns colours on even if the output is not a terminal, unless it is `0`
    CLICOLOR_FORCE = Variable::read_by(Reader::Terminal);
    /// the kind of terminal; `dumb` has neither colours nor a picker
    TERM = Variable::read_by(Reader::Terminal);

    /// the editor for `venvwrap config edit`; a command with its options
    VISUAL = Variable::read_by(Reader::Terminal);
    /// the editor if `VISUAL` is not set; default `vi`
    EDITOR = Variable::read_by(Reader::Terminal);

    /// the login shell: for `venvwrap init` and `setup` where no known shell has started them, for `activate` where the
    /// system does not tell what has
    SHELL = Variable::read_by(Reader::Setup);
    /// the directory of zsh's start-up files
    ZDOTDIR = Variable::read_by(Reader::Setup);

    /// the active environment
    VIRTUAL_ENV = Variable::read_by(Reader::Shims).passed_on();
    /// the environment that was activated automatically
    VENVWRAP_AUTO_ENV = Variable::read_by(Reader::Shims);
    /// what `virtualenvwrapper.sh` has exported although it was not set, so that it does not count as a setting
    VENVWRAP_DEFAULTS = Variable::read_by(Reader::Shims);
    /// the script that other scripts source for virtualenvwrapper's functions; `virtualenvwrapper.sh` and
    /// `venvwrap init --virtualenvwrapper` set it where it names no file
    VIRTUALENVWRAPPER_SCRIPT = Variable::read_by(Reader::Shims);
    /// not empty: create empty hook scripts, as virtualenvwrapper does; `virtualenvwrapper.sh` sets it
    VENVWRAP_STUBS = Variable::read_by(Reader::Shims).passed_on();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::edit::KEYS;

    #[test]
    fn every_key_has_a_variable_except_nine() {
        let keys: Vec<_> = ALL.iter().filter_map(|variable| variable.key).collect();
        let unknown: Vec<_> = keys.iter().filter(|key| !KEYS.iter().any(|(known, _)| known == *key)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let alone: Vec<_> = KEYS.iter().map(|(key, _)| *key).filter(|key| !keys.contains(key)).collect();
        let expected = [
            "auto_repair",
            "default_packages",
            "install_python",
            "installer",
            "keep",
            "link_mode",
            "seed_update",
            "trash_keep",
            "trash_max",
        ];
        assert_eq!(alone, expected);
    }

    #[test]
    fn options_have_the_names_that_their_programs_give_them() {
        assert_eq!(PIP.variable("index-url"), "PIP_INDEX_URL");
        assert_eq!(VIRTUALENV.variable("no-pip"), "VIRTUALENV_NO_PIP");
    }
}
