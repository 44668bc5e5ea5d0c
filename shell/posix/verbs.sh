# shellcheck shell=bash
# Messages put names in backticks (2016); variables and functions here are for hooks, plans and users (2034, 2119, 2120,
# 2317); what stands in other files is not seen (2154); a `cd` at the end of a function gives the function its status
# (2164).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
#
# The functions that plans call, for bash and zsh alike, and the long ones behind the commands. A shell reads them when it
# first needs one, since reading takes longer than anything else at its start: the program brings them with the first
# plan, and in front of them the lines that turn aliases off. What the shells do differently is in their own verbs.*,
# which follows.
#
# Words are quoted also where bash would not need it: options of zsh split and expand them. Local names begin with `_vw_`.

# Makes an environment in the foreground, then applies the plan: VIRTUALENVWRAPPER_VIRTUALENV may name a function of
# this shell.
function __venvwrap_create {
  builtin local _vw_program _vw_value
  builtin unset -v _vw_program _vw_value
  _vw_program="${VIRTUALENVWRAPPER_VIRTUALENV-}"
  _vw_value=''
  case "$1" in
    mktmpenv | mktempenv)
      builtin shift
      # The token makes both calls of the program choose the same name. A subshell of zsh has the `$$` and the random
      # numbers of its parent.
      __venvwrap_read_pid
      builtin set -- mktmpenv --token "$$.$_vw_value$RANDOM$RANDOM" "$@"
      ;;
  esac
  if __venvwrap_is_function "${_vw_program%% *}" && __venvwrap_is_chosen VIRTUALENVWRAPPER_VIRTUALENV "$_vw_program"; then
    __venvwrap_plan by-function "$@" || return "$?"
  else
    __venvwrap_do "$@" || return "$?"
  fi
  __venvwrap_plan "$@"
}

# Returns whether the user has set a variable, NAME VALUE: virtualenvwrapper's entry point gives some a value for scripts.
function __venvwrap_is_chosen {
  [[ -n "$2" && "$2" != */venvwrap-venv ]] && { [[ -z "${__venvwrap_given-}" ]] || ! __venvwrap_is_given "$1"; }
}

# Brings what only virtualenvwrapper's entry point needs, and calls a function of it.
function __venvwrap_entry {
  builtin local _vw_text
  builtin unset -v _vw_text
  __venvwrap_untraced __venvwrap_ask __do entry "${ZSH_VERSION:+zsh}${BASH_VERSION:+bash}" || builtin :
  builtin eval "$_vw_text" && "$@"
}

# The `deactivate` of a shell that was started inside an environment.
function __venvwrap_inherited {
  case "${1-}" in
    -h | --help)
      __venvwrap_do deactivate --help
      return "$?"
      ;;
  esac
  __venvwrap_forget
  __venvwrap_remove_function deactivate
}

# Plan: leaves the active environment, whoever activated it.
function __venvwrap_leave {
  if [[ -n "${VIRTUAL_ENV-}" ]] && __venvwrap_is_function deactivate; then
    # Where a variable cannot be set, there is no other way out either.
    deactivate || __venvwrap_check 'leave the' 2>/dev/null || return 1
  fi
  if [[ -n "${VIRTUAL_ENV-}" ]]; then
    __venvwrap_forget
  fi
  __venvwrap_unnote
  __venvwrap_reap
}

# Tells others that this shell has left its environment; a subshell leaves it for itself only. Not with `:`: where a file
# cannot be written, a special builtin ends a script in POSIX mode.
function __venvwrap_unnote {
  if [[ "${__venvwrap_note-}" == "$$ "?* && "${BASH_SUBSHELL:-0}${ZSH_SUBSHELL:-0}" == 00 ]]; then
    { builtin printf '' >|"${__venvwrap_note#* }"; } 2>/dev/null || builtin :
  fi
  __venvwrap_assign __venvwrap_note ''
}

# Plan: refuses to activate anything, or what $1 says, where a variable could not be set, before anything else happens.
function __venvwrap_check {
  builtin local _vw_reply
  builtin unset -v _vw_reply
  _vw_reply=''
  __venvwrap_find_fixed
  if [[ -n "$_vw_reply" ]]; then
    builtin printf 'error: cannot %s environment: this shell cannot set `%s`\nhint: `typeset -p %s` shows how it is declared; start a shell in which it is neither readonly nor a number, list or reference\n' "${1:-activate an}" "$_vw_reply" "$_vw_reply" >&2
    return 1
  fi
}

# Plan: activates, ENVIRONMENT ACTIVATE FLAG.. [note FILE RECORD] [text TEXT] -- and the words of `renew`. TEXT stands for
# the script; RECORD in FILE tells others that this shell is in the environment.
function __venvwrap_enter {
  builtin local _vw_env _vw_activate _vw_before _vw_flags _vw_note _vw_record _vw_text
  builtin unset -v _vw_env _vw_activate _vw_before _vw_flags _vw_note _vw_record _vw_text
  _vw_env="$1" _vw_activate="$2" _vw_before="${PATH-}" _vw_flags=' ' _vw_note='' _vw_record='' _vw_text=''
  builtin shift 2
  while [[ "$1" != -- ]]; do
    case "$1" in
      note)
        _vw_note="$2" _vw_record="$3"
        builtin shift 2
        ;;
      text)
        builtin shift
        _vw_text="$1"
        ;;
      *) _vw_flags="$_vw_flags$1 " ;;
    esac
    builtin shift
  done
  builtin shift
  if [[ "$_vw_flags" == *' hide-prompt '* ]] || ! __venvwrap_is_text PS1; then
    builtin local VIRTUAL_ENV_DISABLE_PROMPT
    VIRTUAL_ENV_DISABLE_PROMPT=1
  elif [[ -n "${__vsc_custom_PS1-}" && "${PS1-}" == "$__vsc_custom_PS1" ]]; then
    # VS Code puts its marks around a prompt that has changed: around the old ones too, once more each time.
    PS1="${__vsc_original_PS1-}"
  fi
  if [[ -n "$_vw_text" ]]; then
    __venvwrap_without_aliases __venvwrap_apply "$_vw_text"
  elif [[ "$_vw_flags" == *' plain '* ]]; then
    # What the user has added to a script may use aliases; this one is as it was written.
    __venvwrap_without_aliases __venvwrap_source "$_vw_activate"
  else
    __venvwrap_source "$_vw_activate"
  fi
  if [[ -z "${VIRTUAL_ENV-}" || ! "$VIRTUAL_ENV" -ef "$_vw_env" ]]; then
    __venvwrap_do not-activated "$_vw_activate" "$_vw_env" || builtin :
    __venvwrap_leave
    return 1
  fi
  if [[ -z "${VIRTUAL_ENV_PROMPT-}" ]]; then
    builtin export "VIRTUAL_ENV_PROMPT=${_vw_env##*/}"
  fi
  __venvwrap_assign __venvwrap_env "$_vw_env"
  __venvwrap_assign __venvwrap_active "$VIRTUAL_ENV"
  __venvwrap_assign __venvwrap_prompt "$VIRTUAL_ENV_PROMPT"
  __venvwrap_assign __venvwrap_name ''
  # With the shell, because all variables may be exported.
  __venvwrap_assign __venvwrap_note "$$ $_vw_note"
  if [[ -n "$_vw_note" ]]; then
    # Appended: ext4 writes a file to the disk that is emptied and written at once, and the next one would wait for it.
    {
      if [[ -s "$_vw_note" ]]; then
        builtin printf '' >|"$_vw_note"
      fi
      builtin printf %s "$_vw_record" >>"$_vw_note"
    } 2>/dev/null || builtin :
  fi
  __venvwrap_outlive_direnv "$_vw_before"
  __venvwrap_renew "$@"
  case "$_vw_flags" in
    *' plain '*) __venvwrap_wrap_own_deactivate ;;
    *) __venvwrap_wrap_deactivate ;;
  esac
  if [[ "$_vw_flags" == *' automatic '* ]]; then
    builtin export "VENVWRAP_AUTO_ENV=$VIRTUAL_ENV"
  fi
  if [[ "$_vw_flags" == *' temporary '* ]]; then
    __venvwrap_assign __venvwrap_temporary "$$ $_vw_env"
    __venvwrap_watch_exit
  fi
}

# Leaves an environment that was only inherited: unsets the variables that it has left behind, and takes it off PATH.
function __venvwrap_forget {
  __venvwrap_plan forget || builtin :
  __venvwrap_outlive_direnv ''
  __venvwrap_take_off "$VIRTUAL_ENV/bin"
  builtin unset -v VIRTUAL_ENV VIRTUAL_ENV_PROMPT
}

# Takes an entry off PATH, wherever it is there.
function __venvwrap_take_off {
  builtin set -- "$1" ":${PATH-}:"
  while [[ "$2" == *":$1:"* ]]; do
    builtin set -- "$1" "${2%%":$1:"*}:${2#*":$1:"}"
  done
  builtin set -- "${2#:}"
  builtin export "PATH=${1%:}"
}

# direnv puts back the PATH that it has noted, whichever environment was active then. Where it runs at the prompt, PATH is
# looked at after it; the active environment is remembered for that, unless it was on PATH before, which is $1.
function __venvwrap_outlive_direnv {
  if [[ -z "${DIRENV_DIFF-}" ]] && ! __venvwrap_is_function _direnv_hook; then
    return 0
  elif [[ ":${__venvwrap_been-}$1:" != *":$VIRTUAL_ENV/bin:"* ]]; then
    __venvwrap_assign __venvwrap_been "$VIRTUAL_ENV/bin:${__venvwrap_been-}"
  fi
  __venvwrap_settle_last
}

# Puts the active environment on PATH again, and takes those off it that were left.
function __venvwrap_settle_path {
  __venvwrap_is_text PATH || return 0
  [[ "${DIRENV_DIFF-}" == "${__venvwrap_diff-}" ]] || __venvwrap_settle_environment
  # 1: the environments to look at, 2: whether they are wanted, 3: those to remember. What was left is not remembered
  # where direnv has noted nothing: who has it on PATH later wants it there.
  builtin set -- "${__venvwrap_been-}" '' ''
  if [[ "${PATH-}" == *"${__venvwrap_settled-}"* &&
    (-z "${__venvwrap_diff-}" || "${__venvwrap_diff-}" == "${DIRENV_DIFF-}") ]]; then
    # It has only got longer, and direnv has put nothing back: somebody has added them.
    builtin set -- "$1" wanted ''
  fi
  # What another shell has exported may end without a colon.
  while [[ "$1" == *:* ]]; do
    if [[ "${1%%:*}" == "${VIRTUAL_ENV-}/bin" ||
      (-n "${DIRENV_DIFF-}" && ":${PATH-}:" != *":${1%%:*}:"*) ]]; then
      builtin set -- "${1#*:}" "$2" "$3${1%%:*}:"
    elif [[ -n "$2" || ":${PATH-}:" != *":${1%%:*}:"* ]]; then
      builtin set -- "${1#*:}" "$2" "$3"
    else
      __venvwrap_take_off "${1%%:*}"
    fi
  done
  __venvwrap_assign __venvwrap_been "$3"
  if [[ -n "${__venvwrap_env-}" && -n "${VIRTUAL_ENV-}" && ":${PATH-}:" != *":${VIRTUAL_ENV-}/bin:"* &&
    "${VIRTUAL_ENV-}" -ef "${__venvwrap_env-}" ]]; then
    builtin export "PATH=$VIRTUAL_ENV/bin${PATH:+:$PATH}"
  fi
  __venvwrap_note_settled
}

# Where direnv has changed VIRTUAL_ENV: what an .envrc sets wins, and the prompt does not name another one; what direnv puts
# back does not, be it the environment of another time or none.
function __venvwrap_settle_environment {
  __venvwrap_is_text VIRTUAL_ENV || return 0
  if __venvwrap_is_function deactivate; then
    # Another tool's: somebody has sourced a script.
    [[ -n "${__venvwrap_env-}" ]] && __venvwrap_is_ours || return 0
  elif [[ -z "${VIRTUAL_ENV-}" || ":${__venvwrap_been-}:" != *":$VIRTUAL_ENV/bin:"* ]]; then
    return 0
  fi
  if [[ -n "${__venvwrap_env-}" && "${VIRTUAL_ENV-}" == "${__venvwrap_active-}" ]]; then
    __venvwrap_show_name
  elif [[ -n "${DIRENV_DIFF-}" ]] && __venvwrap_do direnv-sets "$DIRENV_DIFF" VIRTUAL_ENV; then
    [[ -z "${__venvwrap_env-}" ]] || __venvwrap_give_way
  elif [[ -n "${__venvwrap_env-}" ]]; then
    builtin export "VIRTUAL_ENV=$__venvwrap_active"
    __venvwrap_show_name
  else
    builtin unset -v VIRTUAL_ENV VIRTUAL_ENV_PROMPT
  fi
}

# Lets the environment of an .envrc stand before ours: on PATH, and without our name in the prompt.
function __venvwrap_give_way {
  __venvwrap_take_off "$__venvwrap_active/bin"
  if [[ -n "${VIRTUAL_ENV-}" && ":${PATH-}:" != *":$VIRTUAL_ENV/bin:"* ]]; then
    builtin export "PATH=$VIRTUAL_ENV/bin${PATH:+:$PATH}"
    __venvwrap_assign __venvwrap_been "$VIRTUAL_ENV/bin:${__venvwrap_been-}"
  fi
  if [[ "${VIRTUAL_ENV_PROMPT-}" == "${__venvwrap_prompt-}" ]]; then
    builtin unset -v VIRTUAL_ENV_PROMPT
  fi
  # A prompt that somebody has changed meanwhile is theirs.
  if [[ -z "${__venvwrap_name-}" && -n "${_OLD_VIRTUAL_PS1+set}" && "${PS1-}" == *"$_OLD_VIRTUAL_PS1" ]] &&
    __venvwrap_is_text PS1; then
    __venvwrap_assign __venvwrap_name "${PS1%"$_OLD_VIRTUAL_PS1"}"
    PS1="$_OLD_VIRTUAL_PS1"
  fi
}

# Shows the name again that gave way.
function __venvwrap_show_name {
  builtin export "VIRTUAL_ENV_PROMPT=${__venvwrap_prompt-}"
  if [[ -n "${__venvwrap_name-}" ]] && __venvwrap_is_text PS1; then
    PS1="$__venvwrap_name${PS1-}"
    __venvwrap_assign __venvwrap_name ''
  fi
}

function __venvwrap_note_settled {
  __venvwrap_assign __venvwrap_settled "${PATH-}"
  __venvwrap_assign __venvwrap_diff "${DIRENV_DIFF-}"
}

# Plan: runs a program or a function of this shell, ON_FAILURE CWD PROGRAM ARGUMENT..
function __venvwrap_run {
  builtin local _vw_on_failure _vw_ran
  builtin unset -v _vw_on_failure _vw_ran
  _vw_on_failure="$1" _vw_ran=0
  builtin shift
  (
    __venvwrap_chdir -- "$1" >/dev/null || builtin exit 1
    builtin shift
    __venvwrap_become "$@"
  ) || _vw_ran="$?"
  if [[ "$_vw_on_failure" == ignore ]]; then
    return 0
  fi
  return "$_vw_ran"
}

# Plan: changes the directory; only absolute paths, so that CDPATH has no say.
function __venvwrap_cd {
  __venvwrap_chdir -- "$1" >/dev/null || builtin :
}

# Plan: sets and exports a variable, SCOPE NAME VALUE, or unsets it, SCOPE NAME. In the scope `environment` it becomes
# again what it was when the environment is left.
function __venvwrap_set {
  if [[ "$1" == environment ]] && ! __venvwrap_keep "$2"; then
    builtin printf 'warning: `%s` is not set: here it is readonly, or more than plain text\n' "$2" >&2
    return 0
  fi
  if [[ $# -lt 3 ]]; then
    builtin unset -v "$2" || builtin :
  else
    builtin export "$2=$3" || builtin :
  fi
}

# Keeps the environment's own `deactivate` under another name and puts ours in its place.
function __venvwrap_wrap_deactivate {
  if __venvwrap_is_function deactivate; then
    __venvwrap_copy_function deactivate virtualenv_deactivate
  else
    function virtualenv_deactivate {
      __venvwrap_forget
    }
  fi
  function deactivate {
    __venvwrap_deactivate "$@"
  }
}

# The same for a script that keeps the work of `deactivate` in a function of its own: no
# text has to be copied.
function __venvwrap_wrap_own_deactivate {
  function virtualenv_deactivate {
    _venvwrap_leave "$@"
  }
  function deactivate {
    __venvwrap_deactivate "$@"
  }
}

# Says which variable of an environment that was left is still set.
function __venvwrap_tell_kept {
  builtin printf 'warning: `%s` stays as it is: it is readonly in this shell\n' "$1" >&2
}

# Has the hooks for leaving judged once more, ENVIRONMENT CONSENT LEAVING.. -- LEFT..; without an answer none runs.
function __venvwrap_judge_leaving {
  __venvwrap_renew '' --
  __venvwrap_plan leave "$@" || builtin :
}

# What `deactivate` does in an environment that we entered. Starts a process only where a hook does something, or consent
# was needed to enter: what others could change in the meantime does not run.
function __venvwrap_deactivate {
  if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    __venvwrap_do deactivate --help
    return "$?"
  fi
  # Half-left is worse than not left: PATH would be lost, or the shell's function end anywhere.
  __venvwrap_check_locals && __venvwrap_check 'leave the' || return 1
  builtin local _vw_env _vw_hook _vw_judged
  builtin unset -v _vw_env _vw_hook _vw_judged
  _vw_env="${__venvwrap_env-}" _vw_hook='' _vw_judged=''
  # direnv may have run since the last prompt.
  if [[ -n "${__venvwrap_settled-}" && "${DIRENV_DIFF-}" != "${__venvwrap_diff-}" ]]; then
    __venvwrap_settle_path || builtin :
  fi
  # An .envrc has named another one: both are left.
  if [[ -n "$_vw_env" && -n "${__venvwrap_active-}" && "${VIRTUAL_ENV-}" != "$__venvwrap_active" ]]; then
    __venvwrap_take_off "${VIRTUAL_ENV-}/bin"
    builtin export "VIRTUAL_ENV=$__venvwrap_active"
  fi
  if [[ -n "${__venvwrap_consent-}" ]] ||
    __venvwrap_any_hook "${__venvwrap_leaving[@]-}" "${__venvwrap_left[@]-}"; then
    _vw_judged=1
    __venvwrap_judge_leaving "$_vw_env" "${__venvwrap_consent-}" "${__venvwrap_leaving[@]-}" -- "${__venvwrap_left[@]-}"
    for _vw_hook in "${__venvwrap_leaving[@]-}"; do
      __venvwrap_source "$_vw_hook"
    done
  fi
  virtualenv_deactivate "$@" || builtin :
  __venvwrap_restore
  # Activate scripts from before this variable existed leave it behind.
  builtin unset -v VIRTUAL_ENV_PROMPT
  # The second is the name in virtualenvwrapper's documentation, the first what its code uses.
  __venvwrap_assign VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV "$_vw_env"
  __venvwrap_assign VIRTUALENVWRAPPER_LAST_VIRTUALENV "$_vw_env"
  if [[ -n "$_vw_judged" ]]; then
    for _vw_hook in "${__venvwrap_left[@]-}"; do
      # As in virtualenvwrapper, a temporary environment is gone when the hooks outside of it run.
      if [[ "${1-}" != nondestructive && "$_vw_hook" != "$_vw_env"/* ]]; then
        __venvwrap_reap
      fi
      # A hook sees the arguments of what sources it: `$2` is the name, as in virtualenvwrapper.
      __venvwrap_source "$_vw_hook" "${_vw_env##*/}"
    done
  fi
  builtin unset -v VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV VIRTUALENVWRAPPER_LAST_VIRTUALENV
  if [[ "${1-}" != nondestructive ]]; then
    __venvwrap_remove_function virtualenv_deactivate
    __venvwrap_remove_function deactivate
    __venvwrap_assign __venvwrap_env ''
    __venvwrap_renew '' --
    __venvwrap_unnote
    __venvwrap_reap
  fi
}

# Runs a command of this shell in an environment, ACTIVATE HEADING UNDERLINE VARIABLE.. -- COMMAND ARG.., in a shell of its
# own that is in its directory. A VARIABLE is `set NAME VALUE` or `unset NAME`.
function __venvwrap_in_each {
  builtin printf '%s\n%s\n' "$2" "$3"
  (
    __venvwrap_source "$1"
    builtin shift 3
    while [[ "$1" != -- ]]; do
      case "$1" in
        set)
          builtin export "$2=$3" || builtin :
          builtin shift
          ;;
        *) builtin unset -v "$2" || builtin : ;;
      esac
      builtin shift 2
    done
    builtin shift
    "$@"
  ) || builtin :
  builtin printf '\n'
}

# Fails unless an environment is active and still there.
function __venvwrap_require_active {
  if [[ -z "${VIRTUAL_ENV-}" || ! -d "$VIRTUAL_ENV" ]]; then
    __venvwrap_do none-active
    return 1
  fi
}

# The same where an environment is looked into: virtualenvwrapper first makes the directory of all of them.
function __venvwrap_require_inside {
  [[ -z "${WORKON_HOME-}" || -d "$WORKON_HOME/" ]] || __venvwrap_do verify-home || return 1
  __venvwrap_require_active
}

# Lets the program remove the temporary environment that was just left.
function __venvwrap_reap {
  builtin local _vw_temporary
  builtin unset -v _vw_temporary
  _vw_temporary="${__venvwrap_temporary-}"
  if [[ "$_vw_temporary" == "$$ "* ]]; then
    __venvwrap_assign __venvwrap_temporary ''
    __venvwrap_do reap "${_vw_temporary#* }" || builtin :
    __venvwrap_step_out || builtin :
  fi
}

# Moves to where the program says when the current directory has gone.
function __venvwrap_step_out {
  if [[ ! -d "$PWD" ]]; then
    __venvwrap_plan rmvirtualenv "$@"
  fi
}

# Runs when the shell ends, and keeps its status.
function __venvwrap_exit {
  builtin unset -v VIRTUAL_ENV
  __venvwrap_reap || builtin :
}

function __venvwrap_rmvirtualenv {
  builtin local _vw_removed
  builtin unset -v _vw_removed
  _vw_removed=0
  __venvwrap_do rmvirtualenv "$@" || _vw_removed="$?"
  __venvwrap_step_out "$@" || builtin :
  return "$_vw_removed"
}

function __venvwrap_cpvirtualenv {
  if __venvwrap_is_chosen VIRTUALENVWRAPPER_VIRTUALENV_CLONE "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-}"; then
    __venvwrap_plan copy-by-program "$@" || return "$?"
  else
    __venvwrap_do cpvirtualenv "$@" || return "$?"
  fi
  __venvwrap_plan cpvirtualenv "$@"
}

# Leaves the environment first, while its hooks are there; one that keeps its name is activated again.
function __venvwrap_mvvirtualenv {
  builtin local _vw_before _vw_moved
  builtin unset -v _vw_before _vw_moved
  _vw_before="${VIRTUAL_ENV-}" _vw_moved=0
  __venvwrap_plan before-mvvirtualenv "$@" || return "$?"
  __venvwrap_do mvvirtualenv "$@" || _vw_moved="$?"
  if [[ "$_vw_moved" == 0 && -z "$_vw_before" ]]; then
    __venvwrap_plan after-mvvirtualenv "$@" || return "$?"
  elif [[ "$_vw_moved" == 0 ]]; then
    __venvwrap_plan mvvirtualenv "$@" || return "$?"
  elif [[ -n "$_vw_before" && -z "${VIRTUAL_ENV-}" && -d "$_vw_before" ]]; then
    __venvwrap_plan workon --no-cd -- "${_vw_before##*/}" || builtin :
  elif [[ -n "$_vw_before" && -z "${VIRTUAL_ENV-}" ]]; then
    # Renamed, although a file could not follow.
    __venvwrap_plan mvvirtualenv "$@" || builtin :
  fi
  return "$_vw_moved"
}

# The active environment may be the one that gets another project.
function __venvwrap_setvirtualenvproject {
  __venvwrap_do setvirtualenvproject "$@" || return "$?"
  if [[ -n "${__venvwrap_env-}" ]]; then
    __venvwrap_plan renew "$__venvwrap_env" "${__venvwrap_consent-}"
  fi
}

# Functions and builtins run in this shell; `deactivate` and hooks have no part in it. The program says which environments
# may be entered, and prints their headings.
function __venvwrap_allvirtualenv {
  if [[ "${1-}" == -h || "${1-}" == --help ]] ||
    { ! __venvwrap_is_function "${1-}" && ! __venvwrap_is_builtin "${1-}"; }; then
    __venvwrap_do allvirtualenv "$@"
    return "$?"
  fi
  __venvwrap_plan each "$@"
}

# Changes to a directory that the user has named; the program says why where that fails.
function __venvwrap_go {
  __venvwrap_chdir -- "$1" >/dev/null 2>&1 || {
    __venvwrap_do no-directory "$1"
    return 1
  }
}

# Returns whether the first argument asks for help, FUNCTION ARG..; shows it then.
function __venvwrap_helps {
  case "${2-}" in
    -h | --help) __venvwrap_do "$1" --help ;;
    *) return 1 ;;
  esac
}

function __venvwrap_cdvirtualenv {
  ! __venvwrap_helps cdvirtualenv "$@" || return 0
  __venvwrap_require_inside || return 1
  __venvwrap_go "$VIRTUAL_ENV/${1-}"
}

function __venvwrap_cdsitepackages {
  ! __venvwrap_helps cdsitepackages "$@" || return 0
  builtin local _vw_reply
  builtin unset -v _vw_reply
  _vw_reply=''
  __venvwrap_require_inside || return 1
  __venvwrap_find_site_packages
  if [[ -z "$_vw_reply" ]]; then
    builtin printf 'ERROR: `%s` has no site-packages directory\n' "$VIRTUAL_ENV" >&2
    return 1
  fi
  __venvwrap_go "$_vw_reply/${1-}"
}

function __venvwrap_cdproject {
  ! __venvwrap_helps cdproject "$@" || return 0
  __venvwrap_require_active || return 1
  __venvwrap_plan cdproject
}
