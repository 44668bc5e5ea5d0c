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
command -v "$python" 2>/dev/null || echo
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
umask 077
mkdir "$work"
printf '%s' @RECEIVE@ >"$work/receive"
