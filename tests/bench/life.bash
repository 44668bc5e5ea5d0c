# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Renaming an environment as people have it, next to a search of its text for the old path; repairing a hundred whose
# Python is gone; adding a kernel, next to ipykernel itself.

bench_life() {
  local source="$fs/envs/big one" task count=8
  fresh
  if fill_from_pypi "$source" 2>"$work/stderr"; then
    task="rename, $(du -sm --apparent-size "$source" | cut -f1) MB, $(find "$source" -type f | wc -l) files"
    timed "$count" : "if [[ -d $fs/envs/other ]]; then $venvwrap rename other 'big one' 2>/dev/null; fi; sync" \
      "$venvwrap rename 'big one' other 2>/dev/null" | measured life "$task" venvwrap
    "$venvwrap" rename other 'big one' 2>/dev/null
    timed "$count" : : "grep -rlIF '$source' '$source' >/dev/null" | measured life "$task" 'grep -rlI (a floor)'
    measure life 'kernel add' venvwrap "$((runs * 2))" "$venvwrap kernel add 'big one'"
    measure life 'kernel add' 'ipykernel install' "$runs" "'$source/bin/python' -m ipykernel install --user --name other"
  else
    say "  skipped, since packages could not be installed: $(tail -n 1 "$work/stderr")"
  fi
  bench_repair
}

# The base Python is reached by a link that goes.
bench_repair() {
  local base=$fs/base prefix break
  prefix=$("$python" -c 'import sys; print(sys.base_prefix)')
  break="export WORKON_HOME=$fs/broken; rm -rf $fs/broken; mkdir $fs/broken; ln -sfn $prefix $base
    for name in {1..100}; do $venvwrap create -q --no-pip -p $base/bin/python3 e\$name; done; rm $base; sync"
  timed 5 : "$break" "$venvwrap repair --all 2>/dev/null" | measured life 'repair of 100' venvwrap
}
