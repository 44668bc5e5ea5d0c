//! Variables that change what is executed, rather than what a program is told.

use super::special::is_special;

/// Names that shells, the dynamic linker, languages, build tools and common programs obey, in capitals.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // Where programs and files are looked for.
    "PATH", "HOME", "SHELL", "TMPDIR", "TEMP", "TMP", "MANPATH", "INFOPATH", "TERMINFO", "TERMINFO_DIRS", "TERMCAP",
    // Shells: start-up files, functions, prompts, history.
    "SHELLOPTS", "BASHOPTS", "ENV", "CDPATH", "FPATH", "MODULE_PATH", "MAILPATH", "IFS", "GLOBIGNORE", "FIGNORE",
    "EXECIGNORE", "PROMPT", "PROMPT2", "PROMPT3", "PROMPT4", "PROMPT_COMMAND", "PROMPT_DIRTRIM", "RPROMPT", "RPROMPT2",
    "RPS1", "RPS2", "SPROMPT", "PSVAR", "ZDOTDIR", "ZLS_COLORS", "READNULLCMD", "NULLCMD", "HISTFILE", "HISTCONTROL",
    "INPUTRC", "FCEDIT", "HISTCMD", "TIMEFMT", "POSIXLY_CORRECT", "WORDCHARS",
    "COMP_WORDBREAKS", "COMPREPLY", "STARSHIP_CONFIG", "STARSHIP_SHELL",
    // This program and its kin.
    "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "WORKON_HOME", "PROJECT_HOME", "CONDA_PREFIX", "CONDA_EXE",
    // Programs that other programs start.
    "VISUAL", "LESSOPEN", "LESSCLOSE", "LESSKEYIN", "LESS", "BROWSER", "MAILER", "MAILCAPS", "OPENER", "MANOPT",
    "SUDO_COMMAND", "TERMINAL", "DBUS_SESSION_BUS_ADDRESS",
    // Compilers, build tools and archivers.
    "CC", "CXX", "CPP", "LD", "AR", "AS", "NM", "RANLIB", "STRIP", "FC", "LDSHARED", "CFLAGS", "CXXFLAGS", "CPPFLAGS",
    "LDFLAGS", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX",
    "MAKE", "MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEFILES", "MAKESHELL", "MAKEOVERRIDES", "NINJA_STATUS", "RUSTC",
    "RUSTDOC", "RUSTFLAGS", "RUSTDOCFLAGS", "TAR_OPTIONS", "TAPE", "RSH", "UNZIP", "UNZIPOPT", "ZIPOPT", "GZIP", "BZIP",
    "BZIP2", "XZ_OPT", "XZ_DEFAULTS", "ZSTD_CLEVEL", "RSYNC_RSH", "RSYNC_CONNECT_PROG", "CVS_RSH", "SVN_SSH", "HGRCPATH",
    "GREP_OPTIONS", "AWKPATH", "AWKLIBPATH", "M4PATH",
    // Languages.
    "RUBYLIB", "RUBYOPT", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE", "JAVA_HOME", "JDK_HOME", "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS", "JAVA_OPTS", "JDK_JAVA_OPTIONS", "CLASSPATH", "GOFLAGS", "GOROOT", "GOPATH", "GOPROXY", "GOBIN",
    "GOENV", "GOTOOLCHAIN", "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE", "GOPRIVATE", "PHPRC", "PHP_INI_SCAN_DIR",
    "LUA_INIT", "LUA_PATH", "LUA_CPATH", "TCLLIBPATH", "TCL_LIBRARY", "TK_LIBRARY", "R_HOME", "R_PROFILE", "R_ENVIRON",
    "R_LIBS", "JULIA_LOAD_PATH", "JULIA_DEPOT_PATH", "JULIA_PROJECT", "GUILE_LOAD_PATH", "ERL_LIBS", "ERL_FLAGS",
    "ELIXIR_ERL_OPTIONS", "DOTNET_STARTUP_HOOKS", "DOTNET_ROOT", "COR_PROFILER", "CORECLR_PROFILER", "PSMODULEPATH",
    // Libraries that load code or change whom a program trusts.
    "GCONV_PATH", "LOCPATH", "NLSPATH", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "OPENSSL_CONF", "OPENSSL_MODULES",
    "OPENSSL_ENGINES", "SSLKEYLOGFILE", "CURL_HOME",
    "WGETRC", "KRB5_CONFIG", "GTK_PATH", "GTK_MODULES", "QT_PLUGIN_PATH",
    "GIO_EXTRA_MODULES", "GI_TYPELIB_PATH", "GST_PLUGIN_PATH", "VK_ICD_FILENAMES", "MALLOC_CHECK_", "ASAN_OPTIONS",
    "UBSAN_OPTIONS", "SASL_PATH", "GNUPGHOME", "GPG_AGENT_INFO",
    // Other machines that commands are sent to.
    "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "CONTAINER_HOST", "CONTAINERS_CONF",
    "KUBECONFIG", "ANSIBLE_CONFIG", "VAGRANT_HOME", "TF_CLI_CONFIG_FILE",
];

/// Families of such names, in capitals.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "LD_", "DYLD_", "_RLD", "BASH_", "ZSH_", "KSH_", "FISH_", "__FISH", "PYTHON", "PIP_", "PIPX_", "PIPENV_", "POETRY_",
    "PDM_", "UV_", "PYENV", "RYE_", "CONDA_", "MAMBA_", "VIRTUALENV", "VENVWRAP_", "_VENVWRAP", "__VENVWRAP", "_OLD_",
    "DIRENV_", "MISE_", "RTX_", "ASDF_", "RBENV_", "NODENV_", "NVM_", "SDKMAN_", "VOLTA_", "GIT_", "SSH_", "SUDO_",
    "PERL", "RUBYGEMS_", "BUNDLE_", "NODE_", "NPM_", "YARN_", "PNPM_", "BUN_", "DENO_", "CARGO_", "RUSTUP_", "RUSTC_",
    "MAVEN_", "GRADLE_", "CMAKE_", "CTEST_", "NINJA_", "MESON_", "CCACHE_", "SCCACHE_", "DISTCC_", "HOMEBREW_", "NIX_",
    "XDG_", "SYSTEMD_", "GDB", "PKG_CONFIG", "ANSIBLE_", "FZF_", "CORECLR_", "COR_", "DOTNET_", "COMPLUS_",
];

/// How the names end of programs that others start, of functions that zsh calls, and of the machine through which
/// packages are fetched, in capitals.
#[rustfmt::skip]
const SUFFIXES: &[&str] = &[
    "PAGER", "EDITOR", "ASKPASS", "_WRAPPER", "_LAUNCHER", "_FUNCTIONS", "_LINKER", "_RUNNER", "_PRELOAD", "_PROXY", "_PROXY_COMMAND",
];

/// Variables of these families that only say how a program runs, not what.
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
    "NODE_ENV",
    "CARGO_TERM_COLOR",
    "PIPENV_VERBOSITY",
];

/// Returns whether a variable of this name could run something, send a program elsewhere for its code, or be one that a
/// shell keeps for itself.
pub fn is_dangerous(name: &str) -> bool {
    if HARMLESS.contains(&name) {
        return false;
    }
    // zsh ties `path`, `cdpath` and others to the variable in capitals; tools read `http_proxy` and `npm_config_...`.
    let capitals = name.to_ascii_uppercase();
    // `PSQL_HISTORY` is no prompt: of that family only `PS` and a digit.
    let is_prompt = capitals.strip_prefix("PS").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    is_prompt
        || is_special(name)
        || PREFIXES.iter().any(|prefix| capitals.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| capitals.ends_with(suffix))
        || NAMES.contains(&capitals.as_str())
}
