//! The `venvwrap` program: reads the process environment, runs one command, and turns the result into an exit status.

mod actions;
mod args;
mod commands;
mod complete;
mod dispatch;
mod error;
mod functions;
mod generate;
#[cfg(test)]
mod generated;
mod help;
mod process;
mod reference;
mod shims;
mod ui;

use std::process::ExitCode;

#[cfg(target_env = "musl")]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    actions::room::with_room(run)
}

fn run() -> ExitCode {
    actions::ownership::restrict();
    actions::interrupt::survive_file_limit();
    let arguments: Vec<_> = std::env::args_os().collect();
    let outcome = dispatch::run(arguments);
    actions::ownership::warn_of_new_store();
    match outcome {
        Ok(status) => {
            ui::printer::warn_of_the_rest("");
            status
        }
        Err(error) => ui::report::report(&error),
    }
}
