# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Examining a thousand environments that have pip, and the files of one.

bench_doctor() {
  fresh
  make_thousand
  measure doctor '1000 environments' venvwrap "$runs" "$venvwrap doctor"
  measure doctor 'files of one' venvwrap "$runs" "$venvwrap doctor --deep environment-1"
  measure doctor 'files of one' 'cat (a floor)' "$runs" \
    "find $WORKON_HOME/environment-1/lib -name '*.py' -type f -exec cat {} +"
}
