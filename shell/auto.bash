# shellcheck shell=bash
# Entering and leaving environments as the directory changes, for bash 3.2 and later; needs venvwrap.bash.
#
# At each prompt the hook looks for a directory that leads to an environment, with tests of files alone. Only when that
# directory is another one than at the last prompt is the program asked, and it decides what is to happen.
# shellcheck disable=SC2034,SC2154,SC2317

# Aliases would be expanded while the functions below are read.
if \builtin shopt -q expand_aliases; then
  __venvwrap_aliases=on
  \builtin shopt -u expand_aliases
fi

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
: "${__venvwrap_auto_root=?}" "${__venvwrap_auto_pwd=?}" "${__venvwrap_auto_seen=?}" "${__venvwrap_auto_told=}"
: "${__venvwrap_auto_pending=}" "${__venvwrap_auto_asks=}" "${__venvwrap_auto_busy=}"
# The link that was last met, and the directory behind it.
: "${__venvwrap_auto_link=}" "${__venvwrap_auto_real=}"

# Runs before each prompt, and keeps the status of the last command. Looks where the shell is now, and goes on only when
# another directory leads to an environment than before, or when something was told.
function __venvwrap_auto {
  builtin local _vw_status="$?"
  if [[ $PWD == "$__venvwrap_auto_pwd" && -z $__venvwrap_auto_pending ]]; then
    return "$_vw_status"
  elif [[ ${VENVWRAP_AUTO-} != 0 && -z $__venvwrap_auto_busy ]]; then
    builtin local __venvwrap_reply=''
    __venvwrap_auto_find "$PWD"
    if [[ $__venvwrap_reply != "$__venvwrap_auto_root" || -n $__venvwrap_auto_pending ]]; then
      __venvwrap_auto_busy=1
      __venvwrap_auto_act "$__venvwrap_reply" || :
      __venvwrap_auto_busy=
    fi
    # Hooks may have changed the directory.
    __venvwrap_auto_pwd=$PWD
  fi
  return "$_vw_status"
}

# Does what is to be done where $1 leads to an environment, or nothing does, unless all is as it was when that was told.
function __venvwrap_auto_act {
  builtin local _vw_generation=''
  if [[ -f $__venvwrap_auto_tree/@generation && -r $__venvwrap_auto_tree/@generation ]]; then
    IFS= builtin read -r _vw_generation <"$__venvwrap_auto_tree/@generation" || :
  fi
  if [[ $1 == "$__venvwrap_auto_root" && $_vw_generation == "$__venvwrap_auto_seen" ]]; then
    return 0
  fi
  __venvwrap_auto_seen=$_vw_generation
  __venvwrap_auto_root=$1
  __venvwrap_auto_pending=
  if [[ -n ${VIRTUAL_ENV-} && $VIRTUAL_ENV != "${VENVWRAP_AUTO_ENV-}" ]]; then
    return 0
  elif [[ -n $__venvwrap_auto_root || (-n $__venvwrap_auto_asks && -n ${VIRTUAL_ENV-}) ]]; then
    if [[ -x ${__venvwrap_bin-} ]]; then
      __venvwrap_plan auto "$__venvwrap_auto_root" "$__venvwrap_auto_asks"
    fi
  elif [[ -n ${VIRTUAL_ENV-} ]]; then
    __venvwrap_late leave
  fi
  if [[ -z ${VIRTUAL_ENV-} ]]; then
    builtin unset -v VENVWRAP_AUTO_ENV
    __venvwrap_auto_asks=
  fi
}

# Finds the innermost directory, from $1 upwards, that leads to an environment. Where none does, and a part of $1 is a
# link, the directory that it really is counts.
function __venvwrap_auto_find {
  builtin local _vw_dir="$1" _vw_link=''
  while :; do
    # All in one condition: one more command takes as long as two more tests.
    while [[ -n $_vw_dir && ! -e $_vw_dir/.venv && ! -f $__venvwrap_auto_tree$_vw_dir/@env &&
      ! -f $_vw_dir/.python-envs && ! -L $_vw_dir ]]; do
      _vw_dir=${_vw_dir%/*}
    done
    if [[ -e $_vw_dir/.venv || -f $__venvwrap_auto_tree$_vw_dir/@env ||
      -f $_vw_dir/.python-envs ]]; then
      __venvwrap_reply=${_vw_dir:-/}
      return 0
    elif [[ -z $_vw_dir ]]; then
      break
    fi
    _vw_link=${_vw_link:-$_vw_dir}
    _vw_dir=${_vw_dir%/*}
  done
  if [[ -n $_vw_link ]] && __venvwrap_auto_resolve "$_vw_link"; then
    __venvwrap_auto_find "$__venvwrap_auto_real${1#"$_vw_link"}"
  fi
}

# Finds the real directory behind a link. That takes a process, so it is remembered for as long as it is the same.
function __venvwrap_auto_resolve {
  if [[ $1 != "$__venvwrap_auto_link" || ! $1 -ef $__venvwrap_auto_real ]]; then
    __venvwrap_auto_link=$1
    __venvwrap_auto_real=$(CDPATH='' \builtin cd -P -- "$1" >/dev/null 2>&1 && \builtin printf '%sx' "$PWD") || :
    __venvwrap_auto_real=${__venvwrap_auto_real%x}
  fi
  [[ -n $__venvwrap_auto_real ]]
}

# Plan: remembers that this environment was entered because of the directory.
function __venvwrap_auto_mark {
  builtin export VENVWRAP_AUTO_ENV="$VIRTUAL_ENV"
  __venvwrap_auto_asks=${1:+$__venvwrap_auto_root}
}

# Plan: tells something, once in this shell; it may be asked for again when something has changed.
function __venvwrap_auto_tell {
  __venvwrap_auto_pending=1
  if [[ $__venvwrap_auto_told != *"<$1>"* ]]; then
    __venvwrap_auto_told="$__venvwrap_auto_told<$1>"
    builtin printf '%s\n' "$1" >&2
  fi
}

# Puts the hook before everything else that runs at the prompt: prompts show the environment. A line end separates them,
# because the old text may end in a comment. The first element is the whole where the variable is no array.
function __venvwrap_auto_install {
  if ! __venvwrap_auto_is_writable || [[ ${PROMPT_COMMAND-} == *__venvwrap_auto* ]]; then
    return 0
  fi
  PROMPT_COMMAND=__venvwrap_auto${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
  # A shell started from this one does not know the function.
  builtin export -n PROMPT_COMMAND
}

# Tells whether the prompt's commands may be changed: assigning to a readonly variable would end the script.
function __venvwrap_auto_is_writable {
  builtin local PROMPT_COMMAND 2>/dev/null
}

if [[ $- == *i* ]]; then
  __venvwrap_auto_install
fi
if [[ -n ${__venvwrap_aliases-} ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
