//! The command reference, as Markdown and as a manual page, made from the same descriptions that parse the command line.

use std::fmt::Write as _;
use std::io;

use clap::{Command, CommandFactory};
use venvwrap_core::shell::Shell;

use crate::args::{
    AddFunction, Cli, CpvirtualenvFunction, LsvirtualenvFunction, MkprojectFunction, MktmpenvFunction,
    MkvirtualenvFunction, NoArgumentsFunction, RmvirtualenvFunction, SetvirtualenvprojectFunction,
    ShowvirtualenvFunction, ToggleFunction, WorkonFunction,
};
use crate::shims::commands_text;

/// All shell functions and verbs, as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# Commands\n\nThis page is made from the program itself: `tests/run` fails when it is out of date, and\n\
         `VENVWRAP_BLESS=1 tests/run docs` writes it anew.\n",
    );
    for part in parts() {
        let _ = write!(text, "\n## {}\n\n{}\n", part.title, part.introduction);
        for Entry { heading, content } in part.entries {
            let content = match content {
                Content::Help(command) => format!("```text\n{}\n```", help(*command, MARKDOWN_WIDTH)),
                Content::Prose(prose) => prose.to_string(),
            };
            let _ = write!(text, "\n### {heading}\n\n{content}\n");
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
        for Entry { heading, content } in part.entries {
            let content = match content {
                Content::Help(command) => format!(".nf\n{}\n.fi", escaped(&help(*command, MANUAL_WIDTH))),
                Content::Prose(prose) => escaped(prose),
            };
            let _ = write!(roff, ".SS {heading}\n{content}\n");
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
    content: Content,
}

enum Content {
    Help(Box<Command>),
    Prose(&'static str),
}

fn parts() -> [Part; 2] {
    [
        Part {
            title: "Shell functions",
            introduction: "They exist in a shell that has evaluated what `venvwrap init` prints, as `venvwrap setup` arranges.",
            entries: functions(),
        },
        Part {
            title: "The program",
            introduction: "The same without a shell function: for scripts, cron and editors.",
            entries: verbs().into_iter().map(entry).collect(),
        },
    ]
}

/// Functions without a description of their own on the command line: their arguments are for something else.
const UNPARSED: [(&str, &str); 8] = [
    ("deactivate", "Leave the active environment."),
    ("mktempenv", "The same as `mktmpenv`."),
    ("cdvirtualenv", "Change to the active environment, or to the directory below it that is named."),
    (
        "cdsitepackages",
        "Change to the site-packages of the active environment, or to the directory below it that is named.",
    ),
    ("cdproject", "Change to the project directory of the active environment."),
    ("lssitepackages", "List the site-packages of the active environment; takes the options of `ls`."),
    ("allvirtualenv", "Run a command in every environment, one after the other, each in its own directory."),
    ("virtualenvwrapper", "Show all shell functions, and where the environments lie."),
];

/// The functions that the shims have.
fn functions() -> Vec<Entry> {
    let parsed = [
        WorkonFunction::command(),
        MkvirtualenvFunction::command(),
        MkprojectFunction::command(),
        MktmpenvFunction::command(),
        CpvirtualenvFunction::command(),
        RmvirtualenvFunction::command(),
        LsvirtualenvFunction::command(),
        ShowvirtualenvFunction::command(),
        SetvirtualenvprojectFunction::command(),
        AddFunction::command(),
        ToggleFunction::command(),
        NoArgumentsFunction::command(),
    ];
    let unparsed = UNPARSED.map(|(heading, prose)| Entry { heading: heading.into(), content: Content::Prose(prose) });
    let shim = commands_text(Shell::Bash);
    let is_there = |entry: &Entry| shim.contains(&format!("function {} {{", entry.heading));
    parsed.into_iter().map(entry).chain(unparsed).filter(is_there).collect()
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
    Entry { heading, content: Content::Help(Box::new(command)) }
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
