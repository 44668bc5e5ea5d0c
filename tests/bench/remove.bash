# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Removing an environment of 150 MB: the time until the prompt is back.

bench_remove() {
  fresh
  "$venvwrap" create -q --no-pip -p "$python" template
  fill "$WORKON_HOME/template" && mv "$WORKON_HOME/template" "$fs/template"
  local count=10 copy="cp -a $fs/template $fs/envs/x\$number"
  timed "$count" "$(init_of bash)" "$copy" 'rmvirtualenv x$number >/dev/null' |
    measured remove '150 MB, 5900 files' venvwrap
  timed "$count" : "$copy" "rm -rf $fs/envs/x\$number" | measured remove '150 MB, 5900 files' 'rm -rf'
  if [[ -n $wrapper ]]; then
    timed "$count" "VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python; source $wrapper" "$copy" \
      'rmvirtualenv x$number >/dev/null' | measured remove '150 MB, 5900 files' virtualenvwrapper
  fi
}

# Puts as many files into an environment as a web project with its tools has.
fill() {
  "$python" - "$1"/lib/*/site-packages <<'PYTHON'
import os, sys
content = os.urandom(26_000)
for package in range(59):
    directory = f"{sys.argv[1]}/package{package}"
    os.mkdir(directory)
    for module in range(100):
        with open(f"{directory}/module{module}.py", "wb") as file:
            file.write(content)
PYTHON
}
