//! `venvwrap --help`: the verbs in groups, and the shell functions.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::Cli;
use crate::error::Result;
use crate::functions::FUNCTIONS;
use crate::ui::printer::{self, HEADING};
use crate::ui::prose::wrapped;
use crate::ui::report::HELP_OF_HELP;

/// The verbs of each group. Those in no group are shown in the last.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Environments",
        &[
            "create",
            "list",
            "show",
            "path",
            "copy",
            "rename",
            "remove",
            "undo",
            "trash",
            "run",
            "activate",
            "repair",
            "upgrade",
            "doctor",
            "gc",
            "venv",
            "variables",
            "kernel",
        ],
    ),
    ("Packages", &["freeze", "check", "diff", "snapshot", "restore"]),
    ("Deployment", &["bundle", "pack", "unpack", "send", "package", "dockerfile"]),
    ("Projects", &["create-project", "project", "allow", "deny", "link", "adopt"]),
    ("Setup", &["setup", "init", "config", "pythons", "help"]),
];

/// The width of a help text where there is no terminal, and at most.
const WIDTH: usize = 100;

/// Returns whether the arguments ask for the help of the program itself.
pub(crate) fn is_asked_for(arguments: &[OsString]) -> bool {
    match arguments {
        [] => true,
        [only] => only == "-h" || only == "--help" || only == "help",
        _ => false,
    }
}

/// Prints the help; as an error where nothing was asked for.
pub(crate) fn run(is_asked: bool) -> Result<ExitCode> {
    let limit = |width: Option<u16>| width.map_or(WIDTH, |width| usize::from(width).min(WIDTH));
    if is_asked {
        printer::data(text(limit(printer::width()), printer::colour_on_stdout()).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    printer::draw(&text(limit(printer::stderr_width()), printer::colour_on_stderr()));
    Ok(ExitCode::from(2))
}

/// Returns the help for so many columns.
pub(crate) fn text(limit: usize, has_colour: bool) -> String {
    let mut program = Cli::command();
    program.build();
    let bold = |text: &str| if has_colour { format!("{HEADING}{text}{HEADING:#}") } else { text.to_string() };
    let about = program.get_about().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{}\n\n{} venvwrap COMMAND [ARGUMENT]...\n", wrapped(&about, 0, limit), bold("Usage:"));
    let verbs: Vec<_> = program
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(|verb| {
            let aliases: Vec<_> = verb.get_visible_aliases().collect();
            let aliases = if aliases.is_empty() { String::new() } else { format!(" [{}]", aliases.join(", ")) };
            let about = verb.get_about().map(ToString::to_string).filter(|_| verb.get_name() != "help");
            let sentence = about.unwrap_or_else(|| HELP_OF_HELP.to_string()) + &aliases;
            (verb.get_name().to_string(), sentence)
        })
        .collect();
    let width = verbs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let line = |(name, sentence): &(String, String)| {
        let padding = " ".repeat(width - name.len());
        format!("  {}{padding}  {}\n", bold(name), wrapped(sentence, width + 4, limit))
    };
    let of = |name: &&str| verbs.iter().find(|(verb, _)| verb == name);
    let is_grouped = |name: &str| GROUPS.iter().any(|(_, members)| members.contains(&name));
    for (title, members) in GROUPS {
        let lines: String = members.iter().filter_map(of).map(line).collect();
        let _ = write!(text, "\n{}\n{lines}", bold(&format!("{title}:")));
    }
    let others: String = verbs.iter().filter(|(name, _)| !is_grouped(name)).map(line).collect();
    if !others.is_empty() {
        let _ = write!(text, "\n{}\n{others}", bold("More:"));
    }
    let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    let functions = format!("  {}", names.join(", "));
    let _ = write!(
        text,
        "\n{}\n{}\n",
        bold("Shell functions:"),
        wrapped(functions.trim_start(), 2, limit).replacen("", "  ", 1)
    );
    let hints = [
        "`venvwrap COMMAND --help` and `workon --help` explain a command or function, `virtualenvwrapper` all functions.",
        "If your shell does not know `workon`, run `venvwrap setup`. `venvwrap --version` prints the version.",
    ];
    text.push('\n');
    for hint in hints {
        text += &(wrapped(hint, 0, limit) + "\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_shown_and_no_line_is_too_long() {
        for limit in [40, 60, 80, 100] {
            let text = text(limit, false);
            let long: Vec<_> = text.lines().filter(|line| line.chars().count() > limit).collect();
            assert!(long.is_empty(), "{limit}: {long:#?}");
        }
        let text = text(80, false);
        for verb in Cli::command().get_subcommands().filter(|verb| !verb.is_hide_set()) {
            assert!(text.contains(&format!("\n  {} ", verb.get_name())), "{}", verb.get_name());
        }
        assert!(text.contains("workon, deactivate, mkvirtualenv"), "{text}");
        assert!(text.contains("--help") && text.contains("--version"), "{text}");
        assert!(!text.contains("More:"), "a verb is in no group: {text}");
    }
}
