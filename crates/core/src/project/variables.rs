//! The variables of an environment: a file in it, read when the environment is entered.
//!
//! The file is the user's own, but environments are copied, shared and unpacked: names that change what is executed are
//! refused when they are written, and again when they are read.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::dotenv::{is_dangerous, is_grantable, is_too_long, is_variable};
use crate::env::Environment;
use crate::env::metadata::VARIABLES_FILE;
use crate::fs::entry::Entry;
use crate::fs::{self, Change, PathError};

/// More than a system lets any program have.
const MAX_BYTES: u64 = 1 << 20;

/// What the file of an environment sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// The variables to set.
    pub values: BTreeMap<String, String>,
    /// Names that are in the file and are not set.
    pub refused: Vec<String>,
}

/// Why variables were not read or not changed.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The file is damaged.
    #[error("`{}`{place}: {problem}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, as it follows the name of the file.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No shell has variables of this name.
    #[error("`{0}` cannot be the name of a variable")]
    Name(String),
    /// The variable decides what is executed.
    #[error("`{0}` is not for environments to set: that would change what shells and other programs run")]
    Dangerous(String),
    /// Shells give the variable its value.
    #[error("`{0}` is not for environments to set: shells keep a variable of this name for themselves")]
    Special(String),
    /// The value cannot be given to a program.
    #[error("the value of `{0}` contains a NUL byte")]
    Nul(String),
    /// Linux would start no program that is given this.
    #[error("the value of `{0}` is too long: no program could be started with it")]
    ValueTooLong(String),
    /// The values are too long.
    #[error("the variables are too long: more than 1 MiB")]
    TooLong,
    /// The variable is not there.
    #[error("`{0}` is not set for the environment")]
    Unset(String),
}

/// Reads what an environment sets; nothing if it has no such file.
pub fn read(environment: &Environment) -> Result<Variables, VariablesError> {
    let file = path(environment);
    let content = match fs::read_limited(&file, MAX_BYTES) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Ok(Variables::default()),
        other => other?,
    };
    let (values, refused): (BTreeMap<_, _>, BTreeMap<_, _>) =
        parse(&file, &content)?.into_iter().partition(|(name, value)| check(name, value).is_ok());
    Ok(Variables { values, refused: refused.into_keys().collect() })
}

/// Sets variables of an environment, and takes others out. Nothing is changed unless all of it can be.
pub fn change(environment: &Environment, set: &[(String, String)], unset: &[String]) -> Result<(), VariablesError> {
    set.iter().try_for_each(|(name, value)| check(name, value))?;
    let file = path(environment);
    // Others have no business with tokens and passwords.
    Entry::below(environment.path(), Path::new(VARIABLES_FILE))?.update(MAX_BYTES, 0o600, |old| {
        let mut values = old.map_or_else(|| Ok(BTreeMap::new()), |content| parse(&file, content))?;
        if let Some(name) = unset.iter().find(|name| !values.contains_key(*name)) {
            return Err(VariablesError::Unset(name.clone()));
        }
        values.retain(|name, _| !unset.contains(name));
        values.extend(set.iter().cloned());
        let text = toml::to_string(&values).unwrap_or_default();
        match () {
            () if text.len() as u64 > MAX_BYTES => Err(VariablesError::TooLong),
            () if text.is_empty() => Ok(Change::Remove),
            () => Ok(Change::Replace(text.into_bytes())),
        }
    })
}

/// The file of an environment.
pub fn path(environment: &Environment) -> PathBuf {
    environment.path().join(VARIABLES_FILE)
}

/// Fails for what an environment may not set.
fn check(name: &str, value: &str) -> Result<(), VariablesError> {
    if !is_variable(name) {
        return Err(VariablesError::Name(name.to_string()));
    }
    if !is_grantable(name) {
        return Err(VariablesError::Special(name.to_string()));
    }
    if is_dangerous(name) {
        return Err(VariablesError::Dangerous(name.to_string()));
    }
    if value.contains('\0') {
        return Err(VariablesError::Nul(name.to_string()));
    }
    if is_too_long(name, value) {
        return Err(VariablesError::ValueTooLong(name.to_string()));
    }
    Ok(())
}

/// The problem is told without the line, which may hold a secret.
fn parse(file: &Path, content: &[u8]) -> Result<BTreeMap<String, String>, VariablesError> {
    let syntax = |place: String, problem: String| VariablesError::Syntax { file: file.to_path_buf(), place, problem };
    let text = std::str::from_utf8(content).map_err(|_| syntax(String::new(), "it is not valid UTF-8".into()))?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].split('\n').count());
        let problem = if error.message().contains("expected a string") {
            "it is not of the form `NAME = \"VALUE\"`"
        } else {
            "it is not valid TOML"
        };
        syntax(line.map(|line| format!(", line {line}")).unwrap_or_default(), problem.into())
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::env::name::EnvName;

    fn environment(place: &tempfile::TempDir) -> Environment {
        Environment::new(EnvName::for_existing("api".as_ref()).unwrap(), place.path().to_path_buf())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_string(), value.to_string())
    }

    #[test]
    fn what_is_set_is_read_and_what_is_unset_is_gone() {
        let place = tempfile::tempdir().unwrap();
        let environment = environment(&place);
        assert_eq!(read(&environment).unwrap(), Variables::default());
        let values = [pair("A", "it's \"$(x)\"\nand\t\\é"), pair("b_2", ""), pair("C", "1")];
        change(&environment, &values, &[]).unwrap();
        assert_eq!(read(&environment).unwrap().values, values.clone().into_iter().collect());
        let mode = std::fs::metadata(path(&environment)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        change(&environment, &[pair("C", "2")], &["A".into()]).unwrap();
        assert_eq!(read(&environment).unwrap().values, [pair("C", "2"), pair("b_2", "")].into_iter().collect());
        change(&environment, &[], &["C".into(), "b_2".into()]).unwrap();
        assert!(!path(&environment).exists());
    }

    #[test]
    fn nothing_is_changed_unless_all_can_be() {
        let place = tempfile::tempdir().unwrap();
        let environment = environment(&place);
        change(&environment, &[pair("A", "1")], &[]).unwrap();
        let refused = |set: &[(String, String)], unset: &[&str]| {
            let unset: Vec<_> = unset.iter().map(ToString::to_string).collect();
            let error = change(&environment, set, &unset).unwrap_err().to_string();
            assert_eq!(read(&environment).unwrap().values, [pair("A", "1")].into_iter().collect(), "{error}");
            error
        };
        let kept = ["UID", "status", "path", "LINES", "umask", "history", "SECONDS"];
        for name in ["PATH", "LD_PRELOAD", "PS1", "BASH_ENV", "PYTHONPATH", "VIRTUAL_ENV"].iter().chain(&kept) {
            let error = refused(&[pair("B", "2"), pair(name, "x")], &[]);
            assert!(error.contains("not for environments"), "{error}");
            assert_eq!(error.contains("shells keep"), kept.contains(name), "{error}");
        }
        for name in ["", "1A", "A-B", "A B", "é", "A\n"] {
            assert!(refused(&[pair("B", "2"), pair(name, "x")], &[]).contains("cannot be the name"), "{name}");
        }
        assert!(refused(&[pair("B", "a\0b")], &[]).contains("NUL"));
        assert!(refused(&[pair("B", "2")], &["A", "Z"]).contains("`Z` is not set"));
        let long = "x".repeat(600_000);
        assert!(refused(&[pair("B", &long), pair("C", &long)], &[]).contains("too long"));
    }

    #[test]
    fn a_file_from_elsewhere_sets_nothing_that_is_obeyed() {
        let place = tempfile::tempdir().unwrap();
        let environment = environment(&place);
        std::fs::write(path(&environment), "LD_PRELOAD = \"/evil.so\"\nA = \"1\"\n\"x y\" = \"2\"\n").unwrap();
        let found = read(&environment).unwrap();
        assert_eq!(found.values, [pair("A", "1")].into_iter().collect());
        assert_eq!(found.refused, ["LD_PRELOAD", "x y"]);
    }

    #[test]
    fn a_damaged_file_is_told_by_its_line_and_keeps_its_secrets() {
        let place = tempfile::tempdir().unwrap();
        let environment = environment(&place);
        for (content, told) in [
            (&b"A = \"1\"\nB = hunter2\n"[..], ", line 2: it is not valid TOML"),
            (b"A = 1234\n", ", line 1: it is not of the form"),
            (b"[A]\nB = \"hunter2\"\n", ", line 1: it is not of the form"),
            (b"A = \"\xff\"\n", ": it is not valid UTF-8"),
        ] {
            std::fs::write(path(&environment), content).unwrap();
            let error = read(&environment).unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("hunter2") && !error.contains("1234"), "{error}");
            change(&environment, &[pair("C", "1")], &[]).unwrap_err();
            assert_eq!(std::fs::read(path(&environment)).unwrap(), content);
        }
    }
}
