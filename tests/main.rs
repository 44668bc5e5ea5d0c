//! Tests of the program as its users see it: real shells, real files, a directory of its own for each test.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod carrying;
mod channels;
mod commands;
mod compat;
mod completion;
mod creation;
mod docs;
mod elsewhere;
mod functions;
mod imports;
mod layout;
mod mishaps;
mod oracles;
mod packages;
mod shells;
mod support;
mod switching;
