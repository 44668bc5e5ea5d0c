# Entering and leaving environments as the directory changes, for zsh; needs venvwrap.zsh.
#
# At each prompt the hook looks for a directory that leads to an environment, with tests of files alone. Only when that
# directory is another one than at the last prompt is the program asked, and it decides what is to happen.

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
builtin typeset -g __venvwrap_auto_root="${__venvwrap_auto_root-?}" __venvwrap_auto_pwd="${__venvwrap_auto_pwd-?}"
builtin typeset -g __venvwrap_auto_seen="${__venvwrap_auto_seen-?}" __venvwrap_auto_told="${__venvwrap_auto_told-}"
builtin typeset -g __venvwrap_auto_pending="${__venvwrap_auto_pending-}" __venvwrap_auto_asks="${__venvwrap_auto_asks-}"
builtin typeset -g __venvwrap_auto_busy="${__venvwrap_auto_busy-}"

# Runs before each prompt, and keeps the status of the last command. Looks where the shell is now, and goes on only when
# another directory leads to an environment than before, or when something was told.
function __venvwrap_auto {
  builtin local __venvwrap_last="$?"
  if [[ "$PWD" == "$__venvwrap_auto_pwd" && -z "$__venvwrap_auto_pending" ]]; then
    return "$__venvwrap_last"
  elif [[ "${VENVWRAP_AUTO-}" != 0 && -z "$__venvwrap_auto_busy" ]]; then
    builtin local __venvwrap_reply=
    __venvwrap_auto_find "$PWD"
    if [[ "$__venvwrap_reply" != "$__venvwrap_auto_root" || -n "$__venvwrap_auto_pending" ]]; then
      __venvwrap_auto_busy=1
      __venvwrap_auto_act "$__venvwrap_reply" || :
      __venvwrap_auto_busy=
    fi
    # Hooks may have changed the directory.
    __venvwrap_auto_pwd="$PWD"
  fi
  return "$__venvwrap_last"
}

# Does what is to be done where $1 leads to an environment, or nothing does, unless all is as it was when that was told.
function __venvwrap_auto_act {
  builtin local __venvwrap_generation=
  if [[ -f "$__venvwrap_auto_tree/@generation" && -r "$__venvwrap_auto_tree/@generation" ]]; then
    IFS= builtin read -r __venvwrap_generation <"$__venvwrap_auto_tree/@generation" || :
  fi
  if [[ "$1" == "$__venvwrap_auto_root" && "$__venvwrap_generation" == "$__venvwrap_auto_seen" ]]; then
    return 0
  fi
  __venvwrap_auto_seen="$__venvwrap_generation"
  __venvwrap_auto_root="$1"
  __venvwrap_auto_pending=
  if [[ -n "${VIRTUAL_ENV-}" && "$VIRTUAL_ENV" != "${VENVWRAP_AUTO_ENV-}" ]]; then
    return 0
  elif [[ -n "$__venvwrap_auto_root" || ( -n "$__venvwrap_auto_asks" && -n "${VIRTUAL_ENV-}" ) ]]; then
    if [[ -x "${__venvwrap_bin-}" ]]; then
      __venvwrap_plan auto "$__venvwrap_auto_root" "$__venvwrap_auto_asks"
    fi
  elif [[ -n "${VIRTUAL_ENV-}" ]]; then
    __venvwrap_late leave
  fi
  if [[ -z "${VIRTUAL_ENV-}" ]]; then
    builtin unset VENVWRAP_AUTO_ENV
    __venvwrap_auto_asks=
  fi
}

# Finds the innermost directory, from $1 upwards, that leads to an environment. Where none does, and a part of $1 is a
# link, the directory that it really is counts. Starts no process.
function __venvwrap_auto_find {
  builtin emulate -L zsh
  builtin local place="$1" dir="$1"
  while :; do
    while [[ -n "$dir" && ! -e "$dir/.venv" && ! -f "$__venvwrap_auto_tree$dir/@env" && ! -f "$dir/.python-envs" ]]; do
      dir="${dir%/*}"
    done
    if [[ -n "$dir" || -e /.venv || -f "$__venvwrap_auto_tree/@env" || -f /.python-envs ]]; then
      __venvwrap_reply="${dir:-/}"
      return 0
    elif [[ "$place" == "${place:A}" ]]; then
      return 0
    fi
    place="${place:A}"
    dir="$place"
  done
}

# Plan: remembers that this environment was entered because of the directory.
function __venvwrap_auto_mark {
  builtin export VENVWRAP_AUTO_ENV="$VIRTUAL_ENV"
  __venvwrap_auto_asks="${1:+$__venvwrap_auto_root}"
}

# Plan: tells something, once in this shell; it may be asked for again when something has changed.
function __venvwrap_auto_tell {
  builtin emulate -L zsh
  __venvwrap_auto_pending=1
  if [[ "$__venvwrap_auto_told" != *"<$1>"* ]]; then
    __venvwrap_auto_told+="<$1>"
    builtin printf '%s\n' "$1" >&2
  fi
}

# Puts the hook before everything else that runs at the prompt: prompts show the environment.
function __venvwrap_auto_install {
  builtin emulate -L zsh
  builtin typeset -ga precmd_functions
  precmd_functions=(__venvwrap_auto "${(@)precmd_functions:#__venvwrap_auto}")
}

if [[ -o interactive ]]; then
  __venvwrap_auto_install
fi
if [[ -n "${__venvwrap_aliases-}" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
