# shellcheck shell=bash
# The variable is read by the shim (2034), and that with the directory comes from whoever sources this (2154).
# shellcheck disable=SC2034,SC2154
#
# Finds the program for shell files in `__venvwrap_dir`, for bash and zsh alike: beside them, in the `bin` next to them or
# that of their package, else on PATH, where asking the shell would take a fork. What `venvwrap init` prints knows where
# the program is, and most start-up files that name a file never get here.

function __venvwrap_find {
  builtin local _venvwrap_dir='' _venvwrap_rest="${PATH-}:"
  for _venvwrap_dir in "$1" "$1/../bin" "${1%/share/venvwrap}/bin"; do
    if [ -f "$_venvwrap_dir/venvwrap" ] && [ -x "$_venvwrap_dir/venvwrap" ]; then
      __venvwrap_bin=$_venvwrap_dir/venvwrap
      return 0
    fi
  done
  __venvwrap_bin=venvwrap
  while [ -n "$_venvwrap_rest" ]; do
    _venvwrap_dir=${_venvwrap_rest%%:*}
    _venvwrap_rest=${_venvwrap_rest#*:}
    if [ -n "$_venvwrap_dir" ] && [ "$_venvwrap_dir" != "${_venvwrap_dir#/}" ] &&
      [ -f "$_venvwrap_dir/venvwrap" ] && [ -x "$_venvwrap_dir/venvwrap" ]; then
      __venvwrap_bin=$_venvwrap_dir/venvwrap
      return 0
    fi
  done
}

__venvwrap_bin=
__venvwrap_find "$__venvwrap_dir"
\builtin unset -f __venvwrap_find
