//! The command reference, as Markdown and as a manual page, made from the same descriptions that parse the command line.

mod examples;

use std::fmt::Write as _;
use std::io;

use crate::args::Cli;
use crate::functions::{FUNCTIONS, Function};
use clap::{Command, CommandFactory};
use venvwrap_core::config::variables;

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
    text.extend_from_slice(rest().as_bytes());
    page.render_version_section(&mut text)?;
    Ok(text)
}

/// The manual page of a shell function; of an alias a reference to it. None if there is no such function.
pub(crate) fn manual_of(name: &str) -> Option<io::Result<Vec<u8>>> {
    let function = Function::find(name)?;
    if function.name != name {
        return Some(Ok(format!(".so man1/{}.1\n", function.name).into_bytes()));
    }
    let command = function.command().version(env!("CARGO_PKG_VERSION")).disable_version_flag(true);
    let help = help(command.clone(), MANUAL_WIDTH);
    let page = clap_mangen::Man::new(command);
    let write = || {
        let mut text = Vec::new();
        page.render_title(&mut text)?;
        page.render_name_section(&mut text)?;
        let body = help.split_once("\n\n").map_or(help.as_str(), |(_, body)| body);
        let roff = format!(
            ".SH SYNOPSIS\n.nf\n{}\n.fi\n.SH EXAMPLES\n.nf\n{}\n.fi\n.SH NOTES\n{}\n.SH SEE ALSO\n.BR venvwrap (1)\n",
            escaped(body),
            escaped(examples::of(function.name)),
            escaped(FUNCTION_NOTE)
        );
        text.extend_from_slice(roff.as_bytes());
        Ok(text)
    };
    Some(write())
}

/// What every page about a function says.
const FUNCTION_NOTE: &str = "A function of bash, zsh and fish. It exists in a shell that has evaluated what `venvwrap init` \
                             prints, as `venvwrap setup` arranges.";

/// What is not a variable.
const KEYS_NOTE: &str = "`venvwrap config list --all` lists the keys of config.toml, most of which have the meaning of one \
                         of these variables.";

/// The text without the addresses of the pages that it links to: a manual has no pages.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let (_, after) = part.split_once(')').unwrap_or(("", part));
        let start = before.rfind('[').unwrap_or(before.len());
        format!("{}{}{after}", &before[..start], before[start..].trim_start_matches('['))
    })
}

/// The sections about what all commands share.
fn rest() -> String {
    let mut text = section("FILES", FILES);
    let variables = variables::ALL.iter().filter(|variable| variable.default.is_some());
    let meanings: Vec<_> = variables.map(|variable| (variable.name, without_links(variable.meaning))).collect();
    let lines: Vec<_> = meanings.iter().map(|(name, meaning)| (*name, meaning.as_str())).collect();
    text += &section("ENVIRONMENT", &lines);
    let _ = writeln!(text, ".PP\n{}", escaped(KEYS_NOTE));
    text += &section("EXIT STATUS", STATUSES);
    let _ = write!(text, ".SH EXAMPLES\n.nf\n{}\n.fi\n", escaped(EXAMPLES));
    let pages: Vec<_> = FUNCTIONS.iter().map(|function| format!(".BR {} (1)", function.name)).collect();
    text + ".SH SEE ALSO\n" + &pages.join(",\n") + "\n"
}

fn section(title: &str, entries: &[(&str, &str)]) -> String {
    let line = |(name, meaning): &(&str, &str)| format!(".TP\n.B {}\n{}\n", escaped(name), escaped(meaning));
    format!(".SH {title}\n{}", entries.iter().map(line).collect::<String>())
}

const FILES: &[(&str, &str)] = &[
    ("~/.virtualenvs", "the environments, unless `WORKON_HOME` names another directory"),
    ("~/.config/venvwrap/config.toml", "the settings; `venvwrap config` reads and changes them"),
    ("~/.cache/venvwrap", "unpacked wheels and facts about interpreters; may be deleted at any time"),
    ("~/.local/state/venvwrap", "associations of directories, and which are trusted"),
    ("$WORKON_HOME/postactivate", "one of the hooks, next to those in `bin` of each environment"),
];

const STATUSES: &[(&str, &str)] = &[
    ("0", "success"),
    ("1", "failure; of `check`, `diff` and `doctor`, a finding"),
    ("2", "the command line is wrong; of `check`, `diff` and `doctor`, also a failure"),
    ("126, 127", "`venvwrap run`: the command cannot be executed, or does not exist; otherwise its own status"),
    ("130", "interrupted by Ctrl-C"),
];

const EXAMPLES: &str = "mkvirtualenv -p 3.12 -i requests web\nworkon web\nvenvwrap run web python -m pytest\n\
                        venvwrap run --tmp -i httpie http example.org\nlsvirtualenv --sort size 'web*'\n\
                        eval \"$(venvwrap activate web)\"";

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

/// What is in backquotes is bold, as in every manual.
fn with_bold(line: &str) -> String {
    let parts: Vec<_> = line.split('`').collect();
    if parts.len() % 2 == 0 {
        return line.to_string();
    }
    let part = |(at, text): (usize, &&str)| if at % 2 == 1 { format!("\\fB{text}\\fR") } else { (*text).to_string() };
    parts.iter().enumerate().map(part).collect()
}

/// The text as roff takes it literally.
fn escaped(text: &str) -> String {
    let line = |line: &str| {
        let line = with_bold(&line.replace('\\', "\\e").replace('-', "\\-"));
        // A dot or an apostrophe in the first column would begin a request.
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markdown_is_in_the_manual() {
        assert_eq!(without_links("a `b` ([c](d.md)), [e f](g.md#h) i"), "a `b` (c), e f i");
        assert_eq!(without_links("a [b] (c)"), "a [b] (c)");
        let manual = String::from_utf8(manual().unwrap()).unwrap();
        assert!(!manual.contains("](") && !manual.contains(".md"), "{manual}");
    }

    #[test]
    fn every_function_has_examples() {
        for function in &FUNCTIONS {
            let examples = examples::of(function.name);
            assert!(examples.contains(function.name), "{}", function.name);
        }
    }
}
