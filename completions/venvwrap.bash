# shellcheck shell=bash
#
# Completion of venvwrap and its shell functions for bash 3.2 and later. `venvwrap init bash` prints this file before the
# functions; it also works alone, from a directory of bash-completion. The program reads the line and returns what
# readline is to insert: no name is ever expanded here.

# Completes a word of the command $1.
function __venvwrap_complete {
  # What a DEBUG trap prints, or what is traced to standard output, would be among the candidates.
  if [[ $- == *T* ]]; then
    \builtin set +T
    __venvwrap_complete "$@"
    \builtin set -T
    return 0
  elif [[ $- == *x* && ${BASH_XTRACEFD-} == 1 ]]; then
    \builtin set +x
    __venvwrap_complete "$@"
    \builtin set -x
    return 0
  fi
  \builtin local IFS _vw_text _vw_line _vw_blank
  IFS=$'\v' _vw_text='' _vw_line='' _vw_blank=''
  COMPREPLY=()
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 403)); then
    # These count the cursor's place in bytes.
    \builtin local LC_ALL
    LC_ALL=C
  fi
  _vw_line=${COMP_LINE:0:COMP_POINT}
  if ((BASH_VERSINFO[0] < 4)); then
    _vw_blank=blank
  fi
  \builtin set -- __complete bash "$1" "$_vw_line" "${COMP_WORDBREAKS-}" "$_vw_blank"
  if \builtin declare -F __venvwrap_exec >/dev/null; then
    _vw_text=$(\__venvwrap_exec "$@" 2>/dev/null) || return 0
  else
    _vw_text=$(\builtin command venvwrap "$@" 2>/dev/null) || return 0
  fi
  # The candidates are split at IFS and nothing else happens to them, as long as they are not taken for patterns. A loop
  # with `read` would take a system call for every byte.
  if [[ $- == *f* ]]; then
    # shellcheck disable=SC2206
    COMPREPLY=($_vw_text)
  else
    \builtin set -f
    # shellcheck disable=SC2206
    COMPREPLY=($_vw_text)
    \builtin set +f
  fi
  if ((BASH_VERSINFO[0] >= 4 && ${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == */ ]]; then
    \builtin compopt -o nospace
  fi
  return 0
}

# end of completion: what follows is for the start of a shell.

# Says which commands are completed that way; the first argument is an option of `complete`, or empty.
function __venvwrap_complete_all {
  # generated: names; `just generate` writes these lines
  \builtin complete ${1:+-o "$1"} -F __venvwrap_complete venvwrap workon deactivate mkvirtualenv mkproject mktmpenv \
    mktempenv cpvirtualenv mvvirtualenv rmvirtualenv lsvirtualenv showvirtualenv setvirtualenvproject cdproject \
    cdvirtualenv cdsitepackages lssitepackages add2virtualenv toggleglobalsitepackages wipeenv allvirtualenv \
    virtualenvwrapper virtualenvwrapper_run_hook
  # end of names
}

# Before `compopt`, the blank after a word comes from the program.
if ((BASH_VERSINFO[0] < 4)); then
  __venvwrap_complete_all nospace
else
  __venvwrap_complete_all ''
fi
\builtin unset -f __venvwrap_complete_all
