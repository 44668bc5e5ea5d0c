# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Listing a thousand environments that have pip.

bench_list() {
  fresh
  make_thousand
  measure list 'names of 1000' venvwrap "$((runs * 2))" "$venvwrap list -b"
  measure list 'names of 1000' 'ls -U (a floor)' "$((runs * 2))" "ls -U $WORKON_HOME"
  # What changed within the last two seconds is read again each time: few stores are that new.
  sleep 3
  measure list 'table of 1000' venvwrap "$runs" "$venvwrap list"
  if cc -O2 -o "$work/floor" "$here/floor.c"; then
    measure list 'table of 1000' 'reading each pyvenv.cfg (a floor)' "$((runs * 2))" "$work/floor $WORKON_HOME"
  fi
  measure list 'JSON of 1000' venvwrap "$runs" "$venvwrap list --json"
  measure list 'sizes of 1000' venvwrap 5 "$venvwrap list --size"
  measure list 'sizes of 1000' 'du -s' 5 "du -s $WORKON_HOME"
  if [[ -n $wrapper ]]; then
    timed 10 "VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python; source $wrapper" : 'workon >/dev/null' |
      measured list 'names of 1000' virtualenvwrapper
  fi
}
