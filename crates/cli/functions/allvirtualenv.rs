//! `allvirtualenv`: one command in every environment, one after the other.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::CommandFactory;
use venvwrap_core::env::Environment;
use venvwrap_core::env::inside;
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::plan::Plan;
use venvwrap_core::shell::safety::SafetyError;

use super::parse::explain;
use super::planner::Planner;
use crate::actions::inside::{InsideError, command_in};
use crate::actions::{enter, variables};
use crate::args::AllvirtualenvFunction;
use crate::error::{Error, Explain, Result};
use crate::process::{Process, lookup};
use crate::ui::columns::measure;
use crate::ui::printer;
use crate::ui::report::{one_line, report_hint};

/// The function of the shims that runs a function of the user in one environment.
const IN_EACH: &str = "__venvwrap_in_each";

/// Runs the command in each environment's own directory, under a heading. A failure in one does not keep it from the
/// others.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode> {
    // A command after the name has options of its own; without one they are venvwrap's.
    if let [_, only] = words
        && (only == "--help" || only == "-h")
    {
        return explain(AllvirtualenvFunction::command(), words);
    }
    if words.len() < 2 {
        return explain(AllvirtualenvFunction::command(), words);
    }
    let process = &Process::take_in(None)?;
    printer::warn_of(&process.config.problems);
    let environments: Vec<_> = process.store.names()?.into_iter().map(|name| process.store.environment(name)).collect();
    let program = words.iter().skip(1).find(|word| *word != "--").filter(|_| !environments.is_empty());
    if let Some(program) = program.filter(|program| !environments.iter().any(|env| can_be_found(env, program))) {
        return Err(NoCommand(program.clone()).into());
    }
    for environment in environments {
        printer::data(format!("{}\n", heading(&environment).join("\n")).as_bytes())?;
        let project = process.store.project_of(&environment).ok().flatten();
        match command_in(process, &environment, project.as_deref(), &words[1..]) {
            // One open store is one fact.
            Err(InsideError::Unsafe(SafetyError::Programs { exposure, .. })) if !enter::is_news(&exposure) => {}
            Err(error) => printer::warning(&error.to_string()),
            Ok(None) => {}
            Ok(Some(mut command)) => {
                if let Err(error) = command.current_dir(environment.path()).status() {
                    printer::warning(&format!("could not run `{}`: {error}", command.get_program().display()));
                }
            }
        }
        printer::data(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The command is nowhere.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is in no environment and not on PATH", .0.display())]
struct NoCommand(OsString);

impl Explain for NoCommand {
    fn hint(&self) -> Option<String> {
        None
    }

    fn status(&self) -> u8 {
        127
    }
}

/// Returns whether an environment or PATH has a file of this name, also one that cannot be executed: that is told for each
/// environment. A path is seen from the environment's directory.
fn can_be_found(environment: &Environment, program: &OsStr) -> bool {
    if program.as_encoded_bytes().contains(&b'/') {
        return environment.path().join(program).symlink_metadata().is_ok();
    }
    let directories = std::env::split_paths(&inside::path(environment, &lookup)).collect::<Vec<_>>();
    directories.iter().any(|directory| directory.join(program).symlink_metadata().is_ok())
}

/// The plan of `each FUNCTION ARG..`: a function of the shell in every environment whose script may be sourced. The others
/// are named.
pub(super) fn plan(planner: &Planner<'_>) -> Result<Plan> {
    let mut plan = Plan::default();
    for name in planner.process.store.names()? {
        let environment = planner.process.store.environment(name);
        let script = planner.dialect.activate_script(environment.path());
        if let Err(error) = enter::judge(&planner.process, &environment, &script) {
            if !matches!(&error, SafetyError::Exposed { exposure, .. } if !enter::is_news(exposure)) {
                let error = Error::from(error);
                printer::warning(&one_line(error.chain()));
                report_hint(&error);
            }
            continue;
        }
        if let Some(warning) = planner.unmended_obstacle(&environment) {
            printer::warning(&format!("`{}` is left out: {warning}", environment.name()));
            continue;
        }
        let project = planner.process.store.project_of(&environment).ok().flatten();
        // Nothing to source where it was left out: the variables are set instead. fish sources none.
        let is_sourced = script.is_file() || planner.dialect == Dialect::Fish;
        let (script, set) = if is_sourced { (script, Vec::new()) } else { without_script(&environment) };
        let own = variables::changes(&planner.process, &environment, project.as_deref());
        let changes = set.into_iter().chain(own);
        let words = [script.into_os_string()].into_iter().chain(heading(&environment).map(OsString::from));
        let words = words.chain(changes.flat_map(words_of)).chain(["--".into()]);
        plan.run(environment.path(), Path::new(IN_EACH), words.chain(planner.words[1..].iter().cloned()));
    }
    Ok(plan)
}

/// What stands for the script of an environment that was made without it: one that does nothing, and the variables.
fn without_script(environment: &Environment) -> (PathBuf, Vec<(String, Option<OsString>)>) {
    let set = inside::variables(environment, &lookup).into_iter().map(|set| (set.name.to_string(), set.value));
    ("/dev/null".into(), set.collect())
}

/// How the shell is told of a variable: `set NAME VALUE`, or `unset NAME`.
fn words_of((name, value): (String, Option<OsString>)) -> Vec<OsString> {
    match value {
        Some(value) => vec!["set".into(), name.into(), value],
        None => vec!["unset".into(), name.into()],
    }
}

/// The name as a terminal may show it, and a line as long.
fn heading(environment: &Environment) -> [String; 2] {
    let name = environment.name().to_string();
    let line = "=".repeat(measure(&name));
    [name, line]
}

#[cfg(test)]
mod tests {
    use venvwrap_core::env::name::EnvName;

    use super::*;

    #[test]
    fn the_line_is_as_long_as_the_name_is_on_a_terminal() {
        for (name, width) in [("api", 3), ("漢字", 4), ("🐍 x", 4), ("e\u{301}t\u{e9}", 3), ("ﾊﾟ", 2), ("שלום", 4)]
        {
            let name = EnvName::for_existing(OsStr::new(name)).unwrap();
            let [_, line] = heading(&Environment::new(name.clone(), "/envs/x".into()));
            assert_eq!(line.len(), width, "{name}");
        }
    }
}
