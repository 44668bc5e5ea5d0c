# shellcheck shell=bash
# The files to source are found when this runs (1090, 1091).
# shellcheck disable=SC1090,SC1091
#
# The other entry point of virtualenvwrapper, for shells that were to start faster. There is nothing left to put off:
# it is the same as `virtualenvwrapper.sh`, and everything works from the first call.

function __venvwrap_lazy {
  \builtin local script=''
  if [ -n "${ZSH_VERSION-}" ]; then
    \builtin eval '\builtin emulate -L zsh; script=${${(%):-%x}:a}'
  else
    script=${BASH_SOURCE[0]}
  fi
  case $script in
    */*) script=${script%/*}/virtualenvwrapper.sh ;;
    *) script=$PWD/virtualenvwrapper.sh ;;
  esac
  if [ ! -f "$script" ]; then
    script=virtualenvwrapper.sh
  fi
  \builtin . "$script"
}

__venvwrap_lazy
