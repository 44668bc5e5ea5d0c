# What is special about zsh of the functions that can be called from outside; posix/commands.sh comes before it. The
# `venvwrap` program decides what is to happen and prints a plan; the functions here apply it, because only code that
# runs inside the shell can. No rule about environments lives in this file.
#
# Functions that source code of the user never touch options for good: no `emulate -L` there, a hook may set options.
# They are written to mean the same under any options; helpers that run only code from here use `emulate -L zsh`.

# Aliases, global ones too, would be expanded while the functions below are read. What `venvwrap init` prints does the
# same one level further out, since zsh reads the whole text of an `eval` before it runs the first line.
\builtin 'test' "${__venvwrap_read-}" '=' "$$" || \builtin 'unset' '__venvwrap_aliases'
\builtin 'alias' '-g' '__venvwrap_on="__venvwrap_aliases=$$"'
\builtin 'eval' '\builtin "typeset" "-g" __venvwrap_on'
\builtin 'unalias' '__venvwrap_on'
\builtin 'unset' '__venvwrap_on'
\builtin 'setopt' 'no_aliases'

# start of init: what `venvwrap init` prints.

# What another shell has exported says nothing about this one, and no variable of ours may be a number or a list. The lazy
# entry point has just set the first; the others are of use only where this was loaded before.
[[ "${__venvwrap_lazy-}" == "load $$" ]] || builtin unset __venvwrap_lazy
builtin typeset -f __venvwrap_exec >/dev/null || builtin unset __venvwrap_given __venvwrap_env __venvwrap_note \
  __venvwrap_temporary __venvwrap_consent __venvwrap_leaving __venvwrap_left __venvwrap_kept
builtin unset __venvwrap_request __venvwrap_protocol
# What the program is asked for: `__load` brings the functions in verbs.* along, which then ask for `__plan` alone.
builtin typeset -g __venvwrap_request=__load
# The version of the plans that are applied.
builtin typeset -g __venvwrap_protocol=2

# Becomes the program: call it in a subshell only. Settings that were never exported are passed on from here.
function __venvwrap_exec {
  builtin emulate -L zsh
  if [[ ! -f "${__venvwrap_bin-}" || ! -x "$__venvwrap_bin" ]]; then
    builtin trap - DEBUG
    builtin set -- "$(\builtin 'whence' '-p' 'venvwrap')" "$@"
    if [[ "$1" != /* ]]; then
      builtin printf 'error: cannot run the venvwrap program `%s`\n' "${__venvwrap_bin-}" >&2
      return 127
    fi
  else
    builtin set -- "$__venvwrap_bin" "$@"
  fi
  [[ -z "${__venvwrap_given-}" ]] || __venvwrap_drop_given
  # `-m`, because exporting an unset variable would set it.
  # generated: variables; `just generate` writes these lines
  builtin typeset -gxm WORKON_HOME PROJECT_HOME VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VIRTUALENVWRAPPER_VIRTUALENV VIRTUALENVWRAPPER_VIRTUALENV_ARGS \
    VIRTUALENVWRAPPER_VIRTUALENV_CLONE VIRTUALENVWRAPPER_PYTHON VIRTUALENVWRAPPER_LOG_FILE VENVWRAP_PICKER VIRTUAL_ENV \
    VENVWRAP_STUBS
  # end of variables
  builtin exec "$@"
}

# Calls a function of ours that reads what `$(` prints: what a DEBUG trap prints would be in it.
function __venvwrap_untraced {
  builtin emulate -L zsh
  builtin trap - DEBUG
  "$@"
}

# Asks for the plan of FUNCTION ARG.. and applies it; lines of the plan may set `_vw_status`. The first plan
# brings the functions that plans call.
function __venvwrap_plan {
  # start of waiting
  [[ "${__venvwrap_lazy-}" != waiting ]] || virtualenvwrapper_initialize || return "$?"
  # end of waiting
  builtin local _vw_text= _vw_status=0
  if [[ "${__venvwrap_request-}" != __load && "${__venvwrap_request-}" != __plan ]]; then
    builtin printf 'error: cannot go on: this shell has changed `__venvwrap_request`\nhint: start a new shell\n' >&2
    return 1
  fi
  __venvwrap_untraced __venvwrap_ask "$__venvwrap_request" zsh "$@" || return "$?"
  # A plan begins with a test of the version; a program that prints none speaks the first.
  [[ "$_vw_text" == '\builtin test "${__venvwrap_protocol-}"'* ]] ||
    _vw_text='builtin printf "error: this shell has loaded another version of venvwrap; start a new shell\n" >&2; return 1'
  # zsh looks for aliases in the whole text before it runs the first line; a hook finds them again.
  if [[ -o aliases ]]; then
    _vw_text="builtin setopt aliases;$_vw_text"
    builtin setopt no_aliases
  fi
  # Not before `||`: there, zsh loses the status of `return`, and `err_return` ends hooks. Every step succeeds or
  # returns.
  builtin eval "$_vw_text"
  return "$_vw_status"
}

# Calls the function in verbs.* that has this name after `__venvwrap_`.
function __venvwrap_late {
  # start of waiting
  [[ "${__venvwrap_lazy-}" != waiting ]] || virtualenvwrapper_initialize || return "$?"
  # end of waiting
  if [[ "$__venvwrap_request" == __load ]]; then
    __venvwrap_plan || return "$?"
  fi
  # Not before `$@` in one word: under `rc_expand_param` every argument would get the prefix.
  builtin local _vw_late="__venvwrap_$1"
  builtin shift
  "$_vw_late" "$@"
}

# start of later: as in posix/commands.sh.
# A readonly variable of the user is no obstacle to a local one.
function __venvwrap_check_locals { return 0; }

# Plan: sources a hook if it exists by now, whatever it returns. A relative path is never meant.
function __venvwrap_source {
  if [[ "$1" != /* || ! -f "$1" ]]; then
    return 0
  elif [[ -o warn_create_global ]]; then
    # A hook that sets a variable does not know that a function sources it.
    builtin setopt no_warn_create_global
    builtin eval '\builtin \. "$1"' || builtin :
    builtin setopt warn_create_global
  else
    builtin eval '\builtin \. "$1"' || builtin :
  fi
}
# end of later

# One function can have many names; `%N` is the one that was called.
function mkvirtualenv mkproject mktmpenv mktempenv { __venvwrap_late create "${(%):-%N}" "$@"; }
function rmvirtualenv cpvirtualenv mvvirtualenv { __venvwrap_late "${(%):-%N}" "$@"; }

# generated: functions; `just generate` writes these lines
function lsvirtualenv showvirtualenv lssitepackages add2virtualenv toggleglobalsitepackages wipeenv virtualenvwrapper \
  { __venvwrap_do "${(%):-%N}" "$@"; }
function setvirtualenvproject cdproject cdvirtualenv cdsitepackages allvirtualenv \
  { __venvwrap_late "${(%):-%N}" "$@"; }
# end of functions

# virtualenvwrapper's helpers, which hooks and dotfiles know.
function virtualenvwrapper_cd virtualenvwrapper_derive_workon_home virtualenvwrapper_expandpath \
  virtualenvwrapper_absolutepath virtualenvwrapper_verify_workon_home virtualenvwrapper_verify_workon_environment \
  virtualenvwrapper_verify_active_environment virtualenvwrapper_verify_project_home \
  virtualenvwrapper_verify_resource virtualenvwrapper_verify_virtualenv virtualenvwrapper_verify_virtualenv_clone \
  virtualenvwrapper_get_python_version virtualenvwrapper_get_site_packages_dir virtualenvwrapper_show_workon_options \
  virtualenvwrapper_mktemp virtualenvwrapper_tempfile virtualenvwrapper_run_hook virtualenvwrapper_workon_help \
  virtualenvwrapper_mkvirtualenv_help virtualenvwrapper_mkproject_help _virtualenvwrapper_version \
  _virtualenvs _cdvirtualenv_complete _cdsitepackages_complete {
  __venvwrap_late "helper_${${(%):-%N}#*virtualenvwrapper_}" "$@"
}
function _lsvirtualenv_usage { lsvirtualenv --help; }

# A shell started inside an environment inherits its variables but not the way out of it.
if [[ -n "${VIRTUAL_ENV-}" ]] && ! builtin functions deactivate >/dev/null; then
  function deactivate { __venvwrap_late inherited "$@"; }
fi
# end of init: the rest is for files alone.

# Only where this file alone was sourced: packages keep all files in one directory.
if [[ ! -x "${__venvwrap_bin-}" || "${__venvwrap_read-}" != "$$" ]]; then
  # Not from `funcsourcetrace`: that would load a module.
  builtin typeset -g __venvwrap_dir="${${(%):-%x}:A:h}"
  [[ -f "$__venvwrap_dir/find.sh" ]] || __venvwrap_dir="${__venvwrap_dir%/*}/posix"
  builtin . "$__venvwrap_dir/commands.sh"
  builtin . "$__venvwrap_dir/find.sh"
fi
builtin unset __venvwrap_read
# The entry points of virtualenvwrapper do this later, when they have set its variables. The other file turns aliases on
# again; from there on no word is without quotes.
if [[ -z "${VENVWRAP_STUBS-}" ]]; then
  \builtin . "$__venvwrap_dir/entry.sh"
elif [[ "${__venvwrap_aliases-}" == "$$" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
\builtin 'test' '-n' "${VENVWRAP_STUBS-}" || \__venvwrap_source_initialize
