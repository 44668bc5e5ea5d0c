//! The `venvwrap` program.
fn main() {}
