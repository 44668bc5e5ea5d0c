# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Installing 49 packages without a network: from a bundle, and by uv from the same wheels. The first time nothing is
# known of them; later all are in the cache.

bench_bundle() {
  fresh
  if [[ -z $uv ]]; then
    say '  skipped: no uv'
    return 0
  fi
  local count=$(((runs + 2) / 3)) place=$fs/bundle path=$WORKON_HOME/x prepare
  make_wheels "$fs/wheels" >"$fs/list.txt"
  # venvwrap looks for uv on PATH, and without pip it installs with nothing else.
  if ! { PATH=${uv%/*}:$PATH PIP_NO_INDEX=1 PIP_FIND_LINKS=$fs/wheels UV_NO_INDEX=1 UV_FIND_LINKS=$fs/wheels \
    "$venvwrap" create -q --no-pip -p "$python" -r "$fs/list.txt" big &&
    "$venvwrap" bundle --from-installed --no-pip big -o "$fs/big.bundle.tar"; } 2>"$work/stderr"; then
    say "  failed: $(tail -n 3 "$work/stderr")"
    return 0
  fi
  mkdir "$place"
  tar xf "$fs/big.bundle.tar" -C "$place"
  place=$place/big
  prepare="bash $here/aside.bash $path $fs/aside"
  local ours="$venvwrap create -q --no-pip -p $python --from $fs/big.bundle.tar x"
  local theirs="cd $place && $uv venv -q -p $python $path && $uv pip install -q -p $path/bin/python --offline --no-index"
  theirs+=' --find-links wheels -r requirements.txt'
  local cold="$prepare; bash $here/aside.bash $HOME/.cache/venvwrap $fs/aside; bash $here/aside.bash $UV_CACHE_DIR $fs/aside"
  measure bundle 'install 49 packages, first time' venvwrap "$count" --prepare "sh -c '$cold'" "$ours"
  measure bundle 'install 49 packages, first time' uv "$count" --prepare "sh -c '$cold'" "sh -c '$theirs'"
  wait_for_bytecode "$ours" "$path"
  measure bundle 'install 49 packages again' venvwrap "$count" --prepare "$prepare" "$ours"
  measure bundle 'install 49 packages again' uv "$count" --prepare "$prepare" "sh -c '$theirs'"
  # From the cache, bytecode comes along.
  measure bundle 'install 49 packages again' 'uv --compile-bytecode' "$count" --prepare "$prepare" \
    "sh -c '$theirs --compile-bytecode'"
  measure bundle 'bundle 49 installed packages' venvwrap "$count" --prepare "rm -f $fs/new.bundle.tar" \
    "$venvwrap bundle --from-installed --no-pip big -o $fs/new.bundle.tar"
}

# Installs until the bytecode of all 49 packages comes along: the jobs that make it would be measured as well.
wait_for_bytecode() {
  local command=$1 path=$2 try files=()
  for try in {1..100}; do
    bash "$here/aside.bash" "$path" "$fs/aside"
    $command 2>"$work/stderr" || say "  $command: $(tail -n 2 "$work/stderr")"
    files=("$path"/lib/*/site-packages/wheel_*/__pycache__/m1.*.pyc)
    ((${#files[@]} < 49)) || break
    sleep 0.2
  done
  say "  bytecode of ${#files[@]} packages, try $try"
}
