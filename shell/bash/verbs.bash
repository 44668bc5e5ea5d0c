# shellcheck shell=bash
# Messages put names in backticks (2016); variables and functions here are for hooks, plans and users (2034, 2119, 2120,
# 2317); what stands in other files is not seen (2154); a `cd` at the end of a function gives the function its status
# (2164).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
#
# What posix/verbs.sh needs and bash, 3.2 and later, does in its own way.
#
# After `$(` and `eval` comes `\builtin`, and no keyword, because bash looks for aliases there when it runs the line.

# Changes the directory, without the user's own `cd`.
function __venvwrap_chdir {
  builtin cd "$@"
}

# Becomes a program, or runs a function of this shell: call it in a subshell only.
function __venvwrap_become {
  if __venvwrap_is_function "$1"; then
    "$@"
  else
    builtin exec -- "$@"
  fi
}

# Returns whether a function has this name; a program on PATH does not count.
function __venvwrap_is_function {
  builtin declare -F -- "$1" >/dev/null 2>&1
}

# Returns whether a builtin has this name.
function __venvwrap_is_builtin {
  [[ $(\builtin type -t -- "$1") == *builtin ]]
}

# Calls a function of ours that evaluates text which knows nothing of the user's aliases: one may stand over a keyword.
function __venvwrap_without_aliases {
  if builtin shopt -q expand_aliases; then
    builtin shopt -u expand_aliases
    "$@" || builtin :
    builtin shopt -s expand_aliases
  else
    "$@" || builtin :
  fi
}

# Evaluates what stands for an activate script.
function __venvwrap_apply {
  if builtin declare -F eval >/dev/null; then
    builtin eval "$1" || builtin :
  else
    \eval "$1" || builtin :
  fi
}

# Removes a function, if it is there.
function __venvwrap_remove_function {
  builtin unset -f "$1"
}

# Sets a variable outside of the functions, NAME VALUE.
function __venvwrap_assign {
  builtin unset -v "$1"
  builtin printf -v "$1" %s "$2"
}

# Plan: replaces the hooks for leaving the active environment, CONSENT LEAVING.. -- LEFT..
function __venvwrap_renew {
  builtin unset -v __venvwrap_consent __venvwrap_leaving __venvwrap_left
  __venvwrap_consent="$1"
  __venvwrap_leaving=()
  builtin shift
  while [[ "$1" != -- ]]; do
    __venvwrap_leaving+=("$1")
    builtin shift
  done
  builtin shift
  __venvwrap_left=("$@")
}

# Remembers a variable before the environment sets it. Fails for one that is more than text: assigning to a number would
# evaluate the value, and a list could not be given back. Needs a fork only for one that the shell knows.
function __venvwrap_keep {
  if [[ $- == *T* || ($- == *x* && ${BASH_XTRACEFD-} == 1) ]]; then
    __venvwrap_untraced __venvwrap_keep "$1"
    return
  fi
  builtin local _vw_text
  builtin unset -v _vw_text
  _vw_text=-
  if builtin declare -p "$1" >/dev/null 2>&1; then
    _vw_text=$(\builtin declare -p "$1")
    _vw_text=${_vw_text#declare -}
  fi
  case ${_vw_text%% *} in
    - | x) ;;
    *) return 1 ;;
  esac
  if [[ -z ${!1+set} ]]; then
    __venvwrap_kept+=("$1" unset '')
  elif [[ ${_vw_text%% *} == x ]]; then
    __venvwrap_kept+=("$1" exported "${!1}")
  else
    __venvwrap_kept+=("$1" set "${!1}")
  fi
}

# Gives the variables back that were set for the environment, the last one first.
function __venvwrap_restore {
  builtin local _vw_at
  builtin unset -v _vw_at
  _vw_at=0
  # A shell that has inherited the functions has no arrays.
  if [[ -n ${__venvwrap_kept+set} ]]; then
    _vw_at=${#__venvwrap_kept[@]}
  fi
  while ((_vw_at >= 3)); do
    _vw_at=$((_vw_at - 3))
    # It may have become readonly meanwhile.
    if ! __venvwrap_is_writable "${__venvwrap_kept[_vw_at]}"; then
      __venvwrap_tell_kept "${__venvwrap_kept[_vw_at]}"
      continue
    fi
    if [[ ${__venvwrap_kept[_vw_at + 1]} == unset ]]; then
      builtin unset -v "${__venvwrap_kept[_vw_at]}" || builtin :
    else
      builtin export "${__venvwrap_kept[_vw_at]}=${__venvwrap_kept[_vw_at + 2]}" || builtin :
    fi
    if [[ ${__venvwrap_kept[_vw_at + 1]} == set ]]; then
      builtin export -n "${__venvwrap_kept[_vw_at]}" || builtin :
    fi
  done
  builtin unset -v __venvwrap_kept
  __venvwrap_kept=()
}

# Returns whether a variable may be assigned: what is readonly cannot even be local.
function __venvwrap_is_writable {
  builtin local "$1" 2>/dev/null
}

# Returns whether a variable of ours can be set to any text: it is not readonly, stands for no other, and is no list or number.
# Older versions cannot tell all of that without a fork.
function __venvwrap_is_text {
  builtin local _vw_attributes
  builtin unset -v _vw_attributes
  _vw_attributes=''
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    # What is not set has attributes too, but is an error under `set -u`.
    case $- in
      *u*) builtin eval "\\builtin set +u; _vw_attributes=\${$1@a}; \\builtin set -u" ;;
      *) builtin eval "_vw_attributes=\${$1@a}" ;;
    esac
  fi
  [[ $_vw_attributes != *[!tx]* ]] && ! builtin test -R "$1" 2>/dev/null && __venvwrap_is_writable "$1"
}

# Finds a variable that an activate script could not set, for `_vw_reply`.
function __venvwrap_find_fixed {
  builtin local _vw_name
  builtin unset -v _vw_name
  _vw_reply=''
  # One look at all of them takes a tenth of the time; under `set -u` it would be an error.
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) && [[ $- != *u* ]]; then
    # References show the attributes of what they stand for, and a test of their own that old versions cannot read.
    builtin eval '_vw_reply=${PATH@a}${VIRTUAL_ENV@a}${VIRTUAL_ENV_PROMPT@a}${_OLD_VIRTUAL_PATH@a}${_OLD_VIRTUAL_PS1@a}
      _vw_reply+=${_VENVWRAP_PATH@a}${_OLD_VIRTUAL_PS1+${PS1@a}}${PYTHONHOME+${PYTHONHOME@a}}${_OLD_VIRTUAL_PYTHONHOME+${PYTHONHOME@a}}${_OLD_VIRTUAL_PYTHONHOME@a}${VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV@a}${VIRTUALENVWRAPPER_LAST_VIRTUALENV@a}
      \builtin test -R PATH -o -R VIRTUAL_ENV -o -R VIRTUAL_ENV_PROMPT -o -R _OLD_VIRTUAL_PATH -o -R _OLD_VIRTUAL_PS1 -o \
        -R _VENVWRAP_PATH -o -R PYTHONHOME -o -R _OLD_VIRTUAL_PYTHONHOME -o -R VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV -o -R VIRTUALENVWRAPPER_LAST_VIRTUALENV &&
        _vw_reply=n'
    if [[ $_vw_reply != *[!tx]* ]]; then
      _vw_reply=''
      return 0
    fi
    _vw_reply=''
  fi
  for _vw_name in PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_PATH _VENVWRAP_PATH _OLD_VIRTUAL_PS1 \
    _OLD_VIRTUAL_PYTHONHOME VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV VIRTUALENVWRAPPER_LAST_VIRTUALENV PYTHONHOME PS1; do
    # Scripts set these two only if they are set, or were changed before.
    if [[ ($_vw_name == PYTHONHOME && -z ${PYTHONHOME+set}${_OLD_VIRTUAL_PYTHONHOME+set}) ||
      ($_vw_name == PS1 && -z ${_OLD_VIRTUAL_PS1+set}) ]]; then
      continue
    elif ! __venvwrap_is_text "$_vw_name"; then
      _vw_reply=$_vw_name
    fi
  done
}

# Gives a function another name as well, OLD NEW.
function __venvwrap_copy_function {
  if [[ $- == *T* || ($- == *x* && ${BASH_XTRACEFD-} == 1) ]]; then
    __venvwrap_untraced __venvwrap_copy_function "$@"
    return
  fi
  builtin local _vw_text
  builtin unset -v _vw_text
  _vw_text=''
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 503)); then
    # Needs no fork, but older versions could not read it if it stood here as code.
    builtin eval '_vw_text=${ \builtin declare -f "$1"; }'
  else
    _vw_text=$(\builtin declare -f "$1")
  fi
  __venvwrap_without_aliases builtin eval "$2${_vw_text#"$1"}"
}

# Returns whether `deactivate` leaves what we have entered.
function __venvwrap_is_ours {
  [[ $(\builtin declare -f deactivate) == *__venvwrap_deactivate* ]]
}

# Runs last at the prompt, and keeps the status. Two comparisons where PATH is as it was.
function __venvwrap_settle {
  builtin set -- "$?"
  if [[ ${PATH-} != "${__venvwrap_settled-}" || ${DIRENV_DIFF-} != "${__venvwrap_diff-}" ]]; then
    __venvwrap_settle_path || builtin :
  fi
  return "$1"
}

# Has `__venvwrap_settle` run after direnv, as a part of its function: one more command at the prompt would be taken for
# the user's by what watches with a DEBUG trap, which no function inherits. Who calls direnv otherwise gets that command;
# what comes after its name is for `set -e` and traps of ERR, to which a status that is handed on would be a failure.
# shellcheck disable=SC2128,SC2178
function __venvwrap_settle_last {
  if [[ $- != *i* ]]; then
    return 0
  elif __venvwrap_is_function _direnv_hook; then
    # A start-up file that is read again brings the function anew.
    [[ $(\builtin declare -f _direnv_hook) != *__venvwrap_settle* ]] || return 0
    __venvwrap_copy_function _direnv_hook __venvwrap_direnv_hook
    function _direnv_hook {
      __venvwrap_direnv_hook "$@"
      __venvwrap_settle
    }
  elif [[ ${PROMPT_COMMAND[*]-} != *direnv* || ${PROMPT_COMMAND[*]-} == *__venvwrap_settle* ]] ||
    ! __venvwrap_is_writable PROMPT_COMMAND; then
    return 0
  elif ((${#PROMPT_COMMAND[@]} > 1 && BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    PROMPT_COMMAND+=('__venvwrap_settle && ((1))')
  else
    PROMPT_COMMAND=$PROMPT_COMMAND$'\n__venvwrap_settle && ((1))'
    # A shell started from this one does not know the function.
    builtin export -n PROMPT_COMMAND
  fi
  __venvwrap_note_settled
}

# Finds site-packages of the active environment for `_vw_reply`; of several, the one of its Python version.
function __venvwrap_find_site_packages {
  if [[ $- == *T* || ($- == *x* && ${BASH_XTRACEFD-} == 1) ]]; then
    __venvwrap_untraced __venvwrap_find_site_packages
    return
  fi
  builtin local _vw_line _vw_version _vw_dir _vw_noglob
  builtin unset -v _vw_line _vw_version _vw_dir _vw_noglob
  _vw_line='' _vw_version='' _vw_dir='' _vw_noglob=''
  _vw_reply=
  # It would hide the directories from the pattern below. Unsetting it here would change `dotglob` for good.
  if [[ -n ${GLOBIGNORE-} ]]; then
    _vw_reply=$(builtin unset -v GLOBIGNORE 2>/dev/null && __venvwrap_find_site_packages && builtin printf '%s.' "$_vw_reply")
    _vw_reply=${_vw_reply%.}
    return 0
  fi
  if [[ -f $VIRTUAL_ENV/pyvenv.cfg && -r $VIRTUAL_ENV/pyvenv.cfg ]]; then
    while IFS= builtin read -r _vw_line || [[ -n $_vw_line ]]; do
      if [[ $_vw_line == version*=* ]]; then
        _vw_line=${_vw_line#*=}
        _vw_line=${_vw_line# }
        _vw_version=${_vw_line#*.}
        _vw_version=${_vw_line%%.*}.${_vw_version%%.*}
      fi
    done <"$VIRTUAL_ENV/pyvenv.cfg"
  fi
  if [[ $- == *f* ]]; then
    _vw_noglob=on
    builtin set +f
  fi
  # Without a match, `failglob` would end the function: an environment has something in `lib`.
  if [[ -d $VIRTUAL_ENV/lib ]]; then
    for _vw_dir in "$VIRTUAL_ENV"/lib/*; do
      if [[ ! -d $_vw_dir/site-packages ]]; then
        continue
      elif [[ -z $_vw_reply || ${_vw_dir##*/} == *[a-z]"$_vw_version" ||
        ${_vw_dir##*/} == *[a-z]"$_vw_version"t ]]; then
        _vw_reply=$_vw_dir/site-packages
      fi
    done
  fi
  if [[ -n $_vw_noglob ]]; then
    builtin set -f
  fi
}

# A subshell has random numbers of its own.
function __venvwrap_read_pid { builtin :; }

# Makes sure that a temporary environment goes when the shell ends, after what the user wants done then.
function __venvwrap_watch_exit {
  if [[ $- == *T* || ($- == *x* && ${BASH_XTRACEFD-} == 1) ]]; then
    __venvwrap_untraced __venvwrap_watch_exit
    return
  fi
  builtin local _vw_trap _vw_newline
  builtin unset -v _vw_trap _vw_newline
  _vw_trap='' _vw_newline=$'\n'
  _vw_trap=$(\builtin trap -p EXIT)
  if [[ $_vw_trap != *__venvwrap_exit* ]]; then
    # The text has the form: trap -- 'COMMAND' EXIT
    builtin eval "\\builtin set -- ${_vw_trap:-trap -- '' EXIT}"
    if [[ $3 == - ]]; then
      # What stands for none in posix mode.
      builtin set -- '' '' ''
    fi
    builtin trap -- "${3:+$3$_vw_newline}__venvwrap_exit" EXIT
  fi
}

# What virtualenvwrapper completes with: dotfiles name these functions for commands of their own. `complete -S/` brings
# the slash.
function __venvwrap_helper__virtualenvs { __venvwrap_complete_as workon "${COMP_WORDS[${COMP_CWORD:-0}]-}"; }
function __venvwrap_helper__cdvirtualenv_complete { __venvwrap_complete_as cdvirtualenv "${2-}"; }
function __venvwrap_helper__cdsitepackages_complete { __venvwrap_complete_as cdsitepackages "${2-}"; }

# Completes WORD as the first of FUNCTION.
function __venvwrap_complete_as {
  builtin local COMP_LINE COMP_POINT
  COMP_LINE="$1 $2" COMP_POINT=65536
  COMPREPLY=()
  if [[ $2 != -* ]] && __venvwrap_is_function __venvwrap_complete; then
    __venvwrap_complete "$1"
  fi
  if ((${#COMPREPLY[@]})); then
    COMPREPLY=("${COMPREPLY[@]%/}")
  fi
}

if [[ ${__venvwrap_aliases-} == "$$" ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
