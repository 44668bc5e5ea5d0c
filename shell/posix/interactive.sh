# shellcheck shell=bash
# The file to source is found when this runs (1090); the variables come from virtualenvwrapper.sh (2154).
# shellcheck disable=SC1090,SC2154
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
  *) \builtin eval "$(\builtin command "$__venvwrap_bin" init --hook-only "$__venvwrap_shell")" ;;
esac
