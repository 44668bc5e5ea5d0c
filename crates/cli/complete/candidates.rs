//! The values that exist right now: environments, interpreters, templates, hooks, commands.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use venvwrap_core::env::Environment;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::templates;
use venvwrap_core::project::variables::read as variables_of;
use venvwrap_core::python;
use venvwrap_core::shell::activate::ACTIVATORS;
use venvwrap_core::shell::event::Event;
use venvwrap_core::snapshot::history::Snapshot;
use venvwrap_core::snapshot::manifest::Head;

use super::commands::takes_value;
use super::situation::HELP;
use crate::functions::{FUNCTIONS, Function};
use crate::process::{PROGRAM, Process, active, variable};
use crate::ui::printer;
use crate::ui::report::HELP_OF_HELP;
use crate::ui::subsequence::is_subsequence;
use crate::ui::times::ago;
use venvwrap_core::config::variables;

/// Something that can be inserted; nothing in it would move a terminal's cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The word itself, without any quotes.
    pub(super) value: String,
    /// What people are told about it; perhaps empty.
    pub(super) description: String,
}

/// Reading what is known of more environments than this takes longer than anybody looks at the list.
const MOST_DESCRIBED: usize = 150;

/// Makes a candidate, unless the value cannot be typed or shown as it is.
pub(super) fn candidate(value: &OsStr, description: impl Into<String>) -> Option<Candidate> {
    let text = value.to_str()?;
    let is_printable = printable(value) == text;
    is_printable.then(|| Candidate { value: text.to_string(), description: description.into() })
}

/// What has been typed of the name of an environment.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Whether a name may be what is meant; the others are not looked at.
    pub(super) is_meant: &'a dyn Fn(&[u8]) -> bool,
    /// Whether the shell shows descriptions.
    pub(super) describes: bool,
    /// Whether no word is an option any more.
    pub(super) options_ended: bool,
}

/// The name of an environment as a word that no command takes for an option.
pub(super) fn word_of(name: &OsStr, options_ended: bool) -> OsString {
    let lead = if name.as_bytes().starts_with(b"-") && !options_ended { "./" } else { "" };
    let mut word = OsString::from(lead);
    word.push(name);
    word
}

/// The environments that may be meant, but not those in `given`. They are described when few enough of them have the
/// letters that were typed.
pub(super) fn environments(process: &Process, given: &[OsString], typed: &Typed<'_>) -> Vec<Candidate> {
    let is_given =
        |name: &OsStr| given.iter().any(|word| EnvName::typed(word).is_ok_and(|word| word.as_os_str() == name));
    let word_of = |name: &OsStr| word_of(name, typed.options_ended);
    let is_wanted = |name: &OsStr| (typed.is_meant)(word_of(name).as_bytes()) && !is_given(name);
    let names = process.store.names_where(&is_wanted).unwrap_or_default();
    let is_likely = |name: &EnvName| may_match(typed.text, &name.as_os_str().to_string_lossy());
    let describes = typed.describes && names.iter().filter(|name| is_likely(name)).count() <= MOST_DESCRIBED;
    let describe =
        |name: &EnvName| if describes && is_likely(name) { description(process, name) } else { String::new() };
    names.iter().filter_map(|name| candidate(&word_of(name.as_os_str()), describe(name))).collect()
}

/// The snapshots of an environment, which need not exist any more, after what stands before them in their word.
pub(super) fn snapshots(process: &Process, name: &OsStr, lead: &str, describes: bool) -> Vec<Candidate> {
    let environment = EnvName::typed(name).ok().map(|name| process.store.environment(name));
    let history = environment.and_then(|environment| process.store.history(&environment));
    let found = history.and_then(|history| history.list().ok()).unwrap_or_default();
    let describe = |snapshot: &Snapshot| {
        let head = if describes { snapshot.head() } else { Head::default() };
        printable(head.message.unwrap_or(head.reason).as_ref())
    };
    let newest = found.iter().take(MOST_DESCRIBED);
    newest.filter_map(|found| candidate(format!("{lead}{}", found.id).as_ref(), describe(found))).collect()
}

/// Activation scripts after those that were named, with commas between them.
pub(super) fn activators(typed: &str) -> Vec<Candidate> {
    let named = typed.rfind(',').map_or("", |at| &typed[..=at]);
    let others = ACTIVATORS.iter().filter(|name| !named.split(',').any(|named| named == **name));
    others.filter_map(|name| candidate(format!("{named}{name}").as_ref(), "")).collect()
}

/// The removed environments that can come back, with when they were removed.
pub(super) fn removed(process: &Process, options_ended: bool) -> Vec<Candidate> {
    let mut seen = BTreeSet::new();
    let (entries, now) = (process.store.trashed(), std::time::SystemTime::now());
    let newest = entries.iter().filter(|entry| seen.insert(&entry.name));
    let word = |name: &EnvName| word_of(name.as_os_str(), options_ended);
    newest.filter_map(|entry| candidate(&word(&entry.name), ago(entry.removed, now))).collect()
}

/// The Jupyter kernels of the user, with what people choose them by.
pub(super) fn kernels(process: &Process) -> Vec<Candidate> {
    let found = process.store.kernels(&[]);
    found.iter().filter_map(|found| candidate(&found.kernel.id, found.kernel.display_name.as_str())).collect()
}

/// The variables that an environment sets; the active one if none is named.
pub(super) fn variables(process: &Process, named: Option<&OsStr>) -> Vec<Candidate> {
    let environment = match named {
        Some(name) => process.store.find(name).ok(),
        None => active_named(),
    };
    let found = environment.and_then(|environment| variables_of(&environment).ok()).unwrap_or_default();
    found.values.keys().filter_map(|name| candidate(OsStr::new(name), "")).collect()
}

/// What `-p` takes: versions, and the names of the interpreters that are installed. Nothing is run.
pub(super) fn interpreters(process: &Process) -> Vec<Candidate> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let search = process.search();
    for installed in python::candidates(&search) {
        let shown = printer::shown(&installed.path, process.config.home.as_deref());
        let version = installed.guess.to_string();
        let name = installed.path.file_name().unwrap_or_default();
        // A name means the first of this name on PATH.
        let named = python::on_path(name, &search).unwrap_or_else(|| installed.path.clone());
        let named = printer::shown(&named, process.config.home.as_deref());
        for (value, path) in [(OsStr::new(&version), &shown), (name, &named)] {
            if !value.is_empty() && seen.insert(value.to_os_string()) {
                found.extend(candidate(value, path.as_str()));
            }
        }
    }
    found
}

/// The templates for projects.
pub(super) fn templates(process: &Process) -> Vec<Candidate> {
    templates::names(&process.config).iter().filter_map(|name| candidate(name.as_ref(), "")).collect()
}

/// The hooks.
pub(super) fn hooks() -> Vec<Candidate> {
    Event::all().filter_map(|event| candidate(event.name().as_ref(), event.moment())).collect()
}

/// The programs of the named environment, then those on PATH.
pub(super) fn programs(process: &Process, environment: Option<&OsStr>) -> Vec<Candidate> {
    let own = environment.and_then(|name| process.store.find(name).ok()).map(|environment| environment.bin());
    let path = variable(variables::PATH).unwrap_or_default();
    programs_in(own.into_iter().chain(std::env::split_paths(&path).filter(|entry| entry.is_absolute())))
}

/// The programs of an environment; of the active one if none is named.
pub(super) fn own_programs(process: &Process, named: Option<&OsString>) -> Vec<Candidate> {
    let environment = match named {
        Some(name) => process.store.find(name).ok(),
        None => active_named(),
    };
    programs_in(environment.into_iter().map(|environment| environment.bin()))
}

fn programs_in(directories: impl Iterator<Item = PathBuf>) -> Vec<Candidate> {
    let mut names = BTreeSet::new();
    for entry in directories.filter_map(|directory| std::fs::read_dir(directory).ok()).flatten().flatten() {
        // To ask whether each may be executed would take longer than all the rest.
        if entry.file_type().is_ok_and(|kind| !kind.is_dir()) {
            names.insert(entry.file_name());
        }
    }
    names.iter().filter_map(|name| candidate(name, "")).collect()
}

/// The options of a command.
pub(super) fn options(command: &Command) -> Vec<Candidate> {
    let mut found = Vec::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && !arg.is_positional()) {
        found.extend(names(arg).filter_map(|name| candidate(name.as_ref(), help(arg))));
    }
    if !command.is_disable_help_flag_set() {
        found.extend(["-h", "--help"].iter().filter_map(|name| candidate(name.as_ref(), "Print help")));
    }
    if command.get_version().is_some() {
        found.extend(["-V", "--version"].iter().filter_map(|name| candidate(name.as_ref(), "Print version")));
    }
    found
}

/// The verbs of the program, and the one that explains them.
pub(super) fn verbs(command: &Command) -> Vec<Candidate> {
    let help = candidate(HELP.as_ref(), HELP_OF_HELP);
    described(command).chain(help).collect()
}

/// What has help: the verbs, and at the top the shell functions.
pub(super) fn explained(command: &Command) -> Vec<Candidate> {
    let functions: &[Function] = if command.get_name() == PROGRAM { &FUNCTIONS } else { &[] };
    let functions = functions.iter().filter_map(|function| candidate(function.name.as_ref(), function.sentence()));
    described(command).chain(functions).collect()
}

fn described(command: &Command) -> impl Iterator<Item = Candidate> {
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    shown.filter_map(|verb| {
        candidate(verb.get_name().as_ref(), verb.get_about().map(ToString::to_string).unwrap_or_default())
    })
}

/// The directory of the active environment.
pub(super) fn active_environment() -> Option<std::path::PathBuf> {
    active().filter(|path| path.is_absolute())
}

/// The packages of the active environment.
pub(super) fn active_site_packages() -> Option<std::path::PathBuf> {
    active_named()?.site_packages()
}

fn active_named() -> Option<Environment> {
    let path = active_environment()?;
    let name = EnvName::for_existing(path.file_name()?).ok()?;
    Some(Environment::new(name, path))
}

fn names(arg: &Arg) -> impl Iterator<Item = String> {
    let short = arg.get_short().map(|letter| format!("-{letter}"));
    short.into_iter().chain(arg.get_long().map(|long| format!("--{long}")))
}

fn help(arg: &Arg) -> String {
    let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    match arg.get_value_names().and_then(|names| names.first()).filter(|_| takes_value(arg)) {
        Some(value) => format!("{value}: {text}"),
        None => text,
    }
}

/// The version of Python, and the project.
fn description(process: &Process, name: &EnvName) -> String {
    let environment = process.store.environment(name.clone());
    let mut text = environment.cfg().and_then(|cfg| cfg.version()).unwrap_or_default();
    if let Ok(Some(project)) = process.store.project_of(&environment) {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}{}", shown(process, &project));
    }
    text
}

fn shown(process: &Process, path: &Path) -> String {
    printer::shown(path, process.config.home.as_deref())
}

/// Whatever rule a shell matches by, what it takes for a match has the typed letters in their order.
pub(super) fn may_match(typed: &str, name: &str) -> bool {
    let letters: String = typed.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    is_subsequence(&letters, &name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_is_not_offered() {
        for name in [&b"a\nb"[..], b"a\x1b[31m", b"a\tb", b"\xff\xfe", "a\u{202e}b".as_bytes(), b"a\x0bb"] {
            assert_eq!(candidate(OsStr::from_bytes(name), ""), None, "{name:?}");
        }
        assert!(candidate(OsStr::new("$(touch pwned) é漢"), "").is_some());
    }

    #[test]
    fn hidden_options_are_not_offered() {
        let command = super::super::commands::command("mkvirtualenv").unwrap();
        let options = options(&command);
        let has = |name: &str| options.iter().any(|option| option.value == name);
        assert!(has("--python") && has("-p") && has("--help"));
        assert!(!has("--no-site-packages") && !has("--verbose"));
        let python = options.iter().find(|option| option.value == "--python").unwrap();
        assert!(python.description.starts_with("PYTHON: Python to use"), "{python:?}");
    }

    #[test]
    fn the_program_offers_its_version() {
        let has = |command: &str, name: &str| {
            let command = super::super::commands::command(command).unwrap();
            options(&command).iter().any(|option| option.value == name)
        };
        assert!(has(PROGRAM, "--version") && has(PROGRAM, "-V") && has(PROGRAM, "--help"));
        assert!(!has("workon", "--version"));
    }

    #[test]
    fn scripts_come_after_those_that_are_named() {
        let values = |typed: &str| activators(typed).into_iter().map(|found| found.value).collect::<Vec<_>>();
        assert_eq!(values("ba"), ACTIVATORS);
        assert_eq!(
            values("fish,bash,p"),
            ["cshell", "powershell", "nushell", "python"].map(|name| format!("fish,bash,{name}"))
        );
    }

    #[test]
    fn letters_in_their_order_match() {
        assert!(may_match("Ap", "my-api"));
        assert!(may_match("a_b", "a-b"));
        assert!(!may_match("pa", "api"));
    }
}
