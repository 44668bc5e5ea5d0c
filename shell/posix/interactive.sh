# shellcheck shell=bash
# The file to source is found when this runs (1090); the variables come from virtualenvwrapper.sh (2154); a function is
# called by another (2317).
# shellcheck disable=SC1090,SC2154,SC2317
#
# What `virtualenvwrapper.sh` loads in a shell with a prompt only: the completions, which are next to the directory of
# this file or where packages put them, and the prompt hook where it was asked for. Only the program knows where the
# associations are; a shell without the hook does not start it.

__venvwrap_file=bash-completion/completions/venvwrap.bash
if [[ "$__venvwrap_shell" = zsh ]]; then
  __venvwrap_file=zsh/site-functions/_venvwrap
fi
if [[ -f "$__venvwrap_dir/../completions/${__venvwrap_file##*/}" ]]; then
  \builtin . "$__venvwrap_dir/../completions/${__venvwrap_file##*/}"
elif [[ -f "$__venvwrap_dir/../$__venvwrap_file" ]]; then
  \builtin . "$__venvwrap_dir/../$__venvwrap_file"
fi
\builtin unset __venvwrap_file

case ${VENVWRAP_AUTO:-0} in
  0*) ;;
  *)
    function __venvwrap_read_hook { __venvwrap_rest=$(\__venvwrap_exec 'init' '--hook-only' "$__venvwrap_shell"); }
    __venvwrap_untraced __venvwrap_read_hook || \builtin :
    \builtin unset -f __venvwrap_read_hook
    \builtin eval "$__venvwrap_rest"
    ;;
esac
