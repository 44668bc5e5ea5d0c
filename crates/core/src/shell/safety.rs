//! Whether sourcing an activation script is safe although the environment's name holds characters of shell syntax.
//!
//! Such names cannot be made here, but other tools make them, and some write them between double quotes as they are.
//! This keeps a name from being run by accident; it is no boundary against somebody who may edit the script.

use std::path::{Path, PathBuf};

use crate::env::Environment;
use crate::fs::{self, PathError};

/// More than any activation script.
const MAX_BYTES: u64 = 1 << 20;

/// How to source a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safety {
    /// Whether the script must not touch the prompt, because the shell would evaluate the name at each prompt.
    pub hide_prompt: bool,
}

/// Why a script must not be sourced.
#[derive(Debug, thiserror::Error)]
pub enum SafetyError {
    /// There is no script.
    #[error("`{}` has no activation script `{}`", env.display(), script.display())]
    NoScript {
        /// The environment.
        env: PathBuf,
        /// The script that is missing.
        script: PathBuf,
    },
    /// It would run a part of the environment's name as a command.
    #[error("the activation script `{}` would run part of the environment's name as a command", script.display())]
    Injection {
        /// The script.
        script: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Checks a script; ordinary names cost no more than a look whether it exists.
pub fn of_activate_script(environment: &Environment, script: &Path) -> Result<Safety, SafetyError> {
    if !script.is_file() {
        return Err(SafetyError::NoScript { env: environment.path().to_path_buf(), script: script.to_path_buf() });
    }
    let name = environment.name().as_os_str().as_encoded_bytes();
    let hide_prompt = name.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\' | b'%' | b'!'));
    if !environment.path().as_os_str().as_encoded_bytes().iter().any(|&byte| is_expanded(byte)) {
        return Ok(Safety { hide_prompt });
    }
    let text = fs::read_limited(script, MAX_BYTES)?;
    let path = environment.path().as_os_str().as_encoded_bytes();
    let is_exposed = |value: &[u8]| value.iter().any(|&byte| is_expanded(byte)) && stands_exposed(&text, value);
    if is_exposed(path) || is_exposed(name) {
        return Err(SafetyError::Injection { script: script.to_path_buf() });
    }
    Ok(Safety { hide_prompt })
}

/// What is expanded, or ends the quotes, between double quotes.
fn is_expanded(byte: u8) -> bool {
    matches!(byte, b'$' | b'`' | b'"' | b'\\')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// Returns whether the text holds the value anywhere but between single quotes.
fn stands_exposed(text: &[u8], value: &[u8]) -> bool {
    let (mut quotes, mut at) = (Quotes::None, 0);
    let mut is_comment = false;
    while at < text.len() {
        if !is_comment && text[at..].starts_with(value) && is_expanded_in(value, quotes) {
            return true;
        }
        match (text[at], quotes) {
            (b'\n', Quotes::None) => is_comment = false,
            _ if is_comment => {}
            (b'#', Quotes::None) if at == 0 || text[at - 1].is_ascii_whitespace() => is_comment = true,
            (b'\\', Quotes::None | Quotes::Double) => at += 1,
            (b'\'', Quotes::None) => quotes = Quotes::Single,
            (b'"', Quotes::None) => quotes = Quotes::Double,
            (b'\'', Quotes::Single) | (b'"', Quotes::Double) => quotes = Quotes::None,
            _ => {}
        }
        at += 1;
    }
    false
}

/// Returns whether a shell that is inside `quotes` expands a part of the value, or takes its end for something else.
///
/// The value may bring quotes along: of `\'`, the way to write a quote, nothing is expanded.
fn is_expanded_in(value: &[u8], mut quotes: Quotes) -> bool {
    let mut at = 0;
    while at < value.len() {
        match (value[at], quotes) {
            (b'\'', Quotes::Single) => quotes = Quotes::None,
            (_, Quotes::Single) => {}
            (b'\'', Quotes::None) => quotes = Quotes::Single,
            (b'\\', _) if value.get(at + 1) == Some(&b'\'') => at += 1,
            (byte, _) if is_expanded(byte) => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;
    use crate::shell::quote::posix;

    fn check(name: &str, script: impl Fn(&str) -> String) -> Result<Safety, SafetyError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::write(path.join("bin/activate"), script(path.to_str().unwrap())).unwrap();
        let environment = Environment::new(EnvName::for_existing(name.as_ref()).unwrap(), path);
        let activate = environment.activate_script();
        of_activate_script(&environment, &activate)
    }

    #[test]
    fn a_name_between_double_quotes_is_refused() {
        let double = |path: &str| format!("# it's a script\nVIRTUAL_ENV=\"{path}\"\nexport VIRTUAL_ENV\n");
        assert!(matches!(check("p$(touch PWN)", double), Err(SafetyError::Injection { .. })));
        assert!(matches!(check("a\\", double), Err(SafetyError::Injection { .. })));
        assert!(check("plain", double).is_ok());
        let prompt = |path: &str| format!("VIRTUAL_ENV='{path}'\nPS1=\"(p$(touch PWN)) ${{PS1-}}\"\n");
        assert!(matches!(check("p$(touch PWN)", prompt), Err(SafetyError::Injection { .. })));
    }

    #[test]
    fn a_name_between_single_quotes_is_only_kept_from_the_prompt() {
        let single = |path: &str| format!("VIRTUAL_ENV='{path}'\n");
        assert_eq!(check("p$(touch PWN)", single).unwrap(), Safety { hide_prompt: true });
        assert_eq!(check("p q", single).unwrap(), Safety { hide_prompt: false });
    }

    #[test]
    fn an_escaped_quote_in_a_name_is_not_taken_for_the_quoting_of_the_script() {
        let single = |path: &str| format!("VIRTUAL_ENV={}\n", String::from_utf8(posix(path.as_bytes())).unwrap());
        for name in [r"\'", r"it\'s", r"\'\'", r"a\'", r"\''$(touch PWN)'", r"'\''"] {
            assert_eq!(check(name, single).unwrap(), Safety { hide_prompt: true }, "{name}");
        }
        let double = |path: &str| format!("VIRTUAL_ENV=\"{path}\"\n");
        for name in [r"\'$(touch PWN)", r"'$(touch PWN)'", r"\\'`touch PWN`", "\\'\""] {
            assert!(matches!(check(name, double), Err(SafetyError::Injection { .. })), "{name}");
        }
    }

    #[test]
    fn a_missing_script_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let environment = Environment::new(EnvName::for_existing("x".as_ref()).unwrap(), directory.path().join("x"));
        let script = environment.activate_script();
        assert!(matches!(of_activate_script(&environment, &script), Err(SafetyError::NoScript { .. })));
    }
}
