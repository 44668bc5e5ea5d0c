# shellcheck shell=bash
# Arguments are the callers' (2119, 2120); functions here are for hooks and dotfiles (2317); what `__venvwrap_*`
# functions set stands in another file (2154); `eval` hides zsh's own syntax from bash (2016); hooks read variables from
# here (2034); a `cd` at the end of a function gives the function its status (2164).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
#
# The names of virtualenvwrapper's helpers, which hooks and dotfiles call, for bash and zsh alike: this file keeps to
# what both read. Each asks the program, or says with builtins what it has to say.

__venvwrap_legacy_aliases=
if [ -z "${ZSH_VERSION-}" ]; then
  if \builtin shopt -q expand_aliases; then
    __venvwrap_legacy_aliases=bash
  fi
  \builtin shopt -u expand_aliases
else
  \builtin eval '[[ ! -o aliases ]]' || __venvwrap_legacy_aliases=zsh
  \builtin setopt no_aliases
fi

# Sets the variables of virtualenvwrapper, as its script does when it is sourced: $1 is the path of that script.
function __venvwrap_start {
  if [ -z "${VIRTUALENVWRAPPER_SCRIPT-}" ] && [ -n "$1" ]; then
    builtin export VIRTUALENVWRAPPER_SCRIPT="$1"
  fi
  VIRTUALENVWRAPPER_ENV_BIN_DIR=bin
  builtin export VIRTUALENVWRAPPER_PROJECT_FILENAME="${VIRTUALENVWRAPPER_PROJECT_FILENAME:-.project}"
  builtin export VIRTUALENVWRAPPER_WORKON_CD="${VIRTUALENVWRAPPER_WORKON_CD:-1}"
  virtualenvwrapper_initialize
}

# Tells whether the directory of hooks lacks one that virtualenvwrapper makes.
function __venvwrap_lacks_stubs {
  builtin local hook=''
  for hook in initialize premkvirtualenv postmkvirtualenv prermvirtualenv postrmvirtualenv predeactivate \
    postdeactivate preactivate postactivate get_env_details premkproject postmkproject; do
    if [ ! -e "$1/$hook" ] && [ ! -L "$1/$hook" ]; then
      return 0
    fi
  done
  return 1
}

# Starts a process only where there is something to resolve or to make.
function virtualenvwrapper_initialize {
  builtin local derived=''
  builtin local config="${VENVWRAP_CONFIG:-${XDG_CONFIG_HOME:-${HOME-}/.config}/venvwrap/config.toml}"
  case "${WORKON_HOME-}" in
    '' | [!/]* | *['$~']* | *//*)
      if [ -z "${WORKON_HOME-}" ] && [ -n "${HOME-}" ] && [ ! -f "$config" ]; then
        derived=$HOME/.virtualenvs
      else
        derived=$(__venvwrap_do workon-home) || return 1
      fi
      WORKON_HOME=$derived
      ;;
  esac
  builtin export WORKON_HOME
  virtualenvwrapper_verify_workon_home -q || return 1
  builtin export VIRTUALENVWRAPPER_HOOK_DIR="${VIRTUALENVWRAPPER_HOOK_DIR:-$WORKON_HOME}"
  if __venvwrap_lacks_stubs "$VIRTUALENVWRAPPER_HOOK_DIR"; then
    __venvwrap_do stubs || :
  fi
  __venvwrap_source "$VIRTUALENVWRAPPER_HOOK_DIR/initialize"
}

function virtualenvwrapper_cd {
  if [ -n "${ZSH_VERSION-}" ]; then
    builtin cd -q "$@"
  else
    builtin cd "$@"
  fi
}

function virtualenvwrapper_derive_workon_home {
  __venvwrap_do workon-home
}

function virtualenvwrapper_expandpath {
  if [ -z "${1-}" ]; then
    return 1
  fi
  __venvwrap_do expand-path "$1"
}

function virtualenvwrapper_absolutepath {
  if [ -z "${1-}" ]; then
    return 1
  fi
  __venvwrap_do absolute-path "$1"
}

function virtualenvwrapper_verify_workon_home {
  if [ ! -d "${WORKON_HOME-}/" ] || [ -z "${WORKON_HOME-}" ]; then
    __venvwrap_do verify-home "$@"
  fi
}

function virtualenvwrapper_verify_workon_environment {
  if [ -z "${1-}" ] || [ ! -d "${WORKON_HOME:-${HOME-}/.virtualenvs}/$1" ]; then
    builtin printf "ERROR: Environment '%s' does not exist. Create it with 'mkvirtualenv %s'.\n" "${1-}" "${1-}" >&2
    return 1
  fi
}

function virtualenvwrapper_verify_active_environment {
  __venvwrap_require_active
}

function virtualenvwrapper_verify_project_home {
  if [ -z "${PROJECT_HOME-}" ]; then
    builtin printf '%s %s\n' 'ERROR: Set the PROJECT_HOME shell variable to the name of the directory' \
      'where projects should be created.' >&2
    return 1
  elif [ ! -d "$PROJECT_HOME" ]; then
    if [ "${1-}" != -q ]; then
      builtin printf "ERROR: Project directory '%s' does not exist.  %s\n" "$PROJECT_HOME" \
        'Create it or set PROJECT_HOME to an existing directory.' >&2
    fi
    return 1
  fi
}

function virtualenvwrapper_verify_resource {
  if ! builtin type "${1-}" >/dev/null 2>&1; then
    builtin printf 'ERROR: virtualenvwrapper could not find %s in your path\n' "${1-}" >&2
    return 1
  fi
}

# Without a program of the user's, environments are made and copied by our own.
function virtualenvwrapper_verify_virtualenv {
  if [ -n "${VIRTUALENVWRAPPER_VIRTUALENV-}" ]; then
    virtualenvwrapper_verify_resource "${VIRTUALENVWRAPPER_VIRTUALENV%% *}"
  fi
}

function virtualenvwrapper_verify_virtualenv_clone {
  if [ -n "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-}" ]; then
    virtualenvwrapper_verify_resource "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE%% *}"
  fi
}

function virtualenvwrapper_get_python_version {
  builtin local version=''
  version=$("$VIRTUAL_ENV/bin/python" -V 2>&1) || return "$?"
  version=${version#* }
  version=${version%% *}
  builtin printf '%s\n' "${version%.*}"
}

function virtualenvwrapper_get_site_packages_dir {
  builtin local __venvwrap_reply=''
  __venvwrap_require_active || return 1
  __venvwrap_find_site_packages
  builtin printf '%s\n' "$__venvwrap_reply"
}

function virtualenvwrapper_show_workon_options {
  __venvwrap_do lsvirtualenv -b
}

function virtualenvwrapper_mktemp {
  builtin command mktemp "$@"
}

function virtualenvwrapper_tempfile {
  virtualenvwrapper_mktemp -t "virtualenvwrapper-${1:-hook}-XXXXXXXXXX" || {
    builtin printf 'ERROR: virtualenvwrapper could not create a temporary file name.\n' >&2
    return 1
  }
}

# EVENT ARG..: runs and sources what belongs to the event, such as `post_activate`.
function virtualenvwrapper_run_hook {
  __venvwrap_plan run-hook "$@"
}

# Completion is set up where it belongs: with the functions, or by the shell's own loader.
function virtualenvwrapper_setup_tab_completion {
  :
}

# Everything is there from the start.
function virtualenvwrapper_load {
  :
}

function virtualenvwrapper_workon_help {
  workon --help
}

function virtualenvwrapper_mkvirtualenv_help {
  mkvirtualenv --help
}

function virtualenvwrapper_mkproject_help {
  mkproject --help
}

function _lsvirtualenv_usage {
  lsvirtualenv --help
}

function _virtualenvwrapper_version {
  __venvwrap_do version
}

if [ "$__venvwrap_legacy_aliases" = bash ]; then
  \builtin shopt -s expand_aliases
elif [ "$__venvwrap_legacy_aliases" = zsh ]; then
  \builtin setopt aliases
fi
\builtin unset __venvwrap_legacy_aliases
