//! What the reference describes: every shell function and verb, in chapters.

use clap::{Command, CommandFactory};

use crate::args::Cli;
use crate::functions::{FUNCTIONS, Function};
use crate::ui::report::in_our_words;

/// A chapter of the reference.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) introduction: &'static str,
    pub(super) entries: Vec<Entry>,
}

/// One command, or a few that belong together.
pub(super) struct Entry {
    pub(super) heading: String,
    pub(super) command: Command,
}

pub(super) fn parts() -> [Part; 2] {
    [
        Part {
            title: "Shell functions",
            introduction: "They exist in a shell that has evaluated what `venvwrap init` prints, as `venvwrap setup` arranges.",
            entries: FUNCTIONS.iter().map(function).collect(),
        },
        Part {
            title: "The program",
            introduction: "The same without a shell function: for scripts, cron and editors. Where `[NAME]` can be left out, the \
                           active environment\nis meant. Commands that remove, repair, rename or run something, or that \
                           take a second name, want it named.",
            entries: verbs().into_iter().map(entry).collect(),
        },
    ]
}

/// A shell function under all its names.
fn function(function: &Function) -> Entry {
    let names: Vec<_> = function.names().collect();
    Entry { heading: names.join(", "), command: function.command() }
}

/// The verbs of the program. Those of a group follow it where it does something itself, and have its place otherwise.
fn verbs() -> Vec<Command> {
    let mut program = Cli::command();
    program.build();
    let is_shown = |verb: &&Command| !verb.is_hide_set() && verb.get_name() != "help";
    let mut verbs = Vec::new();
    for verb in program.get_subcommands().filter(is_shown) {
        if verb.has_subcommands() {
            verbs.extend((!verb.is_subcommand_required_set()).then(|| verb.clone()));
            verbs.extend(verb.get_subcommands().filter(is_shown).cloned());
        } else {
            verbs.push(verb.clone());
        }
    }
    verbs
}

fn entry(command: Command) -> Entry {
    let heading = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_string();
    Entry { heading, command }
}

pub(super) fn help(command: Command, width: usize) -> String {
    let help = in_our_words(&command.term_width(width).render_help().to_string());
    help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
