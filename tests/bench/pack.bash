# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Packing and unpacking an environment as people have it, next to tar and a parallel gzip, and to venv-pack where it is
# installed (VENV_PACK).

bench_pack() {
  local source task count=5 archive=$fs/big.tar.gz target=$fs/unpacked venv_pack=${VENV_PACK-venv-pack}
  fresh
  source="$fs/envs/big one"
  if ! fill_from_pypi "$source" 2>"$work/stderr"; then
    say "  skipped, since packages could not be installed: $(tail -n 1 "$work/stderr")"
    return 0
  fi
  task="$(du -sm --apparent-size "$source" | cut -f1) MB, $(find "$source" -type f | wc -l) files"
  timed "$count" : "rm -f $archive; sync" "$venvwrap pack 'big one' --editable skip -o $archive 2>/dev/null" |
    measured pack "$task" venvwrap
  if command -v pigz >/dev/null; then
    timed "$count" : "rm -f $fs/tar.tar.gz; sync" "tar cf - -C '$source' . | pigz -4 >$fs/tar.tar.gz" |
      measured pack "$task" 'tar | pigz -4'
  fi
  if command -v zstd >/dev/null; then
    timed "$count" : "rm -f $fs/big.tar.zst; sync" \
      "$venvwrap pack 'big one' --editable skip -o $fs/big.tar.zst 2>/dev/null" | measured pack-zst "$task" venvwrap
    timed "$count" : "rm -f $fs/tar.tar.zst; sync" "tar cf - -C '$source' . | zstd -q -3 -T2 >$fs/tar.tar.zst" |
      measured pack-zst "$task" 'tar | zstd -3 -T2'
  fi
  if command -v "$venv_pack" >/dev/null; then
    "$source/bin/python" -m pip uninstall -q -y editable-one
    timed "$count" : "rm -f $fs/other.tar.gz; sync" "$venv_pack -q -f -p '$source' -o $fs/other.tar.gz" |
      measured pack "$task" venv-pack
  fi
  local format
  for format in deb rpm; do
    # A Python that no package of the system owns makes none.
    rm -rf "$fs/packages"
    mkdir "$fs/packages"
    if (cd "$fs/packages" && "$venvwrap" package 'big one' --"$format" --name big-one >/dev/null 2>"$work/stderr"); then
      timed "$count" : "rm -rf $fs/packages; mkdir $fs/packages; sync" \
        "cd $fs/packages; $venvwrap package 'big one' --$format --name big-one >/dev/null 2>&1" |
        measured pack "$task" "venvwrap, .$format"
    else
      say "  .$format skipped: $(head -n 1 "$work/stderr")"
    fi
  done
  timed "$count" : "rm -rf $fs/envs/new; sync" "$venvwrap unpack $archive new" | measured unpack "$task" venvwrap
  timed "$count" : "rm -rf $target; mkdir $target; sync" "tar xzf $archive -C $target" | measured unpack "$task" 'tar xzf'
}
