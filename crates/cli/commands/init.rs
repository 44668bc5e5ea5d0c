//! `venvwrap init`: the code that a shell's start-up file evaluates.

use std::ffi::OsString;
use std::process::ExitCode;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::hooks::is_idle;

use crate::actions::{background, entry_script, hooks, parent};
use crate::args::InitArgs;
use crate::error::{Explain, Result};
use crate::process::{Process, lasting_path, variable};
use crate::shims::{InitializeHook, Start, follow_init_text, init_text};
use crate::ui::printer;
use venvwrap_core::config::variables;

/// Why there is no code to print.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// virtualenvwrapper.sh is for shells of the Bourne family.
    #[error("virtualenvwrapper.sh does not support fish")]
    Fish,
}

impl Explain for InitError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Fish => Some("leave out `--virtualenvwrapper`".into()),
        }
    }
}

/// Prints the shim, which begins with where this program is, and the prompt hook where it is wanted.
pub(crate) fn run(args: &InitArgs) -> Result<ExitCode> {
    let shell = match args.shell {
        Some(shell) => shell,
        None => parent::shell()?,
    };
    if args.virtualenvwrapper && shell == Shell::Fish {
        return Err(InitError::Fish.into());
    }
    // A configuration that cannot be read is told by the commands; the shell must start all the same.
    let process = Process::take_in(None).ok();
    let mut text = if args.hook_only { Vec::new() } else { functions(shell, args.virtualenvwrapper, process.as_ref()) };
    if let Some(process) = &process
        && (args.auto || args.hook_only || process.config.auto)
        && let Some(switcher) = process.switcher()
    {
        if process.store.is_mirror_stale() {
            background::sync(process);
        }
        text.extend(follow_init_text(shell, switcher.tree.root()));
    }
    printer::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the arguments where they are what start-up files have: parsing them takes as long as everything else.
pub(crate) fn quick(words: &[OsString]) -> Option<InitArgs> {
    let mut args = InitArgs { virtualenvwrapper: false, auto: false, hook_only: false, shell: None };
    for word in words {
        match word.to_str()? {
            "--virtualenvwrapper" if !args.virtualenvwrapper => args.virtualenvwrapper = true,
            "--auto" if !args.auto => args.auto = true,
            name => args.shell = Some(Shell::from_name(name).filter(|_| args.shell.is_none())?),
        }
    }
    Some(args).filter(|args| args.shell.is_some())
}

fn functions(shell: Shell, is_entry: bool, process: Option<&Process>) -> Vec<u8> {
    let program = lasting_path();
    if is_entry {
        let script = entry_script::find(&program, process).unwrap_or_default();
        let creator = entry_script::find_creator(&program, process).unwrap_or_default();
        return init_text(shell, &program, &Start::Entry(&script, &creator));
    }
    let hook = process.map(|process| {
        let path = hooks::initialize(process, shell.dialect());
        InitializeHook {
            seen: [variables::HOME, variables::WORKON_HOME, variables::VIRTUALENVWRAPPER_HOOK_DIR]
                .map(|name| variable(name).unwrap_or_default()),
            is_idle: shell == Shell::Zsh && is_idle(&path),
            path,
            is_configured: process.config.file.as_ref().is_some_and(|file| file.exists()),
        }
    });
    init_text(shell, &program, &Start::Hook(hook))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_reading_takes_nothing_that_is_wrong() {
        let quick = |line: &str| quick(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        let args = quick("--auto zsh --virtualenvwrapper").unwrap();
        assert!(args.auto && args.virtualenvwrapper && !args.hook_only && args.shell == Some(Shell::Zsh));
        for line in ["", "bash zsh", "--help", "bash --hook-only", "tcsh", "--auto --auto bash", "--auto"] {
            assert!(quick(line).is_none(), "{line}");
        }
    }
}
