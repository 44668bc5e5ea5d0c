# shellcheck shell=bash
# Two shells read this file, so that what is zsh's own stands in quotes (2016); the files to source are found when it
# runs (1090); the variable is read by the shim (2034).
# shellcheck disable=SC1090,SC2016,SC2034
#
# The entry point under virtualenvwrapper's name, for bash and zsh: `source virtualenvwrapper.sh`. It loads the functions
# from the files beside it, or else from the program, then does what virtualenvwrapper does when it is sourced: sets its
# variables, makes the directory of environments and the empty hooks, and sources the `initialize` hook.

__venvwrap_shell=bash
if [ -n "${ZSH_VERSION-}" ]; then
  __venvwrap_shell=zsh
fi

# Finds this file for `__venvwrap_script`, links to it resolved.
function __venvwrap_locate {
  if [ -n "${ZSH_VERSION-}" ]; then
    \builtin eval '\builtin emulate -L zsh; __venvwrap_script=${${(%):-%x}:a}'
  else
    __venvwrap_script=${BASH_SOURCE[0]}
    case $__venvwrap_script in
      /*) ;;
      *) __venvwrap_script=$PWD/$__venvwrap_script ;;
    esac
  fi
  __venvwrap_dir=${__venvwrap_script%/*}
  if [ -L "$__venvwrap_script" ] && [ ! -f "$__venvwrap_dir/venvwrap.$__venvwrap_shell" ]; then
    __venvwrap_dir=$(\builtin command readlink -f -- "$__venvwrap_script") || \builtin return 0
    __venvwrap_dir=${__venvwrap_dir%/*}
  fi
}

# Loads the functions. Files that belong together lie together; a program alone brings its own.
function __venvwrap_load {
  \builtin local dir='' place='' text=''
  for dir in "${__venvwrap_script%/*}" "$__venvwrap_dir" "$__venvwrap_dir/../bin" "$__venvwrap_dir/../../bin"; do
    if [ ! -x "${__venvwrap_bin-}" ] && [ -f "$dir/venvwrap" ] && [ -x "$dir/venvwrap" ]; then
      __venvwrap_bin=$dir/venvwrap
    fi
  done
  for place in "$__venvwrap_dir" "$__venvwrap_dir/../share/venvwrap"; do
    if [ -f "$place/legacy.sh" ] && [ -f "$place/venvwrap.$__venvwrap_shell" ]; then
      \builtin . "$place/legacy.sh"
      \builtin . "$place/venvwrap.$__venvwrap_shell"
      __venvwrap_load_completions "$place"
      __venvwrap_load_hook
      \builtin return 0
    fi
  done
  if [ ! -x "${__venvwrap_bin-}" ]; then
    __venvwrap_bin=venvwrap
  fi
  text=$(\builtin command "$__venvwrap_bin" init "$__venvwrap_shell") || {
    \builtin printf 'error: could not find the venvwrap program beside `%s` or on PATH\n' "$__venvwrap_script" >&2
    \builtin return 1
  }
  \eval "$text"
}

# Loads the completions, in a shell that has a Tab key; they lie beside the directory of the functions.
function __venvwrap_load_completions {
  \builtin local file="$1/../completions/venvwrap.bash"
  if [ "$__venvwrap_shell" = zsh ]; then
    file="$1/../completions/_venvwrap"
  fi
  case $- in
    *i*) if [ -f "$file" ]; then \builtin . "$file"; fi ;;
  esac
}

# Loads the prompt hook where it was asked for. Only the program knows where the associations are; a shell without the
# hook does not start it.
function __venvwrap_load_hook {
  \builtin local text=''
  case ${VENVWRAP_AUTO:-0}$- in
    0*) ;;
    *i*) text=$(\builtin command "$__venvwrap_bin" init --hook-only "$__venvwrap_shell") && \eval "$text" ;;
  esac
}

VENVWRAP_STUBS=1
__venvwrap_locate
__venvwrap_load && __venvwrap_start "$__venvwrap_script"
