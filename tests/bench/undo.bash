# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Bringing back an environment of 150 MB.

bench_undo() {
  fresh
  "$venvwrap" create -q --no-pip -p "$python" template
  fill "$WORKON_HOME/template" && mv "$WORKON_HOME/template" "$fs/template"
  local count=10 copy="cp -a $fs/template $fs/envs/x\$number; $venvwrap remove x\$number"
  timed "$count" : "$copy" "$venvwrap undo x\$number 2>/dev/null" | measured undo '150 MB, 5900 files' venvwrap
}
