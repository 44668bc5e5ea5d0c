//! What the shims ask for: `venvwrap __do FUNCTION ARG...` acts with the real terminal; `__plan SHELL FUNCTION ARG...`
//! prints what the shell has to do, and `__load` instead of `__plan` also prints the functions that plans call.

use std::ffi::OsString;
use std::process::ExitCode;

use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::{Shell, render};

use super::internal::Internal;
use super::planner::Planner;
use super::{Function, Run, parse, words};
use crate::actions::hooks;
use crate::error::{Explain, Result, called};
use crate::process::Process;
use crate::shims::load_text;
use crate::ui::printer;

/// A shim asked for something that this program does not have.
#[derive(Debug, thiserror::Error)]
enum RequestError {
    /// A shell without a shim.
    #[error("there is no shell `{}`", .0.escape_debug())]
    Shell(String),
    /// A function that the program does not act for.
    #[error("there is no function `{}`", .0.escape_debug())]
    Function(String),
    /// A function of the shell was called as a verb.
    #[error("`{0}` is a function of the shell, not a command of `venvwrap`")]
    NotAVerb(&'static str),
    /// A function without a plan.
    #[error("there is no plan for `{}`", .0.escape_debug())]
    Plan(String),
}

impl Explain for RequestError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Shell(_) => Some("the shells are bash, zsh and fish; `json` prints the plan for programs".into()),
            Self::NotAVerb(name) => {
                Some(format!("type `{name}` alone; if the shell does not know it, run `venvwrap setup`"))
            }
            Self::Function(_) | Self::Plan(_) => {
                Some("the shell loaded another version of venvwrap; open a new terminal".into())
            }
        }
    }
}

/// Runs the part of a function that needs no shell; the first word is the function's name.
pub(crate) fn act(words: &[OsString]) -> ExitCode {
    called::by_shell_functions();
    let Some(function) = words.first().and_then(|name| name.to_str()) else { return ExitCode::from(2) };
    words::conclude(function, act_as(function, words))
}

/// Prints the plan for a function. Nothing else goes to stdout, and when this fails nothing at all does.
pub(crate) fn plan(arguments: &[OsString]) -> Result<ExitCode> {
    plan_behind(&[], arguments)
}

/// Prints the functions that a shell reads when it first needs one, then the plan for a function, if one is named.
pub(crate) fn load(arguments: &[OsString]) -> Result<ExitCode> {
    let name = arguments.first().and_then(|name| name.to_str()).unwrap_or_default();
    let shell = Shell::from_name(name).ok_or_else(|| RequestError::Shell(name.to_string()))?;
    let functions = load_text(shell);
    if arguments.len() > 1 {
        return plan_behind(&functions, arguments);
    }
    printer::data(&functions)?;
    Ok(ExitCode::SUCCESS)
}

/// Answers who takes a shell function for a verb: with its help if that is asked for, else with an error. None for
/// everything else.
pub(crate) fn instead_of_verb(arguments: &[OsString]) -> Option<Result<ExitCode>> {
    let (is_help, name) = match arguments {
        [help, name, ..] if help == "help" => (true, name),
        [name, rest @ ..] => (rest.iter().any(|word| word == "-h" || word == "--help"), name),
        [] => return None,
    };
    let function = Function::find(name.to_str()?)?;
    Some(if is_help {
        parse::explain(function.command(), &[name.clone(), "--help".into()])
    } else {
        Err(RequestError::NotAVerb(function.name).into())
    })
}

fn act_as(function: &str, words: &[OsString]) -> Result<ExitCode> {
    match run_of(function) {
        Some(Run::Do(act) | Run::DoThenPlan(act, _) | Run::ShellOrDo(act)) => act(words),
        // Neither a plan nor the shell can show help: it is asked for here.
        Some(Run::Plan(_) | Run::Shell | Run::ShellOrPlan(_)) if let Some(function) = Function::find(function) => {
            parse::explain(function.command(), words)
        }
        _ => Err(RequestError::Function(function.to_string()).into()),
    }
}

/// Prints the plan for a function after a text.
fn plan_behind(text: &[u8], arguments: &[OsString]) -> Result<ExitCode> {
    called::by_shell_functions();
    let [format, function, ..] = arguments else { return Ok(ExitCode::from(2)) };
    let format = format.to_str().unwrap_or_default();
    let shell = Shell::from_name(format);
    if shell.is_none() && format != "json" {
        return Err(RequestError::Shell(format.to_string()).into());
    }
    let function = function.to_str().unwrap_or_default();
    Ok(words::conclude(familiar(function), print(text, shell, function, &arguments[1..])))
}

/// The function that people know a request by.
fn familiar(function: &str) -> &str {
    match function {
        "pick" => "workon",
        "before-mvvirtualenv" | "after-mvvirtualenv" => "mvvirtualenv",
        other => other,
    }
}

/// Returns whether the words after a request are a right call of the function that people know it by.
fn is_right(function: &str, words: &[OsString]) -> bool {
    let (name, words) = match (function, words) {
        ("by-function", [_, words @ ..]) => (words.first().and_then(|name| name.to_str()).unwrap_or_default(), words),
        _ => (familiar(function), words),
    };
    Function::find(name).is_none_or(|function| function.command().try_get_matches_from(words).is_ok())
}

fn print(text: &[u8], shell: Option<Shell>, function: &str, words: &[OsString]) -> Result<ExitCode> {
    let (make_plan, is_first) = match run_of(function) {
        Some(Run::Plan(make_plan) | Run::ShellOrPlan(make_plan)) => (make_plan, true),
        Some(Run::DoThenPlan(_, make_plan)) => (make_plan, false),
        _ => return Err(RequestError::Plan(function.to_string()).into()),
    };
    let dialect = shell.map_or(Dialect::Posix, Shell::dialect);
    // Nothing that was not asked for makes something, says something or fails because of a setting: the prompt hook, and
    // the hooks for leaving.
    let is_asked = !matches!(function, "follow" | "forget" | "leave" | "renew");
    let is_typed = function == "pick" || Function::find(function).is_some();
    let process = match Process::take_in(None) {
        Err(_) if !is_asked => return printer::data(text).map(|()| ExitCode::SUCCESS),
        other => other?,
    };
    if is_asked {
        if is_first && is_typed {
            printer::warn_of(&process.config.problems);
        }
        // What is refused, or only asks for help, makes nothing.
        let has_options = words.iter().skip(1).any(|word| word.as_encoded_bytes().starts_with(b"-"));
        if !has_options || is_right(function, words) {
            words::verify_home(&process)?;
        }
    }
    let planner = Planner { process, is_for_shims: shell.is_some(), dialect, words };
    let Some(mut plan) = make_plan(&planner)? else { return Ok(ExitCode::FAILURE) };
    hooks::vet(&planner.process, &mut plan);
    let plan = match shell {
        Some(shell) => shell.render(&plan),
        None => render::json(&plan)?,
    };
    printer::data(&[text, &plan].concat())?;
    Ok(ExitCode::SUCCESS)
}

fn run_of(name: &str) -> Option<&'static Run> {
    Function::find(name).map(|function| &function.run).or_else(|| Internal::find(name).map(|request| &request.run))
}
