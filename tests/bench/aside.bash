# shellcheck shell=bash
# Renames PATH, if it is there, into DIRECTORY under a name that is new.
if [[ -e $1 ]]; then
  mv -- "$1" "$2/$$.$RANDOM"
fi
