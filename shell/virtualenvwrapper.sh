#!/usr/bin/env bash
# shellcheck shell=bash
# Two shells read this file, so that what is zsh's own stands in quotes (2016); the files to source are found when it
# runs (1090); the variable is read by the shim (2034); a function is called by another (2317).
# shellcheck disable=SC1090,SC2016,SC2034,SC2128,SC2317
#
# The entry point under virtualenvwrapper's name, for bash and zsh: `source virtualenvwrapper.sh`. It loads the
# functions from the files beside it, or else from the program, then does what virtualenvwrapper does when it is
# sourced: sets its variables, makes the directory of environments and the empty hooks, and sources the `initialize`
# hook.
#
# It is executable because many start-up files look for it with `which`; run as a program it can only say so.

# Aliases would be expanded while the rest is read: one over `case`, `[[` or `export` would change it. So there is neither
# a keyword nor, for zsh, a word without quotes before they are off. Each shell has one of the builtins, another shell
# none; in zsh, an alias tells whether they are on.
\builtin 'unset' '-n' '__venvwrap_entry_aliases' 2>'/dev/null' || __venvwrap_entry_aliases=
\builtin 'unset' '-v' '__venvwrap_entry_aliases' 2>'/dev/null' || __venvwrap_entry_aliases=
__venvwrap_entry_aliases=
\builtin 'test' '-n' "${BASH_VERSION-}" 2>'/dev/null' && \builtin 'shopt' '-q' 'expand_aliases' && __venvwrap_entry_aliases=on
\builtin 'alias' '-g' '__venvwrap_on=__venvwrap_entry_aliases=on' 2>'/dev/null' &&
  \builtin 'eval' '\builtin "typeset" "-g" __venvwrap_on; \builtin "unalias" "__venvwrap_on"; \builtin "unset" "__venvwrap_on"'
\builtin 'test' '-z' "${BASH_VERSION-}" 2>'/dev/null' || \builtin 'shopt' '-u' 'expand_aliases' 2>'/dev/null'
\builtin 'test' '-z' "${ZSH_VERSION-}" 2>'/dev/null' || \builtin 'setopt' 'no_aliases' 2>'/dev/null'

case ${BASH_VERSION:+bash}:${BASH_VERSION:+$BASH_SOURCE}:${ZSH_VERSION:+${ZSH_EVAL_CONTEXT-}} in
  bash:"$0": | :: | ::toplevel)
    echo 'error: virtualenvwrapper.sh must be sourced, by bash or zsh: `source virtualenvwrapper.sh`' >&2
    # shellcheck disable=SC2317 # Where another shell has sourced it, that one goes on.
    return 1 2>/dev/null || exit 1
    ;;
esac

# No variable of ours may be a number, a list or a reference, which only bash has.
\builtin unset -n __venvwrap_shell __venvwrap_script __venvwrap_dir __venvwrap_own __venvwrap_shared __venvwrap_rest \
  2>/dev/null || \builtin :
\builtin unset -v __venvwrap_shell __venvwrap_script __venvwrap_dir __venvwrap_own __venvwrap_shared __venvwrap_rest
__venvwrap_rest=${__venvwrap_bin-}
\builtin unset -n __venvwrap_bin 2>/dev/null || \builtin :
\builtin unset -v __venvwrap_bin
__venvwrap_bin=$__venvwrap_rest

VENVWRAP_STUBS=1
VIRTUALENVWRAPPER_ENV_BIN_DIR=bin
if [[ -z "${ZSH_VERSION-}" ]]; then
  __venvwrap_shell=bash
  __venvwrap_script=${BASH_SOURCE[0]}
else
  __venvwrap_shell=zsh
  __venvwrap_script=$0
  # Only asked where `$0` is not this file, as under some options: the answer takes as long as forty functions.
  case $0 in
    /*/virtualenvwrapper.sh) ;;
    *) \builtin eval '__venvwrap_script=${(%):-%x}' ;;
  esac
fi
case $__venvwrap_script in
  ./*) __venvwrap_script=$PWD/${__venvwrap_script#./} ;;
  [!/]*) __venvwrap_script=$PWD/$__venvwrap_script ;;
esac
__venvwrap_dir=${__venvwrap_script%/*}

# Reads what a function prints into `__venvwrap_rest`, without what a DEBUG trap prints or what is traced there.
function __venvwrap_capture {
  case ${ZSH_VERSION:+zsh}$-:${BASH_XTRACEFD-} in
    zsh*) \builtin eval '\builtin emulate -L zsh; \builtin trap - DEBUG; __venvwrap_rest=$("$@")' ;;
    *T*:*)
      \builtin set +T
      __venvwrap_capture "$@"
      \builtin set -T
      ;;
    *x*:1)
      \builtin set +x
      __venvwrap_capture "$@"
      \builtin set -x
      ;;
    *) __venvwrap_rest=$("$@") || \builtin : ;;
  esac
}

# Where the functions are not in the directory of this file, it may be a link, in the `bin` that belongs to their `share`,
# or in virtualenvwrapper's place in `share`. Packages keep all files in one directory; here each shell has its own.
if [[ ! -f "$__venvwrap_dir/commands.$__venvwrap_shell" ]] && [[ ! -f "$__venvwrap_dir/posix/commands.sh" ]]; then
  if [[ -L "$__venvwrap_script" ]]; then
    function __venvwrap_print_dir { \builtin command readlink -f -- "$__venvwrap_script"; }
    __venvwrap_capture __venvwrap_print_dir
    __venvwrap_dir=${__venvwrap_rest%/*}
    \builtin unset -f __venvwrap_print_dir
  fi
  if [[ -f "$__venvwrap_dir/../share/venvwrap/commands.$__venvwrap_shell" ]] ||
    [[ -f "$__venvwrap_dir/../share/venvwrap/posix/commands.sh" ]]; then
    __venvwrap_dir=$__venvwrap_dir/../share/venvwrap
  elif [[ -f "$__venvwrap_dir/../venvwrap/commands.$__venvwrap_shell" ]]; then
    __venvwrap_dir=${__venvwrap_dir%/*}/venvwrap
  fi
fi
__venvwrap_own=$__venvwrap_dir
__venvwrap_shared=$__venvwrap_dir
if [[ -f "$__venvwrap_dir/posix/commands.sh" ]]; then
  __venvwrap_own=$__venvwrap_dir/$__venvwrap_shell
  __venvwrap_shared=$__venvwrap_dir/posix
fi

if [[ -f "$__venvwrap_own/commands.$__venvwrap_shell" ]]; then
  # Where packages put the program; any other place takes longer to find.
  case ${__venvwrap_bin-}:$__venvwrap_dir in
    :/*/share/venvwrap) [[ -f "$__venvwrap_dir/venvwrap" ]] || __venvwrap_bin=${__venvwrap_dir%/*/*}/bin/venvwrap ;;
  esac
  if [[ ! -f "${__venvwrap_bin-}" ]] || [[ ! -x "$__venvwrap_bin" ]]; then
    \builtin . "$__venvwrap_shared/find.sh"
  fi
  \builtin . "$__venvwrap_shared/commands.sh"
  \builtin . "$__venvwrap_own/commands.$__venvwrap_shell"
  \builtin . "$__venvwrap_shared/entry.sh"
  case $- in
    *i*) \builtin . "$__venvwrap_shared/interactive.sh" ;;
  esac
  __venvwrap_rest='\__venvwrap_start "$__venvwrap_script" "$__venvwrap_dir/venvwrap-venv"'
else
  # A program alone brings its own.
  if [[ ! -f "${VIRTUALENVWRAPPER_SCRIPT-}" ]]; then
    VIRTUALENVWRAPPER_SCRIPT=$__venvwrap_script
    \builtin export VIRTUALENVWRAPPER_SCRIPT
  fi
  function __venvwrap_print_init {
    PATH=${__venvwrap_script%/*}:$__venvwrap_dir:$__venvwrap_dir/../bin:$PATH
    if [[ ! -x "${__venvwrap_bin-}" ]]; then
      __venvwrap_bin=venvwrap
    fi
    \builtin command "$__venvwrap_bin" init --virtualenvwrapper "$__venvwrap_shell" || {
      \builtin printf 'error: could not find the venvwrap program beside `%s` or on PATH\n' "$__venvwrap_script" >&2
      \builtin echo '! builtin :'
    }
  }
  __venvwrap_capture __venvwrap_print_init
fi
\builtin unset -f __venvwrap_capture
# The `initialize` hook is to find its aliases.
case ${__venvwrap_entry_aliases-}${ZSH_VERSION:+zsh} in
  onzsh) \builtin setopt aliases ;;
  on) \builtin shopt -s expand_aliases ;;
esac
\builtin 'unset' '-v' '__venvwrap_entry_aliases'
\builtin 'eval' "$__venvwrap_rest"
