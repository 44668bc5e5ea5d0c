//! An error as it is printed: what is wrong with its causes in one line, a hint, and the exit status.

use std::fmt::Write as _;
use std::process::ExitCode;

use anstyle::Style;
use clap::CommandFactory;
use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use venvwrap_core::env::similar::nearest;

use crate::args::Cli;
use crate::error::{Error, MISUSED, Result};
use crate::ui::printer::{self, BAD, HELP};
use crate::ui::prose::with_narrow_usage;
use crate::ui::{other_tools, progress};

/// How the sentence begins and ends that the parser has for its command `help`.
const HELP_OF_THE_PARSER: [&str; 2] = ["Print this message", "subcommand(s)"];
/// What that does.
pub(crate) const HELP_OF_HELP: &str = "Print the help of a command";

/// The colours of the parser, with another one for what is wrong: its yellow cannot be read on a light background.
const STYLES: Styles = Styles::styled().invalid(Style::new().bold());

/// Reports an error and returns the status to exit with.
pub(crate) fn report(error: &Error) -> ExitCode {
    let text = one_line(error.chain());
    printer::warn_of_the_rest(&text);
    let hint = error.hint().map(|hint| ("hint", HELP, hint));
    if error.is_interruption() {
        progress::end();
        printer::message(&text);
    }
    let what = (!error.is_interruption()).then_some(("error", BAD, text.as_str()));
    let lines: Vec<_> = what.into_iter().chain(hint).collect();
    printer::notes(&lines);
    ExitCode::from(error.status())
}

/// Prints only the hint that goes with an error.
pub(crate) fn report_hint(error: &Error) {
    if let Some(hint) = error.hint() {
        printer::note("hint", HELP, hint);
    }
}

/// Prints what the command line's parser returned: help and version to stdout, errors to stderr.
pub(crate) fn usage(mut error: clap::Error) -> Result<ExitCode> {
    let hint = hint_at_option(&error);
    leave_out_tips(&mut error, hint.is_some());
    let error = in_our_colours(error);
    let text = error.render();
    if error.use_stderr() {
        let text = if printer::colour_on_stderr() { text.ansi().to_string() } else { text.to_string() };
        printer::styled_message(text.trim_end());
        if let Some(hint) = hint {
            printer::note("hint", HELP, hint);
        }
        return Ok(ExitCode::from(MISUSED));
    }
    let text = if printer::colour_on_stdout() { text.ansi().to_string() } else { text.to_string() };
    let text = in_our_words(&text);
    let text = printer::width().map_or_else(|| text.clone(), |width| with_narrow_usage(&text, usize::from(width)));
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What the parser says of its command `help`, which it may have spread over several lines, in our words.
pub(crate) fn in_our_words(text: &str) -> String {
    let (Some(start), Some(end)) = (text.find(HELP_OF_THE_PARSER[0]), text.find(HELP_OF_THE_PARSER[1])) else {
        return text.to_string();
    };
    let end = end + HELP_OF_THE_PARSER[1].len();
    if start < end { [&text[..start], HELP_OF_HELP, &text[end..]].concat() } else { text.to_string() }
}

fn in_our_colours(error: clap::Error) -> clap::Error {
    error.with_cmd(&clap::Command::new("venvwrap").styles(STYLES))
}

/// Takes out what the parser advises and hardly anybody wants: a value that begins with a dash, a word that is like one
/// of those that are listed anyway, a command that is like another word by chance, and of several commands all but the
/// one that is most like it.
fn leave_out_tips(error: &mut clap::Error, is_explained: bool) {
    error.remove(ContextKind::SuggestedValue);
    leave_out_argument(error, is_explained);
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
        // The parser shows how the argument that it suggests would be used, with a command that makes no sense then.
        if text(error, ContextKind::Usage).is_some_and(|usage| usage.contains("venvwrap --")) {
            error.insert(ContextKind::Usage, ContextValue::StyledStr("Usage: venvwrap <COMMAND>".into()));
        }
    }
    let suggested = error.remove(ContextKind::SuggestedSubcommand);
    if error.kind() == ErrorKind::InvalidSubcommand {
        // How to give the word that was taken for a command to one, which none here takes.
        error.remove(ContextKind::Suggested);
    }
    let typed = verb_typed(error);
    if let Some(call) = typed.as_deref().and_then(other_tools::call_for) {
        let tip = clap::builder::StyledStr::from(format!("venvwrap has {call} for that"));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
        return;
    }
    let nearest = match (typed, suggested) {
        (Some(typed), _) => nearest_verb(&typed),
        (None, Some(ContextValue::Strings(mut names))) => names.pop(),
        (None, _) => None,
    };
    if let Some(nearest) = nearest {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(nearest));
    }
}

/// Takes out an option that is not much like the one that was typed, also from the line that shows how it is used.
fn leave_out_argument(error: &mut clap::Error, is_explained: bool) {
    let Some(suggested) = text(error, ContextKind::SuggestedArg) else { return };
    let typed = text(error, ContextKind::InvalidArg).unwrap_or_default();
    if !is_explained && nearest(&typed, [(suggested.as_str(), ())]).is_some() {
        return;
    }
    error.remove(ContextKind::SuggestedArg);
    if let Some(usage) = text(error, ContextKind::Usage) {
        let usage = usage.replacen(&format!(" {suggested}"), " [OPTIONS]", 1);
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage.into()));
    }
}

/// Options that people know from elsewhere, in what commands they are used, and what helps instead.
const OTHER_OPTIONS: [(&str, &str, &str); 4] = [
    ("-r", "venvwrap diff", "name the file alone, as in `venvwrap diff NAME FILE`"),
    ("-r", "venvwrap restore", "name the file alone, as in `venvwrap restore NAME FILE`"),
    ("--relocatable", "", "`venvwrap pack NAME` makes an archive of an environment that works in any directory"),
    ("--shell", "SHELL", "name the shell alone, as in `venvwrap setup zsh`"),
];

/// What helps somebody who has typed an option that only others have.
fn hint_at_option(error: &clap::Error) -> Option<&'static str> {
    let typed = text(error, ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    let usage = text(error, ContextKind::Usage).unwrap_or_default();
    let other = OTHER_OPTIONS.iter().find(|(option, command, _)| *option == typed && usage.contains(command))?;
    Some(other.2)
}

/// The word in the place of a verb of the program, where it is none.
fn verb_typed(error: &clap::Error) -> Option<String> {
    let is_verb = error.kind() == ErrorKind::InvalidSubcommand
        && text(error, ContextKind::Usage).is_some_and(|usage| usage.ends_with("venvwrap <COMMAND>"));
    text(error, ContextKind::InvalidSubcommand).filter(|_| is_verb)
}

/// What the parser says about a mistake, as plain text.
fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    }
}

/// The verb that differs by a slip of the fingers; never one that is hidden.
fn nearest_verb(typed: &str) -> Option<String> {
    let program = Cli::command();
    let verbs = program.get_subcommands().filter(|verb| !verb.is_hide_set()).map(clap::Command::get_name);
    nearest(typed, verbs.map(|verb| (verb, verb.to_string())))
}

/// Warns of an error that stops nothing.
pub(crate) fn warn(error: &(dyn std::error::Error + 'static)) {
    printer::warning(&one_line(std::iter::successors(Some(error), |error| error.source())));
}

/// Warns of what was left undone because of an error.
pub(crate) fn warn_of(what: &str, error: &Error) {
    printer::warning(&format!("{what}: {}", one_line(error.chain())));
}

/// An error and its causes in one line. A cause whose words the line ends with is not repeated.
pub(crate) fn one_line<'a>(chain: impl Iterator<Item = &'a (dyn std::error::Error + 'static)>) -> String {
    let mut text = String::new();
    for cause in chain {
        let words = single_line(&cause.to_string());
        if text.ends_with(&words) {
            continue;
        }
        let separator = if text.is_empty() { "" } else { ": " };
        let _ = write!(text, "{separator}{words}");
    }
    text
}

fn single_line(text: &str) -> String {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_of_help_is_in_our_words_however_it_is_wrapped() {
        for width in [30, 40, 80] {
            let mut program = Cli::command().term_width(width);
            program.build();
            let verb = program.find_subcommand_mut("variables").unwrap();
            let text = in_our_words(&verb.render_help().to_string());
            assert!(text.contains("  help   Print the help of a command\n"), "{text}");
            assert!(!text.contains("subcommand(s)") && text.contains("\nOptions:\n"), "{text}");
        }
        assert_eq!(in_our_words("subcommand(s) Print this message"), "subcommand(s) Print this message");
    }

    #[test]
    fn a_word_of_another_tool_brings_the_command() {
        let said = |word: &str| {
            let mut error = <Cli as clap::Parser>::try_parse_from(["venvwrap", word, "x"]).unwrap_err();
            leave_out_tips(&mut error, false);
            in_our_colours(error).render().to_string()
        };
        for (word, tip) in [
            ("delete", "tip: venvwrap has `venvwrap remove NAME` for that"),
            ("update", "tip: venvwrap has `venvwrap upgrade NAME` for that"),
            ("version", "tip: venvwrap has `venvwrap --version` for that"),
            ("install", "tip: venvwrap has `venvwrap run NAME pip install PACKAGE` for that"),
            ("lsit", "tip: a similar subcommand exists: 'list'"),
            ("remvoe", "tip: a similar subcommand exists: 'remove'"),
        ] {
            assert!(said(word).contains(tip), "{}", said(word));
        }
        assert!(
            said("--versoin").contains("exists: '--version'\n\nUsage: venvwrap <COMMAND>\n"),
            "{}",
            said("--versoin")
        );
        for word in ["trap", "nope", "lsit", "delete", "moev", "trsh", "activat", "x"] {
            assert!(!said(word).contains("\n\n\n"), "{:?}", said(word));
        }
        for word in ["generat", "generate-x", "quux"] {
            assert!(!said(word).contains("generate\'") && !said(word).contains("tip: a"), "{}", said(word));
        }
    }

    #[test]
    fn what_the_parser_says_has_no_colour_that_a_light_background_hides() {
        for words in [&["venvwrap", "nope"][..], &["venvwrap", "list", "--nope"], &["venvwrap", "config", "lits"]] {
            let mut error = <Cli as clap::Parser>::try_parse_from(words).unwrap_err();
            leave_out_tips(&mut error, false);
            let text = in_our_colours(error).render().ansi().to_string();
            assert!(text.contains("\x1b[1m\x1b[31merror:") && text.contains("\x1b[1m"), "{text:?}");
            assert!(!text.contains("\x1b[33m") && !text.contains("\x1b[2m") && !text.contains("\x1b[9"), "{text:?}");
            assert!(text.contains("try '\x1b[1m--help"), "{text:?}");
        }
    }
}
