//! The `venvwrap` program: takes in the process, runs one command, and turns the outcome into an exit status.

mod args;
mod commands;
mod complete;
mod install;
mod interpreters;
mod picker;
mod printer;
mod process;
mod progress;
mod reference;
mod report;
mod shell;
mod table;
mod times;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    match commands::run(arguments) {
        Ok(status) => status,
        Err(error) => report::report(&error),
    }
}
