# shellcheck shell=bash
# Prints the milliseconds that a command takes in this shell: timed.bash TIMES INIT PREPARE COMMAND
# The commands may use `$number`.
times=$1 init=$2 prepare=$3 command=$4
eval "$init"
for ((number = 0; number < times; number++)); do
  eval "$prepare"
  begin=${EPOCHREALTIME/[.,]/}
  eval "$command"
  end=${EPOCHREALTIME/[.,]/}
  printf '%d.%03d\n' "$(((end - begin) / 1000))" "$(((end - begin) % 1000))"
done
