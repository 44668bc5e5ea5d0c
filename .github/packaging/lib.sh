# shellcheck shell=bash
# What the package scripts share. Sourced by them.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# The same bytes twice from the same commit.
: "${SOURCE_DATE_EPOCH=$(git -C "${root}" log -1 --format=%ct 2>/dev/null || echo 1)}"
export SOURCE_DATE_EPOCH

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# The version in Cargo.toml.
version() {
  sed -n '/^\[workspace\.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' "${root}/Cargo.toml"
}

# A directory that is gone at the end.
scratch() {
  scratch=$(mktemp -d)
  # shellcheck disable=SC2154 # set in the line above
  trap 'rm -rf -- "${scratch}"' EXIT
}

# All times of a tree to that of the commit.
settle_times() {
  find "$1" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +
}
