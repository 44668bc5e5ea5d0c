# shellcheck shell=bash
# The variable is read by the shim (2034), and that with the directory comes from whoever sources this (2154).
# shellcheck disable=SC2034,SC2154
#
# Finds the program for shell files in `__venvwrap_dir`, or its `posix`, for bash and zsh alike: next to them, in the `bin`
# next to their directory or that of their package, else on PATH, where asking the shell would take a fork. What
# `venvwrap init` prints knows where the program is, and most start-up files that name a file never get here.

function __venvwrap_find {
  builtin local _vw_dir _vw_rest _vw_found
  builtin unset -v _vw_dir _vw_rest _vw_found
  _vw_dir='' _vw_rest="${PATH-}:" _vw_found=''
  for _vw_dir in "$1" "$1/../bin" "${1%/share/venvwrap}/bin"; do
    if [[ -z "$_vw_found" ]] && [[ -f "$_vw_dir/venvwrap" ]] && [[ -x "$_vw_dir/venvwrap" ]]; then
      _vw_found=$_vw_dir/venvwrap
    fi
  done
  while [[ -z "$_vw_found" ]] && [[ -n "$_vw_rest" ]]; do
    _vw_dir=${_vw_rest%%:*}
    _vw_rest=${_vw_rest#*:}
    if [[ -n "$_vw_dir" ]] && [[ "$_vw_dir" != "${_vw_dir#/}" ]] &&
      [[ -f "$_vw_dir/venvwrap" ]] && [[ -x "$_vw_dir/venvwrap" ]]; then
      _vw_found=$_vw_dir/venvwrap
    fi
  done
  # A plain assignment is what zsh warns of with `warn_nested_var`, and bash 3.2 has no `typeset -g`.
  if [[ -n "${ZSH_VERSION-}" ]]; then
    builtin typeset -g "__venvwrap_bin=${_vw_found:-venvwrap}"
  else
    __venvwrap_bin=${_vw_found:-venvwrap}
  fi
}

\builtin unset -n __venvwrap_bin 2>/dev/null || \builtin :
\builtin unset -v __venvwrap_bin
__venvwrap_bin=
__venvwrap_find "${__venvwrap_dir%/posix}"
\builtin unset -f __venvwrap_find
