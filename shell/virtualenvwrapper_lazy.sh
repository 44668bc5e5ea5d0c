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

# Aliases would be expanded while the rest is read: one over `case`, `[[` or `export` would change it. So there is neither
# a keyword nor, for zsh, a word without quotes before they are off. Each shell has one of the builtins, another shell
# none; in zsh, an alias tells whether they are on.
\builtin 'unset' '-n' '__venvwrap_lazy_aliases' 2>'/dev/null' || __venvwrap_lazy_aliases=
\builtin 'unset' '-v' '__venvwrap_lazy_aliases' 2>'/dev/null' || __venvwrap_lazy_aliases=
__venvwrap_lazy_aliases=
\builtin 'test' '-n' "${BASH_VERSION-}" 2>'/dev/null' && \builtin 'shopt' '-q' 'expand_aliases' && __venvwrap_lazy_aliases=on
\builtin 'alias' '-g' '__venvwrap_on=__venvwrap_lazy_aliases=on' 2>'/dev/null' &&
  \builtin 'eval' '\builtin "typeset" "-g" __venvwrap_on; \builtin "unalias" "__venvwrap_on"; \builtin "unset" "__venvwrap_on"'
\builtin 'test' '-z' "${BASH_VERSION-}" 2>'/dev/null' || \builtin 'shopt' '-u' 'expand_aliases' 2>'/dev/null'
\builtin 'test' '-z' "${ZSH_VERSION-}" 2>'/dev/null' || \builtin 'setopt' 'no_aliases' 2>'/dev/null'

case ${BASH_VERSION:+bash}:${BASH_VERSION:+$BASH_SOURCE}:${ZSH_VERSION:+${ZSH_EVAL_CONTEXT-}} in
  bash:"$0": | :: | ::toplevel)
    echo 'error: virtualenvwrapper_lazy.sh must be sourced, by bash or zsh: `source virtualenvwrapper_lazy.sh`' >&2
    # shellcheck disable=SC2317 # Where another shell has sourced it, that one goes on.
    return 1 2>/dev/null || exit 1
    ;;
esac

function __venvwrap_lazy_load {
  \builtin local script
  script=''
  if [[ -n "${ZSH_VERSION-}" ]]; then
    # What a DEBUG trap prints would be in the path below.
    \builtin eval '\builtin emulate -L zsh; \builtin trap - DEBUG; script=${${(%):-%x}:a}'
  else
    script=${BASH_SOURCE[0]}
  fi
  case $script in
    */*) ;;
    *) script=$PWD/$script ;;
  esac
  # A link of another name, or in another place.
  if [[ ! -f "${script%/*}/virtualenvwrapper.sh" ]] && [[ -L "$script" ]]; then
    case ${BASH_VERSION:+bash}${BASH_XTRACEFD-}:$- in
      bash*:*T* | bash1:*x*)
        \builtin set -- "$-"
        \builtin set +Tx
        script=$(\builtin command readlink -f -- "$script") || \builtin :
        [[ "$1" != *T* ]] || \builtin set -T
        [[ "$1" != *x* ]] || \builtin set -x
        \builtin set --
        ;;
      *) script=$(\builtin command 'readlink' '-f' '--' "$script") ;;
    esac
  fi
  script=${script%/*}/virtualenvwrapper.sh
  if [[ ! -f "$script" ]]; then
    script=virtualenvwrapper.sh
  fi
  \builtin unset -n __venvwrap_lazy 2>/dev/null || \builtin :
  \builtin unset -v __venvwrap_lazy
  __venvwrap_lazy="load $$"
  \builtin . "$script"
}

# What virtualenvwrapper completes with in bash until it is loaded; dotfiles give it to commands of their own.
function virtualenvwrapper_lazy_load {
  virtualenvwrapper_load
  return 124
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

# Nothing of the user is sourced by now.
__venvwrap_lazy_load
__venvwrap_lazy_add
case ${__venvwrap_lazy_aliases-}${ZSH_VERSION:+zsh} in
  onzsh) \builtin setopt aliases ;;
  on) \builtin shopt -s expand_aliases ;;
esac
\builtin 'unset' '-v' '__venvwrap_lazy_aliases'
