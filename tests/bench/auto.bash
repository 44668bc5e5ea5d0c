# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# What the prompt hook costs, less the same loop without it: in the same directory, in another one without a project, and
# into a project and out again. Beside it direnv, one test of a file, and one start of a process.

bench_auto() {
  fresh
  tree=$fs/home/.local/state/venvwrap/auto
  mkdir -p "$fs"/away/of/all/projects/{one,two} "$fs/projects/api"
  "$venvwrap" create -q --no-pip -p "$python" ours
  "$venvwrap" project set ours "$fs/projects/api" >/dev/null
  printf 'export IN_PROJECT=1\n' >"$fs/projects/api/.envrc"
  direnv=${DIRENV-$(command -v direnv || :)}
  if [[ -n $direnv ]]; then
    (cd "$fs/projects/api" && "$direnv" allow)
  fi
  in_each_shell auto_in
}

auto_in() {
  local shell=$1 init hook=__venvwrap_follow count
  init=$(init_of "$shell" --auto)
  auto_same "$shell" "$init"
  for count in 10 10000; do
    associations "$count"
    auto_pair "$shell" "another directory, $count associations" 1000 venvwrap "$init" "$hook" \
      "$fs/away/of/all/projects/one" "$fs/away/of/all/projects/two"
  done
  associations 10
  auto_pair "$shell" 'into a project or out' 100 venvwrap "$init" "$hook" "$fs/projects/api" "$fs/away"
  if [[ -n $direnv ]]; then
    auto_direnv "$shell"
  fi
}

auto_same() {
  local shell=$1 init=$2 task="$1, same directory" look=__venvwrap_follow file='[[ -e /nowhere/.venv ]]' process=/bin/true
  if [[ $shell == fish ]]; then
    look='emit fish_prompt' file='test -e /nowhere/.venv'
  fi
  auto_loop "$shell" "$init" : 2000 empty
  measure auto "$task" empty 10 "$(auto_start "$shell" empty)"
  auto_loop "$shell" "$init" "$look" 2000 ours
  measure_above empty 2000 auto "$task" venvwrap 10 "$(auto_start "$shell" ours)"
  auto_loop "$shell" "$init" "$file" 2000 file
  measure_above empty 2000 auto "$task" 'one test of a file' 10 "$(auto_start "$shell" file)"
  auto_loop "$shell" "$init" "$process" 2000 process
  measure_above empty 2000 auto "$task" 'one process, /bin/true' 2 "$(auto_start "$shell" process)"
}

# Goes to and fro between two directories: auto_pair SHELL TASK TIMES TOOL INIT HOOK ONE TWO
auto_pair() {
  local shell=$1 task="$1, $2" times=$3 tool=$4 init=$5 hook=$6 there="cd $7" back="cd $8"
  local base=$init
  # What looks when the directory changes, by itself, must not do so in the loop that is taken off.
  if [[ $tool == direnv ]]; then
    base=:
  elif [[ $shell == fish ]]; then
    base=: hook=true
  fi
  auto_loop "$shell" "$base" "$there; $back" "$times" empty
  measure auto "$task" "empty for $tool" 10 "$(auto_start "$shell" empty)"
  auto_loop "$shell" "$init" "$there; $hook; $back; $hook" "$times" tool
  measure_above "empty for $tool" "$((times * 2))" auto "$task" "$tool" 10 "$(auto_start "$shell" tool)"
}

auto_direnv() {
  local shell=$1 init="eval \"\$($direnv hook $1)\"" hook=_direnv_hook
  if [[ $shell == fish ]]; then
    init="$direnv hook fish | source" hook=__direnv_export_eval
  fi
  auto_loop "$shell" "$init" : 20 empty
  measure auto "$shell, same directory" 'empty for direnv' 3 "$(auto_start "$shell" empty)"
  auto_loop "$shell" "$init" "$hook" 20 tool
  measure_above 'empty for direnv' 20 auto "$shell, same directory" direnv 3 "$(auto_start "$shell" tool)"
  auto_pair "$shell" 'another directory, 10 associations' 20 direnv "$init" "$hook" \
    "$fs/away/of/all/projects/one" "$fs/away/of/all/projects/two"
  auto_pair "$shell" 'into a project or out' 20 direnv "$init" "$hook" "$fs/projects/api" "$fs/away"
}

# Fills the mirror of the associations with this many: auto needs the paths only, not the projects.
associations() {
  local number
  for ((number = 0; number < $1; number++)); do
    printf '%s\0' "$tree$fs/away/of/all/of/them/$number"
  done | xargs -0 mkdir -p
  for ((number = 0; number < $1; number++)); do
    printf '%s/envs/ours\nextra\n' "$fs" >"$tree$fs/away/of/all/of/them/$number/@env"
  done
}

# Writes the script for `auto_start`: auto_loop SHELL INIT BODY TIMES NAME
auto_loop() {
  loop "$1" "$2" "$3" "$4" >"$work/auto.$5.$1"
}

# The hooks of fish do nothing in a shell that is not interactive.
auto_start() {
  if [[ $1 == fish ]]; then
    printf "fish --no-config -i -c 'source %s'" "$work/auto.$2.fish"
  else
    printf '%s %s' "$(start_of "$1")" "$work/auto.$2.$1"
  fi
}
