//! Variables that change what is executed, rather than what a program is told.

/// Names that shells, the dynamic linker, Python and common tools obey.
const NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "SHELLOPTS",
    "BASHOPTS",
    "BASH_ENV",
    "BASH_LOADABLES_PATH",
    "BASH_XTRACEFD",
    "ENV",
    "CDPATH",
    "FPATH",
    "GLOBIGNORE",
    "HISTFILE",
    "IFS",
    "PROMPT",
    "PROMPT_COMMAND",
    "RPROMPT",
    "RPS1",
    "ZDOTDIR",
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "WORKON_HOME",
    "PROJECT_HOME",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "MANPAGER",
    "LESSOPEN",
    "LESSCLOSE",
    "BROWSER",
    "SUDO_ASKPASS",
    "SSH_ASKPASS",
    "PERL5LIB",
    "PERL5OPT",
    "PERL5DB",
    "RUBYLIB",
    "RUBYOPT",
    "NODE_OPTIONS",
    "NODE_PATH",
    "JAVA_TOOL_OPTIONS",
    "CLASSPATH",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "TERMINFO",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
];

/// Families of such names.
const PREFIXES: &[&str] = &[
    "LD_",
    "DYLD_",
    "_RLD",
    "BASH_FUNC_",
    "PYTHON",
    "PIP_",
    "UV_",
    "VIRTUALENV",
    "VENVWRAP_",
    "GIT_",
    "DIRENV_",
    "_OLD_",
    "_VENVWRAP",
    "__VENVWRAP",
    "__venvwrap",
    "fish_",
    "__fish",
];

/// Python variables that only tell how it runs, not what.
const HARMLESS: &[&str] = &[
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONUTF8",
    "PYTHONIOENCODING",
    "PYTHONFAULTHANDLER",
    "PYTHONDEVMODE",
    "PYTHONTRACEMALLOC",
    "PYTHONASYNCIODEBUG",
];

/// Returns whether a variable of this name could run something, or send a program elsewhere for its code.
pub fn is_dangerous(name: &str) -> bool {
    if HARMLESS.contains(&name) {
        return false;
    }
    // `PSQL_HISTORY` is no prompt: of that family only `PS` and a digit.
    let is_prompt = name.strip_prefix("PS").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let in_family = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    // zsh ties `path`, `cdpath` and others to the variable in capitals.
    is_prompt || in_family || NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
