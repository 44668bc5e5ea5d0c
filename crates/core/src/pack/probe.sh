# shellcheck shell=sh
# Asks a machine what it is, and leaves the script that will receive an archive.
set -eu
unset CDPATH
target=@TARGET@
work=@WORK@
python=@PYTHON@
echo venvwrap-probe
if [ -e "$target" ] || [ -L "$target" ]; then
  echo exists
else
  echo free
fi
printf '%s %s\n' "$(uname -s)" "$(uname -m)"
getconf GNU_LIBC_VERSION 2>/dev/null || echo
found=$(command -v "$python" 2>/dev/null) || found=
printf '%s\n' "$found"
# What it is: its name may be wrong.
"${found:-false}" -I -c 'import sys
flags = getattr(sys, "abiflags", "").replace("m", "") or "-"
print("%d.%d" % sys.version_info[:2], sys.implementation.name, flags)' 2>/dev/null </dev/null || echo
# The disk of the place, not that of the home directory.
place=$target
until [ -d "$place" ]; do
  case $place in
    /*/* | [!/]*/*) place=${place%/*} ;;
    /*) place=/ ;;
    *) place=. ;;
  esac
done
df -Pk -- "$place" | {
  read -r _
  read -r _ _ _ free _
  echo "$free"
}
if [ -w "$place" ]; then
  echo writable
else
  echo read-only
fi
umask 077
mkdir "$work"
printf '%s' @RECEIVE@ >"$work/receive"
