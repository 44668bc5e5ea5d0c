# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Copying an environment as people have it, from PyPI: compiled libraries, kernels, an editable, a blank in its path. What
# was copied is renamed aside, never deleted.

bench_copy() {
  local source task count=6 prepare
  fresh
  source="$fs/envs/big one"
  if ! fill_from_pypi "$source" 2>"$work/stderr"; then
    say "  skipped, since packages could not be installed: $(tail -n 1 "$work/stderr")"
    return 0
  fi
  task="$(du -sm --apparent-size "$source" | cut -f1) MB, $(find "$source" -type f | wc -l) files"
  prepare="bash $here/aside.bash $fs/envs/copy $fs/aside"
  measure copy "$task" venvwrap "$count" --prepare "$prepare" "$venvwrap copy 'big one' copy"
  measure copy "$task" 'cp -a' "$count" --prepare "$prepare" "cp -a '$source' $fs/envs/copy"
  if [[ -n $wrapper ]]; then
    measure copy "$task" "virtualenv-clone" "$count" --prepare "$prepare" \
      "${wrapper%/*}/virtualenv-clone '$source' $fs/envs/copy"
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
