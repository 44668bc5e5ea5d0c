# shellcheck shell=bash
# Messages put names in backticks (2016); variables and functions here are for hooks, plans and users (2034, 2119, 2120,
# 2317); a `cd` at the end of a function gives the function its status (2164).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2164,SC2317
#
# What is special about bash, 3.2 and later, of the functions that can be called from outside; posix/commands.sh comes
# before it. The `venvwrap` program decides what is to happen and prints a plan; the functions
# here apply it, because only code that runs inside the shell can. No rule about environments lives in this file.
#
# Calls go through `builtin`, so that a function named `cd` or `export` is not taken for the real one. `eval` and `.`
# are the exception: behind `builtin` they lose the protection that `|| :` gives from `set -e`. `builtin local a=$b`
# splits words, so that values are quoted there.

# Aliases would be expanded while the functions below are read.
if \builtin shopt -q expand_aliases; then
  __venvwrap_aliases=on
  \builtin shopt -u expand_aliases
fi

# Becomes the program: call it in a subshell only. Settings that were never exported are passed on from here.
function __venvwrap_exec {
  if [[ ! -f ${__venvwrap_bin-} || ! -x $__venvwrap_bin ]]; then
    builtin printf 'error: cannot run the venvwrap program `%s`\n' "${__venvwrap_bin-}" >&2
    return 127
  fi
  __venvwrap_drop_given
  # generated: variables; `just generate` writes these lines
  builtin export WORKON_HOME PROJECT_HOME VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VIRTUALENVWRAPPER_VIRTUALENV VIRTUALENVWRAPPER_VIRTUALENV_ARGS \
    VIRTUALENVWRAPPER_VIRTUALENV_CLONE VIRTUALENVWRAPPER_PYTHON VIRTUALENVWRAPPER_LOG_FILE VENVWRAP_PICKER VIRTUAL_ENV \
    VENVWRAP_STUBS
  # end of variables
  builtin exec "$__venvwrap_bin" "$@"
}

# Returns whether a variable has the value that the entry point gave it for scripts to run, and is not exported: no choice
# of the user.
function __venvwrap_is_given {
  builtin local _vw_attributes=''
  [[ ${__venvwrap_given-} == *" $1=${!1-} "* ]] || return 1
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    # Older versions cannot read it as code.
    \eval '_vw_attributes=${!1@a}'
  fi
  [[ $_vw_attributes != *x* ]]
}

# Asks for the plan of FUNCTION ARG.. and applies it; lines of the plan may set `_vw_status`. The first plan
# brings the functions that plans call.
function __venvwrap_plan {
  if [[ $- == *k* ]]; then
    __venvwrap_without_k __venvwrap_plan "$@"
    return "$?"
  elif [[ ${__venvwrap_lazy-} == waiting ]]; then
    virtualenvwrapper_initialize || return "$?"
  fi
  builtin local _vw_text='' _vw_status=0
  if builtin declare -F __venvwrap_enter >/dev/null; then
    _vw_text=$(__venvwrap_exec __plan bash "$@") || return "$?"
  else
    _vw_text=$(__venvwrap_exec __load bash "$@") || return "$?"
  fi
  # A plan begins with a test of the version; a program that prints none speaks the first.
  [[ $_vw_text == 'case "${__venvwrap_protocol-}"'* ]] ||
    _vw_text='builtin printf "error: this shell has loaded another version of venvwrap; start a new shell\n" >&2; return 1'
  # Every step succeeds or returns.
  \eval "$_vw_text"
  return "$_vw_status"
}

# Calls the function in verbs.* that has this name behind `__venvwrap_`.
function __venvwrap_late {
  if [[ $- == *k* ]]; then
    __venvwrap_without_k __venvwrap_late "$@"
    return "$?"
  elif [[ ${__venvwrap_lazy-} == waiting ]]; then
    virtualenvwrapper_initialize || return "$?"
  fi
  if ! builtin declare -F __venvwrap_enter >/dev/null; then
    __venvwrap_plan || return "$?"
  fi
  # Not a slice of the arguments: old versions join those at a blank.
  # shellcheck disable=SC2145
  "__venvwrap_$@"
}

# Plan: sources a hook if it exists by now, whatever it returns. A relative path is never meant.
function __venvwrap_source {
  if [[ $1 == /* && -f $1 ]]; then
    \eval '\. "$1"' || :
  fi
}

# A shell started inside an environment inherits its variables but not the way out of it.
if [[ -n ${VIRTUAL_ENV-} ]] && ! builtin declare -F deactivate >/dev/null; then
  function deactivate {
    case "${1-}" in
      -h | --help)
        __venvwrap_do deactivate --help
        return "$?"
        ;;
    esac
    __venvwrap_late forget || return "$?"
    builtin unset -f deactivate
  }
fi

# Only where this file alone was sourced: packages keep all files in one directory.
if [[ ! -x ${__venvwrap_bin-} || -z ${__venvwrap_read-} ]]; then
  __venvwrap_dir=$PWD
  case ${BASH_SOURCE[0]-} in
    /*) __venvwrap_dir=${BASH_SOURCE[0]%/*} ;;
    */*) __venvwrap_dir=$PWD/${BASH_SOURCE[0]%/*} ;;
  esac
  [[ -f $__venvwrap_dir/find.sh ]] || __venvwrap_dir=${__venvwrap_dir%/*}/posix
  \builtin . "$__venvwrap_dir/commands.sh"
  \builtin . "$__venvwrap_dir/find.sh"
fi
\builtin unset -v __venvwrap_read
if [[ -n ${__venvwrap_aliases-} ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
# The entry points of virtualenvwrapper do this later, when they have set its variables.
if [[ -z ${VENVWRAP_STUBS-} ]]; then
  __venvwrap_source_initialize
fi
