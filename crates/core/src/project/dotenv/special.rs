//! Variables that a shell keeps for itself: assigning to them fails, ends the code that does it, or changes the shell.

/// Those of bash, zsh and fish, each as it is spelled.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // Readonly in bash, zsh or both.
    "BASH", "EUID", "GID", "EGID", "UID", "PPID", "USERNAME", "GROUPS", "DIRSTACK", "PIPESTATUS", "FUNCNAME", "LINENO",
    "LINES", "COLUMNS", "OPTIND", "OPTARG", "OPTERR", "RANDOM", "SECONDS", "SHLVL", "EPOCHSECONDS", "EPOCHREALTIME",
    "SRANDOM", "TTY", "TTYIDLE", "TRY_BLOCK_ERROR", "TRY_BLOCK_INTERRUPT", "ERRNO", "ARGV0", "CPUTYPE", "MACHTYPE",
    "HOSTTYPE", "OSTYPE", "LOGCHECK", "DIRSTACKSIZE", "SAVEHIST", "HISTSIZE", "HISTFILESIZE",
    "PWD", "OLDPWD", "REPLY", "MAPFILE", "COPROC", "COMP_LINE", "COMP_POINT", "COMP_WORDS", "COMP_CWORD", "COMP_KEY",
    "COMP_TYPE", "READLINE_LINE", "READLINE_POINT", "READLINE_MARK", "LBUFFER", "RBUFFER",
    "PREBUFFER", "_", "BASHPID", "FUNCNEST", "TMOUT", "MAILCHECK", "KEYTIMEOUT", "LISTMAX", "BAUD",
    "REPORTTIME", "REPORTMEMORY", "HISTCHARS", "KEYBOARD_HACK", "STTY",
    // zsh's in small letters.
    "status", "argv", "pipestatus", "funcstack", "funcfiletrace", "funcsourcetrace", "functrace", "signals", "zsh_eval_context",
    "options", "commands", "functions", "aliases", "galiases", "saliases", "builtins", "reswords", "parameters", "modules",
    "dirstack", "history", "historywords", "jobdirs", "jobtexts", "jobstates", "nameddirs", "userdirs", "usergroups", "patchars",
    "dis_functions", "dis_aliases", "dis_builtins", "dis_reswords", "dis_galiases", "dis_saliases", "dis_patchars",
    "errnos", "sysparams", "mapfile", "terminfo", "termcap", "langinfo", "histchars", "keymaps", "widgets", "words",
    "current", "match", "mbegin", "mend", "path", "fpath", "cdpath", "manpath", "mailpath", "module_path", "fignore",
    "psvar", "watch", "prompt", "ARGC", "ZLE_STATE", "zle_bracketed_paste", "zle_highlight", "region_highlight",
    "compstate", "reply", "epochtime", "functions_source", "dis_functions_source",
    // fish's.
    "version", "hostname", "umask", "fish_pid", "last_pid", "CMD_DURATION", "status_generation",
    "FISH_VERSION", "ZSH_VERSION", "ZSH_NAME", "ZSH_PATCHLEVEL", "ZSH_SUBSHELL", "ZSH_EXECUTION_STRING", "ZSH_ARGZERO",
    // csh's.
    "cwd", "home", "shell", "user", "term", "tcsh", "shlvl", "noclobber", "loginsh", "savehist",
];

/// Those of them that say who the user is: to other programs, such as Compose, they are plain names.
pub(super) const OF_USERS: [&str; 3] = ["UID", "GID", "USERNAME"];

/// Returns whether shells keep a variable of this name for themselves.
pub(super) fn is_special(name: &str) -> bool {
    NAMES.contains(&name)
}
