//! `venvwrap activate`: activation for a shell that has not loaded the functions, as in CI.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use serde_json::json;
use venvwrap_core::env::Environment;
use venvwrap_core::env::inside;
use venvwrap_core::env::metadata;
use venvwrap_core::env::name::EnvName;
use venvwrap_core::shell::activate::{self, Script};
use venvwrap_core::shell::{Shell, quote, safety};

use super::init;
use crate::actions::{self, find, remedy};
use crate::args::{ActivateArgs, ActivateShell};
use crate::error::{Error, Explain, Result};
use crate::process::{Process, lookup};
use crate::ui::{printer, table};

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

/// Prints the line that sources the environment's activate script, or the variables as JSON. No hooks run.
pub(crate) fn run(process: &Process, args: &ActivateArgs) -> Result<ExitCode> {
    let environment = find::find(process, &args.name)?;
    let obstacle = venvwrap_core::env::health::obstacle(&environment);
    if let Some(problem) = obstacle.as_ref().and_then(table::problem) {
        let error = Error::from(ActivateError::Broken { name: environment.name().clone(), problem });
        return Err(error.with_hint(remedy::hint(process, &environment)));
    }
    let own = actions::variables::of(process, &environment);
    let text = if args.json { variables(&environment, own)? } else { code(&environment, shell(args), &own)? };
    metadata::note_use(environment.path());
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The shell that is asked for, else the one that has started this program; a Bourne shell if that is none of these.
fn shell(args: &ActivateArgs) -> ActivateShell {
    args.shell.unwrap_or_else(|| match init::detect() {
        Ok(Shell::Bash) => ActivateShell::Bash,
        Ok(Shell::Zsh) => ActivateShell::Zsh,
        Ok(Shell::Fish) => ActivateShell::Fish,
        Err(_) => ActivateShell::Sh,
    })
}

fn variables(environment: &Environment, own: BTreeMap<String, String>) -> Result<Vec<u8>> {
    let unwritable = || ActivateError::Unwritable(environment.name().to_string());
    let (mut set, mut unset) = (serde_json::Map::new(), Vec::new());
    for inside::Variable { name, value } in inside::variables(environment, &lookup) {
        match value {
            Some(value) => {
                let text = value.into_string().map_err(|_| unwritable())?;
                set.insert(name.to_string(), text.into());
            }
            None => unset.push(name),
        }
    }
    set.extend(own.into_iter().map(|(name, value)| (name, value.into())));
    let path = environment.path().to_str().ok_or_else(unwritable)?;
    let value = json!({ "environment": environment.name().to_string(), "path": path, "set": set, "unset": unset });
    Ok((serde_json::to_string_pretty(&value)? + "\n").into_bytes())
}

fn code(environment: &Environment, shell: ActivateShell, own: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let kind = match shell {
        ActivateShell::Bash | ActivateShell::Zsh | ActivateShell::Sh => Script::Posix,
        ActivateShell::Fish => Script::Fish,
        ActivateShell::Csh => Script::Csh,
        ActivateShell::Pwsh => Script::PowerShell,
    };
    let names = activate::file_names(kind).iter().map(|name| environment.bin().join(name));
    let path = names.clone().find(|path| path.is_file()).or(names.into_iter().next()).unwrap_or_default();
    let safety = safety::of_activate_script(environment, &path)?;
    let script = quoted(shell, path.as_os_str());
    let script = script.ok_or_else(|| ActivateError::Unwritable(environment.name().to_string()))?;
    let source: &[u8] = if matches!(shell, ActivateShell::Fish | ActivateShell::Csh) { b"source " } else { b". " };
    // Some names would be evaluated at each prompt.
    let (before, after): (&[u8], &[u8]) = match shell {
        _ if !safety.hide_prompt => (b"", b""),
        ActivateShell::Bash | ActivateShell::Zsh | ActivateShell::Sh => {
            (b"VIRTUAL_ENV_DISABLE_PROMPT=1; ", b"; unset VIRTUAL_ENV_DISABLE_PROMPT")
        }
        ActivateShell::Fish => (b"set -g VIRTUAL_ENV_DISABLE_PROMPT 1; ", b"; set -e VIRTUAL_ENV_DISABLE_PROMPT"),
        ActivateShell::Csh => (b"set VIRTUAL_ENV_DISABLE_PROMPT = 1; ", b"; unset VIRTUAL_ENV_DISABLE_PROMPT"),
        ActivateShell::Pwsh => (b"$env:VIRTUAL_ENV_DISABLE_PROMPT = '1'; ", b""),
    };
    let mut line = [before, source, &script, after].concat();
    for (name, value) in own {
        let assignment = assignment(shell, name, value);
        let assignment = assignment.ok_or_else(|| ActivateError::Value(environment.name().clone(), name.clone()))?;
        line.extend([b"; ", &assignment[..]].concat());
    }
    line.push(b'\n');
    Ok(line)
}

/// A command that exports a variable. In shells of the Bourne family all of the word is in quotes: bash would take an
/// assignment away from `export` under `set -k`.
fn assignment(shell: ActivateShell, name: &str, value: &str) -> Option<Vec<u8>> {
    let word = |text: &str| quoted(shell, OsStr::new(text));
    let (start, word) = match shell {
        ActivateShell::Bash | ActivateShell::Zsh | ActivateShell::Sh => {
            ("export ".to_string(), word(&format!("{name}={value}"))?)
        }
        ActivateShell::Fish => (format!("set -gx {name} "), word(value)?),
        ActivateShell::Csh => (format!("setenv {name} "), word(value)?),
        ActivateShell::Pwsh => (format!("$env:{name} = "), word(value)?),
    };
    Some([start.into_bytes(), word].concat())
}

fn quoted(shell: ActivateShell, path: &OsStr) -> Option<Vec<u8>> {
    let path = path.as_bytes();
    match shell {
        ActivateShell::Bash | ActivateShell::Zsh => Some(quote::bash_zsh(path)),
        ActivateShell::Sh => Some(quote::posix(path)),
        ActivateShell::Fish => Some(quote::fish(path)),
        ActivateShell::Csh => quote::csh(path),
        ActivateShell::Pwsh => quote::powershell(path),
    }
}
