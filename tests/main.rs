//! Tests of the program as its users see it: real shells, real files, a directory of its own for each test.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod commands;
mod compat;
mod docs;
mod functions;
mod imports;
mod layout;
mod mishaps;
mod packages;
#[path = "../crates/cli/shell.rs"]
#[allow(dead_code, reason = "shared with the program, which uses the rest")]
mod shell;

mod completion;
mod shells;
mod support;
mod switching;
