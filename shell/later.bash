# shellcheck shell=bash
# Messages put names in backticks (2016); variables and functions here are for hooks, plans and users (2034, 2119, 2120,
# 2317); what stands in venvwrap.bash is not seen (2154); a `cd` at the end of a function gives the function its status
# (2164).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
#
# The functions that plans call, for bash 3.2 and later, and the long ones behind the commands. A shell reads them when
# it first needs one, since reading takes longer than anything else at its start: the program brings them with the first
# plan, and in front of them the lines that turn aliases off.
#
# Behind `$(` and `eval` stands `\builtin`, because bash looks for aliases there when it runs the line.

# Makes an environment in the foreground, then applies the plan: VIRTUALENVWRAPPER_VIRTUALENV may name a function of
# this shell.
function __venvwrap_create {
  builtin local _vw_program="${VIRTUALENVWRAPPER_VIRTUALENV-}"
  if builtin declare -F "${_vw_program%% *}" >/dev/null 2>&1; then
    __venvwrap_plan by-function "$@" || return "$?"
  else
    __venvwrap_do "$@" || return "$?"
  fi
  __venvwrap_plan "$@"
}

# Plan: leaves the active environment, whoever activated it.
function __venvwrap_leave {
  if [[ -n ${VIRTUAL_ENV-} ]] && builtin declare -F deactivate >/dev/null; then
    deactivate || :
  fi
  if [[ -n ${VIRTUAL_ENV-} ]]; then
    __venvwrap_forget
  fi
  __venvwrap_reap
}

# Plan: runs a hook program, CWD PROGRAM ARG.., whatever it returns.
function __venvwrap_run {
  __venvwrap_try "$@" || :
}

# Plan: runs a program in the foreground, CWD PROGRAM ARG.., and returns its status.
function __venvwrap_try {
  (
    builtin cd -- "$1" >/dev/null || builtin exit 1
    shift
    builtin exec -- "$@"
  )
}

# Plan: runs a function of this shell or a program, CWD FUNCTION ARG.., and returns its status.
function __venvwrap_call {
  (
    builtin cd -- "$1" >/dev/null || builtin exit 1
    shift
    "$@"
  )
}

# Plan: passes over these hooks from now on.
function __venvwrap_refuse {
  __venvwrap_refused=("$@")
}

# Plan: activates, ENV ACTIVATE HOOK_DIR PROJECT_FILENAME [temporary] [no-prompt] [plain].
function __venvwrap_enter {
  builtin local __venvwrap_flags=" ${5-} ${6-} ${7-} "
  case $__venvwrap_flags in
    *' no-prompt '*) builtin local VIRTUAL_ENV_DISABLE_PROMPT=1 ;;
    *)
      if ! __venvwrap_prompt_is_writable; then
        builtin local VIRTUAL_ENV_DISABLE_PROMPT=1
      fi
      ;;
  esac
  __venvwrap_source "$2"
  if [[ -z ${VIRTUAL_ENV-} || ! $VIRTUAL_ENV -ef $1 ]]; then
    builtin printf 'error: `%s` did not activate `%s`\n' "$2" "$1" >&2
    __venvwrap_leave
    return 1
  fi
  if [[ -z ${VIRTUAL_ENV_PROMPT-} ]]; then
    builtin export VIRTUAL_ENV_PROMPT="${1##*/}"
  fi
  __venvwrap_env=$1
  __venvwrap_hook_dir=$3
  __venvwrap_project_filename=$4
  case $__venvwrap_flags in
    *' plain '*) __venvwrap_wrap_own_deactivate ;;
    *) __venvwrap_wrap_deactivate ;;
  esac
  case $__venvwrap_flags in
    *' temporary '*)
      # With the shell, because all variables may be exported.
      __venvwrap_temporary="$$ $1"
      __venvwrap_watch_exit
      ;;
  esac
}

# Plan: changes the directory; only absolute paths, so that CDPATH has no say.
function __venvwrap_cd {
  builtin cd -- "$1" >/dev/null || :
}

# Tells whether the plan has ruled a hook out.
function __venvwrap_is_refused {
  builtin local _vw_file=''
  for _vw_file in "${__venvwrap_refused[@]}"; do
    if [[ $_vw_file == "$1" ]]; then
      return 0
    fi
  done
  return 1
}

# Plan: sets and exports a variable, NAME VALUE.
function __venvwrap_setenv {
  builtin export "$1=$2"
}

# Plan: unsets a variable.
function __venvwrap_unsetenv {
  builtin unset -v "$1"
}

# Plan: sets and exports a variable until the environment is left, NAME VALUE. Needs a fork only to replace one.
function __venvwrap_putenv {
  builtin local __venvwrap_text=''
  if [[ -n ${!1+set} ]]; then
    __venvwrap_text=$(\builtin declare -p "$1")
    __venvwrap_text=${__venvwrap_text#declare -}
    case ${__venvwrap_text%% *} in
      *x*) __venvwrap_kept+=("$1" exported "${!1}") ;;
      *) __venvwrap_kept+=("$1" set "${!1}") ;;
    esac
  else
    __venvwrap_kept+=("$1" unset '')
  fi
  builtin export "$1=$2" || :
}

# Plan: forgets where the environment lies, so that none of its own hooks run when it is left.
function __venvwrap_distrust {
  __venvwrap_env=/dev/null
}

# Gives the variables back that were set for the environment, the last one first.
function __venvwrap_putback {
  builtin local __venvwrap_at=0
  # A shell that has inherited the functions has no arrays.
  if [[ -n ${__venvwrap_kept+set} ]]; then
    __venvwrap_at=${#__venvwrap_kept[@]}
  fi
  while ((__venvwrap_at >= 3)); do
    __venvwrap_at=$((__venvwrap_at - 3))
    if [[ ${__venvwrap_kept[__venvwrap_at + 1]} == unset ]]; then
      builtin unset -v "${__venvwrap_kept[__venvwrap_at]}" || :
    else
      builtin export "${__venvwrap_kept[__venvwrap_at]}=${__venvwrap_kept[__venvwrap_at + 2]}" || :
    fi
    if [[ ${__venvwrap_kept[__venvwrap_at + 1]} == set ]]; then
      builtin export -n "${__venvwrap_kept[__venvwrap_at]}" || :
    fi
  done
  __venvwrap_kept=()
}

# Tells whether an activate script may change the prompt: assigning a readonly PS1 would end the script.
function __venvwrap_prompt_is_writable {
  builtin local PS1 2>/dev/null
}

# The same as below for a script that keeps the work of `deactivate` in a function of its own: no text has to be copied.
function __venvwrap_wrap_own_deactivate {
  function virtualenv_deactivate {
    _venvwrap_leave "$@"
  }
  function deactivate {
    __venvwrap_deactivate "$@"
  }
}

# Keeps the environment's own `deactivate` under another name and puts ours in its place.
function __venvwrap_wrap_deactivate {
  builtin local __venvwrap_text=''
  if ! builtin declare -F deactivate >/dev/null; then
    function virtualenv_deactivate {
      __venvwrap_forget
    }
  else
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 503)); then
      # Needs no fork, but older versions could not read it if it stood here as code.
      \eval '__venvwrap_text=${ \builtin declare -f deactivate; }'
    else
      __venvwrap_text=$(\builtin declare -f deactivate)
    fi
    \eval "virtualenv_deactivate${__venvwrap_text#deactivate}"
  fi
  function deactivate {
    __venvwrap_deactivate "$@"
  }
}

# What `deactivate` does in an environment that we entered. Starts no process.
function __venvwrap_deactivate {
  builtin local __venvwrap_left="${__venvwrap_env-}" __venvwrap_hooks="${__venvwrap_hook_dir-}" __venvwrap_reply=''
  __venvwrap_read_project "$__venvwrap_left/${__venvwrap_project_filename:-.project}"
  if [[ -n $__venvwrap_reply ]]; then
    __venvwrap_source "$__venvwrap_reply/.virtualenvwrapper/predeactivate"
  fi
  __venvwrap_source "$__venvwrap_left/bin/predeactivate"
  __venvwrap_source "$__venvwrap_hooks/predeactivate"
  virtualenv_deactivate "$@" || :
  __venvwrap_putback
  # Activate scripts from before this variable existed leave it behind.
  builtin unset -v VIRTUAL_ENV_PROMPT
  VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV=$__venvwrap_left
  # The name in virtualenvwrapper's documentation; the one above is what its code uses.
  VIRTUALENVWRAPPER_LAST_VIRTUALENV=$__venvwrap_left
  __venvwrap_source "$__venvwrap_left/bin/postdeactivate"
  __venvwrap_source "$__venvwrap_hooks/postdeactivate"
  builtin unset -v VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV VIRTUALENVWRAPPER_LAST_VIRTUALENV __venvwrap_refused
  if [[ ${1-} != nondestructive ]]; then
    builtin unset -f virtualenv_deactivate deactivate
    builtin unset -v __venvwrap_env __venvwrap_hook_dir __venvwrap_project_filename
    __venvwrap_reap
  fi
}

# Leaves an environment that was only inherited: takes it out of PATH, there is nothing else to undo.
function __venvwrap_forget {
  builtin local _vw_rest=":$PATH:" _vw_entry=":$VIRTUAL_ENV/bin:" _vw_next=''
  _vw_next=${_vw_rest%%"$_vw_entry"*}
  while ((${#_vw_next} < ${#_vw_rest})); do
    _vw_rest=$_vw_next:${_vw_rest#*"$_vw_entry"}
    _vw_next=${_vw_rest%%"$_vw_entry"*}
  done
  _vw_rest=${_vw_rest#:}
  PATH=${_vw_rest%:}
  builtin unset -v VIRTUAL_ENV VIRTUAL_ENV_PROMPT
}

# Reads the project directory from a file into `__venvwrap_reply`: empty unless it is one absolute path.
function __venvwrap_read_project {
  builtin local _vw_line=''
  __venvwrap_reply=
  if [[ ! -f $1 || ! -r $1 ]]; then
    return 0
  fi
  while IFS= builtin read -r _vw_line || [[ -n $_vw_line ]]; do
    _vw_line=${_vw_line#"${_vw_line%%[![:space:]]*}"}
    _vw_line=${_vw_line%"${_vw_line##*[![:space:]]}"}
    if [[ -n $_vw_line && -n $__venvwrap_reply ]]; then
      __venvwrap_reply=
      return 0
    elif [[ -n $_vw_line ]]; then
      __venvwrap_reply=$_vw_line
    fi
  done <"$1"
  if [[ $__venvwrap_reply != /* ]]; then
    __venvwrap_reply=
  fi
}

# Finds site-packages of the active environment for `__venvwrap_reply`; of several, the one of its Python version.
function __venvwrap_find_site_packages {
  builtin local _vw_line='' _vw_version='' _vw_dir='' _vw_noglob=''
  __venvwrap_reply=
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
      elif [[ -z $__venvwrap_reply || ${_vw_dir##*/} == *[a-z]"$_vw_version" ||
        ${_vw_dir##*/} == *[a-z]"$_vw_version"t ]]; then
        __venvwrap_reply=$_vw_dir/site-packages
      fi
    done
  fi
  if [[ -n $_vw_noglob ]]; then
    builtin set -f
  fi
}

# Runs a command of this shell, ENV COMMAND ARG.., inside an environment, in a shell of its own.
function __venvwrap_in_each {
  builtin local _vw_name="${1##*/}"
  builtin printf '%s\n%s\n' "$_vw_name" "${_vw_name//?/=}"
  (
    __venvwrap_source "$1/bin/activate"
    builtin cd -- "$1" >/dev/null || builtin exit
    shift
    "$@"
  ) || :
  builtin printf '\n'
}

# Fails unless an environment is active and still there.
function __venvwrap_require_active {
  if [[ -z ${VIRTUAL_ENV-} || ! -d $VIRTUAL_ENV ]]; then
    builtin printf 'ERROR: no virtualenv active, or active virtualenv is missing\n' >&2
    return 1
  fi
}

# Lets the program remove the temporary environment that was just left.
function __venvwrap_reap {
  builtin local _vw_temporary="${__venvwrap_temporary-}"
  if [[ $_vw_temporary == "$$ "* ]]; then
    __venvwrap_temporary=
    __venvwrap_do reap "${_vw_temporary#* }" || :
    __venvwrap_step_out || :
  fi
}

# Moves to where the program says when the current directory has gone.
function __venvwrap_step_out {
  if [[ ! -d $PWD ]]; then
    __venvwrap_plan rmvirtualenv "$@"
  fi
}

# Makes sure that a temporary environment goes when the shell ends, after what the user wants done then.
function __venvwrap_watch_exit {
  builtin local _vw_trap='' _vw_newline=$'\n'
  _vw_trap=$(\builtin trap -p EXIT)
  if [[ $_vw_trap != *__venvwrap_exit* ]]; then
    # The text has the form: trap -- 'COMMAND' EXIT
    \eval "\\builtin set -- ${_vw_trap:-trap -- '' EXIT}"
    if [[ $3 == - ]]; then
      # What stands for none in posix mode.
      builtin set -- '' '' ''
    fi
    builtin trap -- "${3:+$3$_vw_newline}__venvwrap_exit" EXIT
  fi
}

# Runs when the shell ends, and keeps its status.
function __venvwrap_exit {
  builtin local _vw_status="$?"
  builtin unset -v VIRTUAL_ENV
  __venvwrap_reap
  return "$_vw_status"
}

function __venvwrap_rmvirtualenv {
  builtin local __venvwrap_removed=0
  __venvwrap_do rmvirtualenv "$@" || __venvwrap_removed=$?
  __venvwrap_step_out "$@" || :
  return "$__venvwrap_removed"
}

function __venvwrap_cpvirtualenv {
  if [[ -n ${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-} ]]; then
    __venvwrap_plan copy-by-program "$@" || return "$?"
    __venvwrap_plan cpvirtualenv "$@"
  else
    __venvwrap_do cpvirtualenv "$@" || return "$?"
    __venvwrap_plan cpvirtualenv "$@"
  fi
}

# Functions and builtins run in this shell; `deactivate` and hooks have no part in it.
function __venvwrap_allvirtualenv {
  builtin local _vw_name='' _vw_names='' _vw_home=''
  case $(\builtin type -t -- "${1-}") in
    function | builtin) ;;
    *)
      __venvwrap_do allvirtualenv "$@"
      return "$?"
      ;;
  esac
  _vw_home=$(__venvwrap_do workon-home) || return "$?"
  _vw_names=$(__venvwrap_do lsvirtualenv -b) || return "$?"
  while IFS= builtin read -r _vw_name <&3; do
    if [[ -n $_vw_name ]]; then
      __venvwrap_in_each "$_vw_home/$_vw_name" "$@" 3<&-
    fi
  done 3<<<"$_vw_names"
}

function __venvwrap_cdvirtualenv {
  __venvwrap_require_active || return 1
  builtin cd -- "$VIRTUAL_ENV/${1-}" >/dev/null
}

function __venvwrap_cdsitepackages {
  builtin local __venvwrap_reply=''
  __venvwrap_require_active || return 1
  __venvwrap_find_site_packages
  if [[ -z $__venvwrap_reply ]]; then
    builtin printf 'ERROR: `%s` has no site-packages directory\n' "$VIRTUAL_ENV" >&2
    return 1
  fi
  builtin cd -- "$__venvwrap_reply/${1-}" >/dev/null
}

function __venvwrap_cdproject {
  builtin local __venvwrap_reply=''
  __venvwrap_require_active || return 1
  __venvwrap_read_project "$VIRTUAL_ENV/${VIRTUALENVWRAPPER_PROJECT_FILENAME:-.project}"
  if [[ -z $__venvwrap_reply ]]; then
    builtin printf 'No project set in %s\n' "$VIRTUAL_ENV/${VIRTUALENVWRAPPER_PROJECT_FILENAME:-.project}" >&2
    return 1
  elif [[ ! -d $__venvwrap_reply ]]; then
    builtin printf 'Project directory %s does not exist\n' "$__venvwrap_reply" >&2
    return 1
  fi
  builtin cd -- "$__venvwrap_reply" >/dev/null
}

if [[ -n ${__venvwrap_aliases-} ]]; then
  \builtin shopt -s expand_aliases
  \builtin unset -v __venvwrap_aliases
fi
