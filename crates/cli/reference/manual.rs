//! The manual pages: one of the program, and one of each shell function.

use std::fmt::Write as _;
use std::io;

use clap::CommandFactory;
use venvwrap_core::config::variables::{self, VIRTUALENVWRAPPER_PROJECT_FILENAME, Variable, WORKON_HOME};

use super::chapters::{Entry, help, parts};
use super::pages::{self, Page};
use super::roff::{escaped, literal, section, see_also, without_links};
use crate::args::Cli;
use crate::functions::{FUNCTIONS, Function};

/// All shell functions and verbs, as one manual page.
pub(crate) fn manual() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(Cli::command());
    text.extend_from_slice(title("venvwrap").as_bytes());
    page.render_name_section(&mut text)?;
    text.extend_from_slice(b".SH SYNOPSIS\n.B venvwrap\nCOMMAND [ARGUMENT]...\n");
    page.render_description_section(&mut text)?;
    for part in parts() {
        let mut roff = format!(".SH {}\n{}\n", part.title.to_uppercase(), escaped(part.introduction));
        for Entry { heading, command } in part.entries {
            let _ = write!(roff, ".SS {heading}\n.nf\n{}\n.fi\n", escaped(&help(command, WIDTH)));
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
    let command = function.command();
    let help = Help::read(&help(command.clone(), ENDLESS));
    let page = clap_mangen::Man::new(command);
    let write = || {
        let mut text = Vec::new();
        text.extend_from_slice(title(function.name).as_bytes());
        page.render_name_section(&mut text)?;
        text.extend_from_slice(sections_of(function, &help).as_bytes());
        Ok(text)
    };
    Some(write())
}

/// The first line: the page has no date of its own, and belongs to this program.
fn title(name: &str) -> String {
    format!(".TH {name} 1 \"\" \"venvwrap {}\"\n", env!("CARGO_PKG_VERSION"))
}

/// A terminal of 80 columns, less the manual's margin.
const WIDTH: usize = 72;
/// Wide enough for every option and its sentence to be on one line.
const ENDLESS: usize = 10_000;

/// What every page about a function says.
const FUNCTION_NOTE: &str = "A function of bash, zsh and fish. It exists in a shell that has evaluated what `venvwrap init` \
                             prints, as `venvwrap setup` arranges.";

/// What is not a variable.
const KEYS_NOTE: &str = "`venvwrap config list --all` lists the keys of config.toml, most of which have the meaning of one \
                         of these variables.";

/// A help text taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct Help {
    /// Sentences.
    description: Vec<String>,
    /// How it is called.
    usage: Vec<String>,
    /// Arguments and options, and what they mean.
    options: Vec<(String, String)>,
}

impl Help {
    /// Reads a help text in which every option has one line.
    fn read(text: &str) -> Self {
        let mut help = Self::default();
        for block in text.split("\n\n") {
            if let Some(usage) = block.strip_prefix("Usage:") {
                help.usage.extend(usage.lines().map(|line| line.trim().to_owned()));
            } else if let Some((_, lines)) = block.split_once(":\n  ") {
                let option = |line: &str| {
                    let (name, meaning) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
                    (name.to_owned(), meaning.trim().to_owned())
                };
                help.options.extend(lines.lines().map(option));
            } else {
                help.description.push(block.trim_end_matches('.').to_owned() + ".");
            }
        }
        help
    }
}

fn sections_of(function: &Function, help: &Help) -> String {
    let usage = |line: &String| match line.split_once(' ') {
        Some((name, rest)) => format!(".B {name}\n{}\n", escaped(rest)),
        None => format!(".B {line}\n"),
    };
    let usage: Vec<_> = help.usage.iter().map(usage).collect();
    let mut text = format!(".SH SYNOPSIS\n{}.SH DESCRIPTION\n", usage.join(".br\n"));
    let sentences: Vec<_> = help.description.iter().map(String::as_str).chain([FUNCTION_NOTE]).map(escaped).collect();
    let _ = writeln!(text, "{}", sentences.join("\n.PP\n"));
    if !function.aliases.is_empty() {
        let _ = writeln!(text, ".PP\nIts other names: {}.", escaped(&function.aliases.join(", ")));
    }
    text += &section("OPTIONS", &help.options);
    let Some(page) = pages::of(function.name) else { return text };
    text += &literal("EXAMPLES", page.examples);
    text += &section("ENVIRONMENT", &meanings(page.variables));
    text += &section("FILES", &files_of(page));
    text += &section("EXIT STATUS", &statuses_of(function.name));
    text + &see_also(page.see.iter().copied().chain(["venvwrap"]))
}

/// The files that a function reads, and where its hooks are.
fn files_of(page: &Page) -> Vec<(&'static str, String)> {
    let mut files = Vec::new();
    let has = |variable: &Variable| page.variables.contains(variable);
    if has(&WORKON_HOME) {
        files.push((ENVIRONMENTS.0, ENVIRONMENTS.1.to_owned()));
    }
    if has(&VIRTUALENVWRAPPER_PROJECT_FILENAME) {
        files.push(("$WORKON_HOME/NAME/.project", "the project directory of an environment".to_owned()));
    }
    if !page.hooks.is_empty() {
        let names: Vec<_> = page.hooks.iter().map(|hook| format!("`{hook}`")).collect();
        files.push(("$VIRTUALENVWRAPPER_HOOK_DIR", format!("the hooks of all environments: {}", names.join(", "))));
    }
    files.push((SETTINGS.0, SETTINGS.1.to_owned()));
    files
}

fn statuses_of(function: &str) -> Vec<(&'static str, &'static str)> {
    let general =
        [("0", "success"), ("1", "failure: standard error says what failed"), ("2", "the command line is wrong")];
    let own = match function {
        "allvirtualenv" => Some(("127", "the command does not exist")),
        "mkvirtualenv" | "mkproject" | "mktmpenv" => {
            Some(("other", "that of pip or uv, where packages were to be installed; the environment stays"))
        }
        "lssitepackages" => Some(("other", "that of `ls`")),
        _ => None,
    };
    general.into_iter().chain(own).chain([("130, 143", "interrupted by Ctrl-C, ended by SIGTERM")]).collect()
}

/// The sections about what all commands share.
fn rest() -> String {
    let mut text = section("FILES", FILES);
    let variables: Vec<_> = variables::ALL.iter().filter(|variable| variable.default.is_some()).copied().collect();
    text += &section("ENVIRONMENT", &meanings(&variables));
    let _ = writeln!(text, ".PP\n{}", escaped(KEYS_NOTE));
    text += &section("EXIT STATUS", STATUSES);
    text += &literal("EXAMPLES", EXAMPLES);
    text + &see_also(FUNCTIONS.iter().map(|function| function.name))
}

fn meanings(variables: &[Variable]) -> Vec<(&'static str, String)> {
    variables.iter().map(|variable| (variable.name, without_links(variable.meaning))).collect()
}

const ENVIRONMENTS: (&str, &str) = ("~/.virtualenvs", "the environments, unless `WORKON_HOME` names another directory");
const SETTINGS: (&str, &str) =
    ("~/.config/venvwrap/config.toml", "the settings; `venvwrap config` reads and changes them");
const FILES: &[(&str, &str)] = &[
    ENVIRONMENTS,
    SETTINGS,
    ("~/.cache/venvwrap", "unpacked wheels and facts about interpreters; may be deleted at any time"),
    ("~/.local/state/venvwrap", "associations of directories, and which are trusted"),
    ("$WORKON_HOME/postactivate", "one of the hooks, next to those in `bin` of each environment"),
];

const STATUSES: &[(&str, &str)] = &[
    ("0", "success"),
    ("1", "failure; of `check`, `diff` and `doctor`, a finding"),
    ("2", "the command line is wrong; of `check`, `diff` and `doctor`, also a failure"),
    ("126, 127", "`venvwrap run`: the command cannot be executed, or does not exist; otherwise its own status"),
    ("130, 143", "interrupted by Ctrl-C, ended by SIGTERM"),
];

const EXAMPLES: &str = "mkvirtualenv -p 3.12 -i requests web\nworkon web\nvenvwrap run web python -m pytest\n\
                        venvwrap run --tmp -i httpie http example.org\nlsvirtualenv --sort size 'web*'\n\
                        eval \"$(venvwrap activate web)\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markdown_is_in_the_manual() {
        let manual = String::from_utf8(manual().unwrap()).unwrap();
        assert!(!manual.contains("](") && !manual.contains(".md"), "{manual}");
        assert!(!manual.contains("(switching)") && !manual.contains("(hooks)"), "{manual}");
    }

    #[test]
    fn what_has_verbs_and_does_something_itself_has_a_section() {
        let manual = String::from_utf8(manual().unwrap()).unwrap();
        for verb in ["snapshot", "variables", "trash", "project", "kernel", "config"] {
            assert!(manual.contains(&format!("\n.SS venvwrap {verb}\n")), "{verb}: {manual}");
        }
        assert!(manual.contains("\\-\\-message") || manual.contains("--message"), "{manual}");
    }

    #[test]
    fn every_page_has_every_section() {
        let sections = [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXAMPLES",
            "ENVIRONMENT",
            "FILES",
            "EXIT STATUS",
            "SEE ALSO",
        ];
        for function in &FUNCTIONS {
            let page = String::from_utf8(manual_of(function.name).unwrap().unwrap()).unwrap();
            let found: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
            // They take no option, not even `--help`.
            let has_options = !["deactivate", "virtualenvwrapper"].contains(&function.name);
            let expected: Vec<_> =
                sections.into_iter().filter(|&section| section != "OPTIONS" || has_options).collect();
            assert_eq!(found, expected, "{}", function.name);
            assert!(!page.contains("Usage:") && !page.contains("Options:"), "{page}");
            // What begins a section begins no paragraph in it.
            assert!(page.starts_with(&title(function.name)) && !page.contains("DESCRIPTION\n.PP"), "{page}");
        }
    }

    #[test]
    fn a_help_text_is_taken_apart() {
        let text = "Do it\n\nUsage: it [OPTIONS] <NAME>\n       it -a\n\nArguments:\n  <NAME>  Name\n\n\
                    Options:\n  -a, --all   Take all [default: x]\n      --json  Print\n\nNote: more";
        let pair = |name: &str, meaning: &str| (name.to_owned(), meaning.to_owned());
        let expected = Help {
            description: vec!["Do it.".into(), "Note: more.".into()],
            usage: vec!["it [OPTIONS] <NAME>".into(), "it -a".into()],
            options: vec![pair("<NAME>", "Name"), pair("-a, --all", "Take all [default: x]"), pair("--json", "Print")],
        };
        assert_eq!(Help::read(text), expected);
    }
}
