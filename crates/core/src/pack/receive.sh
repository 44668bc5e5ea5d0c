# shellcheck shell=sh
# Receives an archive: unpacks it next to its place, makes it fit the machine, and puts it there when it is complete.
# A shell runs the braces only if all of them has arrived, and reads the archive after them.
{
  set -eu
  unset CDPATH
  target=@TARGET@
  python=@PYTHON@
  # Another transfer was faster: its own status, for which there is a message on this side.
  taken=@TAKEN@
  umask 022
  case $target in
    /*) ;;
    *) target=$PWD/$target ;;
  esac
  above=${target%/*}
  mkdir -p "${above:-/}"
  staging=$above/@STAGING@
  # What a broken connection left, and could not be removed then.
  for old in "$above"/.venvwrap-send-*; do
    if [ -n "$(find "$old" -prune -type d -mtime +0 2>/dev/null)" ]; then
      rm -rf "$old"
    fi
  done
  trap 'rm -rf "$staging"' EXIT
  trap 'exit 1' HUP INT PIPE TERM
  mkdir "$staging"
  tar xzf - -C "$staging"
  if [ -e "$staging/pyvenv.cfg" ]; then
    sh "$staging/bin/venvwrap-fix" "$(command -v "$python")"
  fi
  if [ -e "$target" ] || [ -L "$target" ]; then
    exit "$taken"
  fi
  mv "$staging" "$target"
  # If something has taken the place since, mv has put it in there.
  if [ -e "$target/${staging##*/}" ]; then
    rm -rf "${target:?}/${staging##*/}"
    exit "$taken"
  fi
  # Some activation scripts name the path, which is only right now. What cannot be finished is taken back.
  set --
  if [ -e "$target/pyvenv.cfg" ]; then
    set -- "$(command -v "$python")"
  fi
  sh "$target/bin/venvwrap-fix" "$@" || {
    mv "$target" "$staging"
    exit 1
  }
  # Neither programs nor compiled packages would work there.
  probe=$target/.venvwrap-tmp-run
  if { printf '#!/bin/sh\n' >"$probe" && chmod u+x "$probe"; } 2>/dev/null && ! "$probe" 2>/dev/null; then
    printf 'warning: %s is on a file system from which nothing may be run\n' "$target" >&2
  fi
  rm -f "$probe"
  exit 0
}
