# The functions that plans call, for zsh, and the long ones behind the commands. A shell reads them when it first needs
# one, since reading takes longer than anything else at its start: the program brings them with the first plan, and in
# front of them the lines that turn aliases off.

# Makes an environment in the foreground, then applies the plan: VIRTUALENVWRAPPER_VIRTUALENV may name a function of
# this shell.
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
    # With the shell, because all variables may be exported.
    builtin typeset -g __venvwrap_temporary="$$ $1"
    __venvwrap_watch_exit
  fi
}

# Plan: changes the directory; only absolute paths, so that CDPATH has no say, and without hooks on it.
function __venvwrap_cd {
  builtin cd -q -- "$1" >/dev/null || :
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
  builtin setopt null_glob no_mark_dirs
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
  builtin local temporary="${__venvwrap_temporary-}"
  if [[ "$temporary" == "$$ "* ]]; then
    builtin typeset -g __venvwrap_temporary=
    __venvwrap_do reap "${temporary#* }" || :
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

function __venvwrap_rmvirtualenv {
  builtin local __venvwrap_removed=0
  __venvwrap_do rmvirtualenv "$@" || __venvwrap_removed="$?"
  __venvwrap_step_out "$@" || :
  return "$__venvwrap_removed"
}

function __venvwrap_cpvirtualenv {
  if [[ -n "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-}" ]]; then
    __venvwrap_plan copy-by-program "$@" || return "$?"
    __venvwrap_plan cpvirtualenv "$@"
  else
    __venvwrap_do cpvirtualenv "$@" || return "$?"
    __venvwrap_plan cpvirtualenv "$@"
  fi
}

# Functions and builtins run in this shell; `deactivate` and hooks have no part in it.
function __venvwrap_allvirtualenv {
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

function __venvwrap_cdvirtualenv {
  __venvwrap_require_active || return 1
  builtin cd -q -- "$VIRTUAL_ENV/${1-}" >/dev/null
}

function __venvwrap_cdsitepackages {
  builtin local __venvwrap_reply=
  __venvwrap_require_active || return 1
  __venvwrap_find_site_packages
  if [[ -z "$__venvwrap_reply" ]]; then
    builtin printf 'ERROR: `%s` has no site-packages directory\n' "$VIRTUAL_ENV" >&2
    return 1
  fi
  builtin cd -q -- "$__venvwrap_reply/${1-}" >/dev/null
}

function __venvwrap_cdproject {
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

# What variables were before the environment set them: name, state and value of each.
if [[ -z "${__venvwrap_kept+set}" ]]; then
  builtin typeset -ga __venvwrap_kept
fi
builtin typeset -g __venvwrap_request=__plan
if [[ -n "${__venvwrap_aliases-}" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
