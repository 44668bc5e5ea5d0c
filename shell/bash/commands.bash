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
# are the exception where no function has their name: after `builtin` they lose the protection that `|| :` gives from
# `set -e`. No word of `local` and `export` is an assignment, which `set -k` would take away.

# Aliases would be expanded while the functions below are read. One may stand over a keyword: there is none in these lines.
\builtin shopt -q expand_aliases && __venvwrap_aliases=$$
\builtin shopt -u expand_aliases

# start of init: what `venvwrap init` prints.

# What another shell has exported says nothing about this one, and no variable of ours may be a number, a list or a
# reference (`-n`). The lazy entry point has just set the first; the second is of use only where the functions for it are,
# the others where this was loaded before.
case ${__venvwrap_lazy-} in
  "load $$") ;;
  *)
    \builtin unset -n __venvwrap_lazy 2>/dev/null || \builtin :
    \builtin unset -v __venvwrap_lazy
    ;;
esac
\builtin typeset -f __venvwrap_drop_given >/dev/null || {
  \builtin unset -n __venvwrap_given 2>/dev/null || \builtin :
  \builtin unset -v __venvwrap_given
}
\builtin typeset -f __venvwrap_exec >/dev/null || {
  \builtin unset -n __venvwrap_env __venvwrap_note __venvwrap_temporary __venvwrap_consent __venvwrap_leaving \
    __venvwrap_left __venvwrap_kept 2>/dev/null || \builtin :
  \builtin unset -v __venvwrap_env __venvwrap_note __venvwrap_temporary __venvwrap_consent __venvwrap_leaving \
    __venvwrap_left __venvwrap_kept
}
\builtin unset -n __venvwrap_protocol 2>/dev/null || \builtin :
\builtin unset -v __venvwrap_protocol

# The version of the plans that are applied.
__venvwrap_protocol=2

# Becomes the program: call it in a subshell only. Settings that were never exported are passed on from here.
function __venvwrap_exec {
  if [[ ! -f ${__venvwrap_bin-} || ! -x $__venvwrap_bin ]]; then
    builtin set +Tx
    builtin set -- "$(\builtin type -P venvwrap)" "$@"
    # `type` also finds what cannot be run.
    if [[ $1 != /* || ! -x $1 ]]; then
      builtin printf 'error: cannot run the venvwrap program `%s`\n' "${__venvwrap_bin-}" >&2
      return 127
    fi
  else
    builtin set -- "$__venvwrap_bin" "$@"
  fi
  [[ -z ${__venvwrap_given-} ]] || __venvwrap_drop_given
  # generated: variables; `just generate` writes these lines
  builtin export WORKON_HOME PROJECT_HOME VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VIRTUALENVWRAPPER_VIRTUALENV VIRTUALENVWRAPPER_VIRTUALENV_ARGS \
    VIRTUALENVWRAPPER_VIRTUALENV_CLONE VIRTUALENVWRAPPER_PYTHON VIRTUALENVWRAPPER_LOG_FILE VENVWRAP_PICKER VIRTUAL_ENV \
    VENVWRAP_STUBS
  # end of variables
  builtin exec "$@"
}

# Calls a function of ours that reads what `$(` prints: under `set -T`, what a DEBUG trap prints would be in it, and what
# `set -x` prints to standard output.
function __venvwrap_untraced {
  if [[ $- == *T* ]]; then
    builtin set +T
    __venvwrap_untraced "$@" || {
      builtin set -- "$?"
      builtin set -T
      return "$1"
    }
    builtin set -T
  elif [[ $- == *x* && ${BASH_XTRACEFD-} == 1 ]]; then
    builtin set +x
    "$@" || {
      builtin set -- "$?"
      builtin set -x
      return "$1"
    }
    builtin set -x
  else
    "$@"
  fi
}

# Fails where a variable of ours, local or not, could not be set, because the shell has a readonly one of that name:
# bash would end the function anywhere, with status 0. With an argument, prints the first of them: bash reads what is in
# `$(` again when it runs it, while aliases are on, and no more than a call may be there.
function __venvwrap_check_locals {
  if [[ -n ${1-} ]]; then
    builtin declare -pr | while IFS= builtin read -r REPLY; do
      REPLY=${REPLY#declare * }
      [[ $REPLY != _vw_* && $REPLY != __venvwrap_* ]] || { builtin printf %s "${REPLY%%=*}" && builtin break; }
    done
    return 0
  fi
  builtin declare _vw_activate _vw_at _vw_attributes _vw_before _vw_dir _vw_env _vw_file _vw_flags _vw_found \
    _vw_generation _vw_hook _vw_judged _vw_line _vw_link _vw_moved _vw_name _vw_newline _vw_noglob _vw_note \
    _vw_on_failure _vw_place _vw_program _vw_ran _vw_record _vw_removed _vw_reply _vw_rest _vw_state _vw_status \
    _vw_temporary _vw_text _vw_trap _vw_value _vw_version __venvwrap_active __venvwrap_been __venvwrap_consent \
    __venvwrap_diff __venvwrap_env __venvwrap_kept __venvwrap_leaving __venvwrap_left __venvwrap_name __venvwrap_note \
    __venvwrap_prompt __venvwrap_settled __venvwrap_temporary 2>/dev/null || {
    if [[ $- == *r* ]]; then
      builtin printf 'error: cannot go on: this shell is restricted\nhint: start one without `-r`\n' >&2
      return 1
    fi
    builtin set -- "$(\__venvwrap_check_locals name)"
    builtin printf 'error: cannot go on: this shell cannot set `%s`\nhint: start a shell in which it is not readonly\n' "$1" >&2
    return 1
  }
}

# Asks for the plan of FUNCTION ARG.. and applies it; lines of the plan may set `_vw_status`. The first plan
# brings the functions that plans call.
function __venvwrap_plan {
  if [[ ${__venvwrap_lazy-} == waiting ]]; then
    virtualenvwrapper_initialize || return "$?"
  fi
  __venvwrap_check_locals || return 1
  builtin local _vw_text _vw_status
  builtin unset -v _vw_text _vw_status
  _vw_status=0 _vw_text=__load
  if builtin declare -F __venvwrap_enter >/dev/null; then
    _vw_text=__plan
  fi
  __venvwrap_untraced __venvwrap_ask "$_vw_text" bash "$@" || _vw_status=$?
  [[ $_vw_status == 0 ]] || return "$_vw_status"
  # A plan begins with a test of the version; a program that prints none speaks the first.
  [[ $_vw_text == '\builtin test "${__venvwrap_protocol-}"'* ]] ||
    _vw_text='builtin printf "error: this shell has loaded another version of venvwrap; start a new shell\n" >&2; return 1'
  # Every step succeeds or returns.
  if builtin declare -F eval >/dev/null; then
    builtin eval "$_vw_text"
  else
    \eval "$_vw_text"
  fi
  return "$_vw_status"
}

# Calls the function in verbs.* that has this name after `__venvwrap_`.
function __venvwrap_late {
  if [[ ${__venvwrap_lazy-} == waiting ]]; then
    virtualenvwrapper_initialize || return "$?"
  fi
  __venvwrap_check_locals || return 1
  if ! builtin declare -F __venvwrap_enter >/dev/null; then
    __venvwrap_plan || return "$?"
  fi
  # Not a slice of the arguments: old versions join those at a blank.
  # shellcheck disable=SC2145
  "__venvwrap_$@"
}

# Plan: sources a hook if it exists by now, whatever it returns. A relative path is never meant.
function __venvwrap_source {
  if [[ $1 != /* || ! -f $1 ]]; then
    return 0
  elif { builtin declare -F eval || builtin declare -F .; } >/dev/null 2>&1; then
    builtin eval '\builtin \. "$1"' || builtin :
  else
    \eval '\. "$1"' || builtin :
  fi
}

function mkvirtualenv { __venvwrap_late create mkvirtualenv "$@"; }
function mkproject { __venvwrap_late create mkproject "$@"; }
function mktmpenv { __venvwrap_late create mktmpenv "$@"; }
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

# virtualenvwrapper's helpers, which hooks and dotfiles know.
function virtualenvwrapper_cd { __venvwrap_late helper_cd "$@"; }
function virtualenvwrapper_derive_workon_home { __venvwrap_late helper_derive_workon_home; }
function virtualenvwrapper_expandpath { __venvwrap_late helper_expandpath "$@"; }
function virtualenvwrapper_absolutepath { __venvwrap_late helper_absolutepath "$@"; }
function virtualenvwrapper_verify_workon_home { __venvwrap_late helper_verify_workon_home "$@"; }
function virtualenvwrapper_verify_workon_environment { __venvwrap_late helper_verify_workon_environment "$@"; }
function virtualenvwrapper_verify_active_environment { __venvwrap_late helper_verify_active_environment; }
function virtualenvwrapper_verify_project_home { __venvwrap_late helper_verify_project_home "$@"; }
function virtualenvwrapper_verify_resource { __venvwrap_late helper_verify_resource "$@"; }
function virtualenvwrapper_verify_virtualenv { __venvwrap_late helper_verify_virtualenv; }
function virtualenvwrapper_verify_virtualenv_clone { __venvwrap_late helper_verify_virtualenv_clone; }
function virtualenvwrapper_get_python_version { __venvwrap_late helper_get_python_version; }
function virtualenvwrapper_get_site_packages_dir { __venvwrap_late helper_get_site_packages_dir; }
function virtualenvwrapper_show_workon_options { __venvwrap_late helper_show_workon_options; }
function virtualenvwrapper_mktemp { __venvwrap_late helper_mktemp "$@"; }
function virtualenvwrapper_tempfile { __venvwrap_late helper_tempfile "$@"; }
function virtualenvwrapper_run_hook { __venvwrap_late helper_run_hook "$@"; }
function virtualenvwrapper_workon_help { __venvwrap_late helper_workon_help; }
function virtualenvwrapper_mkvirtualenv_help { __venvwrap_late helper_mkvirtualenv_help; }
function virtualenvwrapper_mkproject_help { __venvwrap_late helper_mkproject_help; }
function _virtualenvwrapper_version { __venvwrap_late helper_version; }
function _lsvirtualenv_usage { lsvirtualenv --help; }
function _virtualenvs { __venvwrap_late helper__virtualenvs; }
function _cdvirtualenv_complete { __venvwrap_late helper__cdvirtualenv_complete "$@"; }
function _cdsitepackages_complete { __venvwrap_late helper__cdsitepackages_complete "$@"; }

# A shell started inside an environment inherits its variables but not the way out of it.
if [[ -n ${VIRTUAL_ENV-} ]] && ! builtin declare -F deactivate >/dev/null; then
  function deactivate { __venvwrap_late inherited "$@"; }
fi

# end of init: the rest is for files alone.

# Only where this file alone was sourced: packages keep all files in one directory.
if [[ ! -x ${__venvwrap_bin-} || ${__venvwrap_read-} != "$$" ]]; then
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
# The entry points of virtualenvwrapper do this later, when they have set its variables. The other file turns aliases on
# again; from there on no line has a keyword.
if [[ -z ${VENVWRAP_STUBS-} ]]; then
  \builtin . "$__venvwrap_dir/entry.sh"
elif [[ ${__venvwrap_aliases-} == "$$" ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
\builtin test -n "${VENVWRAP_STUBS-}" || \__venvwrap_source_initialize
