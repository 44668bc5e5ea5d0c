# Entering and leaving environments as the directory changes, for zsh; needs commands.zsh.
#
# At each prompt the hook looks for a directory that leads to an environment, with tests of files alone. Only when that
# directory is another one than at the last prompt is the program asked, and it decides what is to happen.
#
# Variables get their values from `typeset -g`: under `warn_nested_var` zsh tells of assignments in functions.

# What another shell has exported is not where this one is. No shell inherits a list, and nobody else declares one whose
# elements are unique.
if [[ "${(t)__venvwrap_follow_own-}" != array*unique* ]]; then
  builtin unset __venvwrap_follow_own __venvwrap_follow_root __venvwrap_follow_pwd __venvwrap_follow_seen \
    __venvwrap_follow_told __venvwrap_follow_pending __venvwrap_follow_busy
  builtin typeset -gaU __venvwrap_follow_own
fi

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
builtin typeset -g __venvwrap_follow_root="${__venvwrap_follow_root-?}" __venvwrap_follow_pwd="${__venvwrap_follow_pwd-?}"
builtin typeset -g __venvwrap_follow_seen="${__venvwrap_follow_seen-?}" __venvwrap_follow_told="${__venvwrap_follow_told-}"
builtin typeset -g __venvwrap_follow_pending="${__venvwrap_follow_pending-}" __venvwrap_follow_busy="${__venvwrap_follow_busy-}"

# Runs before each prompt; zsh itself keeps the status of the last command, and would take one that is handed on for a
# failure, under `set -e` or with a trap. Looks where the shell is now, and goes on only when another directory leads to an
# environment than before, or when something was told.
function __venvwrap_follow {
  if [[ "$PWD" == "$__venvwrap_follow_pwd" && -z "$__venvwrap_follow_pending" ]]; then
    return 0
  elif [[ "${VENVWRAP_AUTO-}" != 0 && -z "$__venvwrap_follow_busy" ]]; then
    builtin local _vw_reply="$__venvwrap_follow_root"
    # Where the shell has stayed, only the decision about the directory may have changed.
    if [[ "$__venvwrap_follow_pending" != active || "$PWD" != "$__venvwrap_follow_pwd" ]]; then
      _vw_reply=
      __venvwrap_follow_find "$PWD"
    fi
    if [[ "$_vw_reply" != "$__venvwrap_follow_root" || -n "$__venvwrap_follow_pending" ]]; then
      builtin typeset -g __venvwrap_follow_busy=1
      __venvwrap_follow_act "$_vw_reply" || builtin :
      builtin typeset -g __venvwrap_follow_busy=
    fi
    # Hooks may have changed the directory.
    builtin typeset -g __venvwrap_follow_pwd="$PWD"
  fi
  return 0
}

# Does what is to be done where $1 leads to an environment, or nothing does, unless all is as it was when that was told.
function __venvwrap_follow_act {
  builtin local _vw_generation=
  if [[ -f "$__venvwrap_follow_tree/@generation" && -r "$__venvwrap_follow_tree/@generation" ]]; then
    IFS= builtin read -r _vw_generation <"$__venvwrap_follow_tree/@generation" || builtin :
  fi
  if [[ "$1" == "$__venvwrap_follow_root" && "$_vw_generation" == "$__venvwrap_follow_seen" ]]; then
    return 0
  elif [[ "$1" == "$__venvwrap_follow_root" && "$__venvwrap_follow_pending" == active &&
    ( -z "${VIRTUAL_ENV-}" || "$VIRTUAL_ENV" != "${VENVWRAP_AUTO_ENV-}" ) ]]; then
    # The user has left it, or gone elsewhere.
    builtin typeset -g __venvwrap_follow_pending=
    return 0
  fi
  builtin typeset -g __venvwrap_follow_seen="$_vw_generation"
  builtin typeset -g __venvwrap_follow_root="$1"
  builtin typeset -g __venvwrap_follow_pending=
  # An environment that only its variable names, in a shell that has reset PATH, is not active: the program looks.
  if [[ -n "${VIRTUAL_ENV-}" && "$VIRTUAL_ENV" != "${VENVWRAP_AUTO_ENV-}" &&
    ( -z "$__venvwrap_follow_root" || "$PATH" == "$VIRTUAL_ENV/bin:"* ) ]]; then
    return 0
  elif [[ -n "$__venvwrap_follow_root" || ( -n "${__venvwrap_consent-}" && -n "${VIRTUAL_ENV-}" ) ]]; then
    if [[ -x "${__venvwrap_bin-}" ]] || builtin whence -p venvwrap >/dev/null; then
      __venvwrap_plan follow "$__venvwrap_follow_root" "${__venvwrap_consent-}"
    fi
  elif [[ -n "${VIRTUAL_ENV-}" ]]; then
    __venvwrap_late leave
  fi
  if [[ -z "${VIRTUAL_ENV-}" ]]; then
    builtin unset VENVWRAP_AUTO_ENV
  elif [[ -z "$__venvwrap_follow_pending" && "$VIRTUAL_ENV" == "${VENVWRAP_AUTO_ENV-}" ]]; then
    # It may be denied while the shell is in it.
    builtin typeset -g __venvwrap_follow_pending=active
  fi
}

# Finds the innermost directory, from $1 upwards, that leads to an environment. Where none does, and a part of $1 is a
# link, the directory that it really is counts. Starts no process.
function __venvwrap_follow_find {
  builtin emulate -L zsh
  builtin local _vw_place="$1" _vw_dir="$1"
  while builtin :; do
    while [[ -n "$_vw_dir" && ! -e "$_vw_dir/.venv" && ! -f "$__venvwrap_follow_tree$_vw_dir/@env" && ! -f "$_vw_dir/.python-envs" ]]; do
      _vw_dir="${_vw_dir%/*}"
    done
    if [[ -n "$_vw_dir" || -e /.venv || -f "$__venvwrap_follow_tree/@env" || -f /.python-envs ]]; then
      _vw_reply="${_vw_dir:-/}"
      return 0
    elif [[ "$_vw_place" == "${_vw_place:A}" ]]; then
      return 0
    fi
    _vw_place="${_vw_place:A}"
    _vw_dir="$_vw_place"
  done
}

# Plan: tells something, once in this shell; it may be asked for again when something has changed.
function __venvwrap_tell {
  builtin emulate -L zsh
  __venvwrap_follow_pending=1
  if (( ${+__p9k_instant_prompt_active} )); then
    # powerlevel10k takes what is printed before its first prompt for a mistake: the next prompt tells it.
    __venvwrap_follow_seen='?'
  elif [[ "$__venvwrap_follow_told" != *"<$1>"* ]]; then
    __venvwrap_follow_told+="<$1>"
    builtin printf '%s\n' "$1" >&2
  fi
}

# Puts the hook before everything else that runs at the prompt: prompts show the environment.
function __venvwrap_follow_install {
  builtin emulate -L zsh
  builtin typeset -ga precmd_functions
  precmd_functions=(__venvwrap_follow "${(@)precmd_functions:#__venvwrap_follow}")
}

if [[ -o interactive ]]; then
  __venvwrap_follow_install
fi
if [[ "${__venvwrap_aliases-}" == "$$" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
