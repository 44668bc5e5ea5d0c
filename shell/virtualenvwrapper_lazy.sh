#!/usr/bin/env bash
# shellcheck shell=bash
# The files to source are found when this runs (1090, 1091); the variable is read by what is sourced (2034);
# the first element of an array is meant (2128).
# shellcheck disable=SC1090,SC1091,SC2016,SC2034,SC2128
#
# The other entry point of virtualenvwrapper, for shells that were to start faster. It reads the same files, which takes
# less time than to put that off; what it does put off, until a command is called, is everything that depends on
# settings: those that come after the line that sources it count.
#
# It is executable because many start-up files look for it with `which`; run as a program it can only say so.

case ${BASH_VERSION:+bash}:${BASH_VERSION:+$BASH_SOURCE}:${ZSH_VERSION:+${ZSH_EVAL_CONTEXT-}} in
  bash:"$0": | :: | ::toplevel)
    echo 'error: virtualenvwrapper_lazy.sh must be sourced, by bash or zsh: `source virtualenvwrapper_lazy.sh`' >&2
    # shellcheck disable=SC2317 # Where another shell has sourced it, that one goes on.
    return 1 2>/dev/null || exit 1
    ;;
esac

# Aliases would be expanded while the function is read: one over `[[` or `export` would change it.
\builtin unset -v __venvwrap_lazy_aliases
case ${ZSH_VERSION:+zsh} in
  zsh)
    \builtin eval '[[ ! -o aliases ]]' || __venvwrap_lazy_aliases=on
    \builtin setopt no_aliases
    ;;
  *)
    ! \builtin shopt -q expand_aliases || __venvwrap_lazy_aliases=on
    \builtin shopt -u expand_aliases
    ;;
esac

function __venvwrap_lazy_load {
  \builtin local script
  script=''
  if [[ -n "${ZSH_VERSION-}" ]]; then
    \builtin eval '\builtin emulate -L zsh; script=${${(%):-%x}:a}'
  else
    script=${BASH_SOURCE[0]}
  fi
  case $script in
    */*) ;;
    *) script=$PWD/$script ;;
  esac
  # A link of another name, or in another place.
  if [[ ! -f "${script%/*}/virtualenvwrapper.sh" ]] && [[ -L "$script" ]]; then
    script=$(\builtin command readlink -f -- "$script")
  fi
  script=${script%/*}/virtualenvwrapper.sh
  if [[ ! -f "$script" ]]; then
    script=virtualenvwrapper.sh
  fi
  __venvwrap_lazy="load $$"
  \builtin . "$script"
}

# Names that people have added to this variable, for functions that their `initialize` hook defines: the first call loads
# it. Only the letters of a name get into the function.
function __venvwrap_lazy_add {
  \builtin local name rest
  rest="${_VIRTUALENVWRAPPER_API-} "
  while [[ -n "$rest" ]]; do
    name=${rest%%[[:space:]]*}
    rest=${rest#*[[:space:]]}
    case $name in
      '' | [-0-9]* | *[!A-Za-z0-9_-]*) ;;
      *)
        \builtin typeset -f "$name" >/dev/null ||
          \builtin eval "function $name { \\builtin unset -f $name; virtualenvwrapper_load; $name \"\$@\"; }"
        ;;
    esac
  done
}

case ${__venvwrap_lazy_aliases-}${ZSH_VERSION:+zsh} in
  onzsh) \builtin setopt aliases ;;
  on) \builtin shopt -s expand_aliases ;;
esac
\builtin unset -v __venvwrap_lazy_aliases
__venvwrap_lazy_load
__venvwrap_lazy_add
