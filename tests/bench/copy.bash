# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Copying an environment as people have it, from PyPI: compiled libraries, kernels, an editable, a blank in its path. The
# functions are measured in a shell that has them, until the copy is active. What was copied is renamed aside, never
# deleted, and what one run has written goes to the disk before the next begins.

bench_copy() {
  local source task aside count=6
  fresh
  source="$fs/envs/big one"
  if ! fill_from_pypi "$source" 2>"$work/stderr"; then
    say "  skipped, since packages could not be installed: $(tail -n 1 "$work/stderr")"
    return 0
  fi
  task="$(du -sm --apparent-size "$source" | cut -f1) MB, $(find "$source" -type f | wc -l) files"
  aside="if declare -F deactivate >/dev/null; then deactivate; fi; bash $here/aside.bash $fs/envs/copy $fs/aside; sync"
  timed "$count" "$(init_of bash)" "$aside" "cpvirtualenv 'big one' copy >/dev/null" |
    measured copy "$task" venvwrap
  timed "$count" : "$aside" "cp -a '$source' $fs/envs/copy" | measured copy "$task" 'cp -a'
  if [[ -n $wrapper ]]; then
    timed "$count" "VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python PATH=${wrapper%/*}:\$PATH; source $wrapper" "$aside" \
      "cpvirtualenv 'big one' copy >/dev/null" | measured copy "$task" virtualenvwrapper
  fi
}

fill_from_pypi() {
  local editable="$fs/editable one"
  mkdir -p "$editable/src/editable_one"
  printf '[project]\nname = "editable-one"\nversion = "1"\n' >"$editable/pyproject.toml"
  : >"$editable/src/editable_one/__init__.py"
  "$venvwrap" create -q -p "$python" 'big one' &&
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check django ipykernel black numpy -e "$editable"
}
