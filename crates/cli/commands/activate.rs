//! `venvwrap activate`: activation for a shell that has not loaded the functions, as in CI.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::env::health;
use venvwrap_core::env::inside;
use venvwrap_core::env::metadata::{self, Metadata};
use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::shell::activate::evaluated::{self, Evaluated, Syntax, Unwritable};
use venvwrap_core::shell::activate::{self, applied};
use venvwrap_core::shell::dialect::Dialect;
use venvwrap_core::shell::safety::{self, Origin, SafetyError};

use crate::actions::{self, enter, find, parent, remedy};
use crate::args::{ActivateArgs, ActivateShell};
use crate::error::{Error, Explain, Result};
use crate::process::{Process, active, lookup};
use crate::ui::{printer, sentences, table};

/// Why no code can be printed.
#[derive(Debug, thiserror::Error)]
enum ActivateError {
    /// The shell or the format has no way to write the path.
    #[error("the path of `{0}` cannot be written for this shell")]
    Unwritable(String),
    /// The shell has no way to write a value.
    #[error("the value of `{1}`, which `{0}` sets, cannot be written for this shell")]
    Value(EnvName, String),
    /// Another Python would run in the place of the environment's.
    #[error("`{name}` does not work: {problem}")]
    Broken { name: EnvName, problem: String },
}

impl Explain for ActivateError {
    fn hint(&self) -> Option<String> {
        match self {
            // What helps depends on which Pythons are left.
            Self::Unwritable(_) | Self::Value(..) | Self::Broken { .. } => None,
        }
    }
}

/// Prints the line that sources the environment's activate script, or the variables as JSON. No hooks run, but those for
/// leaving what `workon` has activated.
pub(crate) fn run(process: &Process, args: &ActivateArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    check_python(process, &environment)?;
    let own = actions::variables::of(process, &environment);
    let text = if args.json {
        check_place(process, &environment)?;
        variables(process, &environment, own)?
    } else {
        code(process, &environment, syntax(args), own)?
    };
    metadata::note_use(environment.path());
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a command that fails, for a shell that evaluates what is printed: evaluating nothing is a success.
pub(crate) fn fail_in_shell() {
    if !std::io::stdout().is_terminal() {
        let _ = printer::data(evaluated::FAILURE.as_bytes());
    }
}

/// Refuses an environment in whose place another Python would run.
fn check_python(process: &Process, environment: &Environment) -> Result<()> {
    let broken = |problem| Error::from(ActivateError::Broken { name: environment.name().clone(), problem });
    if let Some(problem) = health::obstacle(environment).as_ref().and_then(table::problem) {
        return Err(broken(problem).with_hint(remedy::hint(process, environment)));
    }
    match health::without_permission(environment) {
        Some(python) => Err(broken(sentences::not_executable(&python)).with_hint(remedy::permission(&python))),
        None => Ok(()),
    }
}

/// The syntax of the shell that is asked for, else of the one that has started this program.
fn syntax(args: &ActivateArgs) -> Syntax {
    match args.shell {
        Some(ActivateShell::Bash) => Syntax::Bash,
        Some(ActivateShell::Zsh) => Syntax::Zsh,
        Some(ActivateShell::Fish) => Syntax::Fish,
        Some(ActivateShell::Sh) => Syntax::Sh,
        Some(ActivateShell::Csh) => Syntax::Csh,
        Some(ActivateShell::Pwsh) => Syntax::PowerShell,
        None => parent::syntax(),
    }
}

fn variables(process: &Process, environment: &Environment, own: BTreeMap<String, String>) -> Result<Vec<u8>> {
    let unwritable = || ActivateError::Unwritable(environment.name().to_string());
    let (mut set, mut unset) = (serde_json::Map::new(), Vec::<String>::new());
    for inside::Variable { name, value } in inside::variables(environment, &lookup) {
        match value {
            Some(value) => {
                let text = value.into_string().map_err(|_| unwritable())?;
                set.insert(name.to_string(), text.into());
            }
            None => unset.push(name.into()),
        }
    }
    set.extend(own.into_iter().map(|(name, value)| (name, value.into())));
    unset.extend(actions::variables::of_active(process).into_iter().filter(|name| !set.contains_key(name)));
    let path = environment.path().to_str().ok_or_else(unwritable)?;
    let value = json!({ "environment": environment.name().alone(), "path": path, "set": set, "unset": unset });
    Ok((serde_json::to_string_pretty(&value)? + "\n").into_bytes())
}

/// What a shell has to evaluate.
fn code(
    process: &Process,
    environment: &Environment,
    syntax: Syntax,
    own: BTreeMap<String, String>,
) -> Result<Vec<u8>> {
    let names = activate::file_names(syntax.script()).iter().map(|name| environment.bin().join(name));
    let path = names.clone().find(|path| path.is_file()).or(names.into_iter().next()).unwrap_or_default();
    let safety = enter::judge(process, environment, &path)?;
    let mut variables: Vec<_> = own.into_iter().map(|(name, value)| (name, OsString::from(value))).collect();
    // Only its own text can be given another way out in every shell of the family, and says any name to each prompt.
    let is_needed = match syntax {
        Syntax::Sh => !variables.is_empty() || safety.hide_prompt,
        Syntax::Bash | Syntax::Zsh => safety.hide_prompt,
        Syntax::Fish | Syntax::Csh | Syntax::PowerShell => false,
    };
    let dialect = if syntax == Syntax::Fish { Dialect::Fish } else { Dialect::Posix };
    let applied = match &safety.origin {
        Origin::Known(template) if is_needed || !path.is_file() || applied::is_renamed(template, environment) => {
            applied::apply(template, environment, dialect, &lookup)
        }
        _ => None,
    };
    let (applied, others) = applied.map(|applied| (applied.text, applied.variables)).unzip();
    let is_set = |name: &str| variables.iter().any(|(own, _)| own == name);
    let others: Vec<_> = others.into_iter().flatten().filter(|(name, _)| !is_set(name)).collect();
    variables.extend(others.into_iter().map(|(name, value)| (name.to_string(), value)));
    let leaves = active().is_some_and(|active| !is_temporary_here(environment, &active));
    let left_behind = if leaves { actions::variables::of_active(process) } else { BTreeSet::new() };
    let evaluated = Evaluated {
        script: &path,
        is_own: applied.is_some() || safety.origin == Origin::Own,
        applied: applied.as_deref(),
        hide_prompt: safety.hide_prompt && applied.is_none(),
        leaves,
        left_behind: &left_behind,
        variables: &variables,
    };
    evaluated::text(syntax, &evaluated).map_err(|unwritable| {
        Error::from(match unwritable {
            Unwritable::Script => ActivateError::Unwritable(environment.name().to_string()),
            Unwritable::Variable(variable) => ActivateError::Value(environment.name().clone(), variable),
        })
    })
}

/// Returns whether leaving the active environment would remove the one that is to be activated.
fn is_temporary_here(environment: &Environment, active: &Path) -> bool {
    is_same_file(environment.path(), active) && Metadata::read(environment.path()).temporary.is_some()
}

/// Refuses an environment whose variables would not be its own, because it was moved or has lost its programs, and one
/// that others could change.
fn check_place(process: &Process, environment: &Environment) -> Result<()> {
    let script = Dialect::Posix.activate_script(environment.path());
    if script.exists() {
        safety::check_owners(&script, process.vetting())?;
    }
    match safety::of_activate_script(environment, &script) {
        Err(error @ SafetyError::Elsewhere { .. }) => Err(error.into()),
        Err(error @ SafetyError::NoScript { .. }) if !environment.bin().is_dir() => Err(error.into()),
        _ => Ok(()),
    }
}
