//! `venvwrap __complete SHELL FUNCTION ...`: what can be at the cursor. The files in `completions/` call it.
//!
//! A name is data all the way: no shell ever reads one as code, and one that a terminal would obey is not offered.
//! Whatever fails, the answer is empty: nobody wants an error message in the middle of a command line.

mod answer;
mod bash;
mod candidates;
mod commands;
mod paths;
mod project;
mod settings;
mod situation;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValue;
use venvwrap_core::shell::Shell;

use answer::Answer;
use candidates::{Candidate, Typed, candidate};
use commands::Kind;
#[cfg(test)]
pub(crate) use commands::names;
use settings::Values;
use situation::{Situation, Wants, examine};

use crate::error::Result;
use crate::process::Process;
use crate::ui::printer;

const FILES: Answer = Answer::Paths { files: true, base: None };
const DIRECTORIES: Answer = Answer::Paths { files: false, base: None };

/// Answers a shell that wants to complete a word.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    if let [shell, function, rest @ ..] = arguments
        && let Some(shell) = shell.to_str().and_then(Shell::from_name)
        && let Some(function) = function.to_str()
    {
        printer::data(&reply(shell, function, rest).unwrap_or_default())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn reply(shell: Shell, function: &str, rest: &[OsString]) -> Option<Vec<u8>> {
    let command = commands::command(function)?;
    match (shell, rest) {
        (Shell::Bash, [line, breaks, options @ ..]) => {
            let line = bash::read_line(line.as_bytes(), breaks.as_bytes());
            let situation = examine(command, &line.words, &line.current.text);
            let process = take_in(&situation)?;
            let answer = if line.is_redirection { FILES } else { answer_to(&process, shell, &situation) };
            let ends_words = options.iter().any(|option| option == "blank");
            Some(answer::for_bash(&process, &answer, &situation, &line.current, ends_words))
        }
        (Shell::Zsh, [columns, words @ .., current]) => {
            let situation = examine(command, words, current.as_bytes());
            let columns = columns.to_str().and_then(|columns| columns.parse().ok()).unwrap_or(80);
            let answer = answer_to(&take_in(&situation)?, shell, &situation);
            Some(answer::for_zsh(&answer, &situation, columns))
        }
        (Shell::Fish, [words @ .., current]) => {
            let situation = examine(command, words, &answer::fish_token(current.as_bytes()));
            let process = take_in(&situation)?;
            Some(answer::for_fish(&process, &answer_to(&process, shell, &situation), &situation))
        }
        _ => None,
    }
}

fn take_in(situation: &Situation) -> Option<Process> {
    Process::take_in(situation.workon_home.clone()).ok()
}

fn answer_to(process: &Process, shell: Shell, situation: &Situation) -> Answer {
    match &situation.wants {
        Wants::Verb(kind) => {
            let mut found = candidates::verbs(&situation.command);
            if *kind == Kind::Environment {
                found.extend(environments(process, shell, situation));
            }
            Answer::values("command", found)
        }
        Wants::Help => Answer::values("command", candidates::explained(&situation.command)),
        Wants::Value(kind) => value(process, shell, situation, kind),
        Wants::Command(at) => {
            Answer::Command { at: *at, otherwise: Box::new(word_of_command(process, shell, situation)) }
        }
        Wants::Option => Answer::values("option", candidates::options(&situation.command)),
    }
}

fn value(process: &Process, shell: Shell, situation: &Situation, kind: &Kind) -> Answer {
    match kind {
        Kind::EnvironmentOrFile if is_of_file(process, shell, situation) => FILES,
        Kind::EnvironmentOrDirectory if is_of_file(process, shell, situation) => DIRECTORIES,
        Kind::Environment | Kind::EnvironmentOrDirectory => {
            Answer::values("environment", environments(process, shell, situation))
        }
        Kind::EnvironmentOrFile => Answer::values("source", sources(process, shell, situation)),
        Kind::Snapshot => Answer::values("snapshot", snapshots_of_first(process, shell, situation)),
        Kind::Activators => Answer::values("activator", candidates::activators(typed(situation))),
        Kind::Variable => Answer::values("variable", candidates::variables(process, situation.named.as_deref())),
        Kind::Program => Answer::values("program", candidates::own_programs(process, situation.given.first())),
        Kind::Kernel => Answer::values("kernel", candidates::kernels(process)),
        Kind::Removed => Answer::values("removed environment", candidates::removed(process, situation.options_ended)),
        Kind::Interpreter if has_slash(&situation.prefix) => FILES,
        Kind::Interpreter => Answer::values("interpreter", candidates::interpreters(process)),
        Kind::Group => Answer::values("dependency group", project::groups(process, situation)),
        Kind::Package | Kind::Editable if situation.prefix.contains(&b'[') => {
            Answer::values("extra", project::extras(process, typed(situation)))
        }
        Kind::Package if has_slash(&situation.prefix) => FILES,
        Kind::Setting => setting(process, situation),
        Kind::Template => Answer::values("template", candidates::templates(process)),
        Kind::Hook => Answer::values("hook", candidates::hooks()),
        Kind::Choice(choices) => Answer::values("value", choices.iter().filter_map(choice).collect()),
        Kind::File => FILES,
        Kind::Directory | Kind::Editable => DIRECTORIES,
        Kind::InEnvironment => below(candidates::active_environment()),
        Kind::InSitePackages => below(candidates::active_site_packages()),
        Kind::Package | Kind::Command | Kind::Unknown => Answer::values("value", Vec::new()),
    }
}

/// What the key that was given can be set to.
fn setting(process: &Process, situation: &Situation) -> Answer {
    let key = situation.given.first().and_then(|key| key.to_str()).unwrap_or_default();
    match settings::values(key) {
        Values::Words(words) => {
            Answer::values("value", words.iter().filter_map(|word| candidate(word.as_ref(), "")).collect())
        }
        Values::Directory => DIRECTORIES,
        Values::Interpreter => Answer::values("interpreter", candidates::interpreters(process)),
        Values::Free => Answer::values("value", Vec::new()),
    }
}

/// The environments that the word at the cursor may mean.
fn environments(process: &Process, shell: Shell, situation: &Situation) -> Vec<Candidate> {
    let text = typed(situation);
    let is_meant = |name: &[u8]| may_be_meant(shell, text, name);
    let describes = shell != Shell::Bash;
    let typed = Typed { text, is_meant: &is_meant, describes, options_ended: situation.options_ended };
    candidates::environments(process, &situation.given, &typed)
}

/// Returns whether the word at the cursor is a path: what begins like one is, unless it can only be the name of an
/// environment that begins with a dash.
fn is_of_file(process: &Process, shell: Shell, situation: &Situation) -> bool {
    let is_path = has_slash(&situation.prefix) || situation.prefix.starts_with(b".");
    let is_name = || situation.prefix.starts_with(b"./-") && !sources(process, shell, situation).is_empty();
    is_path && !is_name()
}

/// What has packages: environments and, once one is named, its snapshots. Where a file has the path that stands for a
/// name, that is a file.
fn sources(process: &Process, shell: Shell, situation: &Situation) -> Vec<Candidate> {
    let mut found = if situation.command.get_name() == "restore" {
        snapshots_of_first(process, shell, situation)
    } else {
        Vec::new()
    };
    let is_file = |word: &str| word.starts_with("./") && process.absolute(Path::new(word)).exists();
    found.extend(environments(process, shell, situation).into_iter().filter(|found| !is_file(&found.value)));
    if let Some((name, _)) = typed(situation).rsplit_once('@') {
        found.extend(candidates::snapshots(process, name.as_ref(), &format!("{name}@"), shell != Shell::Bash));
    }
    found
}

/// The snapshots of the environment that was named first.
fn snapshots_of_first(process: &Process, shell: Shell, situation: &Situation) -> Vec<Candidate> {
    let name = situation.given.first().map(OsString::as_os_str).unwrap_or_default();
    candidates::snapshots(process, name, "", shell != Shell::Bash)
}

/// The command that is to be run, or an argument of it. zsh completes both by its own rules.
fn word_of_command(process: &Process, shell: Shell, situation: &Situation) -> Answer {
    let is_first = situation.given.len() == positionals_before(situation);
    if shell == Shell::Zsh || !is_first || has_slash(&situation.prefix) {
        return FILES;
    }
    let environment = situation.given.first().map(OsString::as_os_str);
    Answer::values("command", candidates::programs(process, environment))
}

fn below(base: Option<PathBuf>) -> Answer {
    match base {
        Some(base) => Answer::Paths { files: false, base: Some(base) },
        None => Answer::values("value", Vec::new()),
    }
}

fn choice(value: &PossibleValue) -> Option<Candidate> {
    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
    candidate(value.get_name().as_ref(), help).filter(|_| !value.is_hide_set())
}

/// How many arguments stand before the command to run.
fn positionals_before(situation: &Situation) -> usize {
    situation.command.get_positionals().count().saturating_sub(1)
}

/// What has been typed of a name.
fn typed(situation: &Situation) -> &str {
    std::str::from_utf8(&situation.prefix).unwrap_or_default()
}

/// Returns whether a shell may take a name for a match, whatever its settings: those of zsh may correct letters.
fn may_be_meant(shell: Shell, typed: &str, name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    match shell {
        Shell::Bash => name.to_lowercase().starts_with(&typed.to_lowercase()),
        Shell::Fish => candidates::may_match(typed, &name),
        Shell::Zsh => true,
    }
}

fn has_slash(text: &[u8]) -> bool {
    text.contains(&b'/') || text.starts_with(b"~")
}
