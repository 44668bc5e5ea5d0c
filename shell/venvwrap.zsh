# venvwrap for zsh. The `venvwrap` program decides what is to happen and prints a plan; the functions here apply it,
# because only code that runs inside the shell can. No rule about environments lives in this file.
#
# Functions that source code of the user never touch options for good: no `emulate -L` there, a hook may set options.
# They are written to mean the same under any options; helpers that run only code from here use `emulate -L zsh`.

# Aliases, global ones too, would be expanded while the functions below are read. What `venvwrap init` prints does the
# same one level further out, since zsh reads the whole text of an `eval` before it runs the first line.
if [[ -o aliases ]]; then
  \builtin typeset -g __venvwrap_aliases=on
fi
\builtin setopt no_aliases

# Finds the program beside this file, else on PATH; a path that is already known and works stays.
function __venvwrap_find {
  builtin emulate -L zsh
  builtin local dir=
  if [[ -x "${__venvwrap_bin-}" ]]; then
    return 0
  fi
  # Not from `funcsourcetrace`: that would load a module.
  dir="${${(%):-%x}:A:h}"
  if [[ -f "$dir/venvwrap" && -x "$dir/venvwrap" ]]; then
    __venvwrap_bin="$dir/venvwrap"
  elif [[ -f "$dir/../bin/venvwrap" && -x "$dir/../bin/venvwrap" ]]; then
    __venvwrap_bin="$dir/../bin/venvwrap"
  else
    __venvwrap_bin=venvwrap
    # `commands` would read every directory.
    for dir in "${path[@]}"; do
      if [[ "$dir" == /* && -f "$dir/venvwrap" && -x "$dir/venvwrap" ]]; then
        __venvwrap_bin="$dir/venvwrap"
        return 0
      fi
    done
  fi
}

# Becomes the program: call it in a subshell only. Settings that were never exported are passed on from here.
function __venvwrap_exec {
  builtin emulate -L zsh
  builtin local name=
  if [[ ! -f "${__venvwrap_bin-}" ]]; then
    builtin printf 'error: could not find the venvwrap program at `%s`\n' "${__venvwrap_bin-}" >&2
    return 127
  elif [[ ! -x "$__venvwrap_bin" ]]; then
    builtin printf 'error: `%s` is not executable\n' "$__venvwrap_bin" >&2
    return 126
  fi
  for name in WORKON_HOME PROJECT_HOME VIRTUAL_ENV VIRTUALENVWRAPPER_HOOK_DIR VIRTUALENVWRAPPER_PROJECT_FILENAME \
    VIRTUALENVWRAPPER_WORKON_CD VIRTUALENVWRAPPER_VIRTUALENV VIRTUALENVWRAPPER_VIRTUALENV_ARGS \
    VIRTUALENVWRAPPER_VIRTUALENV_CLONE VIRTUALENVWRAPPER_PYTHON VIRTUALENVWRAPPER_LOG_FILE VENVWRAP_PICKER \
    VENVWRAP_STUBS; do
    # Exporting an unset variable would set it.
    if (( ${(P)+name} )); then
      builtin export "$name"
    fi
  done
  exec "$__venvwrap_bin" "$@"
}

# Runs `venvwrap __do FUNCTION ARG..` in the foreground.
function __venvwrap_do {
  (__venvwrap_exec __do "$@")
}

# Asks for the plan of FUNCTION ARG.. and applies it; lines of the plan may set `__venvwrap_status`.
function __venvwrap_plan {
  builtin local __venvwrap_text= __venvwrap_status=0
  __venvwrap_text="$(__venvwrap_exec __plan zsh "$@")" || return "$?"
  # Not before `||`: there, zsh loses the status of `return`, and `err_return` ends hooks. Every step succeeds or returns.
  builtin eval "$__venvwrap_text"
  return "$__venvwrap_status"
}

# Does the long part of FUNCTION ARG.. in the foreground, then applies its plan.
function __venvwrap_do_and_plan {
  __venvwrap_do "$@" || return "$?"
  __venvwrap_plan "$@"
}

# Like the one above, for what makes environments: VIRTUALENVWRAPPER_VIRTUALENV may name a function of this shell.
function __venvwrap_create {
  builtin local program="${VIRTUALENVWRAPPER_VIRTUALENV-}"
  if __venvwrap_is_function "${program%% *}"; then
    __venvwrap_plan by-function "$@" || return "$?"
  else
    __venvwrap_do "$@" || return "$?"
  fi
  __venvwrap_plan "$@"
}

# Plan: leaves the active environment, whoever activated it.
function __venvwrap_leave {
  if [[ -n "${VIRTUAL_ENV-}" ]] && __venvwrap_is_function deactivate; then
    deactivate || :
  fi
  if [[ -n "${VIRTUAL_ENV-}" ]]; then
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
    builtin cd -q -- "$1" >/dev/null || builtin exit 1
    builtin shift
    exec "$@"
  )
}

# Plan: runs a function of this shell or a program, CWD FUNCTION ARG.., and returns its status.
function __venvwrap_call {
  (
    builtin cd -q -- "$1" >/dev/null || builtin exit 1
    builtin shift
    "$@"
  )
}

# Plan: passes over these hooks from now on.
function __venvwrap_refuse {
  builtin emulate -L zsh
  builtin typeset -ga __venvwrap_refused
  __venvwrap_refused=("$@")
}

# Plan: activates, ENV ACTIVATE HOOK_DIR PROJECT_FILENAME [temporary] [no-prompt].
function __venvwrap_enter {
  if [[ "${5-}" == no-prompt || "${6-}" == no-prompt ]] || ! __venvwrap_prompt_is_writable; then
    builtin local VIRTUAL_ENV_DISABLE_PROMPT=1
  fi
  __venvwrap_source "$2"
  if [[ -z "${VIRTUAL_ENV-}" || ! "$VIRTUAL_ENV" -ef "$1" ]]; then
    builtin printf 'error: `%s` did not activate `%s`\n' "$2" "$1" >&2
    __venvwrap_leave
    return 1
  fi
  if [[ -z "${VIRTUAL_ENV_PROMPT-}" ]]; then
    builtin export VIRTUAL_ENV_PROMPT="${1##*/}"
  fi
  builtin typeset -g __venvwrap_env="$1" __venvwrap_hook_dir="$3" __venvwrap_project_filename="$4"
  __venvwrap_wrap_deactivate
  if [[ "${5-}" == temporary || "${6-}" == temporary ]]; then
    builtin typeset -g __venvwrap_temporary="$1"
    __venvwrap_watch_exit
  fi
}

# Plan: changes the directory; only absolute paths, so that CDPATH has no say, and without hooks on it.
function __venvwrap_cd {
  builtin cd -q -- "$1" >/dev/null || :
}

# Plan: sources a hook if it exists by now, whatever it returns. A relative path is never meant.
function __venvwrap_source {
  if [[ "$1" != /* || ! -f "$1" ]]; then
    return 0
  elif [[ -n "${__venvwrap_refused-}" ]] && __venvwrap_is_refused "$1"; then
    return 0
  elif [[ -o warn_create_global ]]; then
    # A hook that sets a variable does not know that a function sources it.
    builtin setopt no_warn_create_global
    builtin eval '\. "$1"' || :
    builtin setopt warn_create_global
  else
    builtin eval '\. "$1"' || :
  fi
}

# Tells whether the plan has ruled a hook out.
function __venvwrap_is_refused {
  builtin emulate -L zsh
  (( ${__venvwrap_refused[(Ie)$1]} ))
}

# Plan: sets and exports a variable, NAME VALUE.
function __venvwrap_setenv {
  builtin export "$1=$2"
}

# Plan: unsets a variable.
function __venvwrap_unsetenv {
  builtin unset "$1"
}

# Plan: sets and exports a variable until the environment is left, NAME VALUE.
function __venvwrap_putenv {
  builtin emulate -L zsh
  builtin local __venvwrap_name="$1"
  if (( ! ${(P)+__venvwrap_name} )); then
    __venvwrap_kept+=("$1" unset '')
  elif [[ "${(Pt)__venvwrap_name}" == *export* ]]; then
    __venvwrap_kept+=("$1" exported "${(P)__venvwrap_name}")
  else
    __venvwrap_kept+=("$1" set "${(P)__venvwrap_name}")
  fi
  builtin export "$1=$2" || :
}

# Plan: forgets where the environment lies, so that none of its own hooks run when it is left.
function __venvwrap_distrust {
  __venvwrap_env=/dev/null
}

# Gives the variables back that were set for the environment, the last one first.
function __venvwrap_putback {
  builtin emulate -L zsh
  builtin local __venvwrap_name= __venvwrap_state= __venvwrap_value=
  while (( ${#__venvwrap_kept} >= 3 )); do
    __venvwrap_name="${__venvwrap_kept[-3]}" __venvwrap_state="${__venvwrap_kept[-2]}" __venvwrap_value="${__venvwrap_kept[-1]}"
    __venvwrap_kept[-3,-1]=()
    if [[ "$__venvwrap_state" == unset ]]; then
      builtin unset "$__venvwrap_name" || :
    else
      builtin export "$__venvwrap_name=$__venvwrap_value" || :
    fi
    if [[ "$__venvwrap_state" == set ]]; then
      builtin typeset -g +x "$__venvwrap_name" || :
    fi
  done
}

# Tells whether an activate script may change the prompt: assigning a readonly PS1 would end the script.
function __venvwrap_prompt_is_writable {
  builtin emulate -L zsh
  [[ "${(t)PS1}" != *readonly* ]]
}

# Tells whether a function has this name; a program on PATH does not count.
function __venvwrap_is_function {
  builtin emulate -L zsh
  (( ${+functions[$1]} ))
}

# Tells whether a builtin has this name.
function __venvwrap_is_builtin {
  builtin emulate -L zsh
  (( ${+builtins[$1]} ))
}

# Keeps the environment's own `deactivate` under another name and puts ours in its place.
function __venvwrap_wrap_deactivate {
  builtin emulate -L zsh
  builtin setopt no_aliases
  if (( ${+functions[deactivate]} )); then
    functions[virtualenv_deactivate]="${functions[deactivate]}"
  else
    function virtualenv_deactivate {
      __venvwrap_forget
    }
  fi
  function deactivate {
    __venvwrap_deactivate "$@"
  }
}

# What `deactivate` does in an environment that we entered. Starts no process.
function __venvwrap_deactivate {
  builtin local __venvwrap_left="${__venvwrap_env-}" __venvwrap_hooks="${__venvwrap_hook_dir-}"
  builtin local __venvwrap_reply=
  __venvwrap_read_project "$__venvwrap_left/${__venvwrap_project_filename:-.project}"
  if [[ -n "$__venvwrap_reply" ]]; then
    __venvwrap_source "$__venvwrap_reply/.virtualenvwrapper/predeactivate"
  fi
  __venvwrap_source "$__venvwrap_left/bin/predeactivate"
  __venvwrap_source "$__venvwrap_hooks/predeactivate"
  virtualenv_deactivate "$@" || :
  __venvwrap_putback
  # Activate scripts from before this variable existed leave it behind.
  builtin unset VIRTUAL_ENV_PROMPT
  # The second is the name in virtualenvwrapper's documentation, the first what its code uses.
  builtin typeset -g VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV="$__venvwrap_left"
  builtin typeset -g VIRTUALENVWRAPPER_LAST_VIRTUALENV="$__venvwrap_left"
  __venvwrap_source "$__venvwrap_left/bin/postdeactivate"
  __venvwrap_source "$__venvwrap_hooks/postdeactivate"
  builtin unset VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV VIRTUALENVWRAPPER_LAST_VIRTUALENV __venvwrap_refused
  if [[ "${1-}" != nondestructive ]]; then
    __venvwrap_remove_function virtualenv_deactivate
    __venvwrap_remove_function deactivate
    builtin unset __venvwrap_env __venvwrap_hook_dir __venvwrap_project_filename
    __venvwrap_reap
  fi
}

# Removes a function, if it is there: most environments remove their own.
function __venvwrap_remove_function {
  builtin emulate -L zsh
  if (( ${+functions[$1]} )); then
    builtin unset -f "$1"
  fi
}

# Leaves an environment that was only inherited: takes it out of PATH, there is nothing else to undo.
function __venvwrap_forget {
  builtin emulate -L zsh
  builtin local entry="$VIRTUAL_ENV/bin"
  path=("${(@)path:#$entry}")
  builtin unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
}

# Reads the project directory from a file into `__venvwrap_reply`: empty unless it is one absolute path.
function __venvwrap_read_project {
  builtin emulate -L zsh
  builtin local line=
  __venvwrap_reply=
  if [[ ! -f "$1" || ! -r "$1" ]]; then
    return 0
  fi
  while IFS= builtin read -r line || [[ -n "$line" ]]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [[ -n "$line" && -n "$__venvwrap_reply" ]]; then
      __venvwrap_reply=
      return 0
    elif [[ -n "$line" ]]; then
      __venvwrap_reply="$line"
    fi
  done <"$1"
  if [[ "$__venvwrap_reply" != /* ]]; then
    __venvwrap_reply=
  fi
}

# Finds site-packages of the active environment for `__venvwrap_reply`; of several, the one of its Python version.
function __venvwrap_find_site_packages {
  builtin emulate -L zsh
  # As an option, not as a `(N)` behind the pattern: under `sh_glob` that would be a syntax error of the whole file.
  builtin setopt null_glob
  builtin local line= version= dir=
  __venvwrap_reply=
  if [[ -f "$VIRTUAL_ENV/pyvenv.cfg" && -r "$VIRTUAL_ENV/pyvenv.cfg" ]]; then
    while IFS= builtin read -r line || [[ -n "$line" ]]; do
      if [[ "$line" == version*=* ]]; then
        line="${line#*=}"
        line="${line# }"
        version="${line#*.}"
        version="${line%%.*}.${version%%.*}"
      fi
    done <"$VIRTUAL_ENV/pyvenv.cfg"
  fi
  for dir in "$VIRTUAL_ENV"/lib/*/site-packages; do
    dir="${dir%/site-packages}"
    if [[ -z "$__venvwrap_reply" || "${dir##*/}" == *[a-z]"$version" || "${dir##*/}" == *[a-z]"$version"t ]]; then
      __venvwrap_reply="$dir/site-packages"
    fi
  done
}

# Runs a command of this shell, ENV COMMAND ARG.., inside an environment, in a shell of its own.
function __venvwrap_in_each {
  builtin local name="${1##*/}"
  builtin printf '%s\n%s\n' "$name" "${name//?/=}"
  (
    __venvwrap_source "$1/bin/activate"
    builtin cd -q -- "$1" >/dev/null || builtin exit
    builtin shift
    "$@"
  ) || :
  builtin printf '\n'
}

# Fails unless an environment is active and still there.
function __venvwrap_require_active {
  if [[ -z "${VIRTUAL_ENV-}" || ! -d "$VIRTUAL_ENV" ]]; then
    builtin printf 'ERROR: no virtualenv active, or active virtualenv is missing\n' >&2
    return 1
  fi
}

# Lets the program remove the temporary environment that was just left.
function __venvwrap_reap {
  builtin local env="${__venvwrap_temporary-}"
  if [[ -n "$env" ]]; then
    builtin typeset -g __venvwrap_temporary=
    __venvwrap_do reap "$env" || :
    __venvwrap_step_out || :
  fi
}

# Moves to where the program says when the current directory has gone.
function __venvwrap_step_out {
  if [[ ! -d "$PWD" ]]; then
    __venvwrap_plan rmvirtualenv "$@"
  fi
}

# Makes sure that a temporary environment goes when the shell ends.
function __venvwrap_watch_exit {
  builtin emulate -L zsh
  builtin typeset -ga zshexit_functions
  if (( ! ${zshexit_functions[(Ie)__venvwrap_exit]} )); then
    zshexit_functions+=(__venvwrap_exit)
  fi
}

# Runs when the shell ends.
function __venvwrap_exit {
  builtin unset VIRTUAL_ENV
  __venvwrap_reap
}

# The shell has to say whether this is a terminal: what the program prints is a plan, in a pipe.
function workon {
  if [[ $# == 0 && -t 0 && -t 1 && -t 2 ]]; then
    __venvwrap_plan pick
  else
    __venvwrap_plan workon "$@"
  fi
}

function mkvirtualenv {
  __venvwrap_create mkvirtualenv "$@"
}

function mkproject {
  __venvwrap_create mkproject "$@"
}

# The token makes both calls of the program choose the same name.
function mktmpenv {
  __venvwrap_create mktmpenv --token "$$.$RANDOM$RANDOM" "$@"
}

function mktempenv {
  mktmpenv "$@"
}

function rmvirtualenv {
  builtin local __venvwrap_removed=0
  __venvwrap_do rmvirtualenv "$@" || __venvwrap_removed="$?"
  __venvwrap_step_out "$@" || :
  return "$__venvwrap_removed"
}

function lsvirtualenv {
  __venvwrap_do lsvirtualenv "$@"
}

function showvirtualenv {
  __venvwrap_do showvirtualenv "$@"
}

function setvirtualenvproject {
  __venvwrap_do setvirtualenvproject "$@"
}

function cpvirtualenv {
  if [[ -n "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-}" ]]; then
    __venvwrap_plan copy-by-program "$@" || return "$?"
    __venvwrap_plan cpvirtualenv "$@"
  else
    __venvwrap_do_and_plan cpvirtualenv "$@"
  fi
}

# Functions and builtins run in this shell; `deactivate` and hooks have no part in it.
function allvirtualenv {
  builtin local name= names= home=
  if ! __venvwrap_is_function "${1-}" && ! __venvwrap_is_builtin "${1-}"; then
    __venvwrap_do allvirtualenv "$@"
    return "$?"
  fi
  home="$(__venvwrap_do workon-home)" || return "$?"
  names="$(__venvwrap_do lsvirtualenv -b)" || return "$?"
  while IFS= builtin read -r name <&3; do
    if [[ -n "$name" ]]; then
      __venvwrap_in_each "$home/$name" "$@" 3<&-
    fi
  done 3<<<"$names"
}

function add2virtualenv {
  __venvwrap_do add2virtualenv "$@"
}

function lssitepackages {
  __venvwrap_do lssitepackages "$@"
}

function toggleglobalsitepackages {
  __venvwrap_do toggleglobalsitepackages "$@"
}

function wipeenv {
  __venvwrap_do wipeenv "$@"
}

function virtualenvwrapper {
  __venvwrap_do virtualenvwrapper "$@"
}

function cdvirtualenv {
  __venvwrap_require_active || return 1
  builtin cd -q -- "$VIRTUAL_ENV/${1-}" >/dev/null
}

function cdsitepackages {
  builtin local __venvwrap_reply=
  __venvwrap_require_active || return 1
  __venvwrap_find_site_packages
  if [[ -z "$__venvwrap_reply" ]]; then
    builtin printf 'ERROR: `%s` has no site-packages directory\n' "$VIRTUAL_ENV" >&2
    return 1
  fi
  builtin cd -q -- "$__venvwrap_reply/${1-}" >/dev/null
}

function cdproject {
  builtin local __venvwrap_reply=
  __venvwrap_require_active || return 1
  __venvwrap_read_project "$VIRTUAL_ENV/${VIRTUALENVWRAPPER_PROJECT_FILENAME:-.project}"
  if [[ -z "$__venvwrap_reply" ]]; then
    builtin printf 'No project set in %s\n' "$VIRTUAL_ENV/${VIRTUALENVWRAPPER_PROJECT_FILENAME:-.project}" >&2
    return 1
  elif [[ ! -d "$__venvwrap_reply" ]]; then
    builtin printf 'Project directory %s does not exist\n' "$__venvwrap_reply" >&2
    return 1
  fi
  builtin cd -q -- "$__venvwrap_reply" >/dev/null
}

# A shell started inside an environment inherits its variables but not the way out of it.
if [[ -n "${VIRTUAL_ENV-}" ]] && ! __venvwrap_is_function deactivate; then
  function deactivate {
    __venvwrap_forget
    __venvwrap_remove_function deactivate
  }
fi

# What variables were before the environment set them: name, state and value of each.
if [[ -z "${__venvwrap_kept+set}" ]]; then
  builtin typeset -ga __venvwrap_kept
fi
__venvwrap_find
if [[ -n "${__venvwrap_aliases-}" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
# The entry points of virtualenvwrapper do this later, when they have set its variables.
if [[ -z "${VENVWRAP_STUBS-}" ]]; then
  __venvwrap_source "${VIRTUALENVWRAPPER_HOOK_DIR:-${WORKON_HOME:-${HOME-}/.virtualenvs}}/initialize"
fi
