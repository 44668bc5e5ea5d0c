# Lists the recipes.
default:
  @just --list

# Formats Rust and shell files.
fmt:
  tests/lint --fix

# Checks format, lints, documentation and scripts.
lint:
  tests/lint

# Runs the tests, or those whose name holds NAME.
test NAME='':
  tests/run {{NAME}}

# Brings lists in shims, completions and documents, the manual page and the command reference up to date.
generate:
  VENVWRAP_BLESS=1 cargo test --locked fresh

# Measures speed against virtualenv and uv.
bench:
  tests/bench/run

# Does what CI does.
ci:
  .ci/run
