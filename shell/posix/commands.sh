# shellcheck shell=bash
# Arguments are the callers' (2119, 2120); functions here are for hooks and dotfiles (2317); `eval` hides zsh's own
# syntax from bash (2016); hooks read variables from here (2034).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2317
#
# What can be called from outside, for bash and zsh alike: the commands, and virtualenvwrapper's helpers. Each asks the
# program, or calls the long function of its name in verbs.sh or helpers.sh. The commands.* of the shell comes next.

# Aliases would be expanded while the functions below are read; the shim that is read next turns them on again.
if [ -n "${ZSH_VERSION-}" ]; then
  \builtin eval '[[ ! -o aliases ]]' || __venvwrap_aliases=on
  \builtin setopt no_aliases
elif \builtin shopt -q expand_aliases; then
  __venvwrap_aliases=on
  \builtin shopt -u expand_aliases
fi

# The version of the plans that are applied; and for the file that comes next, that this one was read.
__venvwrap_protocol=2
__venvwrap_read=1

# Runs `venvwrap __do FUNCTION ARG..` in the foreground.
function __venvwrap_do {
  case "${__venvwrap_lazy-}" in
    waiting) virtualenvwrapper_initialize || return "$?" ;;
  esac
  (__venvwrap_exec __do "$@")
}

# Forgets, in the subshell that becomes the program, what only scripts read.
function __venvwrap_drop_given {
  if [ -n "${__venvwrap_given-}" ]; then
    ! __venvwrap_is_given VIRTUALENVWRAPPER_VIRTUALENV || builtin unset -v VIRTUALENVWRAPPER_VIRTUALENV
    ! __venvwrap_is_given VIRTUALENVWRAPPER_VIRTUALENV_CLONE || builtin unset -v VIRTUALENVWRAPPER_VIRTUALENV_CLONE
  fi
}

# Calls a function without `set -k`, which takes the words `a=b` away from `local` and `export`.
function __venvwrap_without_k {
  builtin set +k
  "$@" || {
    builtin set -k -- "$?"
    return "$1"
  }
  builtin set -k
}

# The shell has to say whether this is a terminal: what the program prints is a plan, in a pipe.
function workon {
  if [[ $# == 0 && -t 0 && -t 1 && -t 2 ]]; then
    __venvwrap_plan pick
  else
    __venvwrap_plan workon "$@"
  fi
}

function mkvirtualenv { __venvwrap_late create mkvirtualenv "$@"; }
function mkproject { __venvwrap_late create mkproject "$@"; }

# The token makes both calls of the program choose the same name.
function mktmpenv { __venvwrap_late create mktmpenv --token "$$.$RANDOM$RANDOM" "$@"; }
function mktempenv { mktmpenv "$@"; }
function rmvirtualenv { __venvwrap_late rmvirtualenv "$@"; }
function cpvirtualenv { __venvwrap_late cpvirtualenv "$@"; }
function mvvirtualenv { __venvwrap_late mvvirtualenv "$@"; }

# generated: functions; `just generate` writes these lines
function lsvirtualenv { __venvwrap_do lsvirtualenv "$@"; }
function showvirtualenv { __venvwrap_do showvirtualenv "$@"; }
function setvirtualenvproject { __venvwrap_late setvirtualenvproject "$@"; }
function cdproject { __venvwrap_late cdproject "$@"; }
function cdvirtualenv { __venvwrap_late cdvirtualenv "$@"; }
function cdsitepackages { __venvwrap_late cdsitepackages "$@"; }
function lssitepackages { __venvwrap_do lssitepackages "$@"; }
function add2virtualenv { __venvwrap_do add2virtualenv "$@"; }
function toggleglobalsitepackages { __venvwrap_do toggleglobalsitepackages "$@"; }
function wipeenv { __venvwrap_do wipeenv "$@"; }
function allvirtualenv { __venvwrap_late allvirtualenv "$@"; }
function virtualenvwrapper { __venvwrap_do virtualenvwrapper "$@"; }
# end of functions

# Does what virtualenvwrapper does when its script is sourced; the lazy one puts it off until a command is called. $1 is
# the path of the script.
function __venvwrap_start {
  if [ -z "${VIRTUALENVWRAPPER_SCRIPT-}" ] && [ -n "$1" ]; then
    VIRTUALENVWRAPPER_SCRIPT=$1
    builtin export VIRTUALENVWRAPPER_SCRIPT
  fi
  # Scripts run these. Not where everything is exported: they would turn into the choice of another program.
  case $-:${VIRTUALENVWRAPPER_VIRTUALENV-} in
    *a*:* | *:?*) ;;
    *)
      VIRTUALENVWRAPPER_VIRTUALENV=virtualenv
      __venvwrap_given=' VIRTUALENVWRAPPER_VIRTUALENV=virtualenv '
      ;;
  esac
  case $-:${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-} in
    *a*:* | *:?*) ;;
    *)
      VIRTUALENVWRAPPER_VIRTUALENV_CLONE=virtualenv-clone
      __venvwrap_given="${__venvwrap_given-} VIRTUALENVWRAPPER_VIRTUALENV_CLONE=virtualenv-clone "
      ;;
  esac
  case ${__venvwrap_lazy-} in
    load) __venvwrap_lazy=waiting ;;
    *) virtualenvwrapper_initialize ;;
  esac
}

# Starts a process only where there is something to resolve or to make. In one condition, which takes a fifth of the
# time of a loop: a dangling link in the place of a hook costs a process, and stays.
function virtualenvwrapper_initialize {
  __venvwrap_lazy=
  __venvwrap_settle || return 1
  virtualenvwrapper_verify_workon_home -q || return 1
  if [ -n "${VIRTUALENVWRAPPER_LOG_FILE-}" ] && [ ! -e "$VIRTUALENVWRAPPER_LOG_FILE" ]; then
    (builtin : >>"$VIRTUALENVWRAPPER_LOG_FILE") 2>/dev/null || :
  fi
  builtin set -- "$VIRTUALENVWRAPPER_HOOK_DIR"
  if ! [[ -e $1/initialize && -e $1/premkvirtualenv && -e $1/postmkvirtualenv && -e $1/prermvirtualenv &&
    -e $1/postrmvirtualenv && -e $1/predeactivate && -e $1/postdeactivate && -e $1/preactivate &&
    -e $1/postactivate && -e $1/get_env_details && -e $1/premkproject && -e $1/postmkproject ]]; then
    __venvwrap_do stubs || :
  fi
  __venvwrap_source "$1/initialize"
}

# Gives a value to every variable that scripts read. What nobody has set is noted in VENVWRAP_DEFAULTS, so that it does
# not become a setting: the program passes over it, and the next shell derives it again.
function __venvwrap_settle {
  case "${VENVWRAP_DEFAULTS-}" in
    '') ;;
    *) __venvwrap_forget_defaults ;;
  esac
  if __venvwrap_is_configured; then
    builtin set -- "$(__venvwrap_do settings "${ZSH_VERSION:+zsh}${BASH_VERSION:+bash}")"
    [ -n "$1" ] || return 1
    \eval "$1"
    return
  fi
  VENVWRAP_DEFAULTS='|'
  if [ -z "${WORKON_HOME-}" ]; then
    WORKON_HOME=$HOME/.virtualenvs
    VENVWRAP_DEFAULTS="|WORKON_HOME=$WORKON_HOME|"
  fi
  if [ -z "${VIRTUALENVWRAPPER_HOOK_DIR-}" ]; then
    VIRTUALENVWRAPPER_HOOK_DIR=$WORKON_HOME
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_HOOK_DIR=$VIRTUALENVWRAPPER_HOOK_DIR|"
  fi
  if [ -z "${VIRTUALENVWRAPPER_PROJECT_FILENAME-}" ]; then
    VIRTUALENVWRAPPER_PROJECT_FILENAME=.project
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_PROJECT_FILENAME=.project|"
  fi
  if [ -z "${VIRTUALENVWRAPPER_WORKON_CD-}" ]; then
    VIRTUALENVWRAPPER_WORKON_CD=1
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_WORKON_CD=1|"
  fi
  builtin export WORKON_HOME VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VENVWRAP_DEFAULTS
}

# Unsets what a shell before this one, or an earlier start, has derived.
function __venvwrap_forget_defaults {
  case "$VENVWRAP_DEFAULTS" in
    *"|WORKON_HOME=${WORKON_HOME-}|"*) builtin unset -v WORKON_HOME ;;
  esac
  case "$VENVWRAP_DEFAULTS" in
    *"|VIRTUALENVWRAPPER_HOOK_DIR=${VIRTUALENVWRAPPER_HOOK_DIR-}|"*) builtin unset -v VIRTUALENVWRAPPER_HOOK_DIR ;;
  esac
  case "$VENVWRAP_DEFAULTS" in
    *"|VIRTUALENVWRAPPER_PROJECT_FILENAME=${VIRTUALENVWRAPPER_PROJECT_FILENAME-}|"*)
      builtin unset -v VIRTUALENVWRAPPER_PROJECT_FILENAME
      ;;
  esac
  case "$VENVWRAP_DEFAULTS" in
    *"|VIRTUALENVWRAPPER_WORKON_CD=${VIRTUALENVWRAPPER_WORKON_CD-}|"*) builtin unset -v VIRTUALENVWRAPPER_WORKON_CD ;;
  esac
  builtin unset -v VENVWRAP_DEFAULTS
}

# Returns whether only the program knows the directories: one is not written in full, or something is left to a
# configuration file.
function __venvwrap_is_configured {
  case "${WORKON_HOME:-/}|${VIRTUALENVWRAPPER_HOOK_DIR:-/}" in
    [!/]* | *'|'[!/]* | *['$~']* | *//*) return 0 ;;
  esac
  if [ -n "${WORKON_HOME-}" ] && [ -n "${VIRTUALENVWRAPPER_HOOK_DIR-}" ] &&
    [ -n "${VIRTUALENVWRAPPER_PROJECT_FILENAME-}" ] && [ -n "${VIRTUALENVWRAPPER_WORKON_CD-}" ]; then
    return 1
  fi
  [ -z "${WORKON_HOME-}${HOME-}" ] ||
    [ -f "${VENVWRAP_CONFIG:-${XDG_CONFIG_HOME:-${HOME-}/.config}/venvwrap/config.toml}" ] ||
    [ -f "${HOME-}/Library/Application Support/venvwrap/config.toml" ]
}

# Sources the `initialize` hook, where nothing else of virtualenvwrapper's start is wanted.
function __venvwrap_source_initialize {
  if __venvwrap_is_configured; then
    builtin set -- "$(__venvwrap_do hook-dir 2>/dev/null)"
  else
    builtin set -- "${VIRTUALENVWRAPPER_HOOK_DIR:-${WORKON_HOME:-${HOME-}/.virtualenvs}}"
  fi
  __venvwrap_source "$1/initialize"
}

function virtualenvwrapper_cd { __venvwrap_late chdir "$@"; }
function virtualenvwrapper_derive_workon_home { __venvwrap_do workon-home; }
function virtualenvwrapper_expandpath { __venvwrap_late legacy_expandpath "$@"; }
function virtualenvwrapper_absolutepath { __venvwrap_late legacy_absolutepath "$@"; }

function virtualenvwrapper_verify_workon_home {
  if [ ! -d "${WORKON_HOME-}/" ] || [ -z "${WORKON_HOME-}" ]; then
    __venvwrap_do verify-home "$@"
  fi
}

function virtualenvwrapper_verify_workon_environment { __venvwrap_late legacy_verify_workon_environment "$@"; }
function virtualenvwrapper_verify_active_environment { __venvwrap_late require_active; }
function virtualenvwrapper_verify_project_home { __venvwrap_late legacy_verify_project_home "$@"; }
function virtualenvwrapper_verify_resource { __venvwrap_late legacy_verify_resource "$@"; }
function virtualenvwrapper_verify_virtualenv { __venvwrap_late legacy_verify_virtualenv; }
function virtualenvwrapper_verify_virtualenv_clone { __venvwrap_late legacy_verify_virtualenv_clone; }
function virtualenvwrapper_get_python_version { __venvwrap_late legacy_get_python_version; }
function virtualenvwrapper_get_site_packages_dir { __venvwrap_late legacy_get_site_packages_dir; }
function virtualenvwrapper_show_workon_options { __venvwrap_do lsvirtualenv -b; }
function virtualenvwrapper_mktemp { builtin command mktemp "$@"; }
function virtualenvwrapper_tempfile { __venvwrap_late legacy_tempfile "$@"; }

# EVENT ARG..: runs and sources what belongs to the event, such as `post_activate`.
function virtualenvwrapper_run_hook { __venvwrap_plan run-hook "$@"; }

# Completion is set up where it belongs: with the functions, or by the shell's own loader.
function virtualenvwrapper_setup_tab_completion { :; }

# All names are there from the start; the lazy entry point waits with the settings.
function virtualenvwrapper_load {
  case "${__venvwrap_lazy-}" in
    waiting) virtualenvwrapper_initialize ;;
  esac
}
function virtualenvwrapper_workon_help { workon --help; }
function virtualenvwrapper_mkvirtualenv_help { mkvirtualenv --help; }
function virtualenvwrapper_mkproject_help { mkproject --help; }
function _lsvirtualenv_usage { lsvirtualenv --help; }
function _virtualenvwrapper_version { __venvwrap_do version; }
