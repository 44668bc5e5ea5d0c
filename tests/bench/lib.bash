# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# What every section of the benchmark uses: where files go, which programs there are, and how one thing is measured.

say() {
  printf '%4ds %s\n' "$SECONDS" "$*" >&2
}

require() {
  if ! command -v "$1" >/dev/null; then
    say "error: $1 is needed: $2"
    exit 1
  fi
}

# Builds the program as it is released, and prepares everything that no section changes.
set_up() {
  work=$(mktemp -d)
  trap tear_down EXIT
  trap 'exit 130' INT TERM
  results=$work/results.tsv
  image='' mounted=''
  prepare_ram
  find_programs
  clean_environment
  fresh
}

tear_down() {
  # Also when it is interrupted: what was measured by then holds.
  if [[ -s $results ]]; then
    describe_machine
    python3 "$here/results.py" table ${markdown:+"$markdown"} "$results"
  fi
  unmount
  if [[ -n ${ram-} ]]; then
    # The kernel lets go of the loop device, and of the image with it, a moment after the other file system is gone.
    umount --lazy "$ram" 2>/dev/null || :
  fi
  rm -rf "$work"
}

# A file system in memory for the image of the one that is measured: a disk would be measured instead of the tools.
prepare_ram() {
  ram=$work/ram
  mkdir "$ram" "$work/fs"
  if [[ $(id -u) == 0 ]] && mount -t tmpfs -o size=8g venvwrap-bench "$ram" 2>/dev/null; then
    image=$ram/image
  else
    ram=''
    say 'note: not root: measuring in a temporary directory instead of a fresh file system in memory; creation may be slower'
  fi
}

unmount() {
  if [[ -n $mounted ]]; then
    # A job in the background may still be deleting there.
    local try
    for try in {1..50}; do
      umount -d "$mounted" 2>/dev/null && break
      sleep 0.2
    done
    : "$try"
    mounted=''
  fi
}

# Begins with an empty file system and cold caches of all tools: a directory with a past makes every new file slower.
fresh() {
  unmount
  fs=$work/fs
  if [[ -n $image ]]; then
    rm -f "$image"
    truncate -s 6G "$image"
    mkfs.ext4 -q -F -N 600000 -E lazy_itable_init=0,lazy_journal_init=0 "$image"
    mount -o loop "$image" "$fs"
    mounted=$fs
  else
    fs=$(mktemp -d "$work/fs/XXXXXX")
  fi
  mkdir "$fs/home" "$fs/envs" "$fs/aside"
  export HOME=$fs/home WORKON_HOME=$fs/envs UV_CACHE_DIR=$fs/uv
  if [[ -d $work/uv-cache ]]; then
    cp -a "$work/uv-cache" "$UV_CACHE_DIR"
  fi
}

# Settings of the person who runs this must not change what is measured.
clean_environment() {
  unset VIRTUAL_ENV PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONSTARTUP PROJECT_HOME
  local name
  for name in $(compgen -e); do
    case $name in
      XDG_* | VENVWRAP_* | VIRTUALENV_* | VIRTUALENVWRAPPER_* | ZDOTDIR | BASH_ENV | ENV) unset "$name" ;;
    esac
  done
}

find_programs() {
  venvwrap=${VENVWRAP-$root/target/$(rustc -vV | sed -n 's/^host: //p')/release/venvwrap}
  if [[ -n $build && -z ${VENVWRAP-} ]]; then
    say 'building (static, as released)'
    (cd "$root" && RUSTFLAGS='-C target-feature=+crt-static' \
      cargo build --release --quiet --target "$(rustc -vV | sed -n 's/^host: //p')")
  fi
  uv=${UV-$(command -v uv || :)}
  virtualenv=${VIRTUALENV-$(command -v virtualenv || :)}
  wrapper=${VIRTUALENVWRAPPER-$(command -v virtualenvwrapper.sh || :)}
  pyenv=${PYENV_ROOT:-$HOME/.pyenv}
  python=${PYTHON-}
  python=${python:-$(newest_python)}
  if [[ -z $python ]]; then
    python=$(command -v python3)
    say 'note: no CPython 3.12 or later: the tools install different packages, creation times are not comparable'
  fi
  wheels=$(bundled_wheels || :)
  if [[ -n $uv ]]; then
    UV_CACHE_DIR=$work/uv-cache "$uv" venv -q --seed -p "$python" "$work/uv-warm" ||
      say 'note: uv could not fetch pip; it is measured without --seed only'
    [[ -x $work/uv-warm/bin/pip ]] || uv_has_no_pip=on
  fi
}

# What the interpreter calls itself: the name on PATH may be a shim, which takes longer than what is measured.
newest_python() {
  local name
  for name in python3.14 python3.13 python3.12; do
    "$name" -I -c 'import sys; print(sys.executable)' 2>/dev/null && return
  done
  compgen -G "$pyenv/versions/3.1[2-9].*/bin/python" | sort -V | tail -n 1
}

# The directory of the wheels that virtualenv brings along, so that ours installs the same pip.
bundled_wheels() {
  if [[ -n $virtualenv ]]; then
    "${virtualenv%/*}/python" -c 'from virtualenv.seed.wheels.embed import BUNDLE_FOLDER as f; print(f)' 2>/dev/null
  fi
}

# Runs a command with hyperfine and records the times: measure SECTION TASK TOOL RUNS [HYPERFINE OPTION..] COMMAND
measure() {
  local section=$1 task=$2 tool=$3 count=$4
  shift 4
  say "  $task: $tool"
  if hyperfine -N --style none -w 2 -r "$count" --export-json "$work/times.json" "$@" >/dev/null 2>"$work/stderr"; then
    python3 "$here/results.py" add "$results" "$section" "$task" "$tool" "$work/times.json"
  else
    say "  failed: $(tail -n 3 "$work/stderr")"
  fi
}

# As `measure`, less the times recorded for another tool at the same task, and divided by a number of iterations.
measure_above() {
  local base=$1 iterations=$2 section=$3 task=$4 tool=$5 count=$6
  shift 6
  say "  $task: $tool"
  if hyperfine -N --style none -w 2 -r "$count" --export-json "$work/times.json" "$@" >/dev/null 2>"$work/stderr"; then
    python3 "$here/results.py" add --above "$base" --iterations "$iterations" \
      "$results" "$section" "$task" "$tool" "$work/times.json"
  else
    say "  failed: $(tail -n 3 "$work/stderr")"
  fi
}

# Records milliseconds, one in a line of stdin: measured SECTION TASK TOOL
measured() {
  say "  $2: $3"
  python3 "$here/results.py" add "$results" "$1" "$2" "$3" -
}

describe_machine() {
  say "program: $("$venvwrap" --version), $(stat -c %s "$venvwrap" 2>/dev/null || stat -f %z "$venvwrap") bytes"
  say "python: $("$python" --version), $python"
  say "machine: $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || :)," \
    "$([[ -n $image ]] && echo 'fresh ext4 in memory' || echo 'temporary directory')"
}

# A thousand environments. The first has pip, the others have what a list sees of it: root's environments share no files,
# and a thousand of them need more space than there is.
make_thousand() {
  local number path info
  say '  making 1000 environments'
  "$venvwrap" create -q -p "$python" environment-1
  info=("$WORKON_HOME"/environment-1/lib/python*/site-packages/pip-*.dist-info)
  for number in {2..1000}; do
    path=$WORKON_HOME/environment-$number
    "$venvwrap" create -q --no-pip -p "$python" "environment-$number"
    cp -r "${info[@]}" "$path"/lib/python*/site-packages
    printf '#!%s/bin/python\n' "$path" >"$path/bin/pip"
    chmod +x "$path/bin/pip"
  done
}

# Makes 49 wheels of 40 files in a directory, and prints requirements of them.
make_wheels() {
  mkdir -p "$1"
  "$python" - "$1" <<'PYTHON'
import sys, zipfile
for number in range(49):
    name, info = f'wheel_{number}', f'wheel_{number}-1.0.dist-info'
    files = {f'{name}/m{part}.py': 'x = 1\n' * 50 for part in range(40)}
    files[f'{info}/METADATA'] = f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n'
    files[f'{info}/WHEEL'] = 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
    files[f'{info}/RECORD'] = ''.join(f'{path},,\n' for path in [*files, f'{info}/RECORD'])
    with zipfile.ZipFile(f'{sys.argv[1]}/{name}-1.0-py3-none-any.whl', 'w') as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    print(f'{name}==1.0')
PYTHON
}

# Prints the milliseconds that a command takes in one bash: timed TIMES INIT PREPARE COMMAND
timed() {
  bash --norc --noprofile "$here/timed.bash" "$@" 2>"$work/stderr" || say "  failed: $(tail -n 3 "$work/stderr")"
}

# Calls a function with the name of each shell that is there: in_each_shell FUNCTION [SHELL..]
in_each_shell() {
  local function=$1 shell shells=("${@:2}")
  if (($# == 1)); then
    shells=(bash zsh fish)
  fi
  for shell in "${shells[@]}"; do
    if command -v "$shell" >/dev/null; then
      "$function" "$shell"
    else
      say "  no $shell"
    fi
  done
}

# The line that loads the functions: init_of SHELL [OPTION]
init_of() {
  if [[ $1 == fish ]]; then
    printf '%s init fish%s | source' "$venvwrap" "${2:+ $2}"
  else
    printf 'eval "$(%s init %s%s)"' "$venvwrap" "$1" "${2:+ $2}"
  fi
}

# How a shell is started that reads nobody's configuration.
start_of() {
  case $1 in
    bash) printf 'bash --norc --noprofile' ;;
    zsh) printf 'zsh -f' ;;
    fish) printf 'fish --no-config' ;;
  esac
}

# A script: loop SHELL INIT BODY TIMES. Functions of others may use plain names such as `i`.
loop() {
  if [[ $1 == fish ]]; then
    printf '%s\nfor bench_round in (seq %s)\n%s\nend\ntrue\n' "$2" "$4" "$3"
  else
    printf '%s\nfor ((bench_round = 0; bench_round < %s; bench_round++)); do\n%s\ndone\n:\n' "$2" "$4" "$3"
  fi
}
