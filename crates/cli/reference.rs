//! The command reference, as Markdown and as a manual page, made from the same descriptions that parse the command line.

use std::fmt::Write as _;
use std::io;

use crate::args::Cli;
use crate::functions::{FUNCTIONS, Function};
use clap::{Command, CommandFactory};

/// All shell functions and verbs, as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# Commands\n\nThis page is generated from the program itself: `tests/run` fails when it is out of date, and\n\
         `just generate` rewrites it.\n",
    );
    for part in parts() {
        let _ = write!(text, "\n## {}\n\n{}\n", part.title, part.introduction);
        for Entry { heading, command } in part.entries {
            let _ = write!(text, "\n### {heading}\n\n```text\n{}\n```\n", help(command, MARKDOWN_WIDTH));
        }
    }
    text
}

/// All shell functions and verbs, as one manual page.
pub(crate) fn manual() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(Cli::command());
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    for part in parts() {
        let mut roff = format!(".SH {}\n{}\n", part.title.to_uppercase(), escaped(part.introduction));
        for Entry { heading, command } in part.entries {
            let _ = write!(roff, ".SS {heading}\n.nf\n{}\n.fi\n", escaped(&help(command, MANUAL_WIDTH)));
        }
        text.extend_from_slice(roff.as_bytes());
    }
    page.render_version_section(&mut text)?;
    Ok(text)
}

const MARKDOWN_WIDTH: usize = 100;
/// A terminal of 80 columns, less the manual's margin.
const MANUAL_WIDTH: usize = 72;

/// A chapter of the reference.
struct Part {
    title: &'static str,
    introduction: &'static str,
    entries: Vec<Entry>,
}

/// One command, or a few that belong together.
struct Entry {
    heading: String,
    command: Command,
}

fn parts() -> [Part; 2] {
    [
        Part {
            title: "Shell functions",
            introduction: "They exist in a shell that has evaluated what `venvwrap init` prints, as `venvwrap setup` arranges.",
            entries: FUNCTIONS.iter().map(function).collect(),
        },
        Part {
            title: "The program",
            introduction: "The same without a shell function: for scripts, cron and editors.",
            entries: verbs().into_iter().map(entry).collect(),
        },
    ]
}

/// A shell function under all its names.
fn function(function: &Function) -> Entry {
    let names: Vec<_> = function.names().collect();
    Entry { heading: names.join(", "), command: function.command() }
}

/// The verbs of the program, with those of a group in the place of the group.
fn verbs() -> Vec<Command> {
    let mut program = Cli::command();
    program.build();
    let is_shown = |verb: &&Command| !verb.is_hide_set() && verb.get_name() != "help";
    let mut verbs = Vec::new();
    for verb in program.get_subcommands().filter(is_shown) {
        if verb.has_subcommands() {
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

fn help(command: Command, width: usize) -> String {
    let help = command.term_width(width).render_help().to_string();
    help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The text as roff takes it literally.
fn escaped(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // A dot or an apostrophe in the first column would begin a request.
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
