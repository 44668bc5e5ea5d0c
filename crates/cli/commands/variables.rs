//! `venvwrap variables`: what an environment sets while it is active.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use venvwrap_core::env::Environment;
use venvwrap_core::fs;
use venvwrap_core::fs::text::printable;
use venvwrap_core::project::dotenv::{self, Problem};
use venvwrap_core::project::variables::{self, VariablesError};

use crate::actions::find;
use crate::actions::inputs::{self, STDIN};
use crate::actions::variables::{is_read, of};
use crate::args::{VariablesArgs, VariablesCommand, VariablesListArgs, VariablesSetArgs, VariablesUnsetArgs};
use crate::error::{Context as _, Explain, Result, quoted};
use crate::process::{Process, active};
use crate::ui::printer;

/// More than any file of settings.
const MAX_BYTES: u64 = 1 << 20;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
enum InputError {
    /// No environment was named and none is active.
    #[error("no environment is active")]
    NoneActive,
    /// The variables of other environments are not read.
    #[error("`{}` is not in the store", .0.display())]
    Outside(PathBuf),
    /// Standard input cannot be read.
    #[error("could not read standard input")]
    Unreadable(#[source] io::Error),
    /// A line is not an assignment.
    #[error("`{}`, line {line}: {problem}", file.display())]
    Syntax { file: PathBuf, line: usize, problem: Problem },
}

impl Explain for InputError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoneActive => Some("name one with `-n NAME`, or activate one first".into()),
            Self::Outside(path) => Some(format!("`venvwrap adopt {}` adds it", printer::shown(path, None))),
            Self::Unreadable(_) => None,
            Self::Syntax { .. } => Some("write each line as `NAME=VALUE` or `NAME='VALUE'`".into()),
        }
    }
}

/// Runs one of the verbs; without one it lists.
pub(crate) fn run(process: &Process, args: &VariablesArgs) -> Result<ExitCode> {
    match &args.command {
        None => list(process, &args.list),
        Some(VariablesCommand::Set(args)) => set(process, args),
        Some(VariablesCommand::Unset(args)) => unset(process, args),
        Some(VariablesCommand::List(args)) => list(process, args),
    }
}

fn set(process: &Process, args: &VariablesSetArgs) -> Result<ExitCode> {
    let environment = owner(process, args.environment.as_deref())?;
    let mut values = args.file.as_deref().map_or_else(|| Ok(Vec::new()), |file| from_file(process, file))?;
    values.extend(args.assignments.iter().cloned());
    change(&environment, &values, &[])
}

fn unset(process: &Process, args: &VariablesUnsetArgs) -> Result<ExitCode> {
    let environment = owner(process, args.environment.as_deref())?;
    change(&environment, &[], &args.variables)
}

fn change(environment: &Environment, set: &[(String, String)], unset: &[String]) -> Result<ExitCode> {
    let changed = variables::change(environment, set, unset);
    changed.with_context(|| format!("could not change the variables of `{}`", environment.name()))?;
    if active().is_some_and(|active| active == environment.path()) {
        printer::message(&format!("run `workon {}` again to apply this", quoted(environment.name())));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(process: &Process, args: &VariablesListArgs) -> Result<ExitCode> {
    let environment = owner(process, args.environment.as_deref())?;
    let values = of(process, &environment);
    if values.is_empty() && !args.json {
        printer::remark(&format!("`{}` sets no variables", environment.name()));
    }
    let text = if args.json {
        serde_json::to_string_pretty(&values)? + "\n"
    } else {
        let lines = values.iter().map(|(name, value)| format!("{name}={}\n", printable(OsStr::new(value))));
        lines.collect::<Vec<_>>().concat()
    };
    printer::data(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The environment that is meant; one whose variables are read.
fn owner(process: &Process, name: Option<&OsStr>) -> Result<Environment> {
    if name.is_none() && active().is_none() {
        return Err(InputError::NoneActive.into());
    }
    let environment = find::find_or_active(process, name)?;
    if is_read(process, &environment) {
        Ok(environment)
    } else {
        Err(InputError::Outside(environment.path().to_path_buf()).into())
    }
}

fn from_file(process: &Process, file: &Path) -> Result<Vec<(String, String)>> {
    let content = if file == Path::new(STDIN) {
        let mut content = Vec::new();
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut content).map_err(InputError::Unreadable)?;
        if content.len() as u64 > MAX_BYTES {
            return Err(VariablesError::TooLong.into());
        }
        content
    } else if inputs::is_pipe(file) {
        inputs::read_pipe(file)?
    } else {
        fs::read_limited(&process.absolute(file), MAX_BYTES)?
    };
    if content.len() as u64 > MAX_BYTES {
        return Err(VariablesError::TooLong.into());
    }
    let syntax = |(line, problem)| InputError::Syntax { file: file.to_path_buf(), line, problem };
    let read = dotenv::parse(&content).map_err(syntax)?;
    Ok(read.into_iter().map(|variable| (variable.name, variable.value)).collect())
}
