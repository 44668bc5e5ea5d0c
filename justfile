# Lists the recipes.
default:
  @just --list

# Formats Rust and shell files.
fmt:
  cargo fmt --all
  shfmt -i 2 -ci -w shell/bash/*.bash shell/posix/*.sh shell/*.sh completions/*.bash .ci/run tests/run tests/prepare tests/bench/run tests/bench/*.bash
  fish_indent -w shell/fish/*.fish completions/*.fish

# Finds what should not be there.
lint:
  cargo fmt --all --check
  cargo clippy --locked --workspace --all-targets -- -D warnings
  RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps --document-private-items --quiet
  shellcheck .ci/run tests/run tests/prepare tests/bench/run tests/bench/*.bash

# Runs the tests, or those whose name holds NAME.
test NAME='':
  tests/run {{NAME}}

# Writes completions, manual page and command reference anew.
generate:
  VENVWRAP_BLESS=1 cargo test --locked --test tests docs::

# Measures speed beside virtualenv and uv.
bench:
  tests/bench/run

# Does what CI does.
ci:
  .ci/run
