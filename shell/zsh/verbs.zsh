# What posix/verbs.sh needs and zsh does in its own way.

# Changes the directory, without the user's own `cd` and without hooks on it.
function __venvwrap_chdir {
  builtin cd -q "$@"
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
  builtin emulate -L zsh
  (( ${+functions[$1]} ))
}

# Returns whether a builtin has this name.
function __venvwrap_is_builtin {
  builtin emulate -L zsh
  (( ${+builtins[$1]} ))
}

# Calls a function of ours that reads text which knows nothing of the user's aliases.
function __venvwrap_without_aliases {
  if [[ -o aliases ]]; then
    builtin setopt no_aliases
    "$@" || builtin :
    builtin setopt aliases
  else
    "$@" || builtin :
  fi
}

# Evaluates what stands for an activate script: all of it is read at once.
function __venvwrap_apply {
  builtin emulate -L zsh
  builtin setopt no_aliases
  builtin eval "$1" || builtin :
}

# Removes a function, if it is there: most environments remove their own.
function __venvwrap_remove_function {
  builtin emulate -L zsh
  if (( ${+functions[$1]} )); then
    builtin unset -f "$1"
  fi
}

# Sets a variable outside of the functions, NAME VALUE.
function __venvwrap_assign {
  builtin unset "$1"
  builtin typeset -g "$1=$2"
}

# Plan: replaces the hooks for leaving the active environment, CONSENT LEAVING.. -- LEFT..
function __venvwrap_renew {
  builtin emulate -L zsh
  builtin unset __venvwrap_consent __venvwrap_leaving __venvwrap_left
  builtin typeset -g __venvwrap_consent="$1"
  builtin typeset -ga __venvwrap_leaving __venvwrap_left
  __venvwrap_leaving=()
  builtin shift
  while [[ "$1" != -- ]]; do
    __venvwrap_leaving+=("$1")
    builtin shift
  done
  builtin shift
  __venvwrap_left=("$@")
}

# Remembers a variable before the environment sets it. Fails for one that is more than text.
function __venvwrap_keep {
  builtin emulate -L zsh
  builtin local _vw_name="$1"
  __venvwrap_is_text "$1" || return 1
  if (( ! ${(P)+_vw_name} )); then
    __venvwrap_kept+=("$1" unset '')
  elif [[ "${(Pt)_vw_name}" == *export* ]]; then
    __venvwrap_kept+=("$1" exported "${(P)_vw_name}")
  else
    __venvwrap_kept+=("$1" set "${(P)_vw_name}")
  fi
}

# Gives the variables back that were set for the environment, the last one first.
function __venvwrap_restore {
  builtin emulate -L zsh
  builtin local _vw_name= _vw_state= _vw_value=
  # Somebody may have made a number of it.
  [[ "${(t)__venvwrap_kept-}" == array* ]] || return 0
  while (( ${#__venvwrap_kept} >= 3 )); do
    _vw_name="${__venvwrap_kept[-3]}" _vw_state="${__venvwrap_kept[-2]}" _vw_value="${__venvwrap_kept[-1]}"
    __venvwrap_kept[-3,-1]=()
    # It may have become readonly meanwhile.
    if ! __venvwrap_is_writable "$_vw_name"; then
      __venvwrap_tell_kept "$_vw_name"
      continue
    fi
    # An error would end all that calls this.
    {
      if [[ "$_vw_state" == unset ]]; then
        builtin unset "$_vw_name" || builtin :
      else
        builtin export "$_vw_name=$_vw_value" || builtin :
      fi
      if [[ "$_vw_state" == set ]]; then
        builtin typeset -g +x "$_vw_name" || builtin :
      fi
    } always {
      TRY_BLOCK_ERROR=0
    }
  done
}

# Returns whether a variable may be assigned.
function __venvwrap_is_writable {
  builtin emulate -L zsh
  [[ "${(Pt)1}" != *readonly* ]]
}

# Returns whether a variable can be set to any text: assigning to a list or to what is readonly would end the plan, a number
# would lose what it is given.
function __venvwrap_is_text {
  builtin emulate -L zsh
  case "${(Pt)1}" in
    *readonly* | *left* | *right* | *lower* | *upper*) return 1 ;;
    '' | scalar*) ;;
    *) return 1 ;;
  esac
}

# Finds a variable that an activate script could not set, for `_vw_reply`.
function __venvwrap_find_fixed {
  builtin emulate -L zsh
  builtin local _vw_name=
  _vw_reply=
  for _vw_name in PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_PATH _VENVWRAP_PATH _OLD_VIRTUAL_PS1 \
    _OLD_VIRTUAL_PYTHONHOME VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV VIRTUALENVWRAPPER_LAST_VIRTUALENV PYTHONHOME; do
    __venvwrap_is_text "$_vw_name" || _vw_reply="$_vw_name"
  done
  # A prompt that was changed is to be changed back.
  [[ -z "${_OLD_VIRTUAL_PS1+set}" ]] || __venvwrap_is_text PS1 || _vw_reply=PS1
  # These are made anew, whatever they are; only what is readonly cannot be.
  for _vw_name in __venvwrap_env __venvwrap_active __venvwrap_prompt __venvwrap_name __venvwrap_note __venvwrap_temporary __venvwrap_consent __venvwrap_leaving \
    __venvwrap_left __venvwrap_kept __venvwrap_been __venvwrap_diff __venvwrap_settled; do
    __venvwrap_is_writable "$_vw_name" || _vw_reply="$_vw_name"
  done
}

# Gives a function another name as well, OLD NEW.
function __venvwrap_copy_function {
  builtin emulate -L zsh
  builtin setopt no_aliases
  functions[$2]="${functions[$1]}"
}

# Returns whether `deactivate` leaves what we have entered.
function __venvwrap_is_ours {
  builtin emulate -L zsh
  [[ "${functions[deactivate]-}" == *__venvwrap_deactivate* ]]
}

# Runs last at the prompt. Two comparisons where PATH is as it was. zsh itself keeps the status, and would take one that
# is handed on for a failure, under `set -e` or with a trap.
function __venvwrap_settle {
  if [[ "${PATH-}" != "${__venvwrap_settled-}" || "${DIRENV_DIFF-}" != "${__venvwrap_diff-}" ]]; then
    __venvwrap_settle_path || builtin :
  fi
  return 0
}

# Has `__venvwrap_settle` run after everything else at the prompt.
function __venvwrap_settle_last {
  builtin emulate -L zsh
  builtin typeset -ga precmd_functions
  if [[ ! -o interactive || "${precmd_functions[-1]-}" == __venvwrap_settle ]]; then
    return 0
  fi
  precmd_functions=("${(@)precmd_functions:#__venvwrap_settle}" __venvwrap_settle)
  __venvwrap_note_settled
}

# Finds site-packages of the active environment for `_vw_reply`; of several, the one of its Python version.
function __venvwrap_find_site_packages {
  builtin emulate -L zsh
  # As an option, not as a `(N)` after the pattern: under `sh_glob` that would be a syntax error of the whole file.
  builtin setopt null_glob no_mark_dirs
  builtin local _vw_line= _vw_version= _vw_dir=
  _vw_reply=
  if [[ -f "$VIRTUAL_ENV/pyvenv.cfg" && -r "$VIRTUAL_ENV/pyvenv.cfg" ]]; then
    while IFS= builtin read -r _vw_line || [[ -n "$_vw_line" ]]; do
      if [[ "$_vw_line" == version*=* ]]; then
        _vw_line="${_vw_line#*=}"
        _vw_line="${_vw_line# }"
        _vw_version="${_vw_line#*.}"
        _vw_version="${_vw_line%%.*}.${_vw_version%%.*}"
      fi
    done <"$VIRTUAL_ENV/pyvenv.cfg"
  fi
  for _vw_dir in "$VIRTUAL_ENV"/lib/*/site-packages; do
    _vw_dir="${_vw_dir%/site-packages}"
    if [[ -z "$_vw_reply" || "${_vw_dir##*/}" == *[a-z]"$_vw_version" || "${_vw_dir##*/}" == *[a-z]"$_vw_version"t ]]; then
      _vw_reply="$_vw_dir/site-packages"
    fi
  done
}

# Sets `_vw_value` of the caller to the number of this process, be it a subshell.
function __venvwrap_read_pid {
  builtin emulate -L zsh
  builtin zmodload zsh/system 2>/dev/null && _vw_value="${sysparams[pid]}."
}

# Makes sure that a temporary environment goes when the shell ends.
function __venvwrap_watch_exit {
  builtin emulate -L zsh
  builtin typeset -ga zshexit_functions
  if (( ! ${zshexit_functions[(Ie)__venvwrap_exit]} )); then
    zshexit_functions+=(__venvwrap_exit)
  fi
}

# What virtualenvwrapper completes with, for `compctl -K`: dotfiles name these functions for commands of their own.
function __venvwrap_helper__virtualenvs {
  builtin emulate -L zsh
  builtin trap - DEBUG
  reply=(${(f)"$(\__venvwrap_do 'lsvirtualenv' '-b' 2>'/dev/null')"})
}
function __venvwrap_helper__cdvirtualenv_complete { __venvwrap_complete_as "${VIRTUAL_ENV-}" "${1-}"; }
function __venvwrap_helper__cdsitepackages_complete {
  builtin local _vw_reply=
  [[ -z "${VIRTUAL_ENV-}" ]] || __venvwrap_find_site_packages
  __venvwrap_complete_as "$_vw_reply" "${1-}"
}

# The directories in DIRECTORY whose names begin with WORD.
function __venvwrap_complete_as {
  builtin emulate -L zsh
  builtin setopt null_glob no_mark_dirs
  reply=()
  if [[ -n "$1" ]]; then
    reply=("$1/$2"*/)
    reply=("${(@)${(@)reply#$1/}%/}")
  fi
}

# What variables were before the environment set them: name, state and value of each.
if [[ "${(t)__venvwrap_kept-}" != array* && "${(t)__venvwrap_kept-}" != *readonly* ]]; then
  builtin unset __venvwrap_kept
  builtin typeset -ga __venvwrap_kept
fi
if __venvwrap_is_writable __venvwrap_request; then
  builtin typeset -g __venvwrap_request=__plan
fi
if [[ "${__venvwrap_aliases-}" == "$$" ]]; then
  builtin setopt aliases
  builtin unset __venvwrap_aliases
fi
