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
df -Pk . | {
  read -r _
  read -r _ _ _ free _
  echo "$free"
}
umask 077
mkdir "$work"
cat >"$work/receive" <<'VENVWRAP_END_OF_SCRIPT'
@RECEIVE@
VENVWRAP_END_OF_SCRIPT
