# shellcheck shell=bash
# `eval` hides zsh's own syntax from bash (2016); what a subshell sets is meant for it alone (2030, 2031); what other files
# set is not seen (2154); functions here are for them (2317).
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
#
# What only the entry point of virtualenvwrapper needs, for bash and zsh: the variables that its script sets, and the
# `initialize` hook. It is read after commands.*; a shell that has only `venvwrap init` gets it when it calls
# `virtualenvwrapper_initialize`.

# Aliases would be expanded while the functions below are read, as in commands.sh.
\builtin 'test' '-z' "${ZSH_VERSION-}" && \builtin 'shopt' '-q' 'expand_aliases' && __venvwrap_aliases=$$
\builtin 'alias' '-g' '__venvwrap_on="__venvwrap_aliases=$$"' 2>'/dev/null' &&
  \builtin 'eval' '\builtin "typeset" "-g" __venvwrap_on; \builtin "unalias" "__venvwrap_on"; \builtin "unset" "__venvwrap_on"'
\builtin 'test' '-n' "${ZSH_VERSION-}" || \builtin 'shopt' '-u' 'expand_aliases'
\builtin 'test' '-z' "${ZSH_VERSION-}" || \builtin 'setopt' 'no_aliases'
# start of init: what `venvwrap init --virtualenvwrapper` prints.

# Returns whether a variable has the value that the entry point gave it for scripts to run, and is not exported: no choice
# of the user.
if [[ -n "${ZSH_VERSION-}" ]]; then
  # In words of one line each: zsh refuses others under `csh_junkie_quotes`.
  \builtin eval 'function __venvwrap_is_given {' 'builtin emulate -L zsh;' \
    '[[ "${__venvwrap_given-}" == *" $1=${(P)1-} "* && "${(Pt)1}" != *export* ]];' '}'
else
  function __venvwrap_is_given {
    builtin local _vw_attributes
    builtin unset -v _vw_attributes
    _vw_attributes=
    [[ ${__venvwrap_given-} == *" $1=${!1-} "* ]] || return 1
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
      # Older versions cannot read it as code.
      builtin eval '_vw_attributes=${!1@a}'
    fi
    [[ $_vw_attributes != *x* ]]
  }
fi

# Forgets, in the subshell that becomes the program, what only scripts read.
function __venvwrap_drop_given {
  ! __venvwrap_is_given VIRTUALENVWRAPPER_VIRTUALENV || builtin unset -v VIRTUALENVWRAPPER_VIRTUALENV
  ! __venvwrap_is_given VIRTUALENVWRAPPER_VIRTUALENV_CLONE || builtin unset -v VIRTUALENVWRAPPER_VIRTUALENV_CLONE
}

# Functions set it, which zsh would tell of under `warn_create_global` if it did not exist.
\builtin : "${__venvwrap_lazy=}"

# The lazy entry point waits with the settings until a command is called, or this.
function virtualenvwrapper_load {
  case "${__venvwrap_lazy-}" in
    waiting) virtualenvwrapper_initialize ;;
  esac
}

# Does what virtualenvwrapper does when its script is sourced; the lazy one puts it off until a command is called. $1 is
# the path of the script, $2 what takes virtualenv's arguments where that is not next to the program.
function __venvwrap_start {
  __venvwrap_offer "$1" "${2-}"
  case ${__venvwrap_lazy-} in
    "load $$") __venvwrap_lazy=waiting ;;
    *) virtualenvwrapper_initialize ;;
  esac
}

# Sets what scripts source and run.
function __venvwrap_offer {
  case ${ZSH_VERSION:+zsh} in
    zsh) builtin setopt local_options no_warn_create_global no_warn_nested_var ;;
  esac
  # A second start derives them again, so that what the first has given does not become a choice.
  [[ -z "${__venvwrap_given-}" ]] || __venvwrap_drop_given
  builtin unset -v __venvwrap_given
  __venvwrap_given=
  if [[ -n "$1" ]] && [[ ! -f "${VIRTUALENVWRAPPER_SCRIPT-}" ]]; then
    VIRTUALENVWRAPPER_SCRIPT=$1
    builtin export VIRTUALENVWRAPPER_SCRIPT
  fi
  # Scripts run these. One of this program's is no choice; another would turn into one where everything is exported.
  case ${VIRTUALENVWRAPPER_VIRTUALENV-} in
    '' | */venvwrap-venv)
      if [[ -x "${__venvwrap_bin%/*}/venvwrap-venv" ]]; then
        VIRTUALENVWRAPPER_VIRTUALENV=${__venvwrap_bin%/*}/venvwrap-venv
      elif [[ -x "${2-}" ]]; then
        VIRTUALENVWRAPPER_VIRTUALENV=$2
      else
        case $- in
          *a*) ;;
          *) VIRTUALENVWRAPPER_VIRTUALENV=virtualenv ;;
        esac
      fi
      __venvwrap_given=" VIRTUALENVWRAPPER_VIRTUALENV=${VIRTUALENVWRAPPER_VIRTUALENV-} "
      ;;
  esac
  case $-:${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-} in
    *a*:* | *:?*) ;;
    *)
      VIRTUALENVWRAPPER_VIRTUALENV_CLONE=virtualenv-clone
      __venvwrap_given="${__venvwrap_given-} VIRTUALENVWRAPPER_VIRTUALENV_CLONE=virtualenv-clone "
      ;;
  esac
}

# Starts a process only where there is something to resolve or to make. In one condition, which takes a fifth of the
# time of a loop: a dangling link in the place of a hook costs a process, and stays.
function virtualenvwrapper_initialize {
  __venvwrap_settle_variables || return 1
  if [[ ! -d "$WORKON_HOME/" ]]; then
    __venvwrap_do verify-home -q || return 1
  fi
  if [[ -n "${VIRTUALENVWRAPPER_LOG_FILE-}" ]] && [[ ! -e "$VIRTUALENVWRAPPER_LOG_FILE" ]]; then
    (builtin : >>"$VIRTUALENVWRAPPER_LOG_FILE") 2>/dev/null || builtin :
  fi
  builtin set -- "$VIRTUALENVWRAPPER_HOOK_DIR"
  if ! [[ -e $1/initialize && -e $1/premkvirtualenv && -e $1/postmkvirtualenv && -e $1/prermvirtualenv &&
    -e $1/postrmvirtualenv && -e $1/predeactivate && -e $1/postdeactivate && -e $1/preactivate &&
    -e $1/postactivate && -e $1/get_env_details && -e $1/premkproject && -e $1/postmkproject ]]; then
    __venvwrap_do stubs || builtin :
  fi
  __venvwrap_initialize "$1/initialize"
}

# Gives a value to every variable that scripts read. What nobody has set is noted in VENVWRAP_DEFAULTS, so that it does
# not become a setting: the program passes over it, and the next shell derives it again.
function __venvwrap_settle_variables {
  case ${ZSH_VERSION:+zsh} in
    zsh) builtin setopt local_options no_warn_create_global no_warn_nested_var ;;
  esac
  __venvwrap_lazy=
  builtin set -- ''
  case "${VENVWRAP_DEFAULTS-}" in
    '') ;;
    *)
      # As in virtualenvwrapper, a directory of hooks that was derived once stays when WORKON_HOME changes.
      case "$VENVWRAP_DEFAULTS" in
        *"|VIRTUALENVWRAPPER_HOOK_DIR=${VIRTUALENVWRAPPER_HOOK_DIR-}|"*) builtin set -- "$VIRTUALENVWRAPPER_HOOK_DIR" ;;
      esac
      __venvwrap_forget_defaults
      ;;
  esac
  if __venvwrap_is_configured; then
    builtin local _vw_text
    builtin unset -v _vw_text
    __venvwrap_untraced __venvwrap_read_settings "$1" || builtin :
    [[ -n "$_vw_text" ]] || return 1
    builtin eval "$_vw_text"
    return
  fi
  VENVWRAP_DEFAULTS='|'
  if [[ -z "${WORKON_HOME-}" ]]; then
    WORKON_HOME=$HOME/.virtualenvs
    VENVWRAP_DEFAULTS="|WORKON_HOME=$WORKON_HOME|"
  fi
  if [[ -z "${VIRTUALENVWRAPPER_HOOK_DIR-}" ]]; then
    VIRTUALENVWRAPPER_HOOK_DIR=${1:-$WORKON_HOME}
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_HOOK_DIR=$VIRTUALENVWRAPPER_HOOK_DIR|"
  fi
  if [[ -z "${VIRTUALENVWRAPPER_PROJECT_FILENAME-}" ]]; then
    VIRTUALENVWRAPPER_PROJECT_FILENAME=.project
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_PROJECT_FILENAME=.project|"
  fi
  if [[ -z "${VIRTUALENVWRAPPER_WORKON_CD-}" ]]; then
    VIRTUALENVWRAPPER_WORKON_CD=1
    VENVWRAP_DEFAULTS="${VENVWRAP_DEFAULTS}VIRTUALENVWRAPPER_WORKON_CD=1|"
  fi
  builtin export WORKON_HOME VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VENVWRAP_DEFAULTS
}

function __venvwrap_read_settings { _vw_text=$(\__venvwrap_print_settings "$1"); }

# Prints what to evaluate, where HOOK_DIR was derived before; called in a subshell only.
function __venvwrap_print_settings {
  if [[ -n "$1" ]]; then
    VIRTUALENVWRAPPER_HOOK_DIR=$1
    VENVWRAP_DEFAULTS="|VIRTUALENVWRAPPER_HOOK_DIR=$1|"
    builtin export VENVWRAP_DEFAULTS
  fi
  __venvwrap_do settings "${ZSH_VERSION:+zsh}${BASH_VERSION:+bash}"
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
  if [[ -n "${WORKON_HOME-}" ]] && [[ -n "${VIRTUALENVWRAPPER_HOOK_DIR-}" ]] &&
    [[ -n "${VIRTUALENVWRAPPER_PROJECT_FILENAME-}" ]] && [[ -n "${VIRTUALENVWRAPPER_WORKON_CD-}" ]]; then
    return 1
  fi
  [[ -z "${WORKON_HOME-}${HOME-}" ]] ||
    [[ -f "${VENVWRAP_CONFIG:-${XDG_CONFIG_HOME:-${HOME-}/.config}/venvwrap/config.toml}" ]] ||
    [[ -f "${HOME-}/Library/Application Support/venvwrap/config.toml" ]]
}

# Sources the `initialize` hook, where nothing else of virtualenvwrapper's start is wanted.
function __venvwrap_source_initialize {
  if __venvwrap_is_configured; then
    __venvwrap_initialize
  else
    __venvwrap_initialize "${VIRTUALENVWRAPPER_HOOK_DIR:-${WORKON_HOME:-${HOME-}/.virtualenvs}}/initialize"
  fi
}

# end of init: the rest is for files alone.
if [[ "${__venvwrap_aliases-}" == "$$" ]]; then
  case ${ZSH_VERSION:+zsh} in
    zsh) \builtin setopt aliases ;;
    *) \builtin shopt -s expand_aliases ;;
  esac
  \builtin unset -v __venvwrap_aliases
fi
