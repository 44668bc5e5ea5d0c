# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# `workon` and `deactivate`, many times in one shell, less the same shell with an empty loop; and the processes started.

bench_workon() {
  fresh
  "$venvwrap" create -q --no-pip -p "$python" ours
  make_foreign
  in_each_shell workon_in
}

# Environments in the store that others have made: `venv` of each Python that is there, virtualenv and uv. VIRTUALENV_20
# is a virtualenv before 21.
make_foreign() {
  local version program
  foreign=()
  for version in 3.8 3.9 3.10 3.11 3.12 3.13 3.14; do
    for program in "$pyenv/versions/$version".*/bin/python "$(command -v "python$version")"; do
      if "$program" -I -m venv --without-pip "$WORKON_HOME/venv-$version" 2>/dev/null; then
        foreign+=("venv-$version")
        break
      fi
    done
  done
  if [[ -n $virtualenv ]] && "$virtualenv" -q --no-seed -p "$python" "$WORKON_HOME/virtualenv"; then
    foreign+=(virtualenv)
  fi
  if [[ -n ${VIRTUALENV_20-} ]] && "$VIRTUALENV_20" -q --no-seed "$WORKON_HOME/virtualenv-20"; then
    foreign+=(virtualenv-20)
  fi
  if [[ -n $uv ]] && "$uv" venv -q -p "$python" "$WORKON_HOME/uv"; then
    foreign+=(uv)
  fi
}

workon_in() {
  local shell=$1 init task="$1, one workon and deactivate"
  init=$(init_of "$shell")
  loop "$shell" "$init" 'true' 100 >"$work/empty.$shell"
  loop "$shell" "$init" 'workon ours; deactivate' 100 >"$work/ours.$shell"
  measure workon "$task" empty 8 "$(start_of "$shell") $work/empty.$shell"
  measure_above empty 100 workon "$task" venvwrap 8 "$(start_of "$shell") $work/ours.$shell"
  local name
  for name in "${foreign[@]}"; do
    loop "$shell" "$init" "workon $name; deactivate" 100 >"$work/foreign.$shell"
    measure_above empty 100 workon "$task" "venvwrap, environment $name" 8 "$(start_of "$shell") $work/foreign.$shell"
  done
  others_in "$shell" "$task"
  if command -v strace >/dev/null; then
    for name in ours "${foreign[@]}"; do
      count_processes "$shell" "$init" "$name"
    done
  fi
}

# The same with activate scripts alone, and with virtualenvwrapper.
others_in() {
  local shell=$1 task=$2 suffix=''
  if [[ $shell == fish ]]; then
    suffix=.fish
  fi
  local tool
  for tool in virtualenv uv; do
    if [[ -n ${!tool} ]]; then
      make_with "$tool"
      loop "$shell" : "source $fs/$tool/bin/activate$suffix; deactivate" 100 >"$work/$tool.$shell"
      measure_above empty 100 workon "$task" "source of $tool's script" 5 "$(start_of "$shell") $work/$tool.$shell"
    fi
  done
  if [[ -n $wrapper && $shell != fish ]]; then
    loop "$shell" "VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python; source $wrapper" : 1 >"$work/wrapper0.$shell"
    loop "$shell" "VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python; source $wrapper" 'workon ours; deactivate' 2 \
      >"$work/wrapper.$shell"
    measure workon "$task" 'virtualenvwrapper, start' 3 "$(start_of "$shell") $work/wrapper0.$shell"
    measure_above 'virtualenvwrapper, start' 2 workon "$task" virtualenvwrapper 3 \
      "$(start_of "$shell") $work/wrapper.$shell"
  fi
}

make_with() {
  if [[ ! -d $fs/$1 ]]; then
    case $1 in
      uv) "$uv" venv -q -p "$python" "$fs/uv" ;;
      virtualenv) "$virtualenv" -q --no-seed -p "$python" "$fs/virtualenv" ;;
    esac
  fi
}

# Says how many processes a shell forks and programs it starts for one `workon`, and for one `deactivate`.
count_processes() {
  local shell=$1 init=$2 name=$3 start entered left
  printf '%s\n:\n' "$init" >"$work/count"
  read -ra start <<<"$(processes_of "$shell")"
  printf '%s\nworkon %s\n:\n' "$init" "$name" >"$work/count"
  read -ra entered <<<"$(processes_of "$shell")"
  printf '%s\nworkon %s\ndeactivate\n:\n' "$init" "$name" >"$work/count"
  read -ra left <<<"$(processes_of "$shell")"
  say "  $shell, $name: workon forks $((entered[0] - start[0])), starts $((entered[1] - start[1])) programs;" \
    "deactivate forks $((left[0] - entered[0])), starts $((left[1] - entered[1]))"
}

processes_of() {
  # shellcheck disable=SC2046
  strace -f -qq -e trace=clone,clone3,fork,vfork,execve -o "$work/strace" $(start_of "$1") "$work/count" >/dev/null
  # A thread is no process, and an interrupted call is not made twice.
  printf '%s %s\n' "$(grep -E '(clone3?|v?fork)\(' "$work/strace" | grep -vc CLONE_THREAD)" \
    "$(grep -c 'execve(' "$work/strace")"
}
