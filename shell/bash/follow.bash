# shellcheck shell=bash
# Entering and leaving environments as the directory changes, for bash 3.2 and later; needs commands.bash.
#
# At each prompt the hook looks for a directory that leads to an environment, with tests of files alone. Only when that
# directory is another one than at the last prompt is the program asked, and it decides what is to happen.
# shellcheck disable=SC2034,SC2154,SC2317

# Aliases would be expanded while the functions below are read.
\builtin shopt -q expand_aliases && __venvwrap_aliases=$$
\builtin shopt -u expand_aliases

# What another shell has exported is not where this one is. No shell inherits a list.
if [[ ${__venvwrap_follow_own[1]-} != yes ]]; then
  \builtin unset -n __venvwrap_follow_own __venvwrap_follow_root __venvwrap_follow_pwd __venvwrap_follow_seen \
    __venvwrap_follow_told __venvwrap_follow_pending __venvwrap_follow_busy __venvwrap_follow_link \
    __venvwrap_follow_real 2>/dev/null || \builtin :
  \builtin unset -v __venvwrap_follow_own __venvwrap_follow_root __venvwrap_follow_pwd __venvwrap_follow_seen \
    __venvwrap_follow_told __venvwrap_follow_pending __venvwrap_follow_busy __venvwrap_follow_link __venvwrap_follow_real
  __venvwrap_follow_own=('' yes)
fi

# The directory that leads to an environment; the first value is none, so that an inherited environment is looked at.
\builtin : "${__venvwrap_follow_root=?}" "${__venvwrap_follow_pwd=?}" "${__venvwrap_follow_seen=?}" "${__venvwrap_follow_told=}"
\builtin : "${__venvwrap_follow_pending=}" "${__venvwrap_follow_busy=}"
# The link that was last met, and the directory behind it.
\builtin : "${__venvwrap_follow_link=}" "${__venvwrap_follow_real=}"

# Runs before each prompt, and keeps the status of the last command. Looks where the shell is now, and goes on only when
# another directory leads to an environment than before, or when something was told.
function __venvwrap_follow {
  builtin set -- "$?"
  if [[ $PWD == "$__venvwrap_follow_pwd" && -z $__venvwrap_follow_pending ]]; then
    return "$1"
  elif [[ ${VENVWRAP_AUTO-} != 0 && -z $__venvwrap_follow_busy ]]; then
    if ! __venvwrap_check_locals; then
      # Told once for each directory.
      builtin unset -v __venvwrap_follow_pwd
      __venvwrap_follow_pwd=$PWD __venvwrap_follow_pending=''
      return "$1"
    fi
    builtin local _vw_reply
    builtin unset -v _vw_reply
    _vw_reply=$__venvwrap_follow_root
    # Where the shell has stayed, only the decision about the directory may have changed.
    if [[ $__venvwrap_follow_pending != active || $PWD != "$__venvwrap_follow_pwd" ]]; then
      _vw_reply=''
      __venvwrap_follow_find "$PWD"
    fi
    if [[ $_vw_reply != "$__venvwrap_follow_root" || -n $__venvwrap_follow_pending ]]; then
      __venvwrap_follow_busy=1
      __venvwrap_follow_act "$_vw_reply" || builtin :
      __venvwrap_follow_busy=
    fi
    # Hooks may have changed the directory.
    builtin unset -v __venvwrap_follow_pwd
    __venvwrap_follow_pwd=$PWD
  fi
  return "$1"
}

# Does what is to be done where $1 leads to an environment, or nothing does, unless all is as it was when that was told.
function __venvwrap_follow_act {
  builtin local _vw_generation
  builtin unset -v _vw_generation
  _vw_generation=''
  if [[ -f $__venvwrap_follow_tree/@generation && -r $__venvwrap_follow_tree/@generation ]]; then
    IFS= builtin read -r _vw_generation <"$__venvwrap_follow_tree/@generation" || builtin :
  fi
  if [[ $1 == "$__venvwrap_follow_root" && $_vw_generation == "$__venvwrap_follow_seen" ]]; then
    return 0
  elif [[ $1 == "$__venvwrap_follow_root" && $__venvwrap_follow_pending == active &&
    (-z ${VIRTUAL_ENV-} || $VIRTUAL_ENV != "${VENVWRAP_AUTO_ENV-}") ]]; then
    # The user has left it, or gone elsewhere.
    __venvwrap_follow_pending=
    return 0
  fi
  builtin unset -v __venvwrap_follow_seen __venvwrap_follow_root
  __venvwrap_follow_seen=$_vw_generation
  __venvwrap_follow_root=$1
  __venvwrap_follow_pending=
  # An environment that only its variable names, in a shell that has reset PATH, is not active: the program looks.
  if [[ -n ${VIRTUAL_ENV-} && $VIRTUAL_ENV != "${VENVWRAP_AUTO_ENV-}" &&
    (-z $__venvwrap_follow_root || $PATH == "$VIRTUAL_ENV/bin:"*) ]]; then
    return 0
  elif [[ -n $__venvwrap_follow_root || (-n ${__venvwrap_consent-} && -n ${VIRTUAL_ENV-}) ]]; then
    if [[ -x ${__venvwrap_bin-} ]] || builtin type -P venvwrap >/dev/null; then
      __venvwrap_plan follow "$__venvwrap_follow_root" "${__venvwrap_consent-}"
    fi
  elif [[ -n ${VIRTUAL_ENV-} ]]; then
    __venvwrap_late leave
  fi
  if [[ -z ${VIRTUAL_ENV-} ]]; then
    builtin unset -v VENVWRAP_AUTO_ENV
  elif [[ -z $__venvwrap_follow_pending && $VIRTUAL_ENV == "${VENVWRAP_AUTO_ENV-}" ]]; then
    # It may be denied while the shell is in it.
    __venvwrap_follow_pending=active
  fi
}

# Finds the innermost directory, from $1 upwards, that leads to an environment. Where none does, and a part of $1 is a
# link, the directory that it really is counts.
function __venvwrap_follow_find {
  builtin local _vw_dir _vw_link
  builtin unset -v _vw_dir _vw_link
  _vw_dir="$1" _vw_link=''
  while builtin :; do
    # All in one condition: one more command takes as long as two more tests.
    while [[ -n $_vw_dir && ! -e $_vw_dir/.venv && ! -f $__venvwrap_follow_tree$_vw_dir/@env &&
      ! -f $_vw_dir/.python-envs && ! -L $_vw_dir ]]; do
      _vw_dir=${_vw_dir%/*}
    done
    if [[ -e $_vw_dir/.venv || -f $__venvwrap_follow_tree$_vw_dir/@env ||
      -f $_vw_dir/.python-envs ]]; then
      _vw_reply=${_vw_dir:-/}
      return 0
    elif [[ -z $_vw_dir ]]; then
      break
    fi
    _vw_link=${_vw_link:-$_vw_dir}
    _vw_dir=${_vw_dir%/*}
  done
  if [[ -n $_vw_link ]] && __venvwrap_follow_resolve "$_vw_link"; then
    __venvwrap_follow_find "$__venvwrap_follow_real${1#"$_vw_link"}"
  fi
}

# Finds the real directory behind a link. That takes a process, so it is remembered for as long as it is the same.
function __venvwrap_follow_resolve {
  if [[ $1 != "$__venvwrap_follow_link" || ! $1 -ef $__venvwrap_follow_real ]]; then
    builtin unset -v __venvwrap_follow_link __venvwrap_follow_real
    __venvwrap_follow_link=$1
    __venvwrap_untraced __venvwrap_follow_read "$1" || builtin :
    __venvwrap_follow_real=${__venvwrap_follow_real%x}
  fi
  [[ -n $__venvwrap_follow_real ]]
}

function __venvwrap_follow_read {
  __venvwrap_follow_real=$(CDPATH='' \builtin cd -P -- "$1" >/dev/null 2>&1 && \builtin printf '%sx' "$PWD")
}

# Plan: tells something, once in this shell; it may be asked for again when something has changed.
function __venvwrap_tell {
  __venvwrap_follow_pending=1
  if [[ $__venvwrap_follow_told != *"<$1>"* ]]; then
    __venvwrap_follow_told="$__venvwrap_follow_told<$1>"
    builtin printf '%s\n' "$1" >&2
  fi
}

# Puts the hook before everything else that runs at the prompt: prompts show the environment. A line end separates them,
# because the old text may end in a comment. The first element is the whole where the variable is no array. What is
# around the name is for `set -e` and traps of ERR, to which a status that is handed on would be a failure; bash-preexec
# wants the name on a line of its own. VS Code takes what comes before its function for the user's command, and runs
# itself what was there before.
function __venvwrap_follow_install {
  builtin set -- "${PROMPT_COMMAND-}" '' $'{\n__venvwrap_follow\n} && ((1))'
  if [[ $1 == __vsc_prompt_cmd_original* ]]; then
    builtin set -- "$1" "${__vsc_original_prompt_command-}" "$3"
  fi
  if ! __venvwrap_follow_is_writable || [[ $1$2 == *__venvwrap_follow* ]]; then
    return 0
  elif [[ $1 == __vsc_prompt_cmd || $1 == __vsc_prompt_cmd_original ]]; then
    __vsc_original_prompt_command=$3${2:+$'\n'$2}
    PROMPT_COMMAND=__vsc_prompt_cmd_original
  else
    PROMPT_COMMAND=$3${1:+$'\n'$1}
  fi
  # A shell started from this one does not know the function.
  builtin export -n PROMPT_COMMAND
}

# Returns whether the prompt's commands may be changed: assigning to a readonly variable would end the script.
function __venvwrap_follow_is_writable {
  builtin local PROMPT_COMMAND 2>/dev/null
}

if [[ $- == *i* ]]; then
  __venvwrap_follow_install
fi
if [[ ${__venvwrap_aliases-} == "$$" ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
