# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# `source virtualenvwrapper.sh`, ours beside the original: start of the shell, `workon` with all its empty hooks, and the
# long list. Both see the same ten environments and the same hooks.

bench_compat() {
  local number entry original="VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python; source $wrapper"
  fresh
  # As a package lays the files out.
  mkdir "$fs/bin" "$fs/share"
  cp "$venvwrap" "$fs/bin/"
  cp -r "$root/shell" "$fs/share/venvwrap"
  entry="source $fs/share/venvwrap/virtualenvwrapper.sh"
  for number in {1..10}; do
    "$venvwrap" create -q -p "$python" "environment-$number"
  done
  # Nothing has made the hooks by now.
  in_each_shell without_hooks bash zsh
  bash --norc --noprofile -c "$entry"
  in_each_shell compat_in bash zsh
  timed 30 "$entry" : 'lsvirtualenv -l >/dev/null' | measured compat 'long list of 10' venvwrap
  if [[ -n $wrapper ]]; then
    timed 5 "$original" : 'lsvirtualenv -l >/dev/null' | measured compat 'long list of 10' virtualenvwrapper
  fi
}

without_hooks() {
  loop "$1" "$(init_of "$1")" 'workon environment-1; deactivate' 100 >"$work/bare.$1"
  measure_loop "$1" 'venvwrap, no hooks' bare "$(init_of "$1")" 100 20
}

compat_in() {
  local shell=$1 start
  start="$(start_of "$shell") -c"
  measure compat "$shell, source virtualenvwrapper.sh" bare "$((runs * 3))" "$start :"
  measure_above bare 1 compat "$shell, source virtualenvwrapper.sh" venvwrap "$((runs * 3))" "$start '$entry'"
  loop "$shell" "$entry" 'workon environment-1; deactivate' 100 >"$work/stubs.$shell"
  measure_loop "$shell" venvwrap stubs "$entry" 100 20
  if [[ -n $wrapper ]]; then
    measure_above bare 1 compat "$shell, source virtualenvwrapper.sh" virtualenvwrapper 10 "$start '$original'"
    loop "$shell" "$original" 'workon environment-1; deactivate' 3 >"$work/original.$shell"
    measure_loop "$shell" virtualenvwrapper original "$original" 3 4
  fi
}

# The time of one round of a loop, less that of the start: measure_loop SHELL TOOL SCRIPT INIT ROUNDS RUNS
measure_loop() {
  local task="$1, one workon and deactivate"
  loop "$1" "$4" : 1 >"$work/start.$1"
  measure compat "$task" "start of $2" "$6" "$(start_of "$1") $work/start.$1"
  measure_above "start of $2" "$5" compat "$task" "$2" "$6" "$(start_of "$1") $work/$3.$1"
}
