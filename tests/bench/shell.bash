# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# What the line in the rc file adds to the start of a shell.

bench_shell() {
  fresh
  in_each_shell shell_start
}

shell_start() {
  local shell=$1 start init zoxide=${ZOXIDE-zoxide}
  start="$(start_of "$shell") -c"
  init=$(init_of "$shell")
  measure shell "$shell" bare "$((runs * 3))" "$start :"
  measure_above bare 1 shell "$shell" venvwrap "$((runs * 3))" "$start '$init'"
  if command -v "$zoxide" >/dev/null; then
    measure_above bare 1 shell "$shell" zoxide "$((runs * 3))" "$start '$(venvwrap=$zoxide init_of "$shell")'"
  fi
  if [[ -n $wrapper && $shell != fish ]]; then
    # The first start makes the hook files.
    VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python measure_above bare 1 shell "$shell" virtualenvwrapper 8 \
      "$start 'source $wrapper'"
  fi
}
