# Entering and leaving environments as the directory changes, for zsh; needs venvwrap.zsh.
#
# At each prompt the hook looks for a directory that leads to an environment, with tests of files alone. Only when that
# directory is another one than at the last prompt is the program asked, and it decides what is to happen.

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
builtin typeset -g __venvwrap_auto_root="${__venvwrap_auto_root-?}" __venvwrap_auto_pwd="${__venvwrap_auto_pwd-?}"
builtin typeset -g __venvwrap_auto_seen="${__venvwrap_auto_seen-?}" __venvwrap_auto_told="${__venvwrap_auto_told-}"
builtin typeset -g __venvwrap_auto_pending="${__venvwrap_auto_pending-}" __venvwrap_auto_asks="${__venvwrap_auto_asks-}"
builtin typeset -g __venvwrap_auto_busy="${__venvwrap_auto_busy-}"

# Runs before each prompt, and keeps the status of the last command.
function __venvwrap_auto {
  builtin local __venvwrap_last="$?"
  if [[ "$PWD" == "$__venvwrap_auto_pwd" && -z "$__venvwrap_auto_pending" ]]; then
    return "$__venvwrap_last"
  elif [[ "${VENVWRAP_AUTO-}" != 0 && -z "$__venvwrap_auto_busy" ]]; then
    __venvwrap_auto_busy=1
    __venvwrap_auto_look || :
    __venvwrap_auto_busy=
    # Hooks may have changed the directory.
    __venvwrap_auto_pwd="$PWD"
  fi
  return "$__venvwrap_last"
}

# Looks where the shell is now, and acts only when another directory leads to an environment than before, or when what
# was told has changed since.
function __venvwrap_auto_look {
  builtin local __venvwrap_reply= __venvwrap_generation=
  __venvwrap_auto_find "$PWD"
  if [[ "$__venvwrap_reply" == "$__venvwrap_auto_root" && -z "$__venvwrap_auto_pending" ]]; then
    return 0
  fi
  if [[ -f "$__venvwrap_auto_tree/@generation" && -r "$__venvwrap_auto_tree/@generation" ]]; then
    IFS= builtin read -r __venvwrap_generation <"$__venvwrap_auto_tree/@generation" || :
  fi
  if [[ "$__venvwrap_reply" == "$__venvwrap_auto_root" && "$__venvwrap_generation" == "$__venvwrap_auto_seen" ]]; then
    return 0
  fi
  __venvwrap_auto_seen="$__venvwrap_generation"
  __venvwrap_auto_root="$__venvwrap_reply"
  __venvwrap_auto_pending=
  if [[ -n "${VIRTUAL_ENV-}" && "$VIRTUAL_ENV" != "${VENVWRAP_AUTO_ENV-}" ]]; then
    return 0
  elif [[ -n "$__venvwrap_auto_root" || ( -n "$__venvwrap_auto_asks" && -n "${VIRTUAL_ENV-}" ) ]]; then
    if [[ -x "${__venvwrap_bin-}" ]]; then
      __venvwrap_plan auto "$__venvwrap_auto_root" "$__venvwrap_auto_asks"
    fi
  elif [[ -n "${VIRTUAL_ENV-}" ]]; then
    __venvwrap_leave
  fi
  if [[ -z "${VIRTUAL_ENV-}" ]]; then
    builtin unset VENVWRAP_AUTO_ENV
    __venvwrap_auto_asks=
  fi
}

# Finds the innermost directory, from $1 upwards, that leads to an environment; starts no process.
function __venvwrap_auto_find {
  builtin emulate -L zsh
  builtin local dir="${1%/}" real=
  __venvwrap_reply=
  while :; do
    if [[ -f "$__venvwrap_auto_tree$dir/@env" || -e "$dir/.venv" || -f "$dir/.python-envs" ]]; then
      __venvwrap_reply="${dir:-/}"
      return 0
    elif [[ -z "$dir" ]]; then
      break
    fi
    dir="${dir%/*}"
  done
  real="${1:A}"
  if [[ -z "${2-}" && "$real" != "$1" ]]; then
    __venvwrap_auto_find "$real" physical
  fi
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
