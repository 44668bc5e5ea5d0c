# shellcheck shell=bash
# Arguments are the callers' (2119, 2120); functions here are for hooks and dotfiles (2317); what `__venvwrap_*`
# functions set stands in another file (2154); a `cd` at the end of a function gives the function its status (2164).
# shellcheck disable=SC2119,SC2120,SC2154,SC2164,SC2317
#
# What virtualenvwrapper's helpers do, for bash and zsh alike: `virtualenvwrapper_NAME` calls `__venvwrap_helper_NAME`. It
# comes before the functions that plans call.

function __venvwrap_helper_cd { __venvwrap_chdir "$@"; }
function __venvwrap_helper_derive_workon_home { __venvwrap_do workon-home; }

function __venvwrap_helper_verify_workon_home {
  if [[ ! -d "${WORKON_HOME-}/" ]] || [[ -z "${WORKON_HOME-}" ]]; then
    __venvwrap_do verify-home "$@"
  fi
}

function __venvwrap_helper_verify_active_environment { __venvwrap_require_active; }
function __venvwrap_helper_show_workon_options { __venvwrap_do lsvirtualenv -b; }
function __venvwrap_helper_mktemp { builtin command mktemp "$@"; }

# EVENT ARG..: runs and sources what belongs to the event, such as `post_activate`.
function __venvwrap_helper_run_hook { __venvwrap_plan run-hook "$@"; }
function __venvwrap_helper_workon_help { __venvwrap_do workon --help; }
function __venvwrap_helper_mkvirtualenv_help { __venvwrap_do mkvirtualenv --help; }
function __venvwrap_helper_mkproject_help { __venvwrap_do mkproject --help; }
function __venvwrap_helper_version { __venvwrap_do version; }

function __venvwrap_helper_expandpath {
  if [[ -z "${1-}" ]]; then
    return 1
  fi
  __venvwrap_do expand-path "$1"
}

function __venvwrap_helper_absolutepath {
  if [[ -z "${1-}" ]]; then
    return 1
  fi
  __venvwrap_do absolute-path "$1"
}

function __venvwrap_helper_verify_workon_environment {
  if [[ -z "${1-}" ]] || [[ ! -d "${WORKON_HOME:-${HOME-}/.virtualenvs}/$1" ]]; then
    builtin printf "ERROR: Environment '%s' does not exist. Create it with 'mkvirtualenv %s'.\n" "${1-}" "${1-}" >&2
    return 1
  fi
}

function __venvwrap_helper_verify_project_home {
  if [[ -z "${PROJECT_HOME-}" ]]; then
    builtin printf '%s %s\n' 'ERROR: Set the PROJECT_HOME shell variable to the name of the directory' \
      'where projects should be created.' >&2
    return 1
  elif [[ ! -d "$PROJECT_HOME" ]]; then
    if [[ "${1-}" != -q ]]; then
      builtin printf "ERROR: Project directory '%s' does not exist.  %s\n" "$PROJECT_HOME" \
        'Create it or set PROJECT_HOME to an existing directory.' >&2
    fi
    return 1
  fi
}

function __venvwrap_helper_verify_resource {
  if ! builtin type "${1-}" >/dev/null 2>&1; then
    builtin printf 'ERROR: virtualenvwrapper could not find %s in your path\n' "${1-}" >&2
    return 1
  fi
}

# Without a program of the user's, environments are made and copied by our own.
function __venvwrap_helper_verify_virtualenv {
  if __venvwrap_is_chosen VIRTUALENVWRAPPER_VIRTUALENV "${VIRTUALENVWRAPPER_VIRTUALENV-}"; then
    virtualenvwrapper_verify_resource "${VIRTUALENVWRAPPER_VIRTUALENV%% *}"
  fi
}

function __venvwrap_helper_verify_virtualenv_clone {
  if __venvwrap_is_chosen VIRTUALENVWRAPPER_VIRTUALENV_CLONE "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE-}"; then
    virtualenvwrapper_verify_resource "${VIRTUALENVWRAPPER_VIRTUALENV_CLONE%% *}"
  fi
}

function __venvwrap_helper_get_python_version { __venvwrap_untraced __venvwrap_get_python_version; }
function __venvwrap_get_python_version {
  builtin local _vw_version
  builtin unset -v _vw_version
  _vw_version=''
  _vw_version=$("$VIRTUAL_ENV/bin/python" '-V' 2>&1) || return "$?"
  _vw_version=${_vw_version#* }
  _vw_version=${_vw_version%% *}
  builtin printf '%s\n' "${_vw_version%.*}"
}

function __venvwrap_helper_get_site_packages_dir {
  builtin local _vw_reply
  builtin unset -v _vw_reply
  _vw_reply=''
  __venvwrap_require_active || return 1
  __venvwrap_find_site_packages
  builtin printf '%s\n' "$_vw_reply"
}

function __venvwrap_helper_tempfile { __venvwrap_untraced __venvwrap_tempfile "$@"; }
function __venvwrap_tempfile {
  builtin local _vw_file
  builtin unset -v _vw_file
  _vw_file=''
  _vw_file=$(\virtualenvwrapper_mktemp '-t' "virtualenvwrapper-${1:-hook}-XXXXXXXXXX") || _vw_file=''
  if [[ ! -f "$_vw_file" ]]; then
    builtin printf 'ERROR: virtualenvwrapper could not create a temporary file name.\n' >&2
    return 1
  fi
  builtin printf '%s\n' "$_vw_file"
}
