//! The command reference, made from the same descriptions that parse the command line.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use crate::args::{
    Cli, LsvirtualenvFunction, MkprojectFunction, MktmpenvFunction, MkvirtualenvFunction, RmvirtualenvFunction,
    SetvirtualenvprojectFunction, ShowvirtualenvFunction, WorkonFunction,
};

/// All shell functions and verbs, as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# Commands\n\nThis page is made from the program itself: `tests/run` fails when it is out of date, and\n\
         `VENVWRAP_BLESS=1 tests/run` writes it anew.\n\n## Shell functions\n\n\
         They exist in a shell that has evaluated `venvwrap init`, or sourced one of the files in `shell/`.\n",
    );
    for function in functions() {
        section(&mut text, function, "###");
    }
    text.push_str(BUILTINS);
    text.push_str("\n## The program\n\nThe same without a shell: for scripts, cron and editors.\n");
    let mut program = Cli::command();
    program.build();
    for verb in program.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        if verb.has_subcommands() {
            for inner in verb.get_subcommands().filter(|inner| inner.get_name() != "help") {
                section(&mut text, inner.clone(), "###");
            }
        } else {
            section(&mut text, verb.clone(), "###");
        }
    }
    text
}

/// The functions that the shims alone implement.
const BUILTINS: &str = "\n### deactivate\n\nLeave the active environment. Starts no process; a temporary environment is removed.\n\
    \n### cdvirtualenv, cdsitepackages, cdproject\n\nChange to the active environment, to its site-packages (both take a \
    directory below), or to its project. They start no process.\n\
    \n### mktempenv\n\nThe same as `mktmpenv`.\n";

fn functions() -> [Command; 8] {
    [
        WorkonFunction::command(),
        MkvirtualenvFunction::command(),
        MkprojectFunction::command(),
        MktmpenvFunction::command(),
        RmvirtualenvFunction::command(),
        LsvirtualenvFunction::command(),
        ShowvirtualenvFunction::command(),
        SetvirtualenvprojectFunction::command(),
    ]
}

fn section(text: &mut String, command: Command, marks: &str) {
    let mut command = command.term_width(100);
    let heading = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_string();
    let help = command.render_help().to_string();
    let _ = write!(text, "\n{marks} {heading}\n\n```text\n{}\n```\n", trimmed(&help));
}

fn trimmed(help: &str) -> String {
    help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
