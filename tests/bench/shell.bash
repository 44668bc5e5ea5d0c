# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# What the line in the rc file adds to the start of a shell, and the whole start of zsh on a terminal.

bench_shell() {
  fresh
  in_each_shell shell_start
  in_each_shell shell_prompt zsh
}

# Until the first prompt: a shell that somebody types into loads more, and so does what zoxide prints.
shell_prompt() {
  local tool init zoxide=${ZOXIDE-zoxide}
  mkdir -p "$work/zsh"
  for tool in bare venvwrap zoxide; do
    case $tool in
      bare) init=: ;;
      venvwrap) init=$(init_of "$1") ;;
      zoxide)
        command -v "$zoxide" >/dev/null || continue
        init=$(venvwrap=$zoxide init_of "$1")
        ;;
    esac
    printf '%s\nfunction bench_end { exit 0; }\nprecmd_functions+=(bench_end)\n' "$init" >"$work/zsh/.zshrc"
    ZDOTDIR=$work/zsh python3 "$here/prompt.py" "$((runs * 5))" zsh -d -i |
      measured shell "$1, all until the first prompt" "$tool"
  done
}

shell_start() {
  local shell=$1 start init zoxide=${ZOXIDE-zoxide}
  start="$(start_of "$shell") -c"
  init=$(init_of "$shell")
  measure shell "$shell" bare "$((runs * 3))" "$start :"
  measure_above bare 1 shell "$shell" venvwrap "$((runs * 3))" "$start '$init'"
  if command -v "$zoxide" >/dev/null; then
    say "  $("$zoxide" --version)"
    measure_above bare 1 shell "$shell" zoxide "$((runs * 3))" "$start '$(venvwrap=$zoxide init_of "$shell")'"
  fi
  if [[ -n $wrapper && $shell != fish ]]; then
    # The first start makes the hook files.
    VIRTUALENVWRAPPER_PYTHON=${wrapper%/*}/python measure_above bare 1 shell "$shell" virtualenvwrapper 8 \
      "$start 'source $wrapper'"
  fi
}
