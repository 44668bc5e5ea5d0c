# shellcheck shell=bash
# Arguments are the callers' (2119, 2120); functions here are for hooks and dotfiles (2317); `eval` hides zsh's own
# syntax from bash (2016); hooks read variables from here (2034).
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2317
#
# What can be called from outside and is the same in bash and zsh. The commands.* of the shell comes next.

# Aliases would be expanded while the functions below are read; the shim that is read next turns them on again. One may
# stand over a keyword or, in zsh, over any word: these lines have neither. In zsh, an alias tells whether they are on.
\builtin 'unset' '-v' '__venvwrap_aliases'
\builtin 'test' '-z' "${ZSH_VERSION-}" && \builtin 'shopt' '-q' 'expand_aliases' && __venvwrap_aliases=$$
\builtin 'alias' '-g' '__venvwrap_on="__venvwrap_aliases=$$"' 2>'/dev/null' &&
  \builtin 'eval' '\builtin "typeset" "-g" __venvwrap_on; \builtin "unalias" "__venvwrap_on"; \builtin "unset" "__venvwrap_on"'
\builtin 'test' '-n' "${ZSH_VERSION-}" || \builtin 'shopt' '-u' 'expand_aliases'
\builtin 'test' '-z' "${ZSH_VERSION-}" || \builtin 'setopt' 'no_aliases'

# For the file that comes next: this one was read.
\builtin unset -n __venvwrap_read 2>/dev/null || \builtin :
\builtin unset -v __venvwrap_read
__venvwrap_read=$$
# start of init: what `venvwrap init` prints.

# Asks the program, for `_vw_text`, which is local to the caller; called by `__venvwrap_untraced`.
function __venvwrap_ask { _vw_text=$(\__venvwrap_exec "$@"); }

# Runs `venvwrap __do FUNCTION ARG..` in the foreground.
function __venvwrap_do {
  # start of waiting: a zsh that cannot have the lazy entry point reads none of these.
  case "${__venvwrap_lazy-}" in
    waiting) virtualenvwrapper_initialize || return "$?" ;;
  esac
  # end of waiting
  (__venvwrap_exec __do "$@")
}

# start of later: a zsh without an `initialize` hook reads these with the first plan.
# Returns whether one of these hooks does something: it has a line that is no comment.
function __venvwrap_any_hook {
  builtin local _vw_file _vw_line
  builtin unset -v _vw_file _vw_line
  _vw_line=''
  for _vw_file in "$@"; do
    [[ -f "$_vw_file" && -s "$_vw_file" ]] || continue
    # What cannot be read is the program's business.
    [[ -r "$_vw_file" ]] || return 0
    while IFS=' ' builtin read -r _vw_line || [[ -n "$_vw_line" ]]; do
      [[ -z "$_vw_line" || "$_vw_line" == '#'* ]] || return 0
    done <"$_vw_file"
  done
  return 1
}

# Sources the `initialize` hook if it does something and nobody else could change it: that the program knows. It need not
# be asked if FILE, where the hook has to be, is idle.
function __venvwrap_initialize {
  if [[ $# == 0 ]] || __venvwrap_any_hook "$1"; then
    builtin local _vw_text
    builtin unset -v _vw_text
    __venvwrap_untraced __venvwrap_ask __do initialize || builtin :
    __venvwrap_source "$_vw_text"
  fi
}
# end of later

# The shell has to say whether this is a terminal: what the program prints is a plan, in a pipe.
function workon {
  if [[ ($# == 0 || "$1" == -*) && -t 0 && -t 1 && -t 2 ]]; then
    __venvwrap_plan pick "$@"
  else
    __venvwrap_plan workon "$@"
  fi
}

# Where virtualenvwrapper's entry point is loaded, these two are its own.
function virtualenvwrapper_initialize { __venvwrap_late entry virtualenvwrapper_initialize; }
function virtualenvwrapper_load { return 0; }

# Completion is set up where it belongs: with the functions, or by the shell's own loader.
function virtualenvwrapper_setup_tab_completion { return 0; }
