# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# What the line in the rc file adds to the start of a shell.

bench_shell() {
  fresh
  shell_start bash 'bash --norc --noprofile -c' "eval \"\$($venvwrap init bash)\""
  shell_start zsh 'zsh -f -c' "eval \"\$($venvwrap init zsh)\""
  shell_start fish 'fish --no-config -c' "$venvwrap init fish | source"
}

shell_start() {
  local shell=$1 start=$2 init=$3
  if ! command -v "$shell" >/dev/null; then
    say "  no $shell"
    return
  fi
  measure shell "$shell" bare "$((runs * 3))" "$start :"
  measure_above bare 1 shell "$shell" venvwrap "$((runs * 3))" "$start '$init'"
  if [[ -n $wrapper && $shell != fish ]]; then
    # The first start makes the hook files.
    VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python measure_above bare 1 shell "$shell" virtualenvwrapper 8 \
      "$start 'source $wrapper'"
  fi
}
