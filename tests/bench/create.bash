# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Creation: with pip, bare, and with the first run of pip. Every run makes the same path, and what was there is renamed
# aside, never deleted: on a file system where much was deleted each new file takes many times as long.

bench_create() {
  local extra=''
  if [[ -n $wheels ]]; then
    extra="--extra-search-dir=$wheels"
  fi
  create_with venvwrap "$runs" "$venvwrap create -q -p $python $extra x" "$venvwrap create -q --no-pip -p $python x"
  if [[ -n $uv ]]; then
    local seeded="$uv venv -q --seed --offline -p $python $work/fs-x"
    if [[ -n ${uv_has_no_pip-} ]]; then
      seeded=''
    fi
    create_with uv "$runs" "$seeded" "$uv venv -q -p $python $work/fs-x"
  fi
  if [[ -n $virtualenv ]]; then
    create_with virtualenv 12 "$virtualenv -q -p $python $work/fs-x" "$virtualenv -q --no-seed -p $python $work/fs-x"
  fi
  create_with venv 3 "$python -m venv $work/fs-x" "$python -m venv --without-pip $work/fs-x"
}

# create_with TOOL RUNS COMMAND BARE_COMMAND; the path stands in them as WORK/fs-x.
create_with() {
  local tool=$1 count=$2 path prepare
  fresh
  path=$fs/envs/x
  local seeded=${3//$work\/fs-x/$path} bare=${4//$work\/fs-x/$path}
  prepare="bash $here/aside.bash $path $fs/aside"
  if [[ -n $seeded ]]; then
    warm "$seeded" "$path"
    measure create 'with pip' "$tool" "$count" --prepare "$prepare" "$seeded"
    measure create 'with pip, then `pip --version`' "$tool" "$(((count + 1) / 2))" --prepare "$prepare" \
      "sh -c '$seeded && exec $path/bin/pip --version'"
  fi
  measure create 'without pip' "$tool" "$count" --prepare "$prepare" "$bare"
}

# Fills the caches, and waits until bytecode that is compiled in the background is there.
warm() {
  local command=$1 path=$2 try
  for try in {1..60}; do
    bash "$here/aside.bash" "$path" "$fs/aside"
    $command >/dev/null 2>"$work/stderr" || say "  $command: $(tail -n 2 "$work/stderr")"
    if [[ $command != "$venvwrap"* || -n $(find "$path"/lib/*/site-packages/pip -name '*.pyc' -print -quit 2>/dev/null) ]]; then
      break
    fi
    sleep 0.2
  done
  say "  $("$path/bin/python" -m pip --version | cut -d' ' -f1-2), try $try"
}
